"""``embkit inspect``: what a dataset is like, before any clustering."""

from embkit.cli import options as opt
from embkit.cli.execution import Output, Where, configure, execute_and_print, open_registry

__all__ = ["inspect"]


def inspect(
    source: opt.Source = None,
    loader: opt.Loader = None,
    table: opt.Table = None,
    reducer: opt.Reducers = None,
    validator: opt.Validators = None,
    viz: opt.Visualizers = None,
    figure_format: opt.FigureFormats = None,
    export: opt.Exporters = None,
    out: opt.OutIfWanted = None,
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
    """Show what a dataset is like, before any clustering.

    Runs every validator whose subject is the dataset, or those named; with --out or
    --export, draws it too.
    """
    from embkit.runs.chains import of_datasets

    registry = open_registry(no_plugin, strict=strict_plugins)
    given = {
        "source": source,
        "loader": loader,
        "table": table,
        "reducers": reducer,
        "validators": of_datasets(registry, "validator", validator or ()),
        "visualizers": of_datasets(registry, "visualizer", viz or ())
        if viz or out is not None or export
        else None,
        "figure_formats": figure_format or None,
        "exporters": export,
        "sample": sample,
        "nonfinite": nonfinite,
        "zero_vectors": zero_vectors,
        "seed": seed,
        "threads": threads,
        "memory": memory,
    }
    output = Output(out, overwrite, json, name="inspect" if export or viz else "", opens=opens)
    where = Where(executor, scheduler)
    return execute_and_print(configure(given), registry, output, where, cache=not no_cache)
