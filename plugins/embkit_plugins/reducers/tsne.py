"""t-SNE as a reducer, through the shared projection."""

from dataclasses import replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from embkit import Context, Dataset, Estimate
from embkit_plugins.artifacts.projection import Projection, recall_note


class TSNE:
    """Lay the rows out so that the nearest rows stay nearest, in two or three dimensions.

    Made for looking at: distances between groups in the layout mean little, and
    dense groups are spread. The cost and the sources are those of the artifact
    ``projection``.

    Parameters
    ----------
    n_components : int
        Dimensions of the result, at most 3.
    perplexity : float, optional
        Effective number of neighbours; 30, or less for under 91 rows, if omitted.
    metric : {"cosine", "euclidean"}
        Distance between rows.
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
        n_components: Annotated[int, Ge(1), Le(3)] = 2,
        perplexity: Annotated[float, Ge(1), Le(1e6)] | None = None,
        metric: Literal["cosine", "correlation", "euclidean"] = "euclidean",
        neighbors: Literal["exact", "leaves", "nn-descent"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.metric = metric
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
            method="tsne",
            n_components=self.n_components,
            metric=self.metric,
            neighbors=self.neighbors,
            perplexity=self.perplexity,
        )
        return projection.memory(n_samples, n_features, budget)

    def reduce(self, dataset: Dataset, context: Context) -> Dataset:
        """Return the layout, float32 (n_samples, n_components).

        Raises
        ------
        ParameterError
            If perplexity is above a third of the other rows.
        DataError
            If there are fewer than four rows or all are equal, or if a row is zero under cosine.
        """
        params = vars(self) | {"random_state": self._seed(context)}
        projection = context.artifact("projection", method="tsne", **params)
        note = (
            f"reducer tsne laid out {dataset.n_samples} rows in {self.n_components} dimensions "
            f"with perplexity {projection.facts['perplexity']:.3g}, by {projection.facts['library']}"
            f"{recall_note(projection)}"
        )
        return replace(dataset.with_vectors(projection["embedding"]), notes=(*dataset.notes, note))

    def _seed(self, context: Context) -> int:
        return context.seed if self.random_state is None else self.random_state
