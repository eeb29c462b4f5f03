"""Rows that came later, in the clusters of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import IntArray, Table, read_only
from embkit.data.frozen import FrozenMapping, Remade
from embkit.data.shown.tables import ShownTable, data_frame
from embkit.text import plural

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Assignment"]


@dataclass(frozen=True, eq=False)
class Assignment(Remade):
    """The cluster of each of some rows that a run did not see.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_rows,)
        A cluster of the run by its number, -1 for noise.
    strengths : ndarray of float64, shape (n_rows,), optional
        How firmly each row belongs to its cluster, 0 to 1; what that means is said
        in `rule`.
    distances : ndarray of float64, shape (n_rows,), optional
        From each row to its cluster, or for noise to the nearest one.
    rule : str
        How the clusters were chosen, and what strength and distance mean.
    ids : tuple of str
        Of the rows; filled in by the host.
    names : tuple of str
        What the cluster of each row is called, empty where it has no name; filled
        in by the host.
    drift : mapping of str to float
        The figures of the test of drift, as far as it could be made, and the shares
        of noise among these rows and among the run's. Filled in by the host.
    warnings : tuple of str
        What speaks against trusting the labels, such as drift; filled in by the host.
    """

    labels: IntArray
    strengths: NDArray[np.float64] | None = None
    distances: NDArray[np.float64] | None = None
    rule: str = ""
    ids: Sequence[str] = ()
    names: Sequence[str] = ()
    drift: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", read_only(np.asarray(self.labels)))
        for column in ("strengths", "distances"):
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, read_only(np.asarray(values, dtype=np.float64)))
        object.__setattr__(self, "drift", FrozenMapping(self.drift))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        found = len(np.unique(self.labels[self.labels >= 0]))
        warned = "" if not self.warnings else f", {plural(len(self.warnings), 'warning')}"
        return (
            f"<Assignment of {plural(len(self), 'row')} to {plural(found, 'cluster')}, "
            f"{self.n_noise:,} noise{warned}>"
        )

    @property
    def n_noise(self) -> int:
        """Number of rows in no cluster."""
        return int(np.count_nonzero(self.labels < 0))

    @property
    def columns(self) -> Table:
        """The columns that are written: id, label, name, strength, distance, as far as there are any."""
        columns: dict[str, Any] = {"id": list(self.ids), "label": self.labels}
        if any(self.names):
            columns["name"] = list(self.names)
        if self.strengths is not None:
            columns["strength"] = self.strengths
        if self.distances is not None:
            columns["distance"] = self.distances
        return columns

    def to_pandas(self) -> "pd.DataFrame":
        """One row a row: id, label, name, strength, distance.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        return data_frame(dict(self.columns))

    def _repr_html_(self) -> str:
        return ShownTable(self.columns)._repr_html_()
