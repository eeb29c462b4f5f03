"""The folder of a run: whole or not at all."""

import json
import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from embkit.data.labels import label_columns
from embkit.data.shown.pictures import FigureFormat
from embkit.errors import LockedError, ParameterError
from embkit.files.claims import claimed, first_claimed
from embkit.files.exports import exported_files, write_exports
from embkit.files.folders import disk_errors, replaced_folder
from embkit.files.pictures import picture_of
from embkit.files.writing import write_csv, write_json
from embkit.runs.records.fitted import write_fitted
from embkit.text import slug

if TYPE_CHECKING:
    from embkit.data.run import Run

__all__ = ["claimed_folder", "new_folder", "write_run", "write_run_files"]

_RECORD = "run.json"
_TICK = 0.05  # seconds to which the start of a process is known
_LOG = "run.log"
_FILES = frozenset({_RECORD, _LOG, "labels.csv", "linkage.npy", "scores.json"})
_FOLDERS = {
    "tables": {".csv"},
    "figures": {f".{kind}" for kind in get_args(FigureFormat)},
    "fitted": {".npz"},
}


@contextmanager
def claimed_folder(folder: Path, *, overwrite: bool, since: float = math.inf) -> Iterator[Path]:
    """Take `folder` for a run, before anything is computed; others that want it get an error.

    Parameters
    ----------
    folder : Path
        Where the run will be written.
    overwrite : bool
        Whether the run that is there may be replaced.
    since : float
        A run that was written there after this time was running at the same time, and
        its process is told of as if it still were.

    Raises
    ------
    ParameterError
        If it exists and is not to be overwritten, or holds what is not embkit's.
    LockedError
        If another process writes it.
    ResourceError
        If it cannot be written.
    """
    with ExitStack() as stack:
        with disk_errors(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(claimed(folder, partial(_check, overwrite=overwrite, since=since)))
        yield folder


@contextmanager
def new_folder(name: str) -> Iterator[Path]:
    """Take a new folder under ``embkit-runs``, named by time and clusterer.

    Raises
    ------
    ResourceError
        If it cannot be written.
    """
    place = Path("embkit-runs")
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    first = f"{stamp}-{slug(name)}"
    names = chain([first], (f"{first}-{number}" for number in count(2)))
    with ExitStack() as stack:
        with disk_errors(place):
            place.mkdir(exist_ok=True)
            folder = stack.enter_context(first_claimed(place / each for each in names))
        yield folder


def _check(folder: Path, *, overwrite: bool, since: float) -> None:
    """Make sure that what is at a path may be replaced: a run's folder, and nothing else in it."""
    if not overwrite and _is_run(folder) and (folder / _RECORD).stat().st_mtime > since + _TICK:
        raise LockedError(
            f"{folder} was written by another process since this one started",
            "results are not overwritten silently",
            "choose another --out, or --overwrite",
        )
    if not overwrite:
        raise ParameterError(
            f"{folder} exists",
            "results are not overwritten silently",
            "choose another --out, or --overwrite",
        )
    if folder.is_symlink() or not _is_run(folder):
        raise ParameterError(
            f"{folder} is not a folder of an embkit run",
            "--overwrite replaces only those",
            "choose another --out",
        )
    foreign = next(_foreign(folder), None)
    if foreign is not None:
        raise ParameterError(
            f"{folder} holds {foreign}, which embkit did not write",
            "--overwrite replaces nothing else",
            "move it elsewhere, or choose another --out",
        )


def _is_run(folder: Path) -> bool:
    record = folder / _RECORD
    try:
        return not record.is_symlink() and "embkit" in json.loads(record.read_bytes())["environment"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _foreign(folder: Path) -> Iterator[str]:
    """The files of a run's folder that no run has written."""
    exported = exported_files(folder)
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        ours = (
            str(path) in _FILES | exported
            or path.name == ".DS_Store"
            or path.parts[0].startswith(".embkit-")
            or (len(path.parts) == 2 and path.suffix in _FOLDERS.get(path.parts[0], ()))
        )
        if not ours and (file.is_symlink() or not file.is_dir()):
            yield str(path)


def write_run(run: "Run", folder: Path) -> None:
    """Write a run's folder: record, labels, scores, tree, tables and figures.

    Parameters
    ----------
    run : Run
        The finished run.
    folder : Path
        Where; replaced when it exists.

    Raises
    ------
    ResourceError
        If the disk is full or cannot be written; nothing is left behind then.
    """
    with replaced_folder(folder) as staging:
        write_run_files(run, staging)


def write_run_files(run: "Run", folder: Path) -> None:
    """Write the files of a run into an empty folder."""
    if run.clustering is not None:
        write_csv(folder / "labels.csv", label_columns(run.dataset, run.clustering))
        if run.clustering.linkage is not None:
            np.save(folder / "linkage.npy", run.clustering.linkage, allow_pickle=False)
        write_fitted(folder, run.clustering.fitted, run.fitted)
    write_json(folder / "scores.json", {"schema_version": 1, "validators": run.scores_document()})
    if run.tables:
        (folder / "tables").mkdir()
    for name, table in run.tables.items():
        write_csv(folder / "tables" / f"{name}.csv", table)
    if run.picture_files:
        (folder / "figures").mkdir()
    for path, (name, kind) in run.picture_files.items():
        (folder / path).write_bytes(picture_of(run.figures[name], kind))
    write_json(folder / "run.json", run.record)
    if run.log:
        (folder / _LOG).write_text("".join(f"{line}\n" for line in run.log), encoding="utf-8")
    if run.exports:
        write_exports(folder, run.exports)
