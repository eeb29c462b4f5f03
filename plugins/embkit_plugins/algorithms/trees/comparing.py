"""How far two trees of the same rows agree."""

from dataclasses import dataclass

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.trees.cuts import cut_into
from embkit_plugins.algorithms.trees.nodes import layout

__all__ = [
    "FowlkesMallows",
    "entanglement",
    "fowlkes_mallows",
    "of_rows",
    "rank_correlation",
    "untangled",
]


@dataclass(frozen=True)
class FowlkesMallows:
    """The agreement of two clusterings into k clusters, and what chance would give.

    Parameters
    ----------
    value : float
        Bk, 0 to 1: pairs that are together in both, over the geometric mean of the
        pairs that are together in either.
    expected, deviation : float
        Its mean and standard deviation if rows were dealt to clusters of the same
        sizes at random.
    """

    value: float
    expected: float
    deviation: float


def of_rows(linkage: Floats, rows: IntArray) -> Floats:
    """The same tree with its leaves called otherwise.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree.
    rows : ndarray of int64, shape (n_samples,)
        What each of its leaves is to be called.
    """
    renamed = linkage.copy()
    children = linkage[:, :2].astype(np.int64)
    leaves = children < len(rows)
    renamed[:, :2][leaves] = rows[children[leaves]]
    return renamed


def rank_correlation(one: Floats, two: Floats) -> float:
    """Spearman's correlation, ties at their mean rank; of heights of pairs, Baker's gamma."""
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(one), rankdata(two))[0, 1])


def fowlkes_mallows(one: Floats, two: Floats, n_clusters: int) -> FowlkesMallows:
    """Cut two trees into as many clusters and compare these.

    Parameters
    ----------
    one, two : ndarray of shape (n_samples - 1, 4)
        Whole trees of the same rows; at least four.
    n_clusters : int
        From 2 to n_samples - 1.

    References
    ----------
    Fowlkes and Mallows, "A method for comparing two hierarchical clusterings",
    Journal of the American Statistical Association 78 (1983).
    """
    n_samples = len(one) + 1
    labels = cut_into(one, n_clusters), cut_into(two, n_clusters)
    joint = np.bincount(labels[0] * n_clusters + labels[1]).astype(float)
    sizes = [np.bincount(each).astype(float) for each in labels]
    together = float((joint**2).sum()) - n_samples
    p, q = (float((each**2).sum()) - n_samples for each in sizes)
    if p == 0 or q == 0:
        return FowlkesMallows(0.0, 0.0, 0.0)
    p3, q3 = (float((each * (each - 1) * (each - 2)).sum()) for each in sizes)
    pairs = n_samples * (n_samples - 1)
    triples = pairs * (n_samples - 2)
    quadruples = triples * (n_samples - 3)
    variance = (
        2 / pairs
        + 4 * p3 * q3 / (triples * p * q)
        + (p - 2 - 4 * p3 / p) * (q - 2 - 4 * q3 / q) / quadruples
        - p * q / pairs**2
    )
    return FowlkesMallows(
        together / np.sqrt(p * q), np.sqrt(p * q) / pairs, float(np.sqrt(max(variance, 0)))
    )


def untangled(linkage: Floats, places: Floats) -> Floats:
    """The same tree with the children of each merge in the order of their rows' mean place.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        A whole tree.
    places : ndarray of float64, shape (n_samples,)
        Where each row is in another tree.

    Returns
    -------
    ndarray of float64, shape (n_samples - 1, 4)
        For `layout`, which puts first children to the left. Cost: O(n).
    """
    n_samples = len(places)
    sums = np.concatenate([places, np.zeros(len(linkage))])
    sizes = np.concatenate([np.ones(n_samples), linkage[:, 3]])
    turned = linkage.copy()
    for number, (left, right) in enumerate(linkage[:, :2].astype(np.int64)):
        sums[n_samples + number] = sums[left] + sums[right]
        if sums[left] / sizes[left] > sums[right] / sizes[right]:
            turned[number, :2] = right, left
    return turned


def entanglement(one: Floats, two: Floats, power: float = 1.5) -> float:
    """How far the leaves of two trees are from being side by side, 0 to 1.

    The sum of the distances between a row's two places to the power of 1.5, over
    that of opposite orders (dendextend: Galili, Bioinformatics 31, 2015).
    """
    places = []
    for tree in (one, two):
        place = np.empty(len(tree) + 1)
        place[layout(tree).order] = np.arange(len(tree) + 1)
        places.append(place)
    worst = np.abs(np.arange(len(one) + 1) - np.arange(len(one) + 1)[::-1])
    return float((np.abs(places[0] - places[1]) ** power).sum() / (worst**power).sum())
