"""``embkit run``: one chain of components, from data to pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embkit.cli import options as opt

if TYPE_CHECKING:
    from embkit.config import RunConfig
    from embkit.results import Run

__all__ = ["configure", "execute_command", "run"]


def run(
    source: opt.Source = None,
    loader: opt.Loader = None,
    table: opt.Table = None,
    reducer: opt.Reducers = None,
    clusterer: opt.Clusterer = None,
    validator: opt.Validators = None,
    viz: opt.Visualizers = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file, or the run.json of an earlier run.")
    ] = None,
    out: opt.Out = None,
    overwrite: opt.Overwrite = False,
    json: opt.Json = False,
    sample: opt.Sample = None,
    nonfinite: opt.Nonfinite = None,
    zero_vectors: opt.ZeroVectors = None,
    seed: opt.Seed = None,
    threads: opt.Threads = None,
    memory: opt.Memory = None,
    no_cache: opt.NoCache = False,
    no_plugin: opt.NoPlugin = None,
    strict_plugins: opt.Strict = False,
) -> int:
    """Cluster a dataset, check the clusters, and draw them.

    A component is written NAME or NAME:key=value,key=[1,2]. What there is:
    embkit plugins list. What one takes: embkit plugins show NAME. Each also takes
    of=source, to see the vectors as they were before any reducer.
    """
    given = {
        "source": source,
        "loader": loader,
        "table": table,
        "reducers": reducer,
        "clusterer": clusterer,
        "validators": validator,
        "visualizers": viz,
        "sample": sample,
        "nonfinite": nonfinite,
        "zero_vectors": zero_vectors,
        "seed": seed,
        "threads": threads,
        "memory": memory,
    }
    resolved = configure(given, config, threads)
    return execute_command(
        resolved,
        needs_clusterer=True,
        out=out,
        overwrite=overwrite,
        json=json,
        cache=not no_cache,
        no_plugin=no_plugin or [],
        strict=strict_plugins,
    )


def configure(given: dict[str, Any], config: Path | None, threads: int | None) -> "RunConfig":
    """The configuration of a file, if there is one, with what the command line adds on top."""
    from embkit.resources import cpu_count, export_threads

    # Before numpy is imported: see export_threads.
    export_threads(threads or cpu_count())
    from embkit.config import RunConfig, read_config

    stated = {key: value for key, value in given.items() if value is not None}
    base = read_config(config).to_mapping() if config is not None else {}
    if "source" in stated and "loader" not in stated:
        base.pop("loader", None)
    return RunConfig.from_mapping({**base, **stated}, "command line")


def execute_command(
    config: "RunConfig",
    *,
    needs_clusterer: bool,
    out: Path | None,
    overwrite: bool,
    json: bool,
    cache: bool,
    no_plugin: list[str],
    strict: bool,
    writes: bool = True,
) -> int:
    """Run a configuration, write its folder, print the result; return the exit code."""
    from embkit.artifacts import SharedWork, default_cache
    from embkit.cli.terminal import Progress, fail, say, stdout_for_data, terminal_width, write_document
    from embkit.errors import ExitCode, ParameterError
    from embkit.manager import Selection
    from embkit.registry import Registry
    from embkit.runner import execute
    from embkit.store import check_target, new_folder, write_run

    registry = Registry.discover(Selection.from_environment(no_plugin, strict=strict))
    if needs_clusterer and config.clusterer is None:
        names = ", ".join(component.name for component in registry.components("clusterer"))
        raise ParameterError("no clusterer is named", "", f"give --clusterer with one of: {names}")
    for broken in registry.broken:
        say(f"warning: plugin {broken.provider} is not used: {broken.cause}")
    if config.source is None and config.loader is None:
        say("no SOURCE: using the bundled sample")
    folder = (
        out
        if out is not None or not writes
        else new_folder(config.clusterer.name if config.clusterer else "inspect")
    )
    if folder is not None:
        check_target(folder, overwrite=overwrite)
    with stdout_for_data() as stdout:
        finished = execute(
            config, registry, shared=SharedWork(default_cache() if cache else None), observer=Progress()
        )
        if folder is not None:
            write_run(finished, folder)
            finished = finished.at(folder)
        for failure in registry.notify("embkit_run_finished", run=finished):
            say(f"warning: {failure}")
        if json:
            write_document(stdout, document(finished))
        else:
            stdout.write(finished.summary(terminal_width()) + "\n")
    for failed in finished.failures:
        fail(str(failed.error))
    return finished.failures[0].error.exit_code if finished.failures else ExitCode.OK


def document(run: "Run") -> dict[str, Any]:
    """What ``--json`` prints: the record of the run, its scores and where its files are."""
    clustering = run.clustering
    return {
        **run.record,
        "folder": None if run.folder is None else str(run.folder),
        "clusters": None if clustering is None else clustering.sizes.tolist(),
        "validators": run.scores_document(),
        "tables": [f"tables/{name}.csv" for name in run.tables],
        "figures": [f"figures/{name}.png" for name in run.figures],
    }
