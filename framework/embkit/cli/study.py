"""``embkit study``: a declared grid of runs; and what can be asked of its folder."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embkit.cli import options as opt

if TYPE_CHECKING:
    from embkit.cli.output.progress import TrialProgress
    from embkit.data.study import StudyConfig
    from embkit.plugin.registry import Registry
    from embkit.studies.engine import Settings
    from embkit.studies.executors.local import Executor
    from embkit.studies.prepared import Prepared

__all__ = ["study"]


def study(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE.toml|report|verify",
            help="File of the study; or what to do with a finished one.",
        ),
    ],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Folder of a study.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder of the study; one that exists is continued."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", min=1, max=1024, help="How many trials to run at a time."),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", min=0.001, max=1e9, help="Time limit of a trial."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the trials and the memory that each needs; run none."),
    ] = False,
    executor: opt.Executor = "local",
    scheduler: opt.Scheduler = None,
    keep_failed: Annotated[
        bool, typer.Option("--keep-failed", help="Do not repeat trials that failed before.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait if another process uses the folder.")
    ] = False,
    json: opt.Json = False,
    no_cache: opt.NoCache = False,
    no_plugin: opt.NoPlugin = None,
    strict_plugins: opt.Strict = False,
) -> int:
    """Run every combination that a file declares, and compare them.

    The combinations are those of datasets, reducers, clusterers and seeds. Keys of the
    file: name, seeds, datasets, reducers, clusterers, validators, visualizers, namer,
    exporters, timeout, memory, threads; a parameter takes several values as
    n_clusters.grid = [10, 20].

    embkit study FILE.toml runs what is not complete yet, so that the same command
    continues after an interruption. embkit study report DIR writes its report again;
    embkit study verify DIR checks its files against their digests.
    """
    from embkit.resources import cpu_count, export_threads

    if target == "verify":
        return _verify(_study_folder(folder, target), json=json)
    workers = jobs or cpu_count()
    threads = max(1, cpu_count() // workers)
    export_threads(threads if target != "report" else cpu_count())
    from embkit.plugin.manager import Selection
    from embkit.plugin.registry import Registry
    from embkit.runs.cache import default_cache

    selection = Selection.from_environment(no_plugin or [], strict=strict_plugins)
    cache = None if no_cache else default_cache()
    if target == "report":
        return _report(_study_folder(folder, target), Registry.discover(selection), cache, json=json)
    from embkit.cli.output.progress import TrialProgress
    from embkit.studies.engine import Settings
    from embkit.studies.launch import choose_executor, default_folder
    from embkit.studies.prepared import prepare
    from embkit.studies.reading import read_study

    registry = Registry.discover(selection)
    declared = read_study(Path(target))
    if dry_run:
        return _show_plan(prepare(declared, registry), registry, json=json)
    make_executor = choose_executor(executor, scheduler, workers, declared, registry)
    progress = TrialProgress()
    settings = Settings(workers, timeout, keep_failed, cache, wait, selection, progress.waiting)
    place = out or default_folder(Path(target).stem)
    try:
        return _run(declared, registry, place, settings, make_executor, progress, json=json)
    except KeyboardInterrupt:
        from embkit.cli.output.terminal import say

        say(f"to continue: {_command(target, place, jobs, timeout, executor, scheduler)}")
        raise


def _command(target: str, out: Path, *options: Any) -> str:
    names = ("--jobs", "--timeout", "--executor", "--scheduler")
    given = [
        str(part)
        for name, value in zip(names, options, strict=True)
        if value not in (None, "local")
        for part in (name, value)
    ]
    return shlex.join(["embkit", "study", target, "--out", str(out), *given])


def _run(
    declared: "StudyConfig",
    registry: "Registry",
    place: Path,
    settings: "Settings",
    make_executor: "Callable[[], Executor]",
    progress: "TrialProgress",
    *,
    json: bool,
) -> int:
    from embkit.cli.output.terminal import write_document
    from embkit.data.trial import Status
    from embkit.errors import ExitCode
    from embkit.studies.launch import launch

    done = launch(declared, registry, place, settings, make_executor, progress.report)
    if json:
        found = {
            "folder": str(place),
            "files": [str(file) for file in done.files],
            "trials": len(done.ended),
            "statuses": done.statuses,
            "failed_steps": done.n_failed_steps,
        }
        write_document(sys.stdout, found)
    else:
        typer.echo(done.summary())
    whole = set(done.statuses) <= {Status.DONE.value, Status.SKIPPED.value}
    return ExitCode.OK if whole else ExitCode.TRIALS_FAILED


def _report(folder: Path, registry: "Registry", cache: Any, *, json: bool) -> int:
    from embkit.cli.output.terminal import stdout_for_data, write_document
    from embkit.errors import ExitCode
    from embkit.studies.exporting import export_study, study_record
    from embkit.studies.prepared import recorded
    from embkit.text import printable

    _warn_of_damage(folder)
    record = study_record(recorded(folder, registry), folder, registry)
    with stdout_for_data() as stdout:
        files = export_study(record, registry, cache)
        if json:
            write_document(stdout, {"folder": str(folder), "files": [str(file) for file in files]})
        else:
            shown = (printable(str(file)) for file in files if file.parent == folder)
            stdout.write("".join(f"{file}\n" for file in shown))
    return ExitCode.OK


def _study_folder(folder: Path | None, action: str) -> Path:
    from embkit.errors import ParameterError

    if folder is None or not (folder / "study.json").exists():
        raise ParameterError(
            f"{folder or 'nothing'} is not a folder of a study", "", f"embkit study {action} DIR"
        )
    return folder


def _warn_of_damage(folder: Path) -> None:
    """Say that files of trials are not what they were, and what shows which."""
    from embkit.cli.output.terminal import say
    from embkit.studies.folder import StudyFolder
    from embkit.text import plural

    damaged = StudyFolder(folder).damaged()
    if damaged:
        files = plural(len(damaged), "file")
        command = shlex.join(["embkit", "study", "verify", str(folder)])
        say(f"warning: {files} of trials were changed or are missing; see which with: {command}")


def _verify(folder: Path, *, json: bool) -> int:
    from embkit.cli.output.terminal import fail, write_document
    from embkit.errors import ExitCode
    from embkit.studies.folder import StudyFolder
    from embkit.text import plural

    place = StudyFolder(folder)
    damaged = place.damaged()
    for name in damaged:
        fail(f"{name} is missing or was changed; remove its trial's folder and run the study again")
    complete = place.count_complete()
    if json:
        found = {"folder": str(folder), "complete": complete, "damaged": damaged}
        write_document(sys.stdout, found)
    else:
        trials = plural(complete, "complete trial")
        typer.echo(f"{trials}, {plural(len(damaged), 'damaged file')}")
    return ExitCode.DATA if damaged else ExitCode.OK


def _show_plan(prepared: "Prepared", registry: "Registry", *, json: bool) -> int:
    from embkit.cli.output.terminal import write_document
    from embkit.errors import ExitCode
    from embkit.studies.prepared import estimates
    from embkit.text import format_bytes, printable

    needs = estimates(prepared, registry)
    if json:
        trials = [
            {"trial": trial.key, "label": trial.label, "memory": need, "unavailable": trial.unavailable}
            for trial, need in needs
        ]
        write_document(sys.stdout, {"trials": trials})
        return ExitCode.OK
    for trial, need in needs:
        size = "-" if need is None else format_bytes(need)
        why = f" (unavailable: {trial.unavailable})" if trial.unavailable else ""
        typer.echo(printable(f"{trial.key[:8]}  {size:>9}  {trial.label}{why}"))
    typer.echo(f"{len(needs)} trials")
    return ExitCode.OK
