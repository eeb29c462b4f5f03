"""The distance that a map is of, and how well it keeps neighbourhoods."""

from typing import Any, Literal

from numpy.typing import NDArray

from embkit import Clustering, Context, DataError
from embkit_plugins.algorithms.neighbors.faithfulness import faithfulness

__all__ = ["Metric", "kept", "metric_of"]

Metric = Literal["auto", "cosine", "correlation", "euclidean"]


def metric_of(clustering: Clustering, metric: Metric, visualizer: str) -> str:
    """The distance to map by; cosine or correlation where the clusterer took it, else euclidean.

    Raises
    ------
    DataError
        If the dataset is a matrix of distances.
    """
    taken = clustering.metric
    if taken == "precomputed":
        raise DataError(
            f"visualizer {visualizer}: the dataset is a matrix of distances",
            "a map needs the rows' vectors",
            "use visualizer dendrogram, silhouette or sizes",
        )
    if metric != "auto":
        return metric
    return taken if taken in ("cosine", "correlation") else "euclidean"


def kept(clustering: Clustering, points: NDArray[Any], metric: Any, context: Context) -> str:
    """A sentence on how well the map keeps neighbourhoods; empty for too few rows."""
    found = faithfulness(clustering.dataset, points, metric, context.threads, context.progress)
    return "" if found is None else f"{found} "
