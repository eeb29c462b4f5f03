"""Where other rows fall in a condensed tree, as hdbscan's ``approximate_predict`` has it."""

from dataclasses import dataclass

import numpy as np

from embkit import Floats, IntArray
from embkit_plugins.algorithms.density.condensed import CondensedTree

__all__ = ["Reached", "predicted", "reached"]


@dataclass(frozen=True, eq=False)
class Reached:
    """For each of the other rows the row that it would be joined to.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_others,)
        The row of least mutual reachability, ties to the nearest.
    distances : ndarray of float64, shape (n_others,)
        That mutual reachability.
    """

    rows: IntArray
    distances: Floats


def reached(indices: IntArray, distances: Floats, cores: Floats, min_samples: int) -> Reached:
    """Join each of some other rows to one of its nearest rows.

    Parameters
    ----------
    indices, distances : ndarray of shape (n_others, n_neighbors)
        The nearest rows of each, in order; more than `min_samples`.
    cores : ndarray of float64, shape (n_samples,)
        Core distance of each row.
    min_samples : int
        Which neighbour gives the core distance of the other rows.
    """
    reach = np.maximum(np.maximum(cores[indices], distances), distances[:, min_samples, None])
    best = reach.argmin(axis=1)[:, None]
    return Reached(
        np.take_along_axis(indices, best, axis=1)[:, 0], np.take_along_axis(reach, best, axis=1)[:, 0]
    )


def predicted(tree: CondensedTree, joined: Reached) -> tuple[IntArray, Floats]:
    """The cluster of each other row, and its strength.

    The row follows the one that it is joined to up the tree, as far as its own
    lambda demands. Its strength is its lambda over the largest of the cluster,
    at most 1; 0 for noise.
    """
    with np.errstate(divide="ignore"):
        lambdas = np.where(joined.distances > 0, 1 / joined.distances, np.finfo(np.float64).max)
    nodes = tree.node_of_point[joined.rows].copy()
    climbing = tree.lambda_of_point[joined.rows] > lambdas
    while True:
        climbing &= (nodes > 0) & (tree.births[nodes] >= lambdas)
        if not climbing.any():
            break
        nodes[climbing] = tree.parents[nodes[climbing]]
    labels = tree.label_of_node[nodes]
    largest = np.concatenate([tree.largest[tree.selected], [0.0]])[labels]
    with np.errstate(divide="ignore", invalid="ignore"):
        strengths = np.where(largest > 0, np.minimum(largest, lambdas) / largest, 1.0)
    infinite = np.isinf(largest)
    strengths[infinite] = (lambdas[infinite] >= np.finfo(np.float64).max).astype(float)
    return labels, np.where(labels >= 0, strengths, 0.0)
