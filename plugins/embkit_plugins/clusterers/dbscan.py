"""scikit-learn's DBSCAN, each of several equal rows counted but only one of them compared."""

from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN as _DBSCAN

from embkit import IntArray
from embkit_plugins.algorithms.rows.prepare import first_equal

__all__ = ["DBSCAN"]


class DBSCAN(_DBSCAN):  # type: ignore[misc]  # noqa: D101 - documented below
    __doc__ = _DBSCAN.__doc__

    repeats_once = True
    """Its memory goes with the distinct rows."""

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> IntArray:
        """Cluster the distinct rows, each with the number of its copies as its weight.

        Whether a row is a core sample depends on how many rows are near, not on
        which, and copies are near to the same rows: the labels are those of all rows.
        """
        if self.metric == "precomputed" or sample_weight is not None or not isinstance(X, np.ndarray):
            return np.asarray(super().fit_predict(X, y, sample_weight))
        rows, copy_of, copies = np.unique(first_equal(X), return_inverse=True, return_counts=True)
        if len(rows) == len(X):
            return np.asarray(super().fit_predict(X))
        labels: IntArray = super().fit_predict(X[rows], sample_weight=copies)[copy_of]
        self.labels_ = labels
        return labels
