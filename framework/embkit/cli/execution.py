"""Shared by ``run``, ``diff`` and ``inspect``: configure, execute, write, print, exit code."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from embkit.data.configuration.run import RunConfig
    from embkit.data.run import Run
    from embkit.plugin.registry import Registry
    from embkit.runs.shared import SharedWork

__all__ = [
    "Output",
    "Where",
    "configure",
    "execute_and_print",
    "open_registry",
    "recorded_fingerprint",
]

_OF_DATA = ("source", "loader", "table", "sample", "nonfinite", "zero_vectors")


@dataclass(frozen=True)
class Output:
    """The destination of results.

    Parameters
    ----------
    folder : Path or None
        Folder to write; if None, a new one where there is a `name`, else nothing is written.
    overwrite : bool
        Whether an earlier run there may be replaced.
    json : bool
        Whether to print one JSON document instead of the summary.
    tables : bool
        Whether that document holds the tables themselves rather than their names.
    name : str
        What a new folder is called after, besides the time.
    opens : bool
        Whether to open the exported page in the browser.
    """

    folder: Path | None
    overwrite: bool = False
    json: bool = False
    tables: bool = False
    name: str = ""
    opens: bool = False

    def claimed(self) -> "AbstractContextManager[Path | None]":
        """Take the folder, for this process alone, before anything is computed."""
        from embkit.files.owners import process_start
        from embkit.runs.records.folder import claimed_folder, new_folder

        if self.folder is not None:
            return claimed_folder(self.folder, overwrite=self.overwrite, since=process_start())
        return new_folder(self.name) if self.name else nullcontext()


@dataclass(frozen=True)
class Where:
    """Where components that can divide their work let it be done.

    Parameters
    ----------
    executor : str
        ``local`` or ``dask``.
    scheduler : str or None
        Address of a dask scheduler.
    """

    executor: str = "local"
    scheduler: str | None = None


def open_registry(no_plugin: Sequence[str] | None, *, strict: bool) -> "Registry":
    """The installed plugins; those that are broken are named on standard error."""
    from embkit.cli.output.terminal import say
    from embkit.plugin.manager import Selection
    from embkit.plugin.registry import Registry

    registry = Registry.discover(Selection.from_environment(no_plugin or (), strict=strict))
    for broken in registry.broken:
        say(f"warning: plugin {broken.provider} is not used: {broken.cause}")
    return registry


def configure(given: Mapping[str, Any], config: Path | None = None) -> "RunConfig":
    """The configuration of a file, if there is one, with what the command line adds on top."""
    from embkit.resources import cpu_count, export_threads

    # Before numpy is imported: see export_threads.
    export_threads(given.get("threads") or cpu_count())
    from embkit.data.configuration.run import RunConfig
    from embkit.runs.records.reading import read_config

    stated = {key: value for key, value in given.items() if value is not None}
    if stated.get("source") == []:
        del stated["source"]
    if isinstance(stated.get("source"), list) and len(stated["source"]) == 1:
        stated["source"] = stated["source"][0]
    if _is_record(config):
        from embkit.runs.records.opened import read_run_record

        read_run_record(config)  # refuses a schema that is not known here
    base = read_config(config).to_mapping() if config is not None else {}
    if "source" in stated and "loader" not in stated:
        base.pop("loader", None)
    return RunConfig.from_mapping({**base, **stated}, "command line")


def _is_record(config: Path | None) -> TypeGuard[Path]:
    return config is not None and (config.is_dir() or config.suffix == ".json")


def recorded_fingerprint(config: Path | None, given: Mapping[str, Any]) -> str | None:
    """The fingerprint of the data of a recorded run that is run again; None for other data."""
    if not _is_record(config) or any(given.get(key) is not None for key in _OF_DATA):
        return None
    from embkit.runs.records.opened import read_run_record

    return str(read_run_record(config)["dataset"]["fingerprint"])


def execute_and_print(
    config: "RunConfig",
    registry: "Registry",
    output: Output,
    where: Where,
    *,
    cache: bool,
    expected: str | None = None,
) -> int:
    """Run a configuration, write its folder, print the result; return the exit code."""
    from embkit.cli.output.opening import open_page, require_exporter
    from embkit.cli.output.terminal import fail, is_quiet, say, stdout_for_data
    from embkit.errors import ExitCode
    from embkit.runs.cache import default_cache
    from embkit.runs.progress import TerminalProgress
    from embkit.runs.records.folder import write_run
    from embkit.runs.runner import execute
    from embkit.runs.shared import SharedWork
    from embkit.runs.workers.choosing import workers_of

    require_exporter(opens=output.opens, exporters=config.exporters)
    if config.source is None and config.loader is None:
        say("no SOURCE: using the bundled sample")
    shared = SharedWork(default_cache() if cache else None)
    observer = None if is_quiet() else TerminalProgress()
    chosen = workers_of(where.executor, where.scheduler, config.threads)
    interruptible = _telling_what_is_kept(shared, seeded=config.seed is not None)
    with interruptible, chosen as workers, output.claimed() as folder, stdout_for_data() as stdout:
        run = execute(
            config, registry, shared=shared, observer=observer, expected=expected, workers=workers
        )
        if folder is not None:
            write_run(run, folder)
            run = run.at(folder)
        for failure in registry.notify("embkit_run_finished", run=run):
            say(f"warning: {failure}")
        _print(run, output, stdout)
        stdout.flush()
        if output.opens and run.folder is not None:
            open_page(run.folder / name for files in run.exports.values() for name in files)
    for failed in run.failures:
        fail(str(failed.error))
    return run.failures[0].error.exit_code if run.failures else ExitCode.OK


@contextmanager
def _telling_what_is_kept(shared: "SharedWork", *, seeded: bool) -> Iterator[None]:
    """Say what an interrupted command leaves in the cache, as it goes on from there."""
    from embkit.cli.output.terminal import say

    try:
        yield
    except KeyboardInterrupt:
        kept = shared.kept(seeded=seeded)
        if kept:
            say(f"kept in the cache: {', '.join(kept)}; the same command continues from there")
        raise


def _print(run: "Run", output: Output, stdout: IO[str]) -> None:
    from embkit.cli.output.terminal import terminal_width, write_document

    if not output.json:
        stdout.write(run.summary(terminal_width()) + "\n")
        return
    clustering = run.clustering
    document = {
        **run.record,
        "folder": None if run.folder is None else str(run.folder),
        "clusters": None if clustering is None else clustering.sizes.tolist(),
        "validators": run.scores_document(),
        "tables": run.tables if output.tables else [f"tables/{name}.csv" for name in run.tables],
        "figures": list(run.picture_files),
    }
    write_document(stdout, document)
