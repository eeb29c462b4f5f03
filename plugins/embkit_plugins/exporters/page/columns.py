"""Ids, texts and columns of the rows, packed: numbers as numbers, other columns as levels and codes."""

import re
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.exporters.page.pack import Packer

__all__ = ["pack_columns", "pack_ids", "shorten_texts"]

_CHARACTERS = 20_000_000  # of all texts together, about 8 MB of page
_LONGEST = (1_000_000, 100_000, 20_000, 5_000, 2_000, 1_000, 500, 200, 100)


def shorten_texts(texts: Sequence[str], budget: int = _CHARACTERS) -> tuple[Sequence[str], list[str]]:
    """Cut long texts until all of them together have at most `budget` characters, and say so.

    Returns
    -------
    texts : sequence of str
        As given where they fit. No text is cut to fewer than 100 characters.
    warnings : list of str
        What was cut; empty where nothing was.
    """
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    fitting = (most for most in _LONGEST if np.minimum(lengths, most).sum() <= budget)
    longest = next(fitting, _LONGEST[-1])
    n_cut = int((lengths > longest).sum())
    if not n_cut:
        return texts, []
    shortened = [text if len(text) <= longest else f"{text[:longest]}…" for text in texts]
    return shortened, [
        (
            f"{n_cut:,} of {len(texts):,} texts are cut to {longest:,} characters here, "
            "in search and in what is saved from this page"
        )
    ]


def pack_ids(ids: Sequence[str], order: Sequence[int], packer: Packer) -> dict[str, Any]:
    """Pack ids: nothing if they are the row numbers, only numbers if they are alike but for those.

    Returns
    -------
    dict
        ``ids`` is None for row numbers, the number of an array of strings in the
        order of the page, or, in the order of the rows, of an array of numbers
        whose prefix and least number of digits are ``id_form``.
    """
    if all(value == str(row) for row, value in enumerate(ids)):
        return {"ids": None}
    if (found := _numbered(ids)) is not None:
        prefix, width, numbers = found
        return {"ids": packer.array(np.array(numbers), "u4"), "id_form": [prefix, width]}
    return {"ids": packer.strings([ids[row] for row in order])}


def _numbered(ids: Sequence[str]) -> tuple[str, int, list[int]] | None:
    """The prefix, width and numbers of ids such as doc-0001; None where one does not fit."""
    first = re.fullmatch(r"(.*?)([0-9]{1,9})", ids[0], re.DOTALL) if len(ids) else None
    if first is None:
        return None
    prefix, width = first[1], len(first[2]) if first[2].startswith("0") else 1
    rest = [value.removeprefix(prefix) for value in ids]
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in rest):
        return None
    numbers = [int(value) for value in rest]
    same = all(f"{prefix}{n:0{width}d}" == value for n, value in zip(numbers, ids, strict=True))
    return (prefix, width, numbers) if same else None


def pack_columns(
    columns: Mapping[str, Sequence[Any]], order: NDArray[np.int64], packer: Packer
) -> list[dict[str, Any]]:
    """Pack each column in the order of the page; missing numbers become NaN."""
    return [_column(name, values, order, packer) for name, values in columns.items()]


def _column(
    name: str, values: Sequence[Any], order: NDArray[np.int64], packer: Packer
) -> dict[str, Any]:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, Real) and not isinstance(value, bool) for value in present):
        numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return {"name": name, "numbers": packer.floats(numbers[order])}
    texts = np.array(["" if value is None else str(value) for value in values], dtype=object)
    levels, codes = np.unique(texts, return_inverse=True)
    return {
        "name": name,
        "levels": packer.strings(levels.tolist()),
        "codes": packer.array(codes[order], "u4"),
    }
