"""Principal components: for the reducer ``pca``, and where every layout starts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data import Dataset
from embkit.errors import DataError

__all__ = ["centered", "principal_scores", "require_spread"]


def require_spread(dataset: Dataset, purpose: str) -> None:
    """Refuse rows that are all equal, before native code divides by their variance.

    scikit-learn's t-SNE crashes on them and openTSNE returns NaN. Cost: O(n d),
    O(d) where the first two rows differ.

    Parameters
    ----------
    dataset : Dataset
        What is about to be projected.
    purpose : str
        What needs the rows to differ, for the message.

    Raises
    ------
    DataError
        If there is one row, or all are equal.
    """
    vectors = dataset.vectors
    first = vectors[0]
    if any(np.any(vectors[start : start + 1024] != first) for start in range(0, len(vectors), 1024)):
        return
    rows = "there is 1 row" if dataset.n_samples == 1 else f"all {dataset.n_samples} rows are equal"
    raise DataError(
        f"{dataset.name}: {rows}",
        f"{purpose} needs rows that differ",
        "check the source, or leave the step out",
    )


def centered(vectors: NDArray[Any]) -> NDArray[Any]:
    """Subtract the mean from the rows, in their own dtype.

    The mean is taken and subtracted in float64 and the result rounded once, so
    that rows far from the origin keep the digits in which they differ.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    shifted = np.empty_like(vectors)
    np.subtract(vectors, mean, out=shifted, casting="same_kind")
    return shifted


def principal_scores(
    rows: NDArray[Any], n_components: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return coordinates along the directions of greatest variance.

    By scikit-learn's PCA. Cost: O(n d^2) at most, one copy of the rows.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Not all equal, see `require_spread`.
    n_components : int
        At most the smaller of rows and dimensions.
    seed : int
        For scikit-learn's randomized solver, which it takes for wide matrices.

    Returns
    -------
    scores : ndarray of float32, shape (n_samples, n_components)
        Centred; the first column varies most.
    shares : ndarray of float64, shape (n_components,)
        Share of the total variance along each, 0 to 1.
    """
    from sklearn.decomposition import PCA

    model = PCA(n_components, random_state=seed, copy=False)
    scores = model.fit_transform(centered(rows))
    shares = model.explained_variance_ratio_.astype(np.float64)
    return np.ascontiguousarray(scores, dtype=np.float32), shares
