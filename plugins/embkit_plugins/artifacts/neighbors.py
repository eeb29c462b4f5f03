"""The nearest other rows of every row: exact by matrix products, or approximate by name."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit.data.dataset import Dataset, FloatArray, IntArray
from embkit.data.results import Artifact
from embkit.errors import ParameterError
from embkit.plugin.protocols import Context, Estimate
from embkit_plugins.artifacts._candidates import TILE, candidates
from embkit_plugins.artifacts._repeats import with_repeats
from embkit_plugins.artifacts._squares import SquaresToAll, block_rows, pair_squares
from embkit_plugins.artifacts.geometry import first_equal, unit_rows

__all__ = ["Neighbors", "exact_neighbors"]

_SPARE = 8  # candidates beyond those asked for, to settle what float32 cannot
# A sum of d products is off by about sqrt(d) roundings (Higham and Mary, "A new approach to
# probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019); four times that is safe.
_ROUNDING = 4 * 2.0**-24

_Doubles = NDArray[np.float64]


class Neighbors:
    """Find the nearest other rows of every row.

    ``exact`` compares all pairs by blocks of a float32 matrix product, takes the
    distances of the best again from differences, and settles in float64 the rows
    whose last neighbours float32 cannot tell apart; ties go to the lowest row.
    ``nn-descent`` is pynndescent's approximation (Dong, Moses and Li, WWW 2011),
    for more rows than all pairs allow; it compiles for half a minute in a new
    process and misses some neighbours.

    Cost of ``exact``: n^2 d flops in float32, at most three times that where
    rows are nearly equal by the thousand; a float32 copy of the rows and
    16 n (n_neighbors + 8) bytes.

    Parameters
    ----------
    n_neighbors : int
        How many neighbours of each row, the row itself not counted.
    metric : str
        Distance between rows; cosine is 0 to 2.
    method : str
        "exact", or "nn-descent" for an approximation by pynndescent.
    random_state : int
        Seed of nn-descent; exact neighbours need none.
    """

    def __init__(
        self,
        *,
        n_neighbors: Annotated[int, Ge(1)] = 15,
        metric: Literal["cosine", "euclidean"] = "euclidean",
        method: Literal["exact", "nn-descent"] = "exact",
        random_state: Annotated[int, Ge(0)] = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.method = method
        self.random_state = random_state

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The result, the candidates, and copies of the rows."""
        copies = 3 if self.metric == "cosine" else 2  # of distinct rows, in float32, of unit length
        rows = 4 * n_samples * n_features * copies
        kept = n_samples * (self.n_neighbors + _SPARE)
        block = n_samples * block_rows(n_samples)
        return Estimate(rows + 40 * kept + max(30 * TILE**2, 20 * block), self.method)

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return ``indices`` int64, ``distances`` float32 and ``squares`` float64.

        All are of shape (n_samples, n_neighbors), by rising distance, ties by
        lowest row; ``squares`` are squared euclidean distances, under cosine of
        the unit rows and so twice the distance.

        Raises
        ------
        ParameterError
            If there are not more rows than n_neighbors.
        DataError
            If a row is zero under cosine.
        """
        if self.n_neighbors >= dataset.n_samples:
            raise ParameterError(
                f"n_neighbors={self.n_neighbors} for {dataset.n_samples} rows",
                "a row has one neighbour less than there are rows",
                f"give n_neighbors of at most {dataset.n_samples - 1}",
            )
        rows = unit_rows(dataset) if self.metric == "cosine" else dataset.vectors
        facts: dict[str, Any] = {"method": self.method}
        if self.method == "exact":
            indices, squares, facts["settled_in_float64"] = exact_neighbors(
                rows, self.n_neighbors, context.progress
            )
        else:
            indices, squares = self._nn_descent(rows, context)
        distances = np.minimum(squares / 2, 2) if self.metric == "cosine" else np.sqrt(squares)
        arrays: dict[str, NDArray[Any]] = {
            "indices": indices,
            "distances": distances.astype(np.float32),
            "squares": squares,
        }
        return Artifact(arrays, facts)

    def _nn_descent(self, rows: FloatArray, context: Context) -> tuple[IntArray, _Doubles]:
        from pynndescent import NNDescent

        index = NNDescent(
            rows,
            metric="euclidean",
            n_neighbors=self.n_neighbors + 1,
            random_state=self.random_state,
            n_jobs=context.threads,
        )
        found = index.neighbor_graph[0].astype(np.int64)
        itself = found == np.arange(len(rows))[:, None]
        others = np.argsort(itself, axis=1, kind="stable")[:, : self.n_neighbors]
        found = np.take_along_axis(found, others, axis=1)
        pairs = pair_squares(rows, np.repeat(np.arange(len(rows)), self.n_neighbors), found.ravel())
        return _by_distance(found, pairs.reshape(found.shape))


def exact_neighbors(
    rows: FloatArray, n_neighbors: int, progress: Callable[[float], Any]
) -> tuple[IntArray, _Doubles, int]:
    """Exact nearest other rows by euclidean distance.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        float32 or float64.
    n_neighbors : int
        1 to n_samples - 1.
    progress : callable
        Told the share of the work that is done.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        By rising distance, ties by lowest row.
    squares : ndarray of float64, shape (n_samples, n_neighbors)
        Squared distances, from differences.
    settled : int
        How many distinct rows needed float64 products.
    """
    first, group = np.unique(first_equal(rows), return_inverse=True)
    if len(first) == len(rows):
        return _of_distinct(rows, n_neighbors, progress)
    n_distinct = min(n_neighbors, len(first) - 1)
    near, squares, settled = _of_distinct(rows[first], n_distinct, progress)
    return *with_repeats(near, squares, group, n_neighbors), settled


def _of_distinct(
    rows: FloatArray, n_neighbors: int, progress: Callable[[float], Any]
) -> tuple[IntArray, _Doubles, int]:
    if n_neighbors == 0:
        return np.empty((len(rows), 0), dtype=np.int64), np.empty((len(rows), 0)), 0
    n_candidates = min(n_neighbors + _SPARE, len(rows) - 1)
    found, approximate = candidates(rows, n_candidates, progress)
    all_squares = SquaresToAll.of(rows)
    # The error of a product of x and y goes with |x|^2 + |y|^2 <= 3 |x|^2 + 2 |x - y|^2.
    scale = 3 * all_squares.norms + 2 * approximate[:, -1]
    error = _ROUNDING * np.sqrt(rows.shape[1] + 2) * scale
    # What is surely farther than the last that counts keeps its place behind it.
    near = approximate <= (approximate[:, n_neighbors - 1] + 2 * error)[:, None]
    squares = np.where(near, 0, approximate)
    squares[near] = pair_squares(rows, np.nonzero(near)[0], found[near])
    found, squares = _by_distance(found, squares)
    found, squares = found[:, :n_neighbors], squares[:, :n_neighbors]
    if n_candidates == len(rows) - 1:
        return found, squares, 0
    unsettled = np.flatnonzero(squares[:, -1] >= approximate[:, -1] - error)
    step = block_rows(len(rows))
    for start in range(0, len(unsettled), step):
        chosen = unsettled[start : start + step]
        found[chosen], squares[chosen] = _settled(all_squares, chosen, n_neighbors)
    return found, squares, len(unsettled)


def _settled(all_squares: SquaresToAll, chosen: IntArray, n_neighbors: int) -> tuple[IntArray, _Doubles]:
    """The nearest other rows of the chosen rows, by float64 products and then by differences."""
    approximate = all_squares.of_rows(chosen)
    approximate[np.arange(len(chosen)), chosen] = np.inf
    kth = np.partition(approximate, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
    within = approximate <= (kth + 2 * all_squares.rounding[chosen])[:, None]
    found = np.empty((len(chosen), n_neighbors), dtype=np.int64)
    squares = np.empty(found.shape)
    for place, row in enumerate(chosen):
        near = np.flatnonzero(within[place])
        exact = pair_squares(all_squares.rows, np.full(len(near), row), near)
        nearest = np.lexsort((near, exact))[:n_neighbors]
        found[place], squares[place] = near[nearest], exact[nearest]
    return found, squares


def _by_distance(found: IntArray, squares: _Doubles) -> tuple[IntArray, _Doubles]:
    order = np.lexsort((found, squares), axis=1)
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(squares, order, axis=1)
