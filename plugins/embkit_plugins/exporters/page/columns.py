"""Columns of the rows, packed: numbers as numbers, everything else as levels and codes."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.exporters.page.pack import Packer

__all__ = ["pack_columns", "shorten_texts"]

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
