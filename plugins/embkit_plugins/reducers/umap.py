"""UMAP as a reducer, through the shared projection."""

from dataclasses import replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from embkit import Context, Dataset, Estimate
from embkit_plugins.artifacts.projection import Projection, recall_note


class UMAP:
    """Lay the rows out so that near rows stay near, in few dimensions.

    Distances between groups in the layout, and their sizes, mean little; a
    clustering of it should be checked on the vectors themselves.
    The cost and the sources are those of the artifact ``projection``.

    Parameters
    ----------
    n_components : int
        Dimensions of the result.
    n_neighbors : int
        Neighbours that make a neighbourhood, the row itself counted; no more than the rows.
    min_dist : float
        Distance in the layout up to which rows count as together; 0 packs groups for a clusterer.
    metric : {"cosine", "euclidean"}
        Distance between rows.
    layout : {"batch", "umap-learn"}
        Array operations of embkit, or umap-learn's own loop, compiled in every process.
    neighbors : {"exact", "leaves", "nn-descent"}
        How neighbours are found; leaves and nn-descent are approximate, for very many rows.
    recall : float
        For leaves: share of the exact neighbours to find at least; what was reached is noted.
    random_state : int, optional
        Seed; the run's seed if omitted.
    """

    def __init__(
        self,
        *,
        n_components: Annotated[int, Ge(1), Le(1000)] = 2,
        n_neighbors: Annotated[int, Ge(2)] = 15,
        min_dist: Annotated[float, Ge(0), Le(1)] = 0.1,
        metric: Literal["cosine", "correlation", "euclidean"] = "euclidean",
        layout: Literal["batch", "umap-learn"] = "batch",
        neighbors: Literal["exact", "leaves", "nn-descent"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.metric = metric
        self.layout = layout
        self.neighbors = neighbors
        self.recall = recall
        self.random_state = random_state

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files."""
        return self.neighbors == "leaves"

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """Ask the projection."""
        projection = Projection(
            method="umap",
            n_components=self.n_components,
            metric=self.metric,
            neighbors=self.neighbors,
            n_neighbors=self.n_neighbors,
        )
        return projection.memory(n_samples, n_features, budget)

    def reduce(self, dataset: Dataset, context: Context) -> Dataset:
        """Return the layout, float32 (n_samples, n_components).

        Raises
        ------
        DataError
            If there is one row or all are equal, or if a row is zero under cosine.
        """
        params = vars(self) | {"random_state": self._seed(context)}
        projection = context.artifact("projection", method="umap", **params)
        note = (
            f"reducer umap laid out {dataset.n_samples} rows in {self.n_components} dimensions "
            f"by {projection.facts['n_neighbors']} neighbours{recall_note(projection)}"
        )
        return replace(dataset.with_vectors(projection["embedding"]), notes=(*dataset.notes, note))

    def _seed(self, context: Context) -> int:
        return context.seed if self.random_state is None else self.random_state
