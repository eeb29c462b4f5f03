"""Put rows that came later in the clusters of a run."""

import os
import re
from pathlib import Path
from typing import Any

from embkit.api.keywords import Component
from embkit.api.loading import with_table
from embkit.data.assignment import Assignment
from embkit.data.run import Run
from embkit.errors import ParameterError
from embkit.files.folders import disk_errors, replaced_file
from embkit.files.writing import write_csv
from embkit.plugin.registry import Registry
from embkit.runs.assigning import assign_rows, rows_of
from embkit.runs.cache import default_cache
from embkit.runs.keywords import called_from_python, one_component
from embkit.runs.records.opened import open_run

__all__ = ["assign", "check_target", "write_assignment"]

_HEADER = re.compile(rb"id,label(,name)?(,strength|,distance|,strength,distance)\n")
_LONGEST = 100


@called_from_python
def assign(
    run: Run | str | Path,
    source: Any,
    *,
    loader: Component | None = None,
    table: Any = None,
    out: str | Path | None = None,
    cache: bool = True,
) -> Assignment:
    """Assign new rows to the clusters of a run.

    Parameters
    ----------
    run : Run, or path
        What `run` returned, or its folder.
    source : path, array_like of shape (n_rows, n_features), DataFrame or Dataset
        The rows, embedded by the model that the run's rows come from; see `load`.
    loader : str or mapping, optional
        How to read the source.
    table : path, DataFrame, mapping, or sequence of str, optional
        A row-aligned table with their ids.
    out : path, optional
        A CSV file to write: id, label, name, strength, distance. An earlier one is
        replaced, nothing else.
    cache : bool
        Whether shared work is read from disk and kept there.

    Returns
    -------
    Assignment
        See `Run.assign`.

    Raises
    ------
    ParameterError
        If something else is at `out`, or the run has no clusters.
    DataError
        If the rows cannot be read, do not have the run's number of features, or
        the run's own rows are needed and gone.
    """
    if out is not None:
        check_target(Path(out))
    registry = Registry.discover()
    kept = default_cache() if cache else None
    found = run if isinstance(run, Run) else open_run(Path(run), registry, kept, required=False)
    rows = rows_of(source, registry, one_component(loader, "loader"))
    assignment = assign_rows(found, with_table(rows, table), registry, kept)
    if out is not None:
        write_assignment(assignment, Path(out))
    return assignment


def check_target(path: Path) -> None:
    """Refuse to replace a link, a device, or any file that is not an assignment.

    Raises
    ------
    ParameterError
        If such a thing is there.
    """
    if path.is_dir():
        raise ParameterError(f"{path} is a folder", "", "give the name of a file")
    if not os.path.lexists(path):
        return
    if path.is_file() and not path.is_symlink():
        with disk_errors(path), path.open("rb") as file:
            if _HEADER.fullmatch(file.readline(_LONGEST)):
                return
    raise ParameterError(
        f"{path} exists, and is not a file of assigned rows",
        "only those are replaced",
        "choose another --out",
    )


def write_assignment(assignment: Assignment, path: Path) -> None:
    """Write an assignment as CSV, in place of an earlier one.

    Raises
    ------
    ParameterError
        If something else is there.
    ResourceError
        If it cannot be written.
    """
    check_target(path)
    with disk_errors(path), replaced_file(path) as staged:
        write_csv(staged, assignment.columns)
