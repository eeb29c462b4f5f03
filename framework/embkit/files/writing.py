"""Write tables, JSON documents and pictures."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Table
from embkit.data.shown.pictures import png_of
from embkit.text import csv_safe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


__all__ = ["csv_lines", "jsonable", "write_csv", "write_json", "write_png"]

_SPECIAL = re.compile(r'[",\r\n]')


def write_png(path: Path, figure: "Figure") -> None:
    """Write a figure as a picture."""
    path.write_bytes(png_of(figure))


def write_csv(path: Path, table: Table) -> None:
    """Write named columns; text cells that a spreadsheet would run are quoted, None is empty."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.writelines(csv_lines(table))


def csv_lines(table: Table) -> Iterator[str]:
    """The lines of `write_csv`."""
    columns = [_cells(values) for values in table.values()]
    yield _record([csv_safe(name) for name in table])
    yield from map(_record, zip(*columns, strict=True))


def _record(cells: Iterable[Any]) -> str:
    """A line of CSV; Python's own writer does not quote a carriage return, which its reader refuses."""
    fields = [str(cell) for cell in cells]
    quoted = [
        '"' + field.replace('"', '""') + '"' if _SPECIAL.search(field) else field for field in fields
    ]
    return (",".join(quoted) if quoted != [""] else '""') + "\n"


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
    if isinstance(value, list | tuple | range | set | frozenset):
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
