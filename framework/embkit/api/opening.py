"""Open finished runs and studies again."""

from pathlib import Path
from typing import Any

from embkit.api.loading import with_table
from embkit.data.run import Run
from embkit.plugin.registry import Registry
from embkit.runs.assigning import rows_of
from embkit.runs.cache import default_cache
from embkit.runs.keywords import called_from_python
from embkit.runs.records.opened import open_run as opened
from embkit.studies.exporting import opened_study
from embkit.studies.study import Study

__all__ = ["open_run", "open_study"]


@called_from_python
def open_run(folder: str | Path, *, source: Any = None, table: Any = None, cache: bool = True) -> Run:
    """Open the folder of a finished run.

    Parameters
    ----------
    folder : path
        What was ``out`` of the run.
    source : path, array_like, DataFrame or Dataset, optional
        The run's data, if it is not at the place where it was, or was in memory.
    table : path, DataFrame, mapping, or sequence of str, optional
        Ids, texts and labels to go with `source`.
    cache : bool
        Whether shared work is read from disk and kept there.

    Returns
    -------
    Run
        With the labels, probabilities, memberships, tree, names, scores and tables
        of the run; ``figures`` are files that notebooks show. ``dataset`` is that of
        the run if its source is there and has the recorded fingerprint; if not, it
        has ids and no vectors or texts, and says why when these are asked for.

    Raises
    ------
    ParameterError
        If it is not the folder of a run, or of a schema that this embkit does not
        read.
    DataError
        If a file in it is damaged, or `source` is not the run's data.
    """
    registry = Registry.discover()
    given = None if source is None else with_table(rows_of(source, registry), table)
    kept = default_cache() if cache else None
    return opened(Path(folder), registry, kept, given=given, required=False)


@called_from_python
def open_study(folder: str | Path) -> Study:
    """Open the folder of a finished study.

    Parameters
    ----------
    folder : path
        What was ``out`` of the study.

    Returns
    -------
    Study
        As `study` returned it: ``record`` with the trials, their labels and scores,
        ``statuses``, ``to_pandas()`` and the ``files`` of its exporters. Nothing is
        computed.

    Raises
    ------
    ParameterError
        If it is not the folder of a study.
    DataError
        If one of its datasets is gone.
    """
    return opened_study(Path(folder), Registry.discover())
