"""Maps of the rows in two dimensions, coloured by cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import Clustering, Context, Estimate
from embkit.text import plural
from embkit_plugins.artifacts.projection import Projection, recall_note
from embkit_plugins.drawing.sheet import Look, Width, styled
from embkit_plugins.drawing.text import printable
from embkit_plugins.visualizers.scatter.drawing import MapWords, draw_map
from embkit_plugins.visualizers.scatter.reference import by_reference, reference_headline
from embkit_plugins.visualizers.scatter.space import Metric, kept, metric_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PCA", "TSNE", "UMAP"]

_SCALED = {
    "cosine": " of the rows scaled to length 1",
    "correlation": " of the rows less their own means, scaled to length 1,",
}
Color = Literal["cluster", "reference"]
Search = Literal["exact", "leaves", "nn-descent"]
Recall = Annotated[float, Gt(0), Lt(1)]
Seed = Annotated[int, Ge(0), Le(2**32 - 1)]
_CAUTION = "Neighbours stay together; distances between islands, their sizes and densities mean little."


class TSNE:
    """The rows by t-SNE, coloured by cluster; the largest clusters are numbered and named.

    t-SNE keeps neighbours together. How far islands lie apart, how large and how
    dense they are, says little. The caption says how well neighbourhoods are kept
    (trustworthiness and continuity). Cost: see artifact ``projection``.

    Parameters
    ----------
    perplexity : float, optional
        About how many neighbours each row keeps; 30, or less for under 91 rows, if omitted.
    metric : {"auto", "cosine", "correlation", "euclidean"}
        Distance between rows; auto takes the clusterer's own.
    neighbors : {"exact", "leaves", "nn-descent"}
        How neighbours are found; leaves and nn-descent are approximate, for very many rows.
    recall : float
        For leaves: share of the exact neighbours to find at least; the caption says what was found.
    color : {"cluster", "reference"}
        What the colours are: the clusters, or the reference labels of the data.
    random_state : int
        Seed of the map, not of the run: the same rows give the same map, whatever clusters them.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.
    """

    def __init__(
        self,
        *,
        perplexity: Annotated[float, Ge(1), Le(1e6)] | None = None,
        metric: Metric = "auto",
        neighbors: Search = "exact",
        recall: Recall = 0.95,
        color: Color = "cluster",
        random_state: Seed = 0,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.perplexity = perplexity
        self.metric = metric
        self.neighbors = neighbors
        self.recall = recall
        self.color = color
        self.random_state = random_state
        self.title = title
        self.width = width

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files."""
        return self.neighbors == "leaves"

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """Ask the projection, which makes a copy of the rows under cosine."""
        projection = Projection(
            method="tsne", metric="cosine", perplexity=self.perplexity, neighbors=self.neighbors
        )
        return projection.memory(n_samples, n_features, budget)

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the map of a clustering."""
        colored = _colored(clustering, self.color, "tsne", Look(self.title, self.width))
        metric = metric_of(clustering, self.metric, "tsne")
        seed = self.random_state
        found = context.artifact(
            "projection",
            method="tsne",
            perplexity=self.perplexity,
            metric=metric,
            neighbors=self.neighbors,
            recall=self.recall,
            random_state=seed,
        )
        settings = f"perplexity {found.facts['perplexity']:.3g}, {metric} distance, seed {seed}"
        settings += f"; neighbours{note}" if (note := recall_note(found)) else ""
        faithful = kept(clustering, found["embedding"], metric, context)
        return _draw(
            colored, found["embedding"], "t-SNE", f"t-SNE, {settings}. {faithful}{_CAUTION}", seed
        )


class UMAP:
    """The rows by UMAP, coloured by cluster; the largest clusters are numbered and named.

    UMAP keeps neighbours together. How far islands lie apart, how large and how
    dense they are, says little. The caption says how well neighbourhoods are kept
    (trustworthiness and continuity). Cost: see artifact ``projection``.

    Parameters
    ----------
    n_neighbors : int
        Neighbours that each row keeps, itself counted: few show detail, many the whole.
    min_dist : float
        Distance on the map up to which rows count as together.
    metric : {"auto", "cosine", "correlation", "euclidean"}
        Distance between rows; auto takes the clusterer's own.
    neighbors : {"exact", "leaves", "nn-descent"}
        How neighbours are found; leaves and nn-descent are approximate, for very many rows.
    recall : float
        For leaves: share of the exact neighbours to find at least; the caption says what was found.
    color : {"cluster", "reference"}
        What the colours are: the clusters, or the reference labels of the data.
    random_state : int
        Seed of the map, not of the run: the same rows give the same map, whatever clusters them.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.
    """

    def __init__(
        self,
        *,
        n_neighbors: Annotated[int, Ge(2)] = 15,
        min_dist: Annotated[float, Ge(0), Le(1)] = 0.1,
        metric: Metric = "auto",
        neighbors: Search = "exact",
        recall: Recall = 0.95,
        color: Color = "cluster",
        random_state: Seed = 0,
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.metric = metric
        self.neighbors = neighbors
        self.recall = recall
        self.color = color
        self.random_state = random_state
        self.title = title
        self.width = width

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files."""
        return self.neighbors == "leaves"

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """Ask the projection, which makes a copy of the rows under cosine."""
        projection = Projection(
            method="umap", metric="cosine", n_neighbors=self.n_neighbors, neighbors=self.neighbors
        )
        return projection.memory(n_samples, n_features, budget)

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the map of a clustering."""
        colored = _colored(clustering, self.color, "umap", Look(self.title, self.width))
        metric = metric_of(clustering, self.metric, "umap")
        seed = self.random_state
        found = context.artifact(
            "projection",
            method="umap",
            n_neighbors=self.n_neighbors,
            min_dist=self.min_dist,
            metric=metric,
            neighbors=self.neighbors,
            recall=self.recall,
            random_state=seed,
        )
        searched = (
            f"{found.facts['n_neighbors']} neighbours{recall_note(found)}, min_dist {self.min_dist:g}"
        )
        faithful = kept(clustering, found["embedding"], metric, context)
        caption = f"UMAP, {searched}, {metric} distance, seed {seed}. {faithful}{_CAUTION}"
        return _draw(colored, found["embedding"], "UMAP", caption, seed)


class PCA:
    """The rows along their two directions of greatest variance, coloured by cluster.

    The largest clusters are numbered and named. Distances on the map are at most
    those in the data: what lies apart here is apart, what overlaps need not be
    near. Each axis says which share of the variance it shows. Where the
    clusterer took cosine distance, rows are scaled to length 1 first. Cost: see
    artifact ``projection``.

    Parameters
    ----------
    color : {"cluster", "reference"}
        What the colours are: the clusters, or the reference labels of the data.
    title : str
        In place of the title made of the data; the line of settings under it goes too.
    width : float, optional
        Of the picture in inches.
    """

    by_blocks = True

    def __init__(
        self,
        *,
        color: Color = "cluster",
        title: str = "",
        width: Width | None = None,
    ) -> None:
        self.color = color
        self.title = title
        self.width = width

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """Ask the projection, which makes a copy of the rows under cosine."""
        return Projection(method="pca", metric="cosine").memory(n_samples, n_features, budget)

    def draw(self, clustering: Clustering, context: Context) -> "Figure":
        """Draw the map of a clustering."""
        colored = _colored(clustering, self.color, "pca", Look(self.title, self.width))
        metric = metric_of(clustering, "auto", "pca")
        n_components = min(2, *clustering.dataset.vectors.shape)
        found = context.artifact("projection", method="pca", n_components=n_components, metric=metric)
        points = np.zeros((clustering.dataset.n_samples, 2), dtype=np.float32)
        points[:, :n_components] = found["embedding"]
        shares = [*found.facts["variance"], 0.0][:2]
        scaled = _SCALED.get(metric, "")
        caption = (
            f"The two directions of greatest variance{scaled} hold {sum(shares):.1%} of it. "
            f"{kept(clustering, points, metric, context)}"
            "What lies apart here is apart; what overlaps here need not be near."
        )
        names = [
            f"component {axis} ({share:.1%} of the variance)" for axis, share in enumerate(shares, 1)
        ]
        return _draw(colored, points, "PCA", caption, context.seed, (names[0], names[1]))


@dataclass(frozen=True)
class _Colored:
    """What the colours show, and the words for it."""

    clustering: Clustering
    words: Mapping[str, str]
    look: Look


def _colored(clustering: Clustering, color: Color, visualizer: str, look: Look) -> _Colored:
    if color == "cluster":
        return _Colored(clustering, {}, look)
    labelled = by_reference(clustering, visualizer)
    words = {
        "subtitle": reference_headline(labelled),
        "group": "reference label",
        "ungrouped": "no reference label",
    }
    return _Colored(labelled, words, look)


def _draw(
    colored: _Colored,
    points: NDArray[Any],
    method: str,
    caption: str,
    seed: int,
    axes: tuple[str, str] | None = None,
) -> "Figure":
    dataset = colored.clustering.dataset
    title = f"{printable(dataset.name)}: {plural(dataset.n_samples, 'row')} by {method}"
    with styled():
        words = MapWords(title, caption, axes, **colored.words)
        return draw_map(colored.clustering, points, words, seed, colored.look)
