"""The nearest other rows of every row: exact, or approximate by name."""

import os
import warnings
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import (
    Artifact,
    Context,
    Dataset,
    EmbkitWarning,
    Estimate,
    FloatArray,
    Floats,
    IntArray,
    ParameterError,
)
from embkit_plugins.algorithms.distances.row_tree import columns_of_others
from embkit_plugins.algorithms.distances.squares import (
    UNIT_GRID,
    block_rows,
    distances_of_squares,
    pair_squares,
)
from embkit_plugins.algorithms.neighbors.candidates import TILE
from embkit_plugins.algorithms.neighbors.exact import by_distance, exact_neighbors, most_candidates
from embkit_plugins.algorithms.neighbors.leaves import leaf_neighbors, needs_leaves
from embkit_plugins.algorithms.neighbors.pairs import candidates_by_pairs
from embkit_plugins.algorithms.rows.prepare import rows_of_metric
from embkit_plugins.algorithms.rows.units import view_of_metric

__all__ = ["SHARED", "Nearest", "Neighbors", "nearest_neighbors"]

SHARED = 15  # what trees and layouts ask for by default
_PAIRS_AT_ONCE = 16  # in a portion of the schedule
_LEAF_BYTES = 120  # a row in three leaves, while they are sorted
_COPY_BYTES = 130  # a neighbour, while many copies are given one another
_LEAF_BLOCKS = 1 << 27  # products of leaves


class Nearest(NamedTuple):
    """The nearest other rows of every row, all of shape (n_samples, n_neighbors).

    Parameters
    ----------
    indices : ndarray of int64
        In order of distance, ties by lowest row.
    distances : ndarray of float32
        In the units of the metric.
    squares : ndarray of float64
        Squared euclidean distances, under cosine of the unit rows.
    recall : float, optional
        Share of the exact ones that were found, where it was measured.
    """

    indices: IntArray
    distances: FloatArray
    squares: Floats
    recall: float | None = None


def nearest_neighbors(
    context: Context,
    n_samples: int,
    n_neighbors: int,
    metric: Literal["cosine", "correlation", "euclidean"],
    method: Literal["exact", "leaves", "nn-descent"] = "exact",
    recall: float = 0.95,
) -> Nearest:
    """The neighbours of a context's rows, from one search for all who ask for few.

    Parameters
    ----------
    context : Context
        Of the dataset.
    n_samples : int
        Its number of rows.
    n_neighbors : int
        How many to return, less than that.
    metric, method : str
        See `Neighbors`.
    recall : float
        For leaves only.
    """
    wanted = min(max(n_neighbors, SHARED), n_samples - 1)
    asked: dict[str, Any] = {"recall": recall} if method == "leaves" else {}
    found = context.artifact("neighbors", n_neighbors=wanted, metric=metric, method=method, **asked)
    indices, distances, squares = (
        found[name][:, :n_neighbors] for name in ("indices", "distances", "squares")
    )
    return Nearest(indices, distances, squares, found.facts.get("recall"))


class Neighbors:
    """Find the nearest other rows of every row.

    ``exact`` searches a k-d tree where there are at most 8 dimensions, as UMAP leaves them. In more
    it compares all pairs by blocks of a float32 matrix product, takes the
    distances of the best again from differences, and settles in float64 the rows
    whose last neighbours float32 cannot tell apart. Either way the result is the same, and ties go
    to the lowest row. With the extra
    int8 and a processor that multiplies 8-bit integers at least three times as fast as float32
    (AMX), these take its place for 32,768 rows or more of 128 columns or more, with the same
    result. The workers of a dask cluster compare pairs of blocks of 8,192 rows, in float32. A
    search that is interrupted goes on from where it was a minute before, if there is a disk cache;
    one in a tree starts again.
    ``leaves`` compares the rows within random overlapping leaves of some 800 rows,
    and the neighbours of neighbours, round by round until `recall` is reached on 2,000
    rows whose neighbours are computed exactly; it says what was reached. Of up to
    3,200 rows all pairs are compared. The workers of a dask cluster read the rows of leaves
    from the files themselves.
    ``nn-descent`` is pynndescent's approximation (Dong, Moses and Li, WWW 2011),
    for more rows than all pairs allow; it compiles for half a minute in a new
    process and misses some neighbours.

    Cost of ``exact``: n^2 d flops in float32, at most three times that where
    rows are nearly equal by the thousand; a float32 copy of the rows and
    16 n (n_neighbors + 8) bytes, by integers up to three times as many. In a tree, for 100,000 rows
    in 2, 5 and 8 dimensions, about 0.4, 1.3 and 5 s of one core. Of ``leaves``:
    some 2 n d (n / 267 + 2400) flops a round, a float32 copy of the rows and
    40 n n_neighbors bytes; with workers there is no copy where vectors stay in their files.

    Parameters
    ----------
    n_neighbors : int
        How many neighbours of each row, the row itself not counted.
    metric : str
        Distance between rows: "cosine" or "correlation", both 0 to 2, or "euclidean".
    method : str
        "exact", or the approximations "leaves" and "nn-descent".
    recall : float
        For leaves: share of the exact neighbours to find at least, as measured on 2,000 rows.
    random_state : int
        Seed of leaves and nn-descent; exact neighbours need none.
    """

    def __init__(
        self,
        *,
        n_neighbors: Annotated[int, Ge(1)] = 15,
        metric: Literal["cosine", "correlation", "euclidean"] = "euclidean",
        method: Literal["exact", "leaves", "nn-descent"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.method = method
        self.recall = recall
        self.random_state = random_state

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files: for leaves they do where memory is short."""
        return self.method == "leaves"

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The result, the candidates, and copies of the rows."""
        if self.method == "leaves" and needs_leaves(n_samples, self.n_neighbors):
            return Estimate(self._leaves_memory(n_samples, n_features), self.method)
        # Of distinct rows, in float32; under cosine, of unit length in float64.
        copies = {"euclidean": 2, "cosine": 5, "correlation": 7}[self.metric]
        rows = 4 * n_samples * n_features * copies
        # A tree keeps fewer: what that saves is more than the tree takes.
        kept = n_samples * most_candidates(n_samples, n_features, self.n_neighbors)
        block = n_samples * block_rows(n_samples)
        # Of each thread, of which a portion of pairs keeps no more busy.
        tiles = 10 * TILE**2 * max(3, min(os.cpu_count() or 1, _PAIRS_AT_ONCE))
        return Estimate(rows + 40 * kept + max(tiles, 20 * block), self.method)

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return ``indices`` int64, ``distances`` float32 and ``squares`` float64.

        All are of shape (n_samples, n_neighbors), in order of distance, ties by
        lowest row; ``squares`` are squared euclidean distances, under cosine of
        the unit rows and so twice the distance; correlation is the cosine of the rows less
        their own means.

        Raises
        ------
        ParameterError
            If there are not more rows than n_neighbors.
        DataError
            If a row is zero under cosine, or constant under correlation.
        """
        if self.n_neighbors >= dataset.n_samples:
            raise ParameterError(
                f"n_neighbors={self.n_neighbors} for {dataset.n_samples} rows",
                "a row has one neighbour less than there are rows",
                f"give n_neighbors of at most {dataset.n_samples - 1}",
            )
        grid = 0.0 if self.metric == "euclidean" else UNIT_GRID
        facts: dict[str, Any] = {"method": self.method}
        if self.method == "leaves" and needs_leaves(dataset.n_samples, self.n_neighbors):
            indices, squares, facts["recall"] = self._leaves(dataset, grid, context)
        else:
            rows = rows_of_metric(dataset.in_memory, self.metric, np.float64)
            if self.method == "nn-descent":
                indices, squares = self._nn_descent(rows, grid, context)
            else:
                search = partial(candidates_by_pairs, context) if context.distributed else None
                indices, squares, facts["settled_in_float64"] = exact_neighbors(
                    rows, self.n_neighbors, context.progress, grid, context.threads, search, context
                )
        distances = distances_of_squares(squares, self.metric)
        arrays: dict[str, NDArray[Any]] = {
            "indices": indices,
            "distances": distances.astype(np.float32),
            "squares": squares,
        }
        return Artifact(arrays, facts)

    def _leaves_memory(self, n_samples: int, n_features: int) -> int:
        """The result, the keys, the rows of leaves and one copy of the rows, in float32."""
        deviations = 8 if self.metric == "correlation" else 0
        rows = n_samples * (4 * (n_features + 2) + deviations * n_features)
        searching = rows + n_samples * (40 * self.n_neighbors + _LEAF_BYTES)
        return max(searching, _COPY_BYTES * n_samples * self.n_neighbors) + _LEAF_BLOCKS

    def _leaves(self, dataset: Dataset, grid: float, context: Context) -> tuple[IntArray, Floats, float]:
        # Reading files again and again takes longer; workers do it themselves.
        room = context.memory - self._leaves_memory(*dataset.vectors.shape)
        held = not context.distributed and dataset.vectors.nbytes <= room
        near_at_hand = dataset.in_memory if held else dataset
        found = leaf_neighbors(
            view_of_metric(near_at_hand, self.metric),
            self.n_neighbors,
            recall=self.recall,
            seed=self.random_state,
            grid=grid,
            threads=context.threads,
            workers=context if context.distributed else None,
            progress=context.progress,
        )
        if found.recall < self.recall:
            warnings.warn(
                f"neighbours by leaves: recall {found.recall:.3f} after {found.rounds} rounds, "
                f"{self.recall:g} was asked for",
                EmbkitWarning,
                stacklevel=3,
            )
        return found.indices, found.squares, round(found.recall, 4)

    def _nn_descent(self, rows: FloatArray, grid: float, context: Context) -> tuple[IntArray, Floats]:
        from pynndescent import NNDescent

        index = NNDescent(
            rows,
            metric="euclidean",
            n_neighbors=self.n_neighbors + 1,
            random_state=self.random_state,
            n_jobs=context.threads,
        )
        found = index.neighbor_graph[0].astype(np.int64)
        others = columns_of_others(found, np.arange(len(rows)), self.n_neighbors)
        found = np.take_along_axis(found, others, axis=1)
        left = np.repeat(np.arange(len(rows)), self.n_neighbors)
        pairs = pair_squares(rows, left, found.ravel(), grid)
        return by_distance(found, pairs.reshape(found.shape))
