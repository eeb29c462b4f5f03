"""Names, packed: their words are stored once, and names refer to them."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Name
from embkit_plugins.exporters.page.pack import Packer

__all__ = ["pack_names"]


def pack_names(names: Sequence[Name], speakers: NDArray[np.int64], packer: Packer) -> dict[str, int]:
    """Pack names, whose title is mostly the first of their terms.

    Parameters
    ----------
    names : sequence of Name
        In the order of what they name.
    speakers : ndarray of int, shape (n_names,)
        The row that stands for each, -1 where none does, as the page counts rows there.
    packer : Packer
        Takes the words and the arrays.

    Returns
    -------
    dict of str to int
        Numbers of arrays: ``titles`` (0 for the first term, 1 for none, else two more
        than a word), ``counts`` of terms, all ``terms`` in a row as words, ``speakers``.
    """

    def title(name: Name) -> int:
        if name.terms and name.title == name.terms[0]:
            return 0
        return packer.word(name.title) + 2 if name.title else 1

    terms: Any = chain.from_iterable(name.terms for name in names)
    return {
        "titles": packer.array(np.array([title(name) for name in names]), "u4"),
        "counts": packer.array(np.array([len(name.terms) for name in names]), "u4"),
        "terms": packer.array(np.array([packer.word(term) for term in terms]), "u4"),
        "speakers": packer.array(speakers, "i4"),
    }
