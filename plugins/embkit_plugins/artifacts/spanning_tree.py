"""The minimum spanning tree of mutual reachability: the tree of HDBSCAN and of single linkage."""

from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt
from numpy.typing import NDArray

from embkit.data import Artifact, Dataset
from embkit.errors import ParameterError
from embkit.protocols import Context
from embkit_plugins.artifacts.geometry import unit_rows

__all__ = ["SpanningTree"]


class SpanningTree:
    """Join all rows by the n - 1 edges of least total mutual reachability distance.

    Parameters
    ----------
    min_samples : int
        Neighbour at which a row's core distance is taken, itself not counted; 1 is single linkage.
    metric : str
        Distance between rows.
    alpha : float
        Divisor of distances against core distances.
    """

    def __init__(
        self,
        *,
        min_samples: Annotated[int, Ge(1)] = 5,
        metric: Literal["cosine", "euclidean"] = "euclidean",
        alpha: Annotated[float, Gt(0)] = 1.0,
    ) -> None:
        self.min_samples = min_samples
        self.metric = metric
        self.alpha = alpha

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return ``edges`` int64 (n - 1, 2) and ``weights`` float64 (n - 1,), ascending."""
        del context
        if self.min_samples >= dataset.n_samples:
            raise ParameterError("min_samples")
        vectors = unit_rows(dataset) if self.metric == "cosine" else dataset.vectors
        points = vectors.astype(np.float64)

        def row(i: int) -> NDArray[np.float64]:
            squares = ((points - points[i]) ** 2).sum(axis=1)
            return np.asarray(squares / 2 if self.metric == "cosine" else np.sqrt(squares))

        n = len(points)
        core = np.array([np.partition(row(i), self.min_samples)[self.min_samples] for i in range(n)])
        edges = np.empty((n - 1, 2), dtype=np.int64)
        weights = np.empty(n - 1)
        best = np.full(n, np.inf)
        source = np.zeros(n, dtype=np.int64)
        outside = np.ones(n, dtype=bool)
        current = 0
        for step in range(n - 1):
            outside[current] = False
            reach = np.maximum(np.maximum(row(current) / self.alpha, core), core[current])
            closer = reach < best
            best[closer], source[closer] = reach[closer], current
            current = int(np.where(outside, best, np.inf).argmin())
            edges[step], weights[step] = sorted((int(source[current]), current)), best[current]
        order = np.argsort(weights)
        return Artifact({"edges": edges[order], "weights": weights[order]}, {"route": "prim"})
