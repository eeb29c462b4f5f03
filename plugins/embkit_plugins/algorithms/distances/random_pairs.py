"""Distances between random pairs of rows: the floor against which any threshold must be read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.rows.prepare import rows_of_metric

__all__ = ["PairSample", "pair_distances", "sample_pairs"]

_BLOCK_VALUES = 1 << 22


@dataclass(frozen=True, eq=False)
class PairSample:
    """Pairs of different rows.

    Parameters
    ----------
    left, right : ndarray of int64, shape (n_pairs,)
        The rows.
    complete : bool
        Whether these are all pairs, each once.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    complete: bool

    def __len__(self) -> int:
        return len(self.left)


def sample_pairs(n_samples: int, n_pairs: int, seed: int) -> PairSample:
    """Draw pairs of different rows with replacement; all pairs where there are no more than that.

    Parameters
    ----------
    n_samples : int
        Number of rows to choose from, at least 2 for any pair.
    n_pairs : int
        How many pairs to draw.
    seed : int
        Of the draw.
    """
    if n_samples * (n_samples - 1) // 2 <= n_pairs:
        left, right = np.triu_indices(n_samples, 1)
        return PairSample(left.astype(np.int64), right.astype(np.int64), complete=True)
    rng = np.random.default_rng(seed)
    left = rng.integers(0, n_samples, n_pairs)
    right = (left + rng.integers(1, n_samples, n_pairs)) % n_samples
    return PairSample(left, right, complete=False)


def pair_distances(dataset: Dataset, metric: Metric, pairs: PairSample) -> NDArray[np.float64]:
    """Distances of the given pairs, in float64.

    Parameters
    ----------
    dataset : Dataset
        The rows, or a square matrix of distances for ``"precomputed"``.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Cosine and correlation distance are 0 to 2, hamming is 0 to 1.
    pairs : PairSample
        Which rows.

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
        Cost: O(n_pairs d), in blocks.
    """
    if metric == "precomputed":
        return dataset.vectors[pairs.left, pairs.right].astype(np.float64)
    rows = rows_of_metric(dataset, metric, np.float64)
    distances = np.empty(len(pairs))
    step = max(1, _BLOCK_VALUES // rows.shape[1])
    for begin in range(0, len(pairs), step):
        block = slice(begin, begin + step)
        left, right = rows[pairs.left[block]].astype(np.float64), rows[pairs.right[block]]
        distances[block] = _ROWWISE[metric](left, right)
    return distances


def _cosine(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    # Half the squared distance of unit rows: 1 - cos without the cancellation.
    difference = left - right
    return np.asarray(np.minimum(np.einsum("ij,ij->i", difference, difference) / 2, 2.0))


def _euclidean(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.linalg.norm(left - right, axis=1))


def _hamming(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    return np.asarray((left != right).mean(axis=1))


def _manhattan(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.abs(left - right).sum(axis=1))


_ROWWISE = {
    "cosine": _cosine,
    "correlation": _cosine,
    "euclidean": _euclidean,
    "hamming": _hamming,
    "manhattan": _manhattan,
}
