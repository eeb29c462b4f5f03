"""Names of merged clusters: each against all rows, its parts against one another."""

from typing import Literal

import numpy as np

from embkit import Dataset, Groups, Name
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.ledger.structure import MergeStructure
from embkit_plugins.algorithms.naming import name_groups

__all__ = ["merge_names"]

_SMALLEST = 2  # a part of one row is its text


def merge_names(
    dataset: Dataset, structure: MergeStructure, metric: Metric
) -> tuple[list[Name | None], list[Name | None]]:
    """Name the merged clusters and their parts; None for parts of a single row and without texts.

    A merge is a group of all rows, and its parts are groups of it: its name is what
    they share, theirs what sets one apart from the others; see `name_groups`.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    structure : MergeStructure
        The merges.
    metric : {"cosine", "euclidean", "manhattan", "precomputed"}
        Distance between rows; of precomputed distances, rows are compared by their
        distances to all others.

    Returns
    -------
    merges, parts : list of Name or None
        One a merge and one a part, in the order of `structure`.
    """
    n_merges, n_parts = len(structure.merge_clusters), len(structure.part_clusters)
    named: list[Name | None] = [None] * n_parts
    if dataset.texts is None or not n_merges:
        return [None] * n_merges, named
    parts = np.flatnonzero(np.diff(structure.part_bounds) >= _SMALLEST)
    groups = Groups(
        structure.order[: structure.n_rows],
        np.concatenate([structure.row_bounds[:-1], structure.part_bounds[parts]]),
        np.concatenate([structure.row_bounds[1:], structure.part_bounds[parts + 1]]),
        np.concatenate([np.full(n_merges, -1), structure.merge_of_part[parts]]),
        dataset,
    )
    near: Literal["cosine", "euclidean"] = "cosine" if metric == "cosine" else "euclidean"
    names = name_groups(dataset.texts, dataset.vectors, groups, seed=0, metric=near, judged=False).names
    for part, name in zip(parts.tolist(), names[n_merges:], strict=True):
        named[part] = name
    return list(names[:n_merges]), named
