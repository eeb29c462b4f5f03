"""Average linkage under cosine distance and Ward's, exactly, from the clusters' means.

The mean cosine distance between the rows of clusters A and B is half of
|a - b|^2 + v_A + v_B, with a and b the means of their unit rows and v the mean
square of these around their mean; the distance that Ward's linkage minimises is
sqrt(2 |A| |B| / (|A| + |B|)) |a - b|. So no distance between rows is kept: the
tree takes O(n d) memory, by `merge_rounds`.

Lists come from float32 products with an allowance for their rounding; all
distances that decide a merge are float64, and heights are scipy's to rounding.
Cost: about one n x n product, half of it for the nearest neighbours to start
from. Memory: 20 n d bytes and lists of 15 clusters.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset, Floats, IntArray
from embkit_plugins.algorithms.distances.squares import UNIT_GRID
from embkit_plugins.algorithms.linkage.lists import Lists, nearest_columns, tidy
from embkit_plugins.algorithms.linkage.rounds import Nearest, Start, merge_rounds, start_from_neighbors
from embkit_plugins.algorithms.rows.prepare import unit_rows

__all__ = ["means_linkage"]


WIDTH = 15  # as many neighbours as the layouts ask for, so that they are found once
_BLOCK_BYTES = 1 << 25
_PAIR_VALUES = 1 << 16


class _Means:
    """Clusters by their means; the two linkages differ in `between` and `_to_all`."""

    def __init__(self, means: Floats, sizes: IntArray, width: int) -> None:
        self.means = means
        self.sizes = sizes.astype(np.float64)
        self.width = width

    def __len__(self) -> int:
        return len(self.means)

    def between(self, left: IntArray, right: IntArray) -> Floats:
        """Distances of pairs of clusters, in float64."""
        raise NotImplementedError

    def _to_all(self, chosen: IntArray, means: NDArray[Any]) -> tuple[NDArray[Any], Floats]:
        """Distances of the chosen clusters to all, in the dtype of `means`, and their rounding."""
        raise NotImplementedError

    def heights(self, distances: Floats) -> Floats:
        """The height in the tree that belongs to a distance in the lists."""
        raise NotImplementedError

    def drop(self, places: IntArray) -> None:
        """Take the given places out of those left."""
        self.means = np.delete(self.means, places, axis=0)
        self.sizes = np.delete(self.sizes, places)

    def listed(self, chosen: IntArray, ids: IntArray, reach: Floats) -> Lists:
        """Lists of the chosen clusters with their distances to `ids` taken in float64."""
        distances = np.full(ids.shape, np.inf)
        row, column = np.nonzero(ids >= 0)
        distances[row, column] = self._pairs(chosen[row], ids[row, column])
        return tidy(ids, distances, reach, self.width)

    def _pairs(self, left: IntArray, right: IntArray) -> Floats:
        distances = np.empty(len(left))
        step = max(1, _PAIR_VALUES // self.means.shape[1])
        for start in range(0, len(left), step):
            some = slice(start, start + step)
            distances[some] = self.between(left[some], right[some])
        return distances

    def scan(self, chosen: IntArray) -> Lists:
        """Fresh lists; in float64 for those that float32 cannot tell."""
        lists = self._scan(chosen, self.means.astype(np.float32))
        unclear = lists.stale()
        if unclear.any():
            exact = self._scan(chosen[unclear], self.means)
            # What is still unclear differs by the rounding of float64: a tie.
            exact.reach = np.maximum(exact.reach, exact.distances[:, 0])
            lists.put(unclear, exact)
        return lists

    def _scan(self, chosen: IntArray, means: NDArray[Any]) -> Lists:
        n_nearest = min(self.width + 1, len(self) - 1)
        width = min(self.width, n_nearest)
        step = max(16, _BLOCK_BYTES // (means.itemsize * len(means)))
        ids = np.empty((len(chosen), width), dtype=np.int64)
        reach = np.full(len(chosen), np.inf)
        for start in range(0, len(chosen), step):
            some = slice(start, start + step)
            distances, rounding = self._to_all(chosen[some], means)
            distances[np.arange(len(distances)), chosen[some]] = np.inf
            nearest = nearest_columns(distances, n_nearest)
            if n_nearest > width:
                values = np.take_along_axis(distances, nearest, axis=1)
                nearest = np.take_along_axis(nearest, np.argsort(values, axis=1), axis=1)
                reach[some] = values.max(axis=1) - rounding
            ids[some] = nearest[:, :width]
        return self.listed(chosen, ids, reach)

    def merge(self, first: IntArray, second: IntArray, lists: Lists) -> Lists:
        """Merge pairs into their first; the lists that follow.

        A cluster in neither list of a pair is, from the union, at least at the
        mean of their reaches, weighted by size: under average linkage distances
        average like that, under Ward's they exceed it.
        """
        parts = self.sizes[first], self.sizes[second]
        sizes = parts[0] + parts[1]
        shares = parts[0] / sizes, parts[1] / sizes
        into = np.append(np.arange(len(self)), -1)  # the last one stands for -1
        into[second] = first
        touched = np.zeros(len(self) + 1, dtype=bool)
        touched[first] = touched[second] = True

        self.means[first] *= shares[0][:, None]
        self.means[first] += shares[1][:, None] * self.means[second]
        self.sizes[first] = sizes

        concerned = np.flatnonzero(touched[lists.ids].any(axis=1) & ~touched[:-1])
        lists.put(concerned, self._relisted(concerned, lists.take(concerned), into, touched))

        ids = np.sort(into[np.concatenate([lists.ids[first], lists.ids[second]], axis=1)], axis=1)
        ids[ids == first[:, None]] = -1
        ids[:, 1:][ids[:, 1:] == ids[:, :-1]] = -1
        reach = shares[0] * lists.reach[first] + shares[1] * lists.reach[second]
        lists.put(first, self.listed(first, ids, reach))
        return lists

    def _relisted(
        self, chosen: IntArray, lists: Lists, into: IntArray, touched: NDArray[np.bool_]
    ) -> Lists:
        """Lists of clusters that did not merge, with the distances to those that did."""
        row, column = np.nonzero(touched[lists.ids])
        lists.ids[row, column] = into[lists.ids[row, column]]
        lists.distances[row, column] = self._pairs(chosen[row], lists.ids[row, column])
        return tidy(lists.ids, lists.distances, lists.reach, self.width)


class _AverageCosine(_Means):
    """Means of unit rows, moved by one vector; `scatter` is the mean square of rows around theirs.

    Everything comes from differences, so that near-parallel rows keep their digits.
    """

    def __init__(self, means: Floats, sizes: IntArray, width: int) -> None:
        super().__init__(means, sizes, width)
        self.scatter = np.zeros(len(means))

    def between(self, left: IntArray, right: IntArray) -> Floats:
        difference = self.means[left] - self.means[right]
        squares = np.einsum("ij,ij->i", difference, difference)
        distances: Floats = (squares + self.scatter[left] + self.scatter[right]) / 2
        return np.minimum(distances, 2)

    def _to_all(self, chosen: IntArray, means: NDArray[Any]) -> tuple[NDArray[Any], Floats]:
        squares = np.einsum("ij,ij->i", means, means).astype(np.float64) + self.scatter
        halves = (squares / 2).astype(means.dtype)
        distances = means[chosen] @ means.T
        np.subtract(halves, distances, out=distances)
        distances += halves[chosen, None]
        rounding = _rounding(means) * (squares[chosen] + squares.max()) / 2
        return distances, rounding

    def heights(self, distances: Floats) -> Floats:
        return distances

    def drop(self, places: IntArray) -> None:
        super().drop(places)
        self.scatter = np.delete(self.scatter, places)

    def merge(self, first: IntArray, second: IntArray, lists: Lists) -> Lists:
        share = self.sizes[first] / (self.sizes[first] + self.sizes[second])
        difference = self.means[first] - self.means[second]
        squares = np.einsum("ij,ij->i", difference, difference)
        scatter = share * self.scatter[first] + (1 - share) * self.scatter[second]
        self.scatter[first] = scatter + share * (1 - share) * squares
        return super().merge(first, second, lists)


class _Ward(_Means):
    """Distances are kept squared."""

    def between(self, left: IntArray, right: IntArray) -> Floats:
        difference = self.means[left] - self.means[right]
        weights = 2 / (1 / self.sizes[left] + 1 / self.sizes[right])
        return np.asarray(weights * np.einsum("ij,ij->i", difference, difference))

    def _to_all(self, chosen: IntArray, means: NDArray[Any]) -> tuple[NDArray[Any], Floats]:
        norms = np.einsum("ij,ij->i", means, means)
        shares = (1 / self.sizes).astype(means.dtype)
        distances = means[chosen] @ means.T
        distances *= -2
        distances += norms
        distances += norms[chosen, None]
        weights = shares[chosen, None] + shares
        np.divide(2, weights, out=weights)
        distances *= weights
        rounding = _rounding(means) * (norms[chosen] + norms.max()) * weights.max(axis=1)
        return distances, rounding.astype(np.float64)

    def heights(self, distances: Floats) -> Floats:
        return np.sqrt(distances)


def _rounding(means: NDArray[Any]) -> float:
    """How far a sum of products may be off, as a share of its size.

    Rounding errors add up like a random walk: Higham and Mary, "A new approach
    to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019.
    """
    return float(np.finfo(means.dtype).eps * (4 + np.sqrt(means.shape[1])))


def means_linkage(
    dataset: Dataset,
    metric: Literal["cosine", "euclidean"],
    nearest: Nearest,
    *,
    below: float = np.inf,
    progress: Callable[[float], None] | None = None,
) -> tuple[Floats, dict[str, int]]:
    """The tree of average linkage under cosine distance, or of Ward's under euclidean.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.
    metric : {"cosine", "euclidean"}
        Which of the two.
    nearest : Nearest
        The `WIDTH` nearest other rows of each row, or all where there are fewer.
    below : float
        Make only the merges below this height; the tree is whole if it is infinite.
    progress : callable, optional
        Receives the share of the work that is done.

    Returns
    -------
    linkage : ndarray of float64, shape (n_merges, 4)
        scipy's format.
    facts : dict
        Rounds and scans; see `merge_rounds`.

    Raises
    ------
    DataError
        If a row is zero under cosine.
    """
    start = start_from_neighbors(dataset, nearest)
    clusters = _clusters(dataset, metric, start)
    reach = _safe_reach(start.reach, metric)
    lists = clusters.listed(np.arange(len(clusters)), start.ids, reach)
    limit = below if metric == "cosine" else below**2
    facts = merge_rounds(clusters, lists, start.forest, below=limit, progress=progress)
    return start.forest.linkage(), facts


def _safe_reach(distances: Floats, metric: str) -> Floats:
    """Distances that no missing row comes below, from the rounded ones of neighbours."""
    if metric == "euclidean":
        return (distances * (1 - 1e-6)) ** 2
    rounding = 1e-6 * distances + 2 * UNIT_GRID * np.sqrt(distances)
    return distances - np.where(np.isfinite(distances), rounding, 0)


def _clusters(dataset: Dataset, metric: str, start: Start) -> _Means:
    if metric == "cosine":
        means = unit_rows(dataset, np.float64)
        means -= means.mean(axis=0)
    else:
        means = dataset.vectors - dataset.vectors.mean(axis=0, dtype=np.float64)
    if len(start.rows) < len(means):
        means = means[start.rows]
    kind = _AverageCosine if metric == "cosine" else _Ward
    return kind(means.astype(np.float64, copy=False), start.forest.sizes, WIDTH)
