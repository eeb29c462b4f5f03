"""scikit-learn's OPTICS, each of several equal rows counted but only one of them compared."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import OPTICS as _OPTICS
from sklearn.cluster import compute_optics_graph
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from embkit import FloatArray, IntArray
from embkit_plugins.algorithms.rows.grouping import by_group
from embkit_plugins.algorithms.rows.prepare import first_equal

__all__ = ["OPTICS"]

Graph = tuple[IntArray, NDArray[np.float64], NDArray[np.float64], IntArray]

# Distances are rounded so, as in scikit-learn, lest the last bit decide between equal ones.
_DECIMALS = np.finfo(np.float64).precision


class OPTICS(_OPTICS):  # type: ignore[misc]  # noqa: D101 - documented below
    __doc__ = _OPTICS.__doc__

    memory: Any

    repeats_once = True
    """Its memory goes with the distinct rows, and its time with their square."""

    def fit(self, X: Any, y: Any = None) -> "OPTICS":
        """Order the rows, and cut the ordering; the result is that of comparing all rows."""
        kept = self.memory
        self.memory = _Distinct()  # scikit-learn has it make the graph
        try:
            with np.errstate(divide="ignore"):  # of reachabilities by those of equal rows, which are 0
                super().fit(X, y)
        finally:
            self.memory = kept
        return self


class _Distinct:
    """In place of joblib's Memory: makes the graph of the distinct rows."""

    def cache(self, _function: Any) -> Any:
        """Take the place of the function that makes the graph."""
        return _graph


def _graph(X: FloatArray, min_samples: float, metric: Any, **options: Any) -> Graph:
    n_samples = len(X)
    enough = min_samples if min_samples > 1 else max(2, int(min_samples * n_samples))
    if metric != "precomputed" and isinstance(X, np.ndarray) and enough <= n_samples:
        firsts, copy_of, copies = _crowds(X, int(enough))
        if len(firsts) < n_samples:
            found = _graph_of_distinct(X[firsts], copies, int(enough), metric, **options)
            return _with_copies(found, copy_of)
    found = compute_optics_graph(X, min_samples=min_samples, metric=metric, **options)
    return tuple(found)


def _crowds(X: FloatArray, enough: int) -> tuple[IntArray, IntArray, IntArray]:
    """The rows to compare, for each row which of them it is, and how often each occurs.

    Only rows with so many copies that these alone make them dense are taken together: they
    are followed by their copies, at no distance. What comes after a row with fewer copies
    depends on the rows as near as these.
    """
    first = first_equal(X)
    crowded = np.bincount(first, minlength=len(X))[first] >= enough
    taken = np.where(crowded, first, np.arange(len(X)))
    firsts, copy_of, copies = np.unique(taken, return_inverse=True, return_counts=True)
    return firsts, copy_of, copies


def _graph_of_distinct(
    X: FloatArray,
    copies: IntArray,
    min_samples: int,
    metric: Any,
    *,
    max_eps: float,
    p: float,
    metric_params: dict[str, Any] | None,
    **search: Any,
) -> Graph:
    """The ordering, core distances, reachabilities and predecessors of rows that count several times.

    Ankerst, Breunig, Kriegel and Sander (1999), as in scikit-learn's `compute_optics_graph`.
    """
    params = dict(metric_params or {})
    neighbors = NearestNeighbors(
        n_neighbors=min(min_samples, len(X)), metric=metric, metric_params=metric_params, p=p, **search
    )
    core = _core_distances(neighbors.fit(X), X, copies, min_samples)
    core[core > max_eps] = np.inf
    if metric == "minkowski":
        params.setdefault("p", p)
    reach = np.full(len(X), np.inf)
    predecessor = np.full(len(X), -1)
    left = np.arange(len(X))
    ordering = np.empty(len(X), dtype=np.int64)
    for place in range(len(X)):
        nearest = int(np.argmin(reach[left]))
        point = ordering[place] = left[nearest]
        left = np.delete(left, nearest)
        if np.isinf(core[point]) or not len(left):
            continue
        distances = pairwise_distances(X[point : point + 1], X[left], metric, **params)[0]
        reached = np.round(np.maximum(distances, core[point]), _DECIMALS)
        better = (distances <= max_eps) & (reached < reach[left])
        reach[left[better]] = reached[better]
        predecessor[left[better]] = point
    return ordering, core, reach, predecessor


def _core_distances(
    neighbors: NearestNeighbors, X: FloatArray, copies: IntArray, min_samples: int
) -> NDArray[np.float64]:
    """How far each row has to go for so many, its own copies among them."""
    core = np.empty(len(X))
    step = max(1, (1 << 24) // neighbors.n_neighbors)
    for start in range(0, len(X), step):
        distances, found = neighbors.kneighbors(X[start : start + step])
        last = np.argmax(np.cumsum(copies[found], axis=1) >= min_samples, axis=1)
        core[start : start + step] = np.take_along_axis(distances, last[:, None], axis=1)[:, 0]
    return np.round(core, _DECIMALS)


def _with_copies(graph: Graph, copy_of: IntArray) -> Graph:
    """The graph of all rows: the copies of a row come after it, reached from it where that is nearer."""
    ordering, core, reach, predecessor = graph
    by_row, starts = by_group(copy_of, len(core))
    blocks = [by_row[starts[row] : starts[row + 1]] for row in ordering]
    firsts = by_row[starts[:-1]]
    all_reach = np.minimum(reach, core)[copy_of]
    all_reach[firsts] = reach
    came_from = np.where(predecessor >= 0, firsts[predecessor], -1)
    all_from = np.where(core < reach, firsts, came_from)[copy_of]
    all_from[firsts] = came_from
    return np.concatenate(blocks), core[copy_of], all_reach, all_from
