"""Results of components: clusterings, validations, artifacts.

All of them are frozen, and every array in them is read-only: a component that
wants other values makes a new object.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset, Fitted, Floats, IntArray, Table, read_only
from embkit.data.frozen import FrozenMapping, Remade
from embkit.data.names import Names
from embkit.data.shown.wording import is_in_force, telling
from embkit.text import plural, shorten

__all__ = ["Artifact", "Clustering", "Validation"]


_AT_ONCE = 1 << 13  # rows in float64
_METRIC_ALIASES = {"cityblock": "manhattan", "l1": "manhattan", "l2": "euclidean"}
_MINKOWSKI = {None: "euclidean", 2: "euclidean", 1: "manhattan", math.inf: "chebyshev"}


@dataclass(frozen=True, eq=False)
class Clustering(Remade):
    """The cluster of each row of a dataset.

    Parameters
    ----------
    dataset : Dataset
        What was clustered; its vectors are those the clusterer saw.
    labels : ndarray of int64, shape (n_samples,)
        0 to k-1 in order of decreasing cluster size (ties by first row); -1 is
        noise. The host puts the labels a clusterer returns into this form.
    parameters : mapping of str to value
        The clusterer's parameters as resolved: defaults filled in, and what was
        ``"auto"`` replaced by what was chosen. ``metric`` and
        ``distance_threshold`` are read from here by validators and visualizers.
    linkage : ndarray of float64, shape (n_samples - 1, 4), optional
        The whole tree in scipy's format, where there is one.
    probabilities : ndarray of float64, shape (n_samples,), optional
        Strength of each row's membership, 0 to 1.
    notes : tuple of str
        What the clusterer decided or noticed, shown in the summary.
    clusterer : str
        Name of the component; filled in by the host.
    names : Names, optional
        What the clusters are called; filled in by the host where there is a namer.
    node_names : mapping of int to str
        What a user calls nodes of the tree, by node as scipy numbers them: row i of
        the linkage makes node ``n_samples + i``.
    fitted : mapping of str to ndarray
        What the clusterer needs, beside the rows and their labels, to assign rows
        that come later; such as the means of k-means.
    memberships : ndarray of float64, shape (n_samples, n_clusters), optional
        Strength of each row's membership in each cluster, 0 to 1, the clusters
        numbered as in `labels`; rows need not sum to 1.
    typical_rows : ndarray of int64, shape (n_clusters,), optional
        The row that stands for each cluster where its name has none; filled in by
        the host when another component is to see the clustering on other vectors.
    """

    dataset: Dataset
    labels: IntArray
    parameters: Mapping[str, Any] = field(default_factory=dict)
    linkage: NDArray[np.float64] | None = None
    probabilities: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    clusterer: str = ""
    names: Names | None = None
    node_names: Mapping[int, str] = field(default_factory=dict)
    fitted: Fitted = field(default_factory=dict)
    memberships: NDArray[np.float64] | None = None
    typical_rows: IntArray | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", read_only(np.asarray(self.labels)))
        for mapping in ("parameters", "node_names", "fitted"):
            object.__setattr__(self, mapping, FrozenMapping(getattr(self, mapping)))
        for column in ("linkage", "probabilities", "memberships"):
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, read_only(np.asarray(values, dtype=np.float64)))

    def __repr__(self) -> str:
        tree = ", with its tree" if self.linkage is not None else ""
        return (
            f"Clustering({self.clusterer or 'unnamed'}: {plural(self.n_clusters, 'cluster')} of "
            f"{plural(len(self.labels), 'row')}, {self.n_noise:,} noise{tree})"
        )

    @cached_property
    def sizes(self) -> IntArray:
        """Number of rows in each cluster, shape (n_clusters,), noise left out."""
        return np.bincount(self.labels[self.labels >= 0]).astype(np.int64)

    @property
    def n_clusters(self) -> int:
        """Number of clusters; noise is not one."""
        return len(self.sizes)

    @property
    def n_noise(self) -> int:
        """Number of rows labelled -1."""
        return int(np.count_nonzero(self.labels < 0))

    @property
    def threshold(self) -> float | None:
        """The distance at which the clusterer cut its tree; None if it did not."""
        threshold = self.parameters.get("distance_threshold")
        return float(threshold) if isinstance(threshold, int | float) else None

    @property
    def settings(self) -> dict[str, Any]:
        """The parameters that say what the clusterer looked for, as summaries and pictures show them.

        Those that are off or only concern the computation are left out, and so are limits that
        are 0 or infinite, which do not limit anything.
        """
        shown = telling(self.parameters)
        return {name: value for name, value in shown.items() if is_in_force(name, value)}

    @property
    def metric(self) -> str:
        """The distance that the clusterer took, by the name it has in embkit."""
        metric = str(self.parameters.get("metric", "euclidean"))
        if metric == "minkowski":
            others = self.parameters.get("metric_params") or {}
            return _MINKOWSKI.get(others.get("p", self.parameters.get("p")), metric)
        return _METRIC_ALIASES.get(metric, metric)

    def describe(self, cluster: int) -> str:
        """The name of a cluster, else the text or id of the row nearest to its mean."""
        title = self.names[cluster].title if self.names is not None else ""
        return title or self.dataset.describe_row(int(self.representatives[cluster]))

    @cached_property
    def representatives(self) -> IntArray:
        """For each cluster a row that stands for it, shape (n_clusters,).

        The first of its name's rows; where it has none, the row nearest to the
        cluster's mean by euclidean distance, ties by lowest row. Cost: O(n d).
        """
        named = [] if self.names is None else [name.rows for name in self.names.names]
        if named and all(named):
            return read_only(np.array([rows[0] for rows in named], dtype=np.int64))
        central = self._central_rows() if self.typical_rows is None else self.typical_rows.copy()
        for cluster, rows in enumerate(named):
            central[cluster] = rows[0] if rows else central[cluster]
        return read_only(central)

    def on(self, dataset: Dataset) -> "Clustering":
        """The same clusters of the same rows with other vectors, under the same names and examples."""
        return replace(self, dataset=dataset, typical_rows=self.representatives)

    def _central_rows(self) -> IntArray:
        vectors, sums = self.dataset.vectors, np.zeros((self.n_clusters, self.dataset.n_features))
        if not self.n_clusters:
            return np.empty(0, dtype=np.int64)
        # In order of the rows, twice: what lies in files is not read here and there.
        for block in self._blocks():
            rows = np.flatnonzero(self.labels[block] >= 0)
            rows = rows[np.argsort(self.labels[block][rows], kind="stable")]
            clusters, starts = np.unique(self.labels[block][rows], return_index=True)
            if len(clusters):
                members = vectors[block][rows].astype(np.float64)
                sums[clusters] += np.add.reduceat(members, starts)
        means, away = sums / self.sizes[:, None], np.empty(len(self.labels))
        for block in self._blocks():
            apart = vectors[block] - means[self.labels[block]]
            away[block] = np.einsum("ij,ij->i", apart, apart)
        order = np.argsort(self.labels, kind="stable")[self.n_noise :]
        groups = np.split(order, np.cumsum(self.sizes)[:-1])
        return np.array([rows[_first_least(away[rows])] for rows in groups], dtype=np.int64)

    def _blocks(self) -> Iterator[slice]:
        for start in range(0, len(self.labels), _AT_ONCE):
            yield slice(start, start + _AT_ONCE)


def _first_least(values: Floats) -> int:
    """The first that is the least, or differs from it by rounding alone."""
    return int(np.argmax(values <= values.min() * (1 + 1e-12)))


@dataclass(frozen=True, eq=False)
class Validation:
    """The result of a validator.

    Parameters
    ----------
    scores : mapping of str to float, int, str, bool or None
        Named results. A score that cannot be computed is None, with the reason
        in `notes`; never NaN.
    tables : mapping of str to Table
        Row-wise results, each written to ``tables/NAME.csv``.
    notes : tuple of str
        Sentences for the reader: coverage, samples used, caveats.
    skipped : str, optional
        Why nothing could be computed.
    space : str
        Whose vectors were looked at where a run has more than one kind, as ``"after umap (5
        dimensions)"``. Set by the host.
    """

    scores: Mapping[str, float | int | str | bool | None] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    skipped: str | None = None
    space: str = ""

    def __repr__(self) -> str:
        if self.skipped is not None:
            return shorten(f"Validation(skipped: {self.skipped})", 200)
        scores = ", ".join(f"{name}={value}" for name, value in self.scores.items())
        tables = f"; tables {', '.join(self.tables)}" if self.tables else ""
        return shorten(f"Validation({scores}{tables})", 200)

    @classmethod
    def skip(cls, reason: str) -> "Validation":
        """A validation that could not be made, and why."""
        return cls(skipped=reason)


@dataclass(frozen=True, eq=False)
class Artifact(Remade):
    """Something dear that was computed once from a dataset.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        The result; kept on disk as one ``.npy`` each.
    facts : mapping of str to JSON value
        How it came about (the route taken, iterations); written to ``run.json``.
    """

    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        arrays = {name: read_only(array) for name, array in self.arrays.items()}
        object.__setattr__(self, "arrays", FrozenMapping(arrays))
        object.__setattr__(self, "facts", FrozenMapping(self.facts))

    def __repr__(self) -> str:
        described = [f"{name} {array.shape} {array.dtype}" for name, array in self.arrays.items()]
        return shorten(f"Artifact({', '.join(described)})", 200)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]
