"""Loader jsonl: JSON objects with their vectors, one a line or in one document."""

from pathlib import Path
from typing import Any

from embkit import DataError, Dataset
from embkit.reading import (
    Kind,
    attach_columns,
    choose_roles,
    json_rows,
    kind_of,
    lookup,
    reading,
)
from embkit.text import shorten
from embkit_plugins.loaders.reading.files import path_of, wrong_kind
from embkit_plugins.loaders.reading.rows import VectorRows

__all__ = ["Jsonl"]

_VECTORS = (
    "embedding",
    "embeddings",
    "vector",
    "vectors",
    "emb",
    "values",
    "response.body.data.0.embedding",
)
_COLUMNS = {"id": ("id", "custom_id"), "text": ("text", "document", "content"), "label": ("label",)}


class Jsonl:
    """JSON objects: a vector, and where there are any an id, a text and a label.

    One object a line, or one document: an array of objects, the answer of an
    embedding service, columns (as Chroma and pandas write them), or names with
    their vectors. A vector is a list of numbers, or a string that is one, or
    base64 of float32. Other fields that hold a single value become metadata.

    Parameters
    ----------
    vector : str, optional
        Field of the vector, dotted where it is nested
        (``response.body.data.0.embedding``); embedding, vector, emb, values or
        that of OpenAI's batches if omitted.
    id : str, optional
        Field of the ids; id or custom_id if omitted, empty for none.
    text : str, optional
        Field of the texts; text, document or content if omitted, empty for none.
    label : str, optional
        Field of the reference labels; label if omitted, empty for none.

    Notes
    -----
    The JSON must be strict: no NaN, no repeated keys, UTF-8.
    """

    def __init__(
        self,
        *,
        vector: str | None = None,
        id: str | None = None,  # noqa: A002 - as users type it
        text: str | None = None,
        label: str | None = None,
    ) -> None:
        self.vector = vector
        self.id = id
        self.text = text
        self.label = label

    def load(self, source: str | None) -> Dataset:
        """Read JSON, plain or gzip-compressed.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_lines, n_features), float64, or float32 where that is exact.

        Raises
        ------
        DataError
            If a line is not a strict JSON object, lacks a field, or has a vector of
            another length than the first; names file and line.
        """
        path = path_of(source, "jsonl")
        with reading(path):
            if kind_of(path) not in (Kind.TEXT, Kind.JSON_LINES, Kind.GZIP, None):
                raise wrong_kind(path, "JSON lines")
            return self._read(path)

    def _read(self, path: Path) -> Dataset:
        asked = {"id": self.id, "text": self.text, "label": self.label}
        nested = [name for name in asked.values() if name and "." in name]
        field = self.vector
        records, layout = json_rows(path, field=field)
        rows = VectorRows(path, "row" if layout else "line")
        singles: list[dict[str, Any]] = []
        for number, record in records:
            field = field or _vector_field(record, path, number)
            rows.append(number, _lookup(record, field, path, number), field)
            single = {
                name: value for name, value in record.items() if not isinstance(value, list | dict)
            }
            single.pop(field, None)
            singles.append(single | {name: _lookup(record, name, path, number) for name in nested})
        vectors = rows.matrix()
        names = dict.fromkeys(name for single in singles for name in single)
        roles = choose_roles(names, asked, str(path), _COLUMNS)
        columns = {name: [single.get(name) for single in singles] for name in names}
        notes = [f"the vector is the field {field}", *rows.notes]
        if layout:
            notes.insert(0, layout)
        dataset = Dataset(vectors, name=path.name, notes=tuple(notes))
        return attach_columns(dataset, columns, roles, path.name)


def _vector_field(record: dict[str, Any], path: Path, number: int) -> str:
    present = [name for name in _VECTORS if lookup(record, name)[0] is not None]
    usual = [name for name in present if isinstance(lookup(record, name)[0], list)]
    if len(usual) == 1:
        return usual[0]
    if not usual and present:
        return present[0]  # what is called so is never passed over: it is read, or named as unreadable
    lists = usual or [name for name, value in record.items() if isinstance(value, list)]
    if not lists:
        raise DataError(
            f"{path}: line {number}: no field holds a list",
            f"its fields are {_names(record)}",
            "name the vector's field: --loader jsonl:vector=FIELD (dotted where it is nested)",
        )
    lengths = ", ".join(
        f"{shorten(name, 60)} ({len(lookup(record, name)[0])} values)" for name in lists[:10]
    )
    raise DataError(
        f"{path}: line {number}: which field holds the vector is unclear",
        f"lists are in {lengths}",
        f"name it: --loader jsonl:vector={shorten(lists[0], 60)}",
    )


def _names(record: dict[str, Any]) -> str:
    return ", ".join(shorten(name, 60) for name in list(record)[:10]) or "none"


def _lookup(record: dict[str, Any], name: str, path: Path, number: int) -> Any:
    value, missing = lookup(record, name)
    if missing:
        raise DataError(
            f"{path}: line {number}: there is no field {shorten(name, 80)!r}",
            f"{shorten(missing, 80)!r} is missing; the fields are {_names(record)}",
            "name another field, or leave the line out",
        )
    return value
