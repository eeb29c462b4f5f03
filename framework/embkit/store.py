"""What is written to disk: a run's folder, whole or not at all."""

import csv
import json
import math
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit.data import Clustering, Dataset, Table
from embkit.errors import ParameterError, ResourceError
from embkit.text import csv_safe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from embkit.runner import Run

__all__ = [
    "check_target",
    "jsonable",
    "label_columns",
    "new_folder",
    "replaced_folder",
    "write_csv",
    "write_json",
    "write_png",
    "write_run",
    "write_run_files",
]

_FIGURE_DPI = 150
_PNG_LEVEL = 3  # of zlib: a third quicker than its 6, a tenth larger


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
    with _disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=".embkit-", dir=folder.parent)).rmdir()


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResourceError(
            f"{folder} cannot be written", error.strerror or str(error), "choose another --out"
        ) from error


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """A fresh folder to fill, which takes the place of `folder` when it is whole.

    On any failure it is removed, and what stood at `folder` is untouched.
    """
    with _disk_errors(folder):
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        staging.chmod(0o755)
        try:
            yield staging
            if folder.exists():
                retired = staging.with_name(f"{staging.name}-old")
                folder.rename(retired)
                staging.rename(folder)
                shutil.rmtree(retired)
            else:
                staging.rename(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


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


def write_png(path: Path, figure: "Figure") -> None:
    """Write a figure as a picture."""
    figure.savefig(
        path,
        dpi=_FIGURE_DPI,
        metadata={"Software": "embkit"},
        pil_kwargs={"compress_level": _PNG_LEVEL},
    )


def label_columns(dataset: Dataset, clustering: Clustering) -> dict[str, Sequence[Any]]:
    """The columns of ``labels.csv``: every source row, dropped ones with label -1 and the reason."""
    rows = [int(row) for row in dataset.source_rows]
    ids = [dataset.row_id(row) for row in range(dataset.n_samples)]
    labels = clustering.labels.tolist()
    strengths = None if clustering.probabilities is None else clustering.probabilities.tolist()
    if not dataset.dropped:
        columns: dict[str, Sequence[Any]] = {"row": rows, "id": ids, "label": labels}
        return columns if strengths is None else {**columns, "probability": strengths}
    dropped = list(dataset.dropped)
    order = np.argsort(np.array(rows + dropped), kind="stable")
    padded: dict[str, list[Any]] = {
        "row": rows + dropped,
        "id": ids + [str(row) for row in dropped],
        "label": labels + [-1] * len(dropped),
    }
    if strengths is not None:
        padded["probability"] = strengths + [0.0] * len(dropped)
    padded["status"] = ["ok"] * len(rows) + [f"dropped: {reason}" for reason in dataset.dropped.values()]
    return {name: [values[position] for position in order] for name, values in padded.items()}


def write_csv(path: Path, table: Table) -> None:
    """Write named columns; text cells that a spreadsheet would run are quoted, None is empty."""
    columns = [_cells(values) for values in table.values()]
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([csv_safe(name) for name in table])
        writer.writerows(zip(*columns, strict=True))


def _cells(values: Iterable[Any] | NDArray[Any]) -> list[Any]:
    plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return [_cell(value) for value in plain]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return csv_safe(value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating):
        return "" if math.isnan(value) else repr(float(value))
    return "" if value is None else value


def jsonable(value: Any) -> Any:
    """The value as JSON knows it: arrays as lists, what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document, without NaN in it."""
    text = json.dumps(jsonable(document), indent=1, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def new_folder(name: str) -> Path:
    """A folder under ``embkit-runs`` that does not exist yet, named by time and clusterer."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    folder = Path("embkit-runs") / f"{stamp}-{name}"
    count = 2
    while folder.exists():
        folder = folder.with_name(f"{stamp}-{name}-{count}")
        count += 1
    return folder
