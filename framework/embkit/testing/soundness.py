"""Check that a result is sound for its kind, and compare two results."""

import io
import json
import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.names import Names
from embkit.data.results import Artifact, Clustering, Validation
from embkit.files.writing import jsonable
from embkit.testing.failures import CheckFailed, require
from embkit.text import printable

__all__ = ["differences", "examine", "partition", "parts_of", "pixels"]


def examine(result: Any, n_samples: int | None) -> None:
    """Check that what a component returned can be relied on.

    Parameters
    ----------
    result : Dataset, Artifact, Clustering, Validation, Names, or dict of Figure, str and bytes
        What it returned.
    n_samples : int, optional
        Number of rows it was given, where it was given rows.

    Raises
    ------
    CheckFailed
        If something in it is not as the contract says.
    DataError
        If vectors are not finite.
    """
    if isinstance(result, Dataset):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _examine_dataset(result, n_samples)
    elif isinstance(result, Clustering):
        _examine_clustering(result)
    elif isinstance(result, Validation):
        _examine_validation(result)
    elif isinstance(result, Artifact):
        _examine_artifact(result)
    elif isinstance(result, Names):
        _examine_names(result)
    else:
        require(result, "returned nothing")
        _examine_figures({name: item for name, item in result.items() if hasattr(item, "savefig")})


def _examine_dataset(dataset: Dataset, n_samples: int | None) -> None:
    if n_samples is not None:
        require(
            dataset.n_samples == n_samples,
            f"returned {dataset.n_samples} rows for {n_samples}; rows must stay as they are",
        )
    admit(dataset, Policy())
    rows = dataset.source_rows
    require(bool((np.diff(rows) > 0).all()), "its source row numbers are not in ascending order")
    require(not set(rows.tolist()) & set(dataset.dropped), "a row is both kept and dropped")


def _examine_names(names: Names) -> None:
    for name in names.names:
        for text in (name.title, *name.terms):
            require(isinstance(text, str), f"{text!r} is not a text")
            require(printable(text) == text, f"{text!r} holds characters that cannot be shown")


def _examine_clustering(clustering: Clustering) -> None:
    n_samples = clustering.dataset.n_samples
    strengths, tree = clustering.probabilities, clustering.linkage
    if strengths is not None:
        require(
            strengths.shape == (n_samples,),
            f"probabilities have shape {strengths.shape}, not ({n_samples},)",
        )
        inside = bool(((strengths >= 0) & (strengths <= 1)).all())
        require(inside, "probabilities are not all between 0 and 1, or some are NaN")
    if tree is not None:
        shape = (n_samples - 1, 4)
        require(tree.shape == shape, f"the linkage has shape {tree.shape}, not {shape}")
        require(bool(np.isfinite(tree).all()), "the linkage holds NaN or infinite values")


def _examine_validation(validation: Validation) -> None:
    if validation.skipped is not None:
        require(validation.skipped.strip(), "skipped without a reason")
        return
    require(validation.scores or validation.tables, "gave neither scores nor tables, and did not skip")
    for name, value in validation.scores.items():
        bad = isinstance(value, float | np.floating) and not math.isfinite(value)
        require(not bad, f"score {name} is {value}; give None with a note, or skip with the reason")
        if value is None:
            require(validation.notes, f"score {name} is None and no note says why")
    for name, table in validation.tables.items():
        lengths = {column: len(values) for column, values in table.items()}
        require(len(set(lengths.values())) <= 1, f"columns of table {name} differ in length: {lengths}")


def _examine_artifact(artifact: Artifact) -> None:
    require(artifact.arrays, "returned no array")
    for name, array in artifact.arrays.items():
        require(isinstance(array, np.ndarray), f"{name} is {type(array).__name__}, not an array")
        require(
            array.dtype.kind in "biufU", f"array {name} has dtype {array.dtype}; objects are not kept"
        )
        if array.dtype.kind == "f":
            require(not bool(np.isnan(array).any()), f"array {name} holds NaN")
    try:
        json.dumps(dict(artifact.facts))
    except TypeError as error:
        require(False, f"its facts cannot be written as JSON: {error}")


def _examine_figures(figures: Mapping[str, Any]) -> None:
    for name, figure in figures.items():
        label = f"figure {name!r}" if name else "the figure"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                drawn = pixels(figure)
        except Exception as error:
            raise CheckFailed(f"{label} cannot be drawn: {type(error).__name__}: {error}") from error
        require(int(drawn.min()) < int(drawn.max()), f"{label} is blank")


def pixels(figure: Any, dpi: int = 60) -> NDArray[np.uint8]:
    """A matplotlib figure as it looks, shape (height, width, 4)."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=dpi)
    width, height = (int(extent) for extent in figure.get_size_inches() * dpi)
    flat = np.frombuffer(buffer.getvalue(), dtype=np.uint8)
    return flat.reshape(height, width, 4) if flat.size == height * width * 4 else flat.reshape(-1, 1, 4)


def partition(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels numbered by first row: equal for equal partitions; noise stays -1."""
    renumbered = np.full(len(labels), -1, dtype=np.int64)
    kept = labels >= 0
    _, first, inverse = np.unique(labels[kept], return_index=True, return_inverse=True)
    renumbered[kept] = np.argsort(np.argsort(first))[inverse]
    return renumbered


def differences(parts: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """The names in which the parts of two results of one component differ."""
    if parts.keys() != others.keys():
        return ["what is in it"]
    return [name for name in parts if parts[name] != others[name]]


def parts_of(result: Any) -> dict[str, Any]:
    """The parts of a result, in a form that can be compared byte by byte."""
    if isinstance(result, Dataset):
        columns = {name: getattr(result, name) for name in ("ids", "texts", "reference", "metadata")}
        return {"vectors": _bytes(result.vectors), **columns}
    if isinstance(result, Clustering):
        arrays = {name: getattr(result, name) for name in ("labels", "probabilities", "linkage")}
        return {name: _bytes(array) for name, array in arrays.items()}
    if isinstance(result, Artifact):
        return {f"array {name}": _bytes(array) for name, array in result.arrays.items()}
    if isinstance(result, Names):
        return {f"name {group}": jsonable(vars(name)) for group, name in enumerate(result.names)}
    if isinstance(result, Validation):
        plain = {"scores": result.scores, "tables": result.tables, "notes": result.notes}
        return {"skipped": result.skipped, **{name: jsonable(value) for name, value in plain.items()}}
    return {
        name: _bytes(pixels(item)) if hasattr(item, "savefig") else item for name, item in result.items()
    }


def _bytes(array: NDArray[Any] | None) -> Any:
    return None if array is None else (array.shape, str(array.dtype), array.tobytes())
