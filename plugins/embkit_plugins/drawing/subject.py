"""The subject of a figure: the clustering in one line, its axis of heights, its tree."""

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, DataError, Dataset, ParameterError
from embkit.text import plural
from embkit_plugins.algorithms.density.selection import has_reachability_tree
from embkit_plugins.algorithms.distances.pairs import LARGEST
from embkit_plugins.drawing.text import printable

__all__ = ["headline", "height_label", "metric_label", "shape_of", "tree_of"]


def shape_of(dataset: Dataset) -> str:
    """Rows and dimensions, and the reducers that made these."""
    made = f" after {dataset.space}" if dataset.space else ""
    return f"{plural(dataset.n_samples, 'row')} \N{MULTIPLICATION SIGN} {dataset.n_features:,}{made}"


def headline(clustering: Clustering) -> str:
    """Describe the dataset, the clusterer and the result in one line."""
    dataset = clustering.dataset
    settings = ", ".join(f"{name}={_short(value)}" for name, value in clustering.settings.items())
    noise = f"{plural(clustering.n_noise, 'row')} of noise" if clustering.n_noise else "no noise"
    return printable(
        f"{shape_of(dataset)} · "
        f"{clustering.clusterer or 'clusterer'}({settings}) · "
        f"{plural(clustering.n_clusters, 'cluster')}, {noise}"
    )


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def metric_label(metric: str) -> str:
    """The name of an axis of distances, with its range where it has one."""
    largest = LARGEST.get(metric)
    return f"{metric} distance" + (f" (0 to {largest})" if largest else "")


def height_label(clustering: Clustering) -> str:
    """The name of an axis of heights of the clusterer's tree."""
    metric = clustering.metric
    linkage = clustering.parameters.get("linkage")
    if linkage == "ward":
        return f"Ward height ({metric})"
    if linkage in {"centroid", "median"}:
        return f"distance of {linkage}s ({metric})"
    if has_reachability_tree(clustering):
        return f"mutual reachability, {metric_label(metric)}"
    return metric_label(metric)


def tree_of(clustering: Clustering, visualizer: str) -> NDArray[np.float64]:
    """The whole tree that the clusters were cut from.

    Raises
    ------
    ParameterError
        If the clusterer made none.
    DataError
        If there is a single row.
    """
    if clustering.linkage is None:
        raise ParameterError(
            f"visualizer {visualizer}: there is no tree to draw",
            f"{clustering.clusterer or 'this clusterer'} makes none",
            "use --clusterer agglomerative or hdbscan, or another visualizer",
        )
    if not len(clustering.linkage):
        raise DataError(
            f"visualizer {visualizer}: there is a single row", "nothing merges", "cluster more rows"
        )
    return clustering.linkage
