"""Principal components: for the reducer ``pca``, and where every layout starts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import DataError, FloatArray, Floats

__all__ = ["Principal", "centered", "principal_components", "require_spread"]

_BLOCK_ROWS = 1024


@dataclass(frozen=True, eq=False)
class Principal:
    """Rows along their directions of greatest variance, and how others get there.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_components)
        The coordinates, in the rows' dtype, contiguous; the first column varies most.
    shares : ndarray of float64, shape (n_components,)
        Share of the total variance along each, 0 to 1.
    mean : ndarray of float64, shape (n_features,)
        Of the rows.
    directions : ndarray of float64, shape (n_components, n_features)
        A row's coordinates are ``directions @ (row - mean)``.
    """

    scores: FloatArray
    shares: Floats
    mean: Floats
    directions: Floats


def require_spread(rows: FloatArray, name: str, purpose: str) -> None:
    """Refuse rows that are all equal, before native code divides by their variance.

    scikit-learn's t-SNE crashes on them and openTSNE returns NaN. Cost: O(n d),
    and next to nothing where one of the first rows differs.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        What is about to be projected.
    name : str
        The dataset's, for the message.
    purpose : str
        What needs the rows to differ, for the message.

    Raises
    ------
    DataError
        If there is one row, or all are equal.
    """
    blocks = range(0, len(rows), _BLOCK_ROWS)
    first = rows[:1]
    if any(np.any(rows[start : start + _BLOCK_ROWS] != first) for start in blocks):
        return
    raise DataError(
        f"{name}: there is 1 row" if len(rows) == 1 else f"{name}: all {len(rows)} rows are equal",
        f"{purpose} needs rows that differ",
        "check the source, or leave the step out",
    )


def centered(rows: FloatArray, mean: NDArray[Any] | None = None) -> FloatArray:
    """Subtract the mean, theirs or another, from the rows, in their own dtype.

    The mean is taken and subtracted in float64 and the result rounded once, so
    that rows far from the origin keep the digits in which they differ.
    """
    mean = rows.mean(axis=0, dtype=np.float64) if mean is None else mean
    shifted = np.empty_like(rows)
    np.subtract(rows, mean, out=shifted, casting="same_kind")
    return shifted


def principal_components(
    rows: FloatArray,
    n_components: float,
    *,
    seed: int,
    whiten: bool = False,
    svd_solver: str = "auto",
) -> Principal:
    """Return coordinates along the directions of greatest variance.

    By scikit-learn's PCA, on rows that are centred without cancellation and
    scaled so that no square overflows or vanishes. Cost: O(n d^2) at most, one
    copy of the rows.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Not all equal, see `require_spread`.
    n_components : int or float
        At most the smaller of rows and dimensions; or a share of the variance below 1.
    seed : int
        For the randomized solver.
    whiten : bool
        Scale every column of the result to variance 1.
    svd_solver : str
        scikit-learn's; ``auto`` is exact where that is quick.

    Returns
    -------
    Principal
    """
    from sklearn.decomposition import PCA

    shifted = centered(rows)
    largest = max(abs(float(shifted.max())), abs(float(shifted.min())))
    scale = shifted.dtype.type(2.0 ** np.floor(np.log2(largest)))  # a power of two: nothing is rounded
    shifted /= scale
    model = PCA(n_components, whiten=whiten, svd_solver=svd_solver, random_state=seed, copy=False)
    scores = np.ascontiguousarray(model.fit_transform(shifted))
    directions = model.components_.astype(np.float64)
    if whiten:
        directions /= (float(scale) * np.sqrt(model.explained_variance_.astype(np.float64)))[:, None]
    else:
        scores *= scale
    mean = rows.mean(axis=0, dtype=np.float64) + float(scale) * model.mean_
    return Principal(scores, model.explained_variance_ratio_.astype(np.float64), mean, directions)
