"""The folder of a run: whole or not at all."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embkit.data.labels import label_columns
from embkit.errors import ParameterError
from embkit.files.exports import write_exports
from embkit.files.folders import disk_errors, replaced_folder
from embkit.files.writing import write_csv, write_json, write_png

if TYPE_CHECKING:
    from embkit.data.run import Run


__all__ = ["check_target", "new_folder", "write_run", "write_run_files"]


def check_target(folder: Path, *, overwrite: bool) -> None:
    """Make sure, before anything is computed, that `folder` can be written.

    Raises
    ------
    ParameterError
        If it exists and is not to be overwritten, or is not a run's folder.
    ResourceError
        If its parent cannot be written.
    """
    if folder.exists():
        if not overwrite:
            raise ParameterError(
                f"{folder} exists",
                "results are not overwritten silently",
                "choose another --out, or --overwrite",
            )
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "run.json").exists()):
            raise ParameterError(
                f"{folder} is no folder of an embkit run",
                "--overwrite replaces only those",
                "choose another --out",
            )
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=".embkit-", dir=folder.parent)).rmdir()


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
    write_json(folder / "scores.json", {"schema_version": 1, "validators": run.scores_document()})
    if run.tables:
        (folder / "tables").mkdir()
    for name, table in run.tables.items():
        write_csv(folder / "tables" / f"{name}.csv", table)
    if run.figures:
        (folder / "figures").mkdir()
    for name, figure in run.figures.items():
        write_png(folder / "figures" / f"{name}.png", figure)
    write_json(folder / "run.json", run.record)
    if run.exports:
        write_exports(folder, run.exports)


def new_folder(name: str) -> Path:
    """A folder under ``embkit-runs`` that does not exist yet, named by time and clusterer."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    folder = Path("embkit-runs") / f"{stamp}-{name}"
    count = 2
    while folder.exists():
        folder = folder.with_name(f"{stamp}-{name}-{count}")
        count += 1
    return folder
