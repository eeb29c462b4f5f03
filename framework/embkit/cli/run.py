"""``embkit run``: one chain of components, from data to pictures."""

from pathlib import Path
from typing import Annotated

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

__all__ = ["run"]


def run(
    source: opt.Source = None,
    loader: opt.Loader = None,
    table: opt.Table = None,
    reducer: opt.Reducers = None,
    clusterer: opt.Clusterer = None,
    namer: opt.Namer = None,
    names: opt.Names = None,
    validator: opt.Validators = None,
    viz: opt.Visualizers = None,
    figure_format: opt.FigureFormats = None,
    export: opt.Exporters = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="TOML file, or the run.json of an earlier run."),
    ] = None,
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
    """Cluster a dataset, check the clusters, and draw them.

    If no clusterer is named, one is chosen for the data, and the reasons are printed.

    Components are written NAME or NAME:key=value,key=[1,2]. embkit plugins list names
    them all, embkit plugins show NAME describes one. Beside their own parameters,
    clusterers, validators and visualizers take of=source, for the vectors before any
    reducer (maps take those unless given of=reduced), and clusterers duplicates=once, to
    count equal rows once.
    """
    from embkit.runs.choosing import with_clusterer

    given = {
        "source": source,
        "loader": loader,
        "table": table,
        "reducers": reducer,
        "clusterer": clusterer,
        "namer": namer,
        "names": names,
        "validators": validator,
        "visualizers": viz,
        "exporters": export,
        "figure_formats": figure_format or None,
        "sample": sample,
        "nonfinite": nonfinite,
        "zero_vectors": zero_vectors,
        "seed": seed,
        "threads": threads,
        "memory": memory,
    }
    registry = open_registry(no_plugin, strict=strict_plugins)
    resolved = with_clusterer(configure(given, config), registry)
    name = resolved.clusterer.name if resolved.clusterer else "run"
    output = Output(out, overwrite, json, name=name, opens=opens)
    expected = recorded_fingerprint(config, given)
    where = Where(executor, scheduler)
    return execute_and_print(resolved, registry, output, where, cache=not no_cache, expected=expected)
