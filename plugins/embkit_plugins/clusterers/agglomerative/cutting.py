"""Where a tree is cut that was not given a number or a height."""

import numpy as np

from embkit import Context, Dataset, Floats, IntArray, canonical_labels
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.trees.best_cut import BestCut, Groups, best_cut
from embkit_plugins.algorithms.trees.cuts import require_monotone
from embkit_plugins.algorithms.trees.dynamic import dynamic_cut, scatter_of
from embkit_plugins.artifacts.structure import LEAST_SAMPLES, divisions_of

__all__ = ["chosen_cut", "dynamic_labels"]


def chosen_cut(tree: Floats, dataset: Dataset, metric: Metric, context: Context) -> BestCut:
    """The cut that silhouettes choose and, where they do not decide, the density.

    Raises
    ------
    ParameterError
        If a merge is lower than one before it.
    """
    require_monotone(tree)
    return best_cut(tree, dataset, metric, context.seed, lambda: _groups(dataset, metric, context))


def _groups(dataset: Dataset, metric: Metric, context: Context) -> Groups | None:
    """What the density says of the dataset, None where it cannot be asked."""
    if metric == "precomputed" or dataset.n_samples < LEAST_SAMPLES:
        return None
    found = divisions_of(context)
    if not len(found.z):
        return None
    verdict = found.verdict()
    return Groups(verdict.word, verdict.low or 1, verdict.high or 1)


def dynamic_labels(
    tree: Floats, dataset: Dataset, metric: Metric, min_cluster_size: int, deep_split: int
) -> tuple[IntArray, tuple[str, ...]]:
    """The clusters of a height for each branch, numbered by size, and a note on them.

    Raises
    ------
    ParameterError
        If a merge is lower than one before it.
    """
    require_monotone(tree)
    found = dynamic_cut(
        tree,
        scatter_of(dataset, metric),
        min_cluster_size=min_cluster_size,
        deep_split=deep_split,
    )
    labels = canonical_labels(found.labels, dataset.n_samples, "clusterer agglomerative")
    outside = int(np.count_nonzero(labels < 0))
    where = f"branches end at heights of their own, below {found.height:.4g}"
    return labels, (f"{where}; {outside} rows are outside",)
