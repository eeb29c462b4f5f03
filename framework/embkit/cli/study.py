"""``embkit study``: a declared grid of runs; and what can be asked of its folder."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embkit.cli import options as opt

if TYPE_CHECKING:
    from embkit.registry import Registry
    from embkit.study.engine import Prepared
    from embkit.study.folder import Outcome
    from embkit.study.processes import Executor
    from embkit.study.trial import Trial

__all__ = ["study"]


def study(
    target: Annotated[
        str, typer.Argument(metavar="FILE.toml|report|verify", help="The study, or what to do.")
    ],
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Folder of a study.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the study; continued where it exists.")
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Trials at a time.")] = None,
    timeout: Annotated[float | None, typer.Option("--timeout", help="Seconds a trial may take.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the trials and stop.")] = False,
    executor: Annotated[
        str, typer.Option("--executor", help="local: processes here; dask: workers of a cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a dask scheduler; else a cluster here.")
    ] = None,
    keep_failed: Annotated[
        bool, typer.Option("--keep-failed", help="Leave trials that failed before as they are.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for another process in the folder.")
    ] = False,
    json: opt.Json = False,
    no_cache: opt.NoCache = False,
    no_plugin: opt.NoPlugin = None,
    strict_plugins: opt.Strict = False,
) -> int:
    """Run every combination of datasets, reducers, clusterers and seeds, and compare.

    embkit study FILE.toml runs what is not complete yet, so that the same command
    continues after an interruption. embkit study report DIR writes its report again;
    embkit study verify DIR checks its files against their digests.
    """
    if target == "verify":
        return _verify(_study_folder(folder, target))
    from embkit.resources import cpu_count, export_threads

    workers = jobs or cpu_count()
    export_threads(max(1, cpu_count() // workers))
    from embkit.errors import ExitCode
    from embkit.manager import Selection
    from embkit.registry import Registry
    from embkit.study.config import read_study, recorded_study
    from embkit.study.engine import Settings, prepare
    from embkit.study.report import write_report

    registry = Registry.discover(Selection.from_environment(no_plugin or [], strict=strict_plugins))
    if target == "report":
        place = _study_folder(folder, target)
        typer.echo(write_report(prepare(recorded_study(place), registry), registry, place))
        return ExitCode.OK
    prepared = prepare(read_study(Path(target)), registry)
    if dry_run:
        return _show_plan(prepared, registry, json=json)
    settings = Settings(workers, timeout, keep_failed=keep_failed, cache=not no_cache, wait=wait)
    place = out or Path("embkit-studies") / Path(target).stem
    return _run(
        prepared,
        registry,
        place,
        settings,
        partial(_executor, executor, scheduler, workers),
        json=json,
        command=f"embkit study {target} --out {place}",
    )


def _executor(name: str, scheduler: str | None, jobs: int) -> "Executor":
    from embkit.errors import ParameterError
    from embkit.text import suggestion

    if name == "dask":
        from embkit.study.dask import DaskExecutor

        return DaskExecutor(scheduler, jobs)
    if name != "local" or scheduler is not None:
        what = f"--executor {name}" if scheduler is None else "--scheduler without --executor dask"
        raise ParameterError(f"{what} is unknown", "", suggestion(name, ["local", "dask"]))
    from embkit.study.processes import LocalExecutor

    return LocalExecutor(jobs)


def _run(
    prepared: "Prepared",
    registry: "Registry",
    place: Path,
    settings: Any,
    make_executor: "Callable[[], Executor]",
    *,
    json: bool,
    command: str,
) -> int:
    from embkit.cli.terminal import say, write_document
    from embkit.errors import ExitCode
    from embkit.study.engine import run_study
    from embkit.study.report import write_report
    from embkit.study.trial import Status

    try:
        ended = run_study(prepared, registry, place, settings, make_executor, TrialProgress().report)
    except KeyboardInterrupt:
        say(f"to continue: {command}")
        raise
    page = write_report(prepared, registry, place)
    counts = {status.value: sum(outcome.status is status for _, outcome in ended) for status in Status}
    counts = {status: count for status, count in counts.items() if count}
    if json:
        write_document(
            sys.stdout,
            {"folder": str(place), "report": str(page), "trials": len(ended), "statuses": counts},
        )
    else:
        summary = ", ".join(f"{count} {status}" for status, count in counts.items())
        typer.echo(f"{len(ended)} trials: {summary}\nreport    {page}")
        for trial, outcome in ended:
            if outcome.status is not Status.DONE:
                typer.echo(f"{outcome.status.value:<10}{trial.label}: {outcome.reason}")
    whole = set(counts) <= {Status.DONE.value, Status.SKIPPED.value}
    return ExitCode.OK if whole else ExitCode.TRIALS_FAILED


def _study_folder(folder: Path | None, action: str) -> Path:
    from embkit.errors import ParameterError

    if folder is None or not (folder / "study.json").exists():
        raise ParameterError(
            f"{folder or 'nothing'} is no folder of a study", "", f"embkit study {action} DIR"
        )
    return folder


def _verify(folder: Path) -> int:
    from embkit.cli.terminal import fail
    from embkit.errors import ExitCode
    from embkit.study.folder import StudyFolder

    place = StudyFolder(folder)
    damaged = place.damaged()
    for name in damaged:
        fail(f"{name} is missing or was changed; remove its trial's folder and run the study again")
    typer.echo(f"{place.count_complete()} complete trials, {len(damaged)} damaged files")
    return ExitCode.DATA if damaged else ExitCode.OK


def _show_plan(prepared: "Prepared", registry: "Registry", *, json: bool) -> int:
    from embkit.cli.terminal import write_document
    from embkit.errors import ExitCode
    from embkit.study.engine import estimates
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
        size = "unknown" if need is None else format_bytes(need)
        typer.echo(printable(f"{trial.key[:8]}  {size:>9}  {trial.unavailable or ''}{trial.label}"))
    typer.echo(f"{len(needs)} trials")
    return ExitCode.OK


class TrialProgress:
    """How far a study is: one line kept up to date on a terminal, a line a minute elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._started = time.monotonic()
        self._said = self._started
        self._finished = 0
        self._failed = 0

    def report(self, trial: "Trial", outcome: "Outcome", settled: int, total: int) -> None:
        """Count a finished trial."""
        from embkit.text import format_seconds, printable

        self._finished += 1
        self._failed += outcome.status.value != "done"
        now = time.monotonic()
        if not self._live and now - self._said < 60 and settled < total:
            return
        self._said = now
        rate = self._finished / max(now - self._started, 1e-9)
        left = format_seconds((total - settled) / rate)
        counts = f"{settled}/{total} trials, {self._failed} not done"
        line = f"{counts}, {rate:.2g}/s, {left} left: {trial.label}"
        end = "\n" if not self._live or settled == total else ""
        start = "\r\x1b[2K" if self._live else ""
        sys.stderr.write(f"{start}{printable(line)}{end}")
        sys.stderr.flush()
