"""JSON as rows: objects or vectors one a line, or one document in a layout that is plain.

Documents come as arrays of objects, as answers of embedding services (an array
of objects somewhere inside), as columns (Chroma, pandas), and as names with
their vectors.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from embkit.errors import DataError, ResourceError
from embkit.files.text.jsonlines import decode_line, json_decoder
from embkit.files.text.lines import text_lines
from embkit.resources import available_memory
from embkit.text import format_bytes, shorten

__all__ = ["json_rows", "lookup"]

_VECTOR_FIELDS = ("embedding", "embeddings", "vector", "vectors", "values", "emb")
_SINGULAR = {
    "ids": "id",
    "texts": "text",
    "documents": "document",
    "labels": "label",
    "embeddings": "embedding",
    "vectors": "vector",
}
_OF_ROWS = {*_SINGULAR, *_SINGULAR.values(), "metadatas"}
_JQ = "make lines of it: jq -c '.PATH_TO_THE_ARRAY[]' FILE > x.jsonl"
_DEEPEST = 4
_OBJECT_SIZE = 4  # Python's objects take at least as many times the bytes of their text

Row = tuple[int, dict[str, Any]]


def json_rows(
    path: Path, *, vectors: bool = True, field: str | None = None
) -> tuple[Iterator[Row], str]:
    """Return the rows of a JSON file, each with its line or number, and how they were found.

    Parameters
    ----------
    path : Path
        JSON lines or one document, plain or gzip-compressed, in UTF-8.
    vectors : bool
        Whether each row must have a vector; else they are rows of a table.
    field : str, optional
        The vector's field, dotted where it is nested, if the user named one.

    Raises
    ------
    DataError
        If the text is not strict JSON, or no layout is plain; names the line.
    ResourceError
        If a document would not fit in memory.
    """
    lines = ((number, line) for number, line in enumerate(text_lines(path), 1) if line.strip())
    first = list(islice(lines, 2))
    if not first:
        raise DataError(f"{path}: the file is empty", "there is nothing to read", "check the source")
    if _are_lines(first):
        return _rows_of_lines(path, chain(first, lines)), ""
    document = _document(path, chain(first, lines))
    if field is not None and isinstance(document, dict) and not lookup(document, field)[1]:
        return iter([(first[0][0], document)]), ""
    found = _rows(document, vectors, path)
    if found is None and isinstance(document, dict) and not _has_parts(document):
        return iter([(first[0][0], document)]), ""
    if found is None:
        raise DataError(
            f"{path}: which part of the JSON document holds the rows is unclear",
            f"it is {_described(document)}",
            _JQ,
        )
    rows, words = found
    if rows == [document]:
        return iter([(first[0][0], document)]), ""
    return enumerate(rows, 1), f"a JSON document: {words}"


def lookup(record: Mapping[str, Any], name: str) -> tuple[Any, str]:
    """Return the value at a dotted name, and the first part of the name that is missing."""
    if name in record:
        return record[name], ""
    value: Any = record
    for part in name.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
            value = value[int(part)]
        else:
            return None, part
    return value, ""


def _has_parts(document: dict[str, Any]) -> bool:
    return any(isinstance(value, list | dict) and not _is_vector(value) for value in document.values())


def _are_lines(first: list[tuple[int, str]]) -> bool:
    """Whether each line is a value of its own: of a broken line the look of it must do."""
    text = first[0][1].strip()
    if text[0] not in "[{":
        return True
    closed = text[-1] == ("}" if text[0] == "{" else "]")
    return closed and (len(first) > 1 or not _is_json(text))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _rows_of_lines(path: Path, lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    decoder = json_decoder()
    of_lists = None
    for number, line in lines:
        value = decode_line(decoder, path, number, line)
        of_lists = _is_vector(value) if of_lists is None else of_lists
        if of_lists and isinstance(value, list):
            value = {"embedding": value}
        if not isinstance(value, dict):
            raise DataError(
                f"{path}: line {number} is not a JSON object but a {type(value).__name__}",
                "each line must be one object with a vector in it",
                "an array of objects becomes lines by: jq -c '.[]'",
            )
        yield number, value


def _document(path: Path, lines: Iterator[tuple[int, str]]) -> Any:
    room = available_memory() // _OBJECT_SIZE
    parts: list[str] = []
    last = 0
    for number, line in lines:
        # Blank lines were left out; they are put back, so that a fault has its true line.
        parts.append("\n" * (number - last - 1) + line)
        last = number
        room -= len(line)
        if room < 0:
            raise ResourceError(
                f"{path}: the JSON document does not fit in memory",
                f"{format_bytes(available_memory())} are available, and it is read as a whole",
                "write it as JSON lines, one object a line",
            )
    text = "".join(parts)
    try:
        return json_decoder().decode(text)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}: line {error.lineno}, column {error.colno} is not strict JSON",
            error.msg[:1].lower() + error.msg[1:],
            "repair the document; objects one a line need no array around them",
        ) from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DataError(
            f"{path}: the document is not strict JSON", shorten(reason, 200), "repair it"
        ) from None


def _rows(document: Any, vectors: bool, path: Path) -> tuple[list[dict[str, Any]], str] | None:
    if isinstance(document, list) and document:
        if all(isinstance(item, dict) for item in document):
            return document, "an array of objects"
        if vectors and all(isinstance(item, list) for item in document):
            return [{"embedding": item} for item in document], "an array of vectors"
    if not isinstance(document, dict):
        return None
    if vectors and any(_is_vector(document.get(name)) for name in _VECTOR_FIELDS):
        return [document], "one object"
    return (
        _split_columns(document)
        or _columns(document, vectors, path)
        or _records_within(document, vectors)
        or (_by_name(document) if vectors else None)
    )


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and type(value[0]) in (int, float)


def _split_columns(document: dict[str, Any]) -> tuple[list[dict[str, Any]], str] | None:
    """What pandas writes with ``orient="split"``."""
    names, data = document.get("columns"), document.get("data")
    if not isinstance(names, list) or not isinstance(data, list) or not data:
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return [dict(zip(map(str, names), row, strict=True)) for row in data], "columns and data"


def _columns(
    document: dict[str, Any], vectors: bool, path: Path
) -> tuple[list[dict[str, Any]], str] | None:
    """Columns of equal length, as arrays or as pandas' objects of row number and value."""
    plain = {name: _as_column(value) for name, value in document.items()}
    columns = {name: value for name, value in plain.items() if value}
    named = [name for name in _VECTOR_FIELDS if name in columns]
    if vectors and not named:
        return None
    if not columns or (not vectors and len({len(value) for value in columns.values()}) > 1):
        return None
    length = len(columns[named[0]]) if vectors else len(next(iter(columns.values())))
    _refuse_other_lengths(columns, length, path)
    columns = {name: value for name, value in columns.items() if len(value) == length}
    metadata = columns.pop("metadatas", None)
    rows = [
        {_SINGULAR.get(name, name): value[row] for name, value in columns.items()}
        for row in range(length)
    ]
    for row, extra in zip(rows, metadata or (), strict=False):
        row.update({name: value for name, value in (extra or {}).items() if name not in row})
    return rows, f"columns {', '.join(shorten(name, 30) for name in list(columns)[:5])}"


def _refuse_other_lengths(columns: Mapping[str, list[Any]], length: int, path: Path) -> None:
    """Refuse ids, texts and labels of which there are more or fewer than vectors."""
    for name, value in columns.items():
        if len(value) != length and name in _OF_ROWS:
            raise DataError(
                f"{path}: {shorten(name, 30)} has {len(value)} values, there are {length} vectors",
                "every column must match the vectors row by row",
                "repair the document, or leave the column out",
            )


def _as_column(value: Any) -> list[Any]:
    if isinstance(value, dict) and value:
        inner = list(value.values())
        # {"float": [[...]]}: the services that give several number types at once.
        return inner[0] if len(inner) == 1 and isinstance(inner[0], list) else inner
    return value if isinstance(value, list) else []


def _records_within(
    document: Mapping[str, Any], vectors: bool, depth: int = 0
) -> tuple[list[dict[str, Any]], str] | None:
    """The one array of objects inside; of those with a vector, where there must be one."""
    found = []
    for name, value in document.items():
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            if not vectors or any(field in value[0] for field in _VECTOR_FIELDS):
                found.append((value, f"the array {shorten(name, 30)}"))
        elif isinstance(value, dict) and depth < _DEEPEST:
            inner = _records_within(value, vectors, depth + 1)
            found += [inner] if inner is not None else []
    return found[0] if len(found) == 1 else None


def _by_name(document: dict[str, Any]) -> tuple[list[dict[str, Any]], str] | None:
    """Names with their vectors, or with objects that have one."""
    values = list(document.values())
    if len(values) > 1 and all(map(_is_vector, values)) and len(set(map(len, values))) == 1:
        rows = [{"id": name, "embedding": vector} for name, vector in document.items()]
        return rows, "names with their vectors"
    if values and all(
        isinstance(value, dict) and any(field in value for field in _VECTOR_FIELDS) for value in values
    ):
        return [{"id": name, **value} for name, value in document.items()], "names with their objects"
    return None


def _described(document: Any) -> str:
    if isinstance(document, list):
        return f"an array of {len(document)} values"
    if not isinstance(document, dict):
        return f"a {type(document).__name__}"
    parts = []
    for name, value in list(document.items())[:8]:
        size = f" of {len(value)}" if isinstance(value, list | dict) else ""
        kind = {"list": "array", "dict": "object", "str": "string"}.get(type(value).__name__, "value")
        parts.append(f"{shorten(name, 30)} ({kind}{size})")
    return f"an object with {', '.join(parts) or 'nothing in it'}"
