"""What is to be named, and the names."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOTHING_STANDS_OUT", "Groups", "IntArray", "Name", "Names"]

IntArray = NDArray[np.signedinteger[Any]]

NOTHING_STANDS_OUT = "no word stands out"
"""The note of a group that no word sets apart by more than chance."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of rows; nested groups are nested intervals of one order of the rows.

    Parameters
    ----------
    order : ndarray of int, shape (n_rows,)
        Rows of the dataset, each at most once; rows that belong to no group may be left out.
    starts, stops : ndarray of int, shape (n_groups,)
        Group g holds the rows ``order[starts[g]:stops[g]]``.
    parents : ndarray of int, shape (n_groups,)
        The group that g is a part of; -1 for the whole dataset.
    """

    order: IntArray
    starts: IntArray
    stops: IntArray
    parents: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def sizes(self) -> IntArray:
        """The number of rows in each group."""
        return self.stops - self.starts

    def rows(self, group: int) -> IntArray:
        """Return the rows of one group, in the order of the tree."""
        return self.order[self.starts[group] : self.stops[group]]


@dataclass(frozen=True)
class Name:
    """The name of a group and how far it can be trusted.

    Parameters
    ----------
    title : str
        The best term, or an excerpt of the most central text if no word stands out.
    terms : tuple of str
        Up to three different terms, best first; empty if no word stands out.
    rows : tuple of int
        The medoid, then up to two more rows that are central and unlike it.
    p_value : float or None
        The chance that some term would be as frequent in a random group of this
        size, corrected for all terms and all groups. Of the title; without one, of
        the term for which it is smallest (which may be the title of the parent).
    fit : float or None
        Cosine between the title's vector and the direction in which the group
        lies from its parent, -1 to 1.
    precision, recall : float or None
        Of "the text holds one of the terms" as a rule for membership, among the
        rows of the parent. The terms were chosen on other rows (2-fold).
    auc : float or None
        The chance that a row of the group is closer to the terms' vectors than
        another row of the parent is, on held-out rows. 0.5 is a guess.
    stability : float or None
        Mean Jaccard similarity between the terms and those chosen on random halves.
    note : str
        Empty, or ``"no word stands out"``.
    """

    title: str
    terms: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    p_value: float | None = None
    fit: float | None = None
    precision: float | None = None
    recall: float | None = None
    auc: float | None = None
    stability: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Names:
    """A name for each group, and remarks on all of them."""

    names: tuple[Name, ...]
    notes: tuple[str, ...] = ()
