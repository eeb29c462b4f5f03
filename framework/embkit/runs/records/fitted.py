"""What the steps of a run learned, in its folder: arrays, nothing pickled."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embkit.data.dataset import Fitted
from embkit.errors import DataError

__all__ = ["read_fitted", "read_fitted_reducers", "write_fitted"]

FOLDER = "fitted"
_CLUSTERER = "clusterer.npz"


def write_fitted(folder: Path, clusterer: Fitted, reducers: Sequence[Fitted]) -> None:
    """Write what the steps of a run learned below its folder; nothing if none learned anything."""
    files = {_CLUSTERER: clusterer} | {_reducer(place): item for place, item in enumerate(reducers)}
    for name, arrays in files.items():
        if arrays:
            (folder / FOLDER).mkdir(exist_ok=True)
            with (folder / FOLDER / name).open("wb") as file:
                np.savez(file, **dict(arrays))  # type: ignore[arg-type]  # no objects: `checked_fitted`


def read_fitted(folder: Path) -> Fitted:
    """What the clusterer of a run learned; empty if nothing."""
    return _read(folder / FOLDER / _CLUSTERER)


def read_fitted_reducers(folder: Path, count: int) -> tuple[Fitted, ...]:
    """What each reducer of a run learned, in their order; empty for one that learned nothing."""
    return tuple(_read(folder / FOLDER / _reducer(place)) for place in range(count))


def _reducer(place: int) -> str:
    return f"reducer-{place}.npz"


def _read(path: Path) -> Fitted:
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} cannot be read",
            " ".join(str(error).split()),
            "run again: embkit run --config run.json",
        ) from error
