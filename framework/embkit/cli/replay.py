"""``embkit replay``: whether a record still gives the same labels."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embkit.cli import options as opt
from embkit.text import printable

if TYPE_CHECKING:
    from embkit.runs.records.replay import Replay

__all__ = ["replay"]


def replay(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run or a study.")],
    json: opt.Json = False,
    no_plugin: opt.NoPlugin = None,
) -> int:
    """Repeat a recorded run or study, and compare labels and versions."""
    from embkit.resources import cpu_count, export_threads

    export_threads(cpu_count())
    from embkit.cli.output.terminal import stdout_for_data, write_document
    from embkit.errors import ExitCode
    from embkit.plugin.manager import Selection
    from embkit.plugin.registry import Registry
    from embkit.runs.records.replay import recorded_runs
    from embkit.runs.records.replay import replay as run_again

    registry = Registry.discover(Selection.from_environment(no_plugin or []))
    runs = recorded_runs(folder)
    with stdout_for_data() as stdout:
        replays = [run_again(run, registry) for run in runs]
        if json:
            rows = [{**vars(item), "folder": str(item.folder)} for item in replays]
            write_document(stdout, {"replays": rows})
        else:
            for item in replays:
                stdout.write(f"{printable(item.folder.name)}  {_found(item)}\n")
            for difference in dict.fromkeys(line for item in replays for line in item.differences):
                stdout.write(f"differs: {printable(difference)}\n")
            same = sum(item.changed == 0 for item in replays)
            stdout.write(f"{same} of {len(replays)} with the recorded labels\n")
    return ExitCode.OK if all(item.changed == 0 for item in replays) else ExitCode.TRIALS_FAILED


def _found(item: "Replay") -> str:
    if item.changed is None:
        return f"not compared: {printable(item.error) or 'the run has no clusterer'}"
    ari = "ARI not computed" if item.ari is None else f"ARI {item.ari:.6g}"
    return f"{ari}, labels changed for {item.changed:.2%} of the rows" if item.changed else ari
