"""The minimum spanning tree of mutual reachability: the tree of HDBSCAN and of single linkage."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, Estimate, IntArray, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric, pairs_of
from embkit_plugins.algorithms.distances.squares import UNIT_GRID, SquaresToAll, block_rows
from embkit_plugins.algorithms.rows.prepare import row_deviations, unit_rows
from embkit_plugins.algorithms.spanning.prim import prim
from embkit_plugins.algorithms.spanning.reachability import spanning_graph
from embkit_plugins.artifacts.neighbors import SHARED, Neighbors, nearest_neighbors

__all__ = ["SpanningTree"]


class SpanningTree:
    """Join all rows by the n - 1 edges of least total mutual reachability.

    The mutual reachability of two rows is the largest of their distance over
    alpha and the core distances of both (Campello, Moulavi and Sander, PAKDD
    2013); with min_samples=1 and alpha=1 it is the distance, and the tree that
    of single linkage.

    Cosine, correlation and euclidean start from the exact neighbours and compare the few rows
    these leave apart to all others: O(n) memory, see
    `embkit_plugins.algorithms.spanning.reachability`. Manhattan, hamming and precomputed distances
    go through the hdbscan package on a full matrix. Either way edges of equal
    weight come in the order of that package, so that its labels are met; only
    with alpha above 1 there can be ties that the neighbours do not show.

    Parameters
    ----------
    min_samples : int
        Neighbour at which a row's core distance is taken, the row itself not counted.
    metric : str
        Distance between rows; cosine and correlation are 0 to 2, hamming is 0 to 1.
    alpha : float
        Divisor of distances against core distances.
    """

    def __init__(
        self,
        *,
        min_samples: Annotated[int, Ge(1)] = 5,
        metric: Metric = "euclidean",
        alpha: Annotated[float, Ge(1e-6), Le(1e6)] = 1.0,
    ) -> None:
        self.min_samples = min_samples
        self.metric = metric
        self.alpha = alpha

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The neighbours, their edges and the blocks, or the matrix twice."""
        match self.metric:
            case "correlation":
                tree = SpanningTree(min_samples=self.min_samples, metric="cosine", alpha=self.alpha)
                found = tree.memory(n_samples, n_features, budget)
                return replace(found, peak=found.peak + 8 * n_samples * n_features)
            case "cosine" | "euclidean" as metric:
                n_neighbors = max(self.min_samples, SHARED)
                neighbors = Neighbors(n_neighbors=n_neighbors, metric=metric)
                edges = 150 * n_samples * n_neighbors + 8 * n_samples * n_features
                blocks = 20 * n_samples * block_rows(n_samples)
                peak = max(edges + blocks, neighbors.memory(n_samples, n_features, budget).peak)
                return Estimate(peak, "neighbours and rounds")
            case _:
                smaller = ("metric=euclidean", "--sample N")
                return Estimate(16 * n_samples**2, "full matrix", smaller)

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return ``edges`` int64 (n - 1, 2) and ``weights`` float64 (n - 1,), in order of weight.

        Raises
        ------
        ParameterError
            If there are not more rows than min_samples.
        DataError
            If a row is zero under cosine or constant under correlation, or a precomputed
            matrix is none of distances.
        """
        if self.min_samples >= dataset.n_samples:
            raise ParameterError(
                f"min_samples={self.min_samples} for {dataset.n_samples} rows",
                "a row has one neighbour less than there are rows",
                f"give min_samples of at most {dataset.n_samples - 1}",
            )
        if self.metric == "correlation":
            tree = SpanningTree(min_samples=self.min_samples, metric="cosine", alpha=self.alpha)
            deviations = row_deviations(dataset)
            return tree.compute(deviations, context.on(deviations))
        if self.metric in ("hamming", "manhattan", "precomputed"):
            edges, weights = self._from_matrix(dataset)
            facts: dict[str, object] = {"route": "full matrix"}
        else:
            edges, weights, n_scanned = self._from_neighbors(dataset, context)
            facts = {"route": "neighbours and rounds", "rows_scanned": n_scanned}
        order = np.argsort(weights)  # of this kind in the hdbscan package, which decides among ties
        return Artifact({"edges": edges[order], "weights": weights[order]}, facts)

    def _from_neighbors(
        self, dataset: Dataset, context: Context
    ) -> tuple[IntArray, NDArray[np.float64], int]:
        cosine = self.metric == "cosine"
        n_neighbors = min(max(self.min_samples, SHARED), dataset.n_samples - 1)
        near = nearest_neighbors(
            context, dataset.n_samples, n_neighbors, "cosine" if cosine else "euclidean"
        )
        rows = unit_rows(dataset, np.float64) if cosine else dataset.vectors
        points = SquaresToAll.of(rows, UNIT_GRID if cosine else 0.0)
        divisor = self.alpha if cosine else self.alpha**2
        graph, n_scanned = spanning_graph(points, near.indices, near.squares, self.min_samples, divisor)
        largest = 2 / min(self.alpha, 1)
        weights = np.minimum(graph.squares / 2, largest) if cosine else np.sqrt(graph.squares)
        tree = prim(dataset.n_samples, graph.left, graph.right, weights)
        return np.column_stack([graph.left, graph.right])[tree], weights[tree], n_scanned

    def _from_matrix(self, dataset: Dataset) -> tuple[IntArray, NDArray[np.float64]]:
        from hdbscan._hdbscan_linkage import mst_linkage_core
        from hdbscan._hdbscan_reachability import mutual_reachability

        everything = slice(0, dataset.n_samples)
        matrix = pairs_of(dataset, self.metric).block(everything, everything).astype(np.float64)
        tree = mst_linkage_core(mutual_reachability(matrix, self.min_samples, self.alpha))
        return tree[:, :2].astype(np.int64), tree[:, 2]
