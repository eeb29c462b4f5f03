"""k-means for a range of k: silhouettes and within-cluster sums of squares."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.silhouettes.labelings import silhouettes


def sweep(vectors: NDArray[Any], ks: NDArray[np.int64], seed: int) -> Floats:
    """Mean silhouette and log of the within-cluster sum of squares, shape (2, n_k)."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    if not len(ks):
        return np.empty((2, 0))
    labelings, within = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than k
        for k in ks:
            model = KMeans(int(k), n_init=1, random_state=seed % 2**32).fit(vectors)
            labelings.append(model.labels_)
            within.append(_within(vectors, model.labels_))
    means = [each.mean for each in silhouettes(vectors, labelings, "euclidean")]
    return np.array([[0.0 if mean is None else mean for mean in means], np.log(within)])


def _within(vectors: NDArray[Any], labels: NDArray[Any]) -> float:
    """Sum of squares about the cluster means; scikit-learn's is summed by threads in any order."""
    total = 0.0
    for cluster in np.unique(labels):
        members = vectors[labels == cluster].astype(np.float64)
        total += float(np.square(members - members.mean(axis=0)).sum())
    return max(total, float(np.finfo(np.float64).tiny))
