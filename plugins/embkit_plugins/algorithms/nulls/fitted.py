"""Data of the same shape without clusters: what a score must be compared with.

A silhouette or a gap says nothing by itself; it has to be above what the same
search reaches on data that have the spread of the real ones and no clusters.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Floats

__all__ = ["FittedNull", "Null", "noise_variance", "soft_threshold"]

Null = Literal["gaussian", "permuted", "uniform"]


@dataclass(frozen=True, eq=False)
class FittedNull:
    """Draws data sets of the shape of one, without its clusters.

    Parameters
    ----------
    mean : ndarray of float64, shape (n_features,)
        Of the rows.
    scores : ndarray of float64, shape (n_samples, n_components)
        The rows along their principal axes.
    axes : ndarray of float64, shape (n_components, n_features)
        The axes, orthonormal.

    Notes
    -----
    - ``gaussian``: a normal distribution with the data's spectrum, as in SigClust,
      with its soft thresholding (Huang, Liu, Yuan and Marron, "Statistical
      significance of clustering using soft thresholding", JCGS 24, 2015) and
      another estimate of the noise; see `noise_variance`.
    - ``permuted``: each principal component shuffled on its own, which keeps
      every spread, skew and tail along an axis and breaks what joins them.
    - ``uniform``: uniform in the box around the principal components (Tibshirani,
      Walther and Hastie, "Estimating the number of clusters via the gap
      statistic", JRSS B 63, 2001, their choice b). Embeddings are nowhere near
      a box, so almost anything is above this one.
    """

    mean: Floats
    scores: Floats
    axes: Floats

    @classmethod
    def fit(cls, vectors: NDArray[Any]) -> "FittedNull":
        """Find the principal axes. Cost: O(n d min(n, d)), one float64 copy."""
        rows = vectors.astype(np.float64)
        mean = rows.mean(axis=0)
        left, values, axes = np.linalg.svd(rows - mean, full_matrices=False)
        return cls(mean, left * values, axes)

    def draw(self, null: Null, rng: np.random.Generator) -> Floats:
        """Draw as many rows as the data have, shape (n_samples, n_features)."""
        if null == "permuted":
            return self._placed(rng.permuted(self.scores, axis=0))
        if null == "uniform":
            low, high = self.scores.min(axis=0), self.scores.max(axis=0)
            return self._placed(rng.uniform(low, high, self.scores.shape))
        return self._gaussian(rng)

    def _gaussian(self, rng: np.random.Generator) -> Floats:
        n_samples, n_features = len(self.scores), len(self.mean)
        spectrum = np.zeros(n_features)
        spectrum[: self.scores.shape[1]] = (self.scores**2).sum(axis=0) / max(n_samples - 1, 1)
        known = spectrum[: min(n_samples - 1, n_features)]
        noise = noise_variance(known, n_samples, n_features) if len(known) else 0.0
        spectrum = soft_threshold(spectrum, noise)
        rest = spectrum[-1] if n_features > len(self.axes) else 0.0
        along = rng.standard_normal(self.scores.shape) * np.sqrt(
            np.maximum(spectrum[: self.scores.shape[1]] - rest, 0.0)
        )
        rows = self._placed(along)
        # the directions that the rows do not span have the spread of the noise
        return rows + np.sqrt(rest) * rng.standard_normal(rows.shape) if rest else rows

    def _placed(self, scores: Floats) -> Floats:
        return np.asarray(scores @ self.axes + self.mean)


def soft_threshold(spectrum: Floats, noise: float) -> Floats:
    """Lower large variances and raise small ones to the noise, keeping their sum.

    The sample spectrum is too wide; each variance becomes max(variance - t, noise)
    with the t that keeps the total (Huang et al. 2015, section 3).

    Parameters
    ----------
    spectrum : ndarray of float64, shape (n_features,)
        Sample variances along the principal axes.
    noise : float
        Variance of the background noise.

    Returns
    -------
    ndarray of float64, shape (n_features,)
        All equal where the noise is above the mean variance.
    """
    total = float(spectrum.sum())
    if noise * len(spectrum) >= total:
        return np.full(len(spectrum), total / len(spectrum))
    low, high = 0.0, float(spectrum.max())
    for _ in range(100):
        middle = 0.5 * (low + high)
        if np.maximum(spectrum - middle, noise).sum() > total:
            low = middle
        else:
            high = middle
    return np.asarray(np.maximum(spectrum - high, noise))


def noise_variance(spectrum: Floats, n_samples: int, n_features: int) -> float:
    """Variance of the background, from the median of the sample variances along the axes.

    Divided by the median of the Marchenko-Pastur distribution, which sample
    variances of pure noise follow (Gavish and Donoho, IEEE Trans. Inf. Theory 60,
    2014). SigClust's own estimate, from the median absolute entry, takes the
    spread of correlated columns for noise, and depends on the rotation.

    Parameters
    ----------
    spectrum : ndarray of float64
        The sample variances that are not zero by the shape of the matrix.
    n_samples, n_features : int
        The shape.
    """
    ratio = min(n_samples, n_features) / max(n_samples, n_features)
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2
    # substituting the angle takes the infinite slopes at both ends away
    values = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, 2001)[1:-1]) ** 2
    density = (values - low) * (high - values) / values
    share = np.cumsum(density) / density.sum()
    median = float(values[np.searchsorted(share, 0.5)]) * max(n_features / n_samples, 1.0)
    return float(np.median(spectrum)) / median
