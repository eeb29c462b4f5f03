"""Tables that show themselves in notebooks."""

import html
import math
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit.errors import MissingExtraError
from embkit.text import plural, shorten

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ShownTable", "data_frame", "html_cell", "html_table"]

_ROWS = 50
_COLUMNS = 20
_WIDTH = 120
_TEXT = ' style="text-align:left"'


class ShownTable(dict[str, Sequence[Any] | NDArray[Any]]):
    """Named columns of equal length, as a mapping; an HTML table in notebooks."""

    def to_pandas(self) -> "pd.DataFrame":
        """The same columns as a DataFrame.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        return data_frame({name: list(values) for name, values in self.items()})

    def _repr_html_(self) -> str:
        return html_table(self)


def data_frame(rows: Any) -> "pd.DataFrame":
    """A DataFrame of named columns or of records.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError("to_pandas", "pandas", "pandas") from None
    return pd.DataFrame(rows)


def html_table(table: Mapping[str, Sequence[Any] | NDArray[Any]], *, n_rows: int = _ROWS) -> str:
    """An HTML table of the first rows and columns, all texts escaped and shortened.

    Parameters
    ----------
    table : mapping of str to sequence
        Columns of equal length.
    n_rows : int
        How many rows to show; how many more there are is said below.
    """
    length = len(next(iter(table.values()), ()))
    shown = dict(islice(table.items(), _COLUMNS))
    columns = [list(islice(values, n_rows)) for values in shown.values()]
    head = "".join(f"<th{_TEXT}>{html_cell(name)}</th>" for name in shown)
    body = "".join(f"<tr>{_row(cells)}</tr>" for cells in zip(*columns, strict=True))
    left_out = [
        plural(more, f"more {noun}")
        for more, noun in ((length - n_rows, "row"), (len(table) - _COLUMNS, "column"))
        if more > 0
    ]
    note = f"<p>and {' and '.join(left_out)}</p>" if left_out else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def html_cell(value: Any) -> str:
    """A value as escaped text: four significant digits, a dash if there is none."""
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or (isinstance(plain, float) and math.isnan(plain)):
        return "-"
    if isinstance(plain, float):
        return f"{plain:.4g}"
    if isinstance(plain, int) and not isinstance(plain, bool):
        return f"{plain:,}"
    return html.escape(shorten(str(plain), _WIDTH))


def _row(cells: Sequence[Any]) -> str:
    left = [_TEXT if isinstance(cell, str) else "" for cell in cells]
    return "".join(f"<td{style}>{html_cell(cell)}</td>" for style, cell in zip(left, cells, strict=True))
