"""Run a study."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from embkit.data.trial import Outcome, Trial
from embkit.plugin.registry import Registry
from embkit.resources import cpu_count
from embkit.runs.cache import default_cache
from embkit.runs.keywords import called_from_python
from embkit.runs.progress import progress_here
from embkit.studies.engine import Settings
from embkit.studies.launch import choose_executor, default_folder, launch
from embkit.studies.reading import parse_study, read_study
from embkit.studies.study import Study

__all__ = ["study"]


@called_from_python
def study(
    source: str | Path | Mapping[str, Any],
    *,
    out: str | Path | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    keep_failed: bool = False,
    wait: bool = False,
    cache: bool = True,
    executor: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
    progress: bool | None = None,
) -> Study:
    """Run every combination of datasets, reducers, clusterers and seeds, and compare.

    What is complete in `out` already is not run again.

    Parameters
    ----------
    source : path or mapping
        A TOML file, or what such a file says: ``{"datasets": [...],
        "clusterers": [{"name": "kmeans", "n_clusters": {"grid": [2, 3]}}], ...}``.
    out : path, optional
        Folder of the study; one in ``embkit-studies`` if omitted.
    jobs : int, optional
        Trials at a time; as many as there are processors if omitted.
    timeout : float, optional
        Seconds a trial may take.
    keep_failed : bool
        Whether trials that failed before are left as they are.
    wait : bool
        Whether to wait for another process in the folder.
    cache : bool
        Whether work that trials share is kept on disk.
    executor : {"local", "dask"}
        Processes here, or workers of a dask cluster.
    scheduler : str, optional
        Address of a dask scheduler; a cluster on this machine if omitted.
    progress : bool, optional
        Whether to show how far it is; see `run`.

    Returns
    -------
    Study
        With ``record``, ``statuses``, ``to_pandas()`` and the ``files`` that its exporters wrote.
        Failed trials are recorded, not raised.

    Raises
    ------
    ParameterError
        If the study is wrong, with every mistake in one message.
    DataError
        If a dataset cannot be read.
    LockedError
        If another process works in the folder.
    """
    if isinstance(source, Mapping):
        name, declared = "study", parse_study(source, "study")
    else:
        name, declared = Path(source).stem, read_study(Path(source))
    place = Path(out) if out is not None else default_folder(name)
    workers = jobs or cpu_count()
    registry = Registry.discover()
    settings = Settings(workers, timeout, keep_failed, default_cache() if cache else None, wait)
    chosen = choose_executor(executor, scheduler, workers, declared, registry)
    observer = progress_here(progress)

    def report(trial: Trial, _outcome: Outcome, settled: int, total: int) -> None:
        observer.progressed(settled / total, f"of {total} trials: {trial.label}")

    observer.started("study")
    started = time.monotonic()
    done = launch(declared, registry, place, settings, chosen, report)
    observer.finished("study", time.monotonic() - started)
    return done
