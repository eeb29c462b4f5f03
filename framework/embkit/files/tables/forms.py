"""The form of a column of a table, from its first cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from embkit.files.text.cells import is_missing, is_number, looks_like_list, parse_vector

__all__ = ["Column", "Form", "form_of"]


class Form(Enum):
    """What the cells of a column hold."""

    NUMBER = "numbers"
    LIST = "lists"
    BARE = "numbers without brackets"
    EMPTY = "nothing"
    OTHER = "other values"


@dataclass(frozen=True)
class Column:
    """A column as its first rows show it.

    Parameters
    ----------
    name : str
        As the table calls it.
    form : Form
        What its cells hold.
    length : int
        Values in the first cell that is not empty.
    sample : str
        That cell, for messages.
    counts : bool
        Whether its first cells are 0, 1, 2, ...
    """

    name: str
    form: Form
    length: int = 1
    sample: str = ""
    counts: bool = False


def form_of(name: str, cells: Sequence[str | bytes | None]) -> Column:
    """What a column of texts or bytes holds, by its first cells.

    Most cells decide whether they are numbers: a wrong one must be an error,
    not cost a dimension.
    """
    raw = [cell for cell in cells if isinstance(cell, bytes) and cell]
    texts = [cell for cell in cells if isinstance(cell, str) and not is_missing(cell)]
    if raw:
        lengths = set(map(_length, raw))
        form = Form.LIST if len(lengths) == 1 and min(lengths) > 1 else Form.OTHER
        return Column(name, form, min(lengths), f"{len(raw[0])} bytes")
    if not texts:
        return Column(name, Form.EMPTY, 0)
    if 2 * sum(is_number(cell, ",") for cell in texts) >= len(texts):
        counted = [str(cell).strip() for cell in cells] == [str(row) for row in range(len(cells))]
        return Column(name, Form.NUMBER, 1, texts[0], counted and len(cells) > 1)
    if all(map(looks_like_list, texts)):
        return Column(name, Form.LIST, _length(texts[0]), texts[0])
    lengths = set(map(_length, texts))
    if len(lengths) == 1 and min(lengths) > 1:
        return Column(name, Form.BARE, min(lengths), texts[0])
    return Column(name, Form.OTHER, 0, texts[0])


def _length(cell: str | bytes) -> int:
    try:
        return len(parse_vector(cell) or ())
    except ValueError:
        return 0
