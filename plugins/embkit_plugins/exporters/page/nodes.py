"""Names and support of the merges of a tree, for any two thresholds that lines are drawn at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Context, Name
from embkit_plugins.algorithms.ledger.merges import Ledger
from embkit_plugins.algorithms.trees.cuts import is_monotone
from embkit_plugins.algorithms.valleys.splits import split_support
from embkit_plugins.artifacts.node_names import node_names_of
from embkit_plugins.exporters.page.leaves import leaves_of

__all__ = ["names_of_nodes", "names_of_parts", "p_values_of_merges"]

_MERGES, _ROWS = 100, 40_000  # tested at most, and rows of all of them added up
_SIDE = 500  # rows that stand for a larger side
_LEAST_ROWS = 10  # on either side of a merge that is tested


def names_of_nodes(clustering: Clustering, context: Context) -> dict[int, Name]:
    """The names of the nodes of a clustering's tree by row of its linkage; none without texts.

    Cost: artifact ``node-names``.
    """
    linkage = clustering.linkage
    if clustering.dataset.texts is None or linkage is None or not is_monotone(linkage):
        return {}
    found = node_names_of(clustering, context.on(clustering.dataset)).by_node()
    return {node: name for node, name in found.items() if name.title}


def names_of_parts(ledger: Ledger, linkage: NDArray[np.float64]) -> dict[int, Name]:
    """The names of what a ledger's merges were made of, by row of the linkage; none of single rows."""
    leaves = leaves_of(linkage)
    place = np.empty(len(leaves.order), dtype=np.int64)
    place[leaves.order] = np.arange(len(place))
    ranges = zip(leaves.starts.tolist(), leaves.ends.tolist(), strict=True)
    node_at = {range_: node for node, range_ in enumerate(ranges)}
    names = {}
    for part in (part for merge in ledger.merges for part in merge.parts):
        if part.name is not None and part.name.title and part.size > 1:
            places = place[part.rows]
            names[node_at[int(places.min()), int(places.max()) + 1]] = part.name
    return names


def p_values_of_merges(
    vectors: NDArray[np.floating[Any]],
    linkage: NDArray[np.float64],
    *,
    budget: int = _ROWS,
) -> NDArray[np.float64]:
    """Test of the highest merges whether their two sides are apart.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The rows; scaled to length 1 where the tree is one of cosine distances.
    linkage : ndarray of shape (n_samples - 1, 4)
        scipy's tree.
    budget : int
        Rows looked at, those of all merges added up.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1,)
        Of no valley in the density between the sides, see `split_support`; NaN for
        merges not tested: those with fewer than ten rows on a side, and those below
        the highest hundred, or below the highest that are within the budget. 500
        random rows stand for a larger side, which can hide a valley but not feign
        one. Cost: O(budget x n_features) at most.
    """
    leaves = leaves_of(linkage)
    rng = np.random.default_rng(0)  # draws rows and deals them to folds; any seed will do
    found = np.full(len(linkage), np.nan)
    sides = np.array([leaves.boundaries - leaves.starts, leaves.ends - leaves.boundaries])
    testable = np.flatnonzero(sides.min(axis=0) >= _LEAST_ROWS)[::-1][:_MERGES]
    affordable = np.cumsum(np.minimum(sides[:, testable], _SIDE).sum(axis=0)) <= budget
    for merge in testable[affordable].tolist():
        start, middle, end = leaves.starts[merge], leaves.boundaries[merge], leaves.ends[merge]
        left, right = (
            rows if len(rows) <= _SIDE else rng.choice(rows, _SIDE, replace=False)
            for rows in (leaves.order[start:middle], leaves.order[middle:end])
        )
        p_value, _ = split_support(vectors, left, right, rng)
        found[merge] = np.nan if p_value is None else p_value
    return found
