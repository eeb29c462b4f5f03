"""scikit-learn's DBSCAN, each of several equal rows counted but only one of them compared."""

import warnings
from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN as _DBSCAN
from sklearn.neighbors import NearestNeighbors

from embkit import EmbkitWarning, IntArray
from embkit_plugins.algorithms.rows.prepare import first_equal

__all__ = ["DBSCAN"]

_MANY = 0.5  # share of noise from which eps is probably too small
_NEARLY_ALL = 0.9  # share of one cluster from which it is probably too large
_SAMPLE = 300  # rows whose neighbours tell what eps would reach


class DBSCAN(_DBSCAN):  # type: ignore[misc]  # noqa: D101 - documented below
    __doc__ = _DBSCAN.__doc__

    repeats_once = True
    """Its memory goes with the distinct rows."""

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> IntArray:
        """Cluster the distinct rows, each with the number of its copies as its weight.

        Whether a row is a core sample depends on how many rows are near, not on
        which, and copies are near to the same rows: the labels are those of all rows.
        Warns if nearly all rows are noise, or one cluster.
        """
        if self.metric == "precomputed" or sample_weight is not None or not isinstance(X, np.ndarray):
            return np.asarray(super().fit_predict(X, y, sample_weight))
        rows, copy_of, copies = np.unique(first_equal(X), return_inverse=True, return_counts=True)
        if len(rows) == len(X):
            labels: IntArray = np.asarray(super().fit_predict(X))
        else:
            labels = super().fit_predict(X[rows], sample_weight=copies)[copy_of]
            self.labels_ = labels
        self._judge_eps(X, labels)
        return labels

    def _judge_eps(self, X: Any, labels: IntArray) -> None:
        """Warn of an eps that separates nothing, with what would reach how many rows."""
        noise = float(np.mean(labels < 0))
        largest = np.bincount(labels[labels >= 0]).max(initial=0) / len(labels)
        if noise > _MANY:
            found = f"{noise:.1%} of the rows are noise with eps={self.eps:g}"
        elif largest > _NEARLY_ALL:
            found = f"one cluster holds {largest:.1%} of the rows with eps={self.eps:g}"
        else:
            return
        if len(X) < self.min_samples:
            return
        half, most = np.quantile(self._reach(X), (0.5, 0.9))
        if most == 0:  # of equal rows
            return
        warnings.warn(
            f"{found}: about half of the rows have {self.min_samples} rows, themselves included, within "
            f"{half:.3g}, 9 in 10 within {most:.3g}; if no eps separates the rows, their density "
            "varies, and the clusterer hdbscan, which needs no eps, suits them better",
            EmbkitWarning,
            stacklevel=2,
        )

    def _reach(self, X: Any) -> Any:
        """The eps from which each of some rows is a core sample."""
        sample = np.unique(np.linspace(0, len(X) - 1, _SAMPLE).astype(np.int64))
        search = NearestNeighbors(
            n_neighbors=self.min_samples,
            algorithm="brute",
            metric=self.metric,
            metric_params=self.metric_params,
            p=2 if self.p is None else self.p,
        )
        return search.fit(X).kneighbors(X[sample])[0][:, -1]
