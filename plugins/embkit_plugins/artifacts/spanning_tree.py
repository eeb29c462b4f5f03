"""The minimum spanning tree of mutual reachability: the tree of HDBSCAN and of single linkage."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, Estimate, Floats, IntArray, ParameterError
from embkit_plugins.algorithms.distances.pairs import Metric, pairs_of
from embkit_plugins.algorithms.distances.squares import (
    UNIT_GRID,
    SquaresToAll,
    block_rows,
    pair_squares,
)
from embkit_plugins.algorithms.neighbors.leaves import needs_leaves
from embkit_plugins.algorithms.neighbors.outside import Outside
from embkit_plugins.algorithms.rows.prepare import first_equal, row_deviations, unit_rows
from embkit_plugins.algorithms.rows.units import view_of_metric
from embkit_plugins.algorithms.spanning.joined import NearestOutside, joined_graph
from embkit_plugins.algorithms.spanning.mutual import ReachabilityGraph
from embkit_plugins.algorithms.spanning.prim import prim
from embkit_plugins.algorithms.spanning.reachability import spanning_graph
from embkit_plugins.artifacts.neighbors import SHARED, Nearest, Neighbors, nearest_neighbors

__all__ = ["SpanningTree", "check_neighbors", "has_leaves", "leaves_asked", "recall_notes"]

# Neighbours beyond min_samples that make the approximate graph: with 5, labels of 50,000 mixed glosses
# are as far from exact ones as by a recall of 0.95; with 10 to 15 no edge of the exact tree is missing.
_SPARE = 15


class SpanningTree:
    """Join all rows by the n - 1 edges of least total mutual reachability.

    The mutual reachability of two rows is the largest of their distance over
    alpha and the core distances of both (Campello, Moulavi and Sander, PAKDD
    2013); with min_samples=1 and alpha=1 it is the distance, and the tree that
    of single linkage.

    Cosine, correlation and euclidean start from the exact neighbours and compare the few rows
    these leave apart to all others, or in at most 8 dimensions to near ones: O(n) memory, see
    `embkit_plugins.algorithms.spanning.reachability`. Manhattan, hamming and precomputed distances
    go through the hdbscan package on a full matrix. Either way edges of equal
    weight come in the order of that package, so that its labels are met; only
    with alpha above 1 there can be ties that the neighbours do not show.

    With ``neighbors="leaves"`` the tree is the minimum spanning tree of the approximate neighbours
    instead, for very many rows. Core distances are those of the neighbours found, never too small;
    every edge is exact given these. Where the neighbours fall into components these are joined by
    Boruvka's rounds: 131,072 rows at most, or one a component, each find a near row of another
    component in 8 leaves, and the ends of the shortest move on to their neighbours. Up to 3,200 rows
    the tree is the exact one.

    Cost with leaves: the artifact ``neighbors``, O(n_edges log n_samples) steps in Python, about a
    second for 1,000,000 edges, and 130 bytes for each neighbour or a float32 copy of the rows.

    Parameters
    ----------
    min_samples : int
        Neighbour at which a row's core distance is taken, the row itself not counted.
    metric : str
        Distance between rows; cosine and correlation are 0 to 2, hamming is 0 to 1.
    alpha : float
        Divisor of distances against core distances.
    neighbors : {"exact", "leaves"}
        How neighbours are found; leaves are approximate, and for cosine, correlation and euclidean.
    recall : float
        For leaves: share of the exact neighbours to find at least; what was reached is in the facts.
    """

    def __init__(
        self,
        *,
        min_samples: Annotated[int, Ge(1)] = 5,
        metric: Metric = "euclidean",
        alpha: Annotated[float, Ge(1e-6), Le(1e6)] = 1.0,
        neighbors: Literal["exact", "leaves"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
    ) -> None:
        self.min_samples = min_samples
        self.metric = metric
        self.alpha = alpha
        self.neighbors = neighbors
        self.recall = recall

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files: for leaves they do where memory is short."""
        return self.neighbors == "leaves"

    def check(self) -> None:
        """Refuse leaves of distances that they cannot be made by; see `check_neighbors`."""
        check_neighbors(self.neighbors, self.metric, "spanning-tree")

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """The neighbours, their edges and the blocks, or the matrix twice."""
        match self.metric:
            case "correlation":
                found = self._of_cosine().memory(n_samples, n_features, budget)
                return replace(found, peak=found.peak + 8 * n_samples * n_features)
            case "cosine" | "euclidean" as metric:
                n_neighbors = self._n_neighbors(n_samples)
                search = Neighbors(n_neighbors=n_neighbors, metric=metric, method=self.neighbors)
                neighbors = search.memory(n_samples, n_features, budget).peak
                if self._in_leaves(n_samples):
                    joining = n_samples * (60 * n_neighbors + 4 * n_features)
                    edges = 130 * n_samples * n_neighbors
                    return Estimate(max(edges, joining, neighbors), "neighbours by leaves")
                edges = 150 * n_samples * n_neighbors + 8 * n_samples * n_features
                blocks = 20 * n_samples * block_rows(n_samples)
                return Estimate(max(edges + blocks, neighbors), "neighbours and rounds")
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
            deviations = row_deviations(dataset)
            return self._of_cosine().compute(deviations, context.on(deviations))
        if self.metric in ("hamming", "manhattan", "precomputed"):
            edges, weights = self._from_matrix(dataset)
            facts: dict[str, Any] = {"route": "full matrix"}
        else:
            edges, weights, facts = self._from_neighbors(dataset, context)
        order = np.argsort(weights)  # of this kind in the hdbscan package, which decides among ties
        return Artifact({"edges": edges[order], "weights": weights[order]}, facts)

    def _of_cosine(self) -> "SpanningTree":
        return SpanningTree(**{**vars(self), "metric": "cosine"})

    def _in_leaves(self, n_samples: int) -> bool:
        return self.neighbors == "leaves" and needs_leaves(n_samples, self.min_samples + _SPARE)

    def _n_neighbors(self, n_samples: int) -> int:
        if self._in_leaves(n_samples):
            return self.min_samples + _SPARE
        return max(self.min_samples, SHARED)

    def _from_neighbors(
        self, dataset: Dataset, context: Context
    ) -> tuple[IntArray, NDArray[np.float64], dict[str, Any]]:
        cosine = self.metric == "cosine"
        n_samples = dataset.n_samples
        near = nearest_neighbors(
            context,
            n_samples,
            min(self._n_neighbors(n_samples), n_samples - 1),
            "cosine" if cosine else "euclidean",
            self.neighbors,
            self.recall,
        )
        facts: dict[str, Any]
        if self._in_leaves(n_samples):
            graph, n_components = self._joined(dataset, near, context)
            facts = {"route": "neighbours by leaves", "recall": near.recall, "components": n_components}
        else:
            graph, n_scanned = self._scanned(dataset, near)
            facts = {"route": "neighbours and rounds", "rows_scanned": n_scanned}
        largest = 2 / min(self.alpha, 1)
        weights = np.minimum(graph.squares / 2, largest) if cosine else np.sqrt(graph.squares)
        tree = prim(n_samples, graph.left, graph.right, weights)
        return np.column_stack([graph.left, graph.right])[tree], weights[tree], facts

    @property
    def _divisor(self) -> float:
        """Of squared distances; half of one is a cosine distance."""
        return self.alpha if self.metric == "cosine" else self.alpha**2

    @property
    def _grid(self) -> float:
        return UNIT_GRID if self.metric == "cosine" else 0.0

    def _scanned(self, dataset: Dataset, near: Nearest) -> tuple[ReachabilityGraph, int]:
        dataset = dataset.in_memory
        rows = unit_rows(dataset, np.float64) if self.metric == "cosine" else dataset.vectors
        points = SquaresToAll.of(rows, self._grid)
        return spanning_graph(points, near.indices, near.squares, self.min_samples, self._divisor)

    def _joined(
        self, dataset: Dataset, near: Nearest, context: Context
    ) -> tuple[ReachabilityGraph, int]:
        need = self.memory(dataset.n_samples, dataset.n_features, context.memory).peak
        fits = dataset.vectors.nbytes <= context.memory - need
        rows = view_of_metric(dataset.in_memory if fits else dataset, self.metric)

        def outside(floor: Floats) -> NearestOutside:
            context.progress(0.96, "joining components")
            return Outside.of(rows, floor, threads=context.threads).nearest

        return joined_graph(
            near.indices,
            near.squares,
            first_equal(dataset.vectors),
            self.min_samples,
            self._divisor,
            lambda left, right: pair_squares(rows, left, right, self._grid),
            outside,
        )

    def _from_matrix(self, dataset: Dataset) -> tuple[IntArray, NDArray[np.float64]]:
        from hdbscan._hdbscan_linkage import mst_linkage_core
        from hdbscan._hdbscan_reachability import mutual_reachability

        everything = slice(0, dataset.n_samples)
        matrix = pairs_of(dataset, self.metric).block(everything, everything).astype(np.float64)
        tree = mst_linkage_core(mutual_reachability(matrix, self.min_samples, self.alpha))
        return tree[:, :2].astype(np.int64), tree[:, 2]


def has_leaves(metric: str) -> bool:
    """Whether neighbours by leaves can be had under a metric."""
    return metric in ("cosine", "correlation", "euclidean")


def check_neighbors(neighbors: str, metric: str, component: str) -> None:
    """Refuse neighbours by leaves of distances without rows to draw leaders from.

    Raises
    ------
    ParameterError
        If the metric is hamming, manhattan or precomputed.
    """
    if neighbors == "leaves" and not has_leaves(metric):
        raise ParameterError(
            f"{component}: neighbors=leaves with metric={metric}",
            "leaves are compared by matrix products, which give euclidean distances and angles",
            "use metric=euclidean, cosine or correlation, or neighbors=exact",
        )


def leaves_asked(neighbors: str, recall: float) -> dict[str, Any]:
    """The parameters of a spanning tree that say how neighbours are found; none where exactly."""
    return {"neighbors": neighbors, "recall": recall} if neighbors == "leaves" else {}


def recall_notes(tree: Artifact) -> tuple[str, ...]:
    """What a tree of approximate neighbours says of itself; nothing of an exact one."""
    recall = tree.facts.get("recall")
    if recall is None:
        return ()
    components = int(tree.facts["components"])
    joined = "" if components == 1 else f", and {components} components joined by near rows in leaves"
    note = (
        f"approximate: neighbours by leaves with a recall of {recall:.3f} on 2,000 rows{joined}; "
        "clusters can differ from those of exact neighbours"
    )
    return (note,)
