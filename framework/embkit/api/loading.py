"""Load a dataset."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit.api.keywords import Component
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.files.several import is_pattern
from embkit.files.tables.attach import attach_table
from embkit.files.tables.frames import attach_frame, dataset_of
from embkit.plugin.registry import Registry
from embkit.runs.keywords import called_from_python, one_component
from embkit.runs.plan import make_plan
from embkit.runs.sources.fetching import fetched
from embkit.runs.sources.loading import admitted_rows, read_source
from embkit.text import plural

__all__ = ["load"]

Source = Any
Unusable = Literal["error", "drop"]
Values = Sequence[Any] | NDArray[Any] | None


@called_from_python
def load(
    source: Source = None,
    *,
    loader: Component | None = None,
    table: Any = None,
    ids: Values = None,
    texts: Values = None,
    labels: Values = None,
    nonfinite: Unusable = "error",
    zero_vectors: Unusable = "error",
) -> Dataset:
    """Load a dataset and check it.

    Parameters
    ----------
    source : path, list of paths, array_like of shape (n_samples, n_features), DataFrame, Dataset or None
        What to load: a file, a folder, a pattern such as ``"parts/*.parquet"``, an
        address that fsspec knows, or several of them, read as one in the order of
        the list, or in natural order (``part-2`` before ``part-10``). Of a DataFrame
        (pandas, polars, pyarrow), of named columns and of records, the column of
        arrays or lists is the vectors, else the columns of numbers are; ``id``,
        ``text`` and ``label`` are taken by name. A mapping of words to vectors,
        ``{"king": [...], ...}``, has a row for each word, which is its id and text; it is
        read as named columns if the names are those of dimensions (``x`` and ``y``,
        ``dim_0`` and ``dim_1``), and refused if neither is clear: few names, long
        vectors, and neither float32 nor of length 1.
        None is for loaders that make their data, and without a loader the
        bundled sample.
    loader : str or mapping, optional
        ``"NAME:key=value"``, or ``{"name": ..., key: value}``; chosen by file
        name and content if omitted.
    table : path, DataFrame, mapping, or sequence of str, optional
        A row-aligned table with the columns ``id``, ``text``, ``label``; or the
        texts.
    ids, texts, labels : sequence, optional
        One a row: unique ids, texts, and reference labels; in place of a table.
    nonfinite, zero_vectors : {"error", "drop"}
        What to do with rows that cannot be used.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the source cannot be read or used.
    ParameterError
        If the loader is unknown or its parameters do not fit.

    Examples
    --------
    >>> import embkit
    >>> embkit.load([[0, 0], [1, 1]], ids=["a", "b"], texts=["one", "two"])
    Dataset('array': 2 x 2 float32, ids, texts)
    """
    beside = columns_beside(table, ids, texts, labels)
    config = RunConfig.from_mapping(
        {
            "source": source_path(source),
            "loader": one_component(loader, "loader"),
            "table": table_file(beside),
            "nonfinite": nonfinite,
            "zero_vectors": zero_vectors,
        },
        "load",
    )
    dataset = dataset_at_hand(source, loader)
    if dataset is None:
        with fetched(config) as local:
            dataset = read_source(local, make_plan(local, Registry.discover()).one("loader"))
        beside = None if config.table is not None else beside
    return admitted_rows(config, with_table(dataset, beside))


def source_path(source: Source) -> str | list[str] | None:
    """The source as a configuration names it, None if it is at hand or there is none.

    Raises
    ------
    DataError
        If it is a list of strings that are texts by all appearances.
    """
    if _are_paths(source):
        _refuse_texts(source)
        return [str(item) for item in source]
    return str(source) if isinstance(source, str | Path) else None


def _refuse_texts(source: Sequence[str | Path]) -> None:
    """Refuse strings of which none is a file, a pattern or an address, and some have spaces."""
    named = any(os.path.lexists(item) or is_pattern(str(item)) or "://" in str(item) for item in source)
    if not named and any(" " in str(item) for item in source):
        raise DataError(
            f"no file is called as any of the {plural(len(source), 'string')} of the source",
            "a list of strings is a list of files; embkit clusters vectors, and does not embed texts",
            "embed them with a model, and give embkit.run(vectors, texts=texts)",
        )


def dataset_at_hand(source: Source, loader: Component | None = None) -> Dataset | None:
    """A dataset made of what is at hand, or None where there is something to load.

    Raises
    ------
    ParameterError
        If there is a loader for what needs none.
    """
    if source is None or isinstance(source, str | Path) or _are_paths(source):
        return None
    if loader is not None:
        raise ParameterError(
            "loader beside vectors in memory",
            "a loader reads files",
            "leave loader out, or give the path of the file as the source",
        )
    return source if isinstance(source, Dataset) else dataset_of(source)


def _are_paths(source: Source) -> bool:
    several = isinstance(source, list | tuple) and len(source) > 0
    return several and all(isinstance(item, str | Path) for item in source)


def columns_beside(table: Any, ids: Values, texts: Values, labels: Values) -> Any:
    """The table that was given, or one of the columns that were.

    Raises
    ------
    ParameterError
        If both were.
    """
    given = {"id": ids, "text": texts, "label": labels}
    columns = {name: values for name, values in given.items() if values is not None}
    if not columns:
        return table
    if table is not None:
        keywords = ", ".join(f"{name}s" for name in columns)
        raise ParameterError(
            f"both table and {keywords} are given",
            "each says what is beside the rows",
            "give one of them",
        )
    return columns


def with_table(dataset: Dataset, table: Any) -> Dataset:
    if table is None:
        return dataset
    if isinstance(table, str | Path):
        return attach_table(dataset, str(table))
    return attach_frame(dataset, table)


def table_file(table: Any) -> str | None:
    """The table that a configuration can name."""
    return str(table) if isinstance(table, str | Path) else None


def plain_values(value: Any) -> Any:
    """NumPy's numbers as Python's, which a configuration holds."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    return value
