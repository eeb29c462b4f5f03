"""Maps of the rows in two dimensions, coloured by cluster."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from embkit.data import Artifact, Clustering, Dataset
from embkit.errors import ParameterError
from embkit.protocols import Context
from embkit_plugins.visualizers._scatter_drawing import MapWords, draw_map
from embkit_plugins.visualizers._style import styled
from embkit_plugins.visualizers._subject import metric_of
from embkit_plugins.visualizers._text import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PCA", "TSNE", "UMAP"]

Metric = Literal["auto", "cosine", "euclidean"]
_WARNING = "Neighbours stay together; distances between islands, their sizes and densities mean little."


class TSNE:
    """The rows by t-SNE, coloured by cluster; the largest clusters are numbered and named.

    t-SNE keeps neighbours together. How far islands lie apart, how large and how
    dense they are, says little. Cost: see artifact ``projection``.

    Parameters
    ----------
    perplexity : float
        About how many neighbours each row is to keep.
    metric : {"auto", "cosine", "euclidean"}
        Distance between rows; auto takes the clusterer's own.
    random_state : int, optional
        Seed of the map; the run's seed where not given.
    """

    def __init__(
        self,
        *,
        perplexity: Annotated[float, Gt(1)] = 30.0,
        metric: Metric = "auto",
        random_state: Annotated[int, Ge(0)] | None = None,
    ) -> None:
        self.perplexity = perplexity
        self.metric = metric
        self.random_state = random_state

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the map of a clustering."""
        metric = _metric(clustering, self.metric, "tsne")
        seed = context.seed if self.random_state is None else self.random_state
        found = context.artifact(
            "projection", method="tsne", perplexity=self.perplexity, metric=metric, random_state=seed
        )
        caption = f"t-SNE, perplexity {self.perplexity:g}, {metric}, seed {seed}. {_WARNING}"
        return _draw(clustering, found, "t-SNE", caption, seed)


class UMAP:
    """The rows by UMAP, coloured by cluster; the largest clusters are numbered and named.

    UMAP keeps neighbours together. How far islands lie apart, how large and how
    dense they are, says little. Cost: see artifact ``projection``.

    Parameters
    ----------
    n_neighbors : int
        How many neighbours each row is to keep: few show detail, many the whole.
    min_dist : float
        How close points may come to one another on the map.
    metric : {"auto", "cosine", "euclidean"}
        Distance between rows; auto takes the clusterer's own.
    random_state : int, optional
        Seed of the map; the run's seed where not given.
    """

    def __init__(
        self,
        *,
        n_neighbors: Annotated[int, Ge(2)] = 15,
        min_dist: Annotated[float, Ge(0), Le(1)] = 0.1,
        metric: Metric = "auto",
        random_state: Annotated[int, Ge(0)] | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.metric = metric
        self.random_state = random_state

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the map of a clustering."""
        metric = _metric(clustering, self.metric, "umap")
        seed = context.seed if self.random_state is None else self.random_state
        found = context.artifact(
            "projection",
            method="umap",
            n_neighbors=self.n_neighbors,
            min_dist=self.min_dist,
            metric=metric,
            random_state=seed,
        )
        settings = f"{self.n_neighbors} neighbours, min_dist {self.min_dist:g}, {metric}, seed {seed}"
        return _draw(clustering, found, "UMAP", f"UMAP, {settings}. {_WARNING}", seed)


class PCA:
    """The rows along their two directions of greatest variance, coloured by cluster.

    The largest clusters are numbered and named. Distances on the map are at most
    those in the data: what lies apart here is apart, what overlaps need not be.
    Each axis says which share of the variance it shows. Cost: see artifact
    ``projection``.
    """

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the map of a clustering."""
        _metric(clustering, "auto", "pca")
        found = context.artifact("projection", method="pca")
        shares = _shares(clustering.dataset, found["embedding"])
        names = [
            f"component {axis} ({share:.1%} of the variance)" for axis, share in enumerate(shares, 1)
        ]
        caption = (
            f"The two directions of greatest variance hold {sum(shares):.1%} of it. "
            "What lies apart here is apart; what overlaps here need not be near."
        )
        return _draw(clustering, found, "PCA", caption, context.seed, (names[0], names[1]))


def _metric(clustering: Clustering, metric: Metric, visualizer: str) -> str:
    """The distance to map by; cosine where the clusterer took it, else euclidean."""
    taken = metric_of(clustering)
    if taken == "precomputed":
        raise ParameterError(
            f"visualizer {visualizer}: the dataset is a matrix of distances",
            "a map needs the rows' vectors",
            "use visualizer dendrogram, silhouette or sizes",
        )
    if metric != "auto":
        return metric
    return "cosine" if taken == "cosine" else "euclidean"


def _shares(dataset: Dataset, embedding: NDArray[Any]) -> list[float]:
    """The share of the variance along each axis of the embedding."""
    vectors = dataset.vectors
    total = float(vectors.var(axis=0, dtype=np.float64).sum())
    along = embedding[:, :2].var(axis=0, dtype=np.float64)
    return [float(value) / total if total else 0.0 for value in along]


def _draw(
    clustering: Clustering,
    projection: Artifact,
    method: str,
    caption: str,
    seed: int,
    axes: tuple[str, str] | None = None,
) -> "Figure":
    rows = f"{clustering.dataset.n_samples:,}"
    title = f"{printable(clustering.dataset.name)}: {rows} rows by {method}"
    with styled():
        return draw_map(clustering, projection["embedding"], MapWords(title, caption, axes), seed)
