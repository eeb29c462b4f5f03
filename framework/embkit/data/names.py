"""Groups of rows to name, and what they are called."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embkit.data.dataset import Dataset, IntArray, Table, read_only
from embkit.errors import DataError

__all__ = ["CARRIED_OVER", "EDITED", "Groups", "Name", "Names", "groups_of_labels"]

_SHOWN = 5  # titles, where names show themselves

EDITED = "edited"
"""What the note of a name begins with that a user gave."""

CARRIED_OVER = "carried over"
"""What the note of a name begins with that comes from an earlier run."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of rows of one dataset, each a slice of one order of the rows.

    Nested groups are nested slices, so that all nodes of a tree take no more room
    than its leaves.

    Parameters
    ----------
    order : ndarray of int64, shape (n_ordered,)
        Rows of the dataset, none twice.
    starts, stops : ndarray of int64, shape (n_groups,)
        Group i holds ``order[starts[i]:stops[i]]``.
    parents : ndarray of int64, shape (n_groups,)
        The group that a group is part of; -1 for the whole dataset.
    dataset : Dataset
        The rows; noise need not be among those that are ordered.

    Raises
    ------
    DataError
        If a group is empty or reaches beyond the order.
    """

    order: IntArray
    starts: IntArray
    stops: IntArray
    parents: IntArray
    dataset: Dataset

    def __post_init__(self) -> None:
        for column in ("order", "starts", "stops", "parents"):
            values = np.asarray(getattr(self, column), dtype=np.int64)
            object.__setattr__(self, column, read_only(values))
        inside = (self.starts >= 0) & (self.starts < self.stops) & (self.stops <= len(self.order))
        if not inside.all():
            raise DataError(
                f"group {int(np.flatnonzero(~inside)[0])} is not a part of the rows",
                "a group is a slice of the order, with at least one row",
                "",
            )

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def sizes(self) -> IntArray:
        """The number of rows in each group."""
        return self.stops - self.starts

    def rows(self, group: int) -> IntArray:
        """The rows of one group, in the order given."""
        return self.order[self.starts[group] : self.stops[group]]


def groups_of_labels(dataset: Dataset, labels: IntArray) -> Groups:
    """The clusters of a labeling as groups under the whole dataset; noise belongs to none."""
    order = np.argsort(labels, kind="stable")[np.count_nonzero(labels < 0) :]
    stops = np.cumsum(np.bincount(labels[labels >= 0]))
    starts = np.concatenate([[0], stops[:-1]]) if len(stops) else stops
    return Groups(order, starts, stops, np.full(len(stops), -1), dataset)


@dataclass(frozen=True)
class Name:
    """The name of a group of rows.

    Parameters
    ----------
    title : str
        What to call it; empty if nothing can be said.
    terms : tuple of str
        Words or phrases that set it apart, the best first.
    rows : tuple of int
        Rows that stand for it, the most central first.
    note : str
        A caveat, such as "no word stands out".
    p_value : float, optional
        Chance of terms as telling as these without a difference, corrected for all that were tried.
    fit : float, optional
        How near the terms are to the group in the space of the vectors, -1 to 1.
    precision, recall : float, optional
        Of the rows with one of the terms, the share in the group; and of the group, the share with one.
    auc : float, optional
        How well the name's vector tells rows of the group from those of its siblings, 0 to 1.
    stability : float, optional
        Overlap of the terms with those found on subsamples, 0 to 1.
    """

    title: str
    terms: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    note: str = ""
    p_value: float | None = None
    fit: float | None = None
    precision: float | None = None
    recall: float | None = None
    auc: float | None = None
    stability: float | None = None

    @property
    def is_given(self) -> bool:
        """Whether it was given by a user or comes from an earlier run, not from a namer."""
        return self.note.startswith((EDITED, CARRIED_OVER))

    def unlike(self, taken: Container[str], size: int) -> "Name":
        """The same name under the first of its terms that is not taken, or its size if all are.

        Parameters
        ----------
        taken : container of str
            Titles of others, case-folded.
        size : int
            Number of rows in the group.
        """
        offers = dict.fromkeys((self.title, *self.terms))
        title = next((offer for offer in offers if offer.casefold() not in taken), None)
        if title is None:
            return replace(self, title=f"{self.title} ({size:,} rows)")
        others = tuple(term for term in self.terms if term != title)
        terms = (title, *others) if title in self.terms else others
        return replace(self, title=title, terms=terms)

    @property
    def in_full(self) -> str:
        """The title, with the other terms behind it where it is a term itself."""
        return ", ".join((self.title, *self.terms[1:])) if self.title in self.terms[:1] else self.title


@dataclass(frozen=True)
class Names:
    """The names of groups, one each, in the order of the groups.

    Parameters
    ----------
    names : tuple of Name
        One a group.
    notes : tuple of str
        What the namer decided or noticed, shown in the summary.
    namer : str
        Name of the component; filled in by the host.
    """

    names: tuple[Name, ...]
    notes: tuple[str, ...] = ()
    namer: str = ""

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        first = ", ".join(map(repr, self.titles[:_SHOWN]))
        more = ", ..." if len(self) > _SHOWN else ""
        return f"Names({len(self)} by {self.namer or 'unnamed'}: {first}{more})"

    def __getitem__(self, group: int) -> Name:
        return self.names[group]

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles alone."""
        return tuple(name.title for name in self.names)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Names":
        """The names that ``run.json`` holds under ``clustering``, ``names``."""
        names = (
            Name(**{**values, "terms": tuple(values["terms"]), "rows": tuple(values["rows"])})
            for values in record["names"]
        )
        return cls(tuple(names), tuple(record["notes"]), record["namer"])

    def columns(self) -> Table:
        """The names as columns of a table; measures that no name has are left out."""
        measures = ("p_value", "fit", "precision", "recall", "auc", "stability")
        columns: dict[str, Sequence[object]] = {
            "name": self.titles,
            "terms": [" | ".join(name.terms) for name in self.names],
        }
        if any(name.note for name in self.names):
            columns["note"] = [name.note for name in self.names]
        for measure in measures:
            values = [getattr(name, measure) for name in self.names]
            if any(value is not None for value in values):
                columns[measure] = values
        return columns
