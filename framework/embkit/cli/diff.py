"""``embkit diff``: what merges between two thresholds of a tree, or changes between two runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embkit.cli import options as opt
from embkit.cli.execution import (
    Output,
    Where,
    configure,
    execute_and_print,
    open_registry,
    recorded_fingerprint,
)

if TYPE_CHECKING:
    from embkit.data.configuration.request import Request
    from embkit.plugin.registry import Registry

__all__ = ["diff"]


def diff(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="File with the vectors, or the folder of a run; the sample if omitted.",
        ),
    ] = None,
    other: Annotated[
        str | None, typer.Argument(metavar="RUN", help="Folder of a second run, to compare labels.")
    ] = None,
    start: Annotated[
        float | None, typer.Option("--from", metavar="X", help="The first threshold.")
    ] = None,
    to: Annotated[float | None, typer.Option("--to", metavar="X", help="The second threshold.")] = None,
    linkage: Annotated[
        str, typer.Option("--linkage", metavar="NAME", help="How the tree is built.")
    ] = "complete",
    metric: Annotated[
        str, typer.Option("--metric", metavar="NAME", help="The distance; cosine is 0 to 2.")
    ] = "cosine",
    sort: Annotated[
        str,
        typer.Option(
            "--sort", metavar="BY", help="What comes first: moved, size, height, closest, silhouette."
        ),
    ] = "moved",
    show: Annotated[
        int, typer.Option("--show", metavar="N", min=0, help="How many merges to show in full.")
    ] = 10,
    loader: opt.Loader = None,
    table: opt.Table = None,
    reducer: opt.Reducers = None,
    namer: opt.Namer = None,
    names: opt.Names = None,
    validator: opt.Validators = None,
    viz: opt.Visualizers = None,
    figure_format: opt.FigureFormats = None,
    export: opt.Exporters = None,
    out: opt.Out = None,
    overwrite: opt.Overwrite = False,
    opens: opt.Open = False,
    json: opt.Json = False,
    sample: opt.Sample = None,
    nonfinite: opt.Nonfinite = None,
    zero_vectors: opt.ZeroVectors = None,
    seed: opt.Seed = None,
    threads: opt.Threads = None,
    memory: opt.Memory = None,
    executor: opt.Executor = "local",
    scheduler: opt.Scheduler = None,
    no_cache: opt.NoCache = False,
    no_plugin: opt.NoPlugin = None,
    strict_plugins: opt.Strict = False,
) -> int:
    """Show what merges between thresholds, or differs between runs.

    embkit diff vectors.npy --from 0.20 --to 0.25 tells which clusters at 0.20 are
    one at 0.25. embkit diff RUN_A RUN_B compares the labels of two runs, or the
    trials of two studies.
    """
    from embkit.cli.output.terminal import say
    from embkit.runs.chains import pages_with, refuse_thresholds, threshold_chain, thresholds

    given: dict[str, Any] = {
        "source": source,
        "loader": loader,
        "table": table,
        "reducers": reducer,
        "namer": namer,
        "names": names,
        "figure_formats": figure_format or None,
        "sample": sample,
        "nonfinite": nonfinite,
        "zero_vectors": zero_vectors,
        "seed": seed,
        "threads": threads,
        "memory": memory,
    }
    if other is not None:
        refuse_thresholds(start, to)
    registry = open_registry(no_plugin, strict=strict_plugins)
    if all(place is not None and (Path(place) / "study.json").exists() for place in (source, other)):
        return _compare_studies(Path(source or ""), Path(other or ""), registry, out, json=json)
    if other is None:
        low, high = thresholds(start, to)
        if (start, to) != (low, high):
            say(f"--to {to:g} is below --from {start:g}: swapped, merges go upward")
        chain = threshold_chain(low, high, linkage=linkage, metric=metric, sort=sort, show=show)
        shown: dict[str, Any] = {"lower": low, "upper": high}
    else:
        chain = _comparison(Path(source or ""), Path(other), given)
        shown = {"other": str(Path(other).absolute())}
    given |= chain | {
        "validators": [*chain["validators"], *(validator or [])],
        "visualizers": [*chain["visualizers"], *(viz or [])],
        "exporters": pages_with(_asked_for(export), shown),
    }
    config = configure(given, None if other is None else Path(source or ""))
    output = Output(out, overwrite, json, tables=True, name="diff", opens=opens)
    expected = (
        None if other is None else recorded_fingerprint(Path(source or ""), {**given, "source": None})
    )
    where = Where(executor, scheduler)
    return execute_and_print(config, registry, output, where, cache=not no_cache, expected=expected)


def _compare_studies(
    first: Path, second: Path, registry: "Registry", out: Path | None, *, json: bool
) -> int:
    from embkit.cli.output.terminal import say, stdout_for_data, write_document
    from embkit.errors import ExitCode
    from embkit.studies.comparing import compare_studies
    from embkit.studies.exporting import opened_study
    from embkit.text import printable

    with stdout_for_data() as stdout:
        records = [opened_study(place, registry).record for place in (first, second)]
        found = compare_studies(*records)
        for file in [] if out is None else found.write(out):
            say(f"wrote {file}")
        if json:
            only = {"only_first": found.only_first, "only_second": found.only_second}
            write_document(stdout, {**found.tables, **only})
        else:
            stdout.write("".join(f"{printable(line)}\n" for line in found.summary().splitlines()))
    return ExitCode.OK


def _asked_for(exporters: list[str] | None) -> "list[Request]":
    from embkit.data.configuration.request import parse_request

    return [parse_request(text) for text in exporters or []]


def _warn_of_other_data(first: Path, second: Path) -> None:
    """Say where two runs are of different data: rows without ids are then matched by chance."""
    from embkit.cli.output.terminal import say

    if not all((run / "run.json").is_file() for run in (first, second)):
        return  # the comparison itself says what is missing
    if recorded_fingerprint(first, {}) != recorded_fingerprint(second, {}):
        say(
            f"warning: {first} and {second} are runs of different data, their fingerprints differ; "
            "rows are matched by id, and by number where they have none"
        )


def _comparison(first: Path, second: Path, given: dict[str, Any]) -> dict[str, Any]:
    """What is changed of the first run's configuration: its labels stay, judged by the second's."""
    from embkit.runs.chains import check_runs, comparison_chain
    from embkit.runs.records.opened import read_run_record

    check_runs(first, second)
    record = read_run_record(first)
    _warn_of_other_data(first, second)
    names = given["names"]
    if names is None and (record["clustering"] or {}).get("names"):
        names = str(first)
    chain = comparison_chain(str(first), str(second))
    return {"source": None, "reducers": [], "visualizers": [], "names": names, **chain}
