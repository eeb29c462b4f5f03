"""The layout of umap-learn itself, on the neighbours and the start that are there already."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["umap_learn_layout"]


def umap_learn_layout(
    indices: NDArray[np.int64],
    distances: NDArray[np.float32],
    start: NDArray[np.float32],
    *,
    min_dist: float,
    random_state: int,
) -> NDArray[np.float32]:
    """Lay out by `umap.UMAP` with ``precomputed_knn``, on one thread.

    It compiles for some ten seconds in every new process.

    Parameters
    ----------
    indices : ndarray of int64, shape (n_samples, k)
        Nearest other rows.
    distances : ndarray of float32, shape (n_samples, k)
        Their distances, ascending.
    start : ndarray of float32, shape (n_samples, n_components)
        From `umap_layout.start_from`.
    min_dist : float
        umap-learn's.
    random_state : int
        Seed; without threads of its own umap-learn gives the same bytes again.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_components)
    """
    itself = np.arange(len(indices))[:, None]
    neighbors = np.hstack([itself, indices])
    lengths = np.hstack([np.zeros_like(itself, dtype=np.float32), distances])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no tensorflow, no transform: neither is wanted here
        import umap

        with _numba_threads_kept():
            model = umap.UMAP(
                n_neighbors=neighbors.shape[1],
                n_components=start.shape[1],
                min_dist=min_dist,
                init=start,
                precomputed_knn=(neighbors, lengths),
                random_state=random_state,
                n_jobs=1,
            )
            # With its neighbours and its start given, it takes no more than the length from the rows.
            return np.asarray(model.fit_transform(start), dtype=np.float32)


@contextmanager
def _numba_threads_kept() -> Iterator[None]:
    """Put numba's thread count back: umap-learn leaves it at 1 when it raises."""
    numba: Any = sys.modules["numba"]
    before = numba.get_num_threads()
    try:
        yield
    finally:
        numba.set_num_threads(before)
