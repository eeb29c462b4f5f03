"""Hopkins: nearest neighbours of random places against those of rows."""

import math
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from embkit import Context, Dataset, Floats, Validation

__all__ = ["Hopkins"]

_WEAKNESS = (
    "compared with a uniform box, which embeddings never fill: a high value does not mean clusters"
)


class Hopkins:
    """Hopkins' statistic with the exponent that its null distribution needs.

    H = sum(u^d) / (sum(u^d) + sum(w^d)): u are the distances from places drawn
    uniformly in the box around the data to the nearest row, w those from sampled
    rows to the nearest other row, d the number of dimensions (Hopkins and
    Skellam 1954; Wright, "Will the real Hopkins statistic please stand up?", R
    Journal 14, 2022, who shows that the common exponent 1 has no known
    distribution). Without structure in the box H is 0.5 on average, and Beta(m, m)
    for m sampled rows; towards 1 the rows are crowded.

    Weakness: the null is a uniform box. A single Gaussian, correlated columns, or
    embeddings on a sphere all give an H of nearly 1, so a high value does not
    say that there are clusters. It is offered for comparison; `structure` is the
    verdict to trust.

    Scores: ``hopkins`` (0 to 1), ``p_value`` (of uniformity, by the Beta
    distribution), ``n_sampled``. Cost: 2 m n d.

    Parameters
    ----------
    n_sampled : int, optional
        Rows and places to sample; a tenth of the rows, at most 500, if omitted.
    random_state : int, optional
        Seed of the sample; the run's seed if omitted.
    """

    def __init__(
        self,
        *,
        n_sampled: Annotated[int, Ge(1)] | None = None,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_sampled = n_sampled
        self.random_state = random_state

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the statistic and its p-value against a uniform box."""
        from scipy.stats import beta

        vectors = dataset.vectors
        low, high = vectors.min(axis=0).astype(np.float64), vectors.max(axis=0).astype(np.float64)
        varying = high > low
        if dataset.n_samples < 3 or not varying.any():
            return Validation.skip("fewer than three rows, or all rows are equal")
        n_sampled = self.n_sampled or max(1, min(500, dataset.n_samples // 10))
        n_sampled = min(n_sampled, dataset.n_samples)
        rng = np.random.default_rng(context.seed if self.random_state is None else self.random_state)
        rows = rng.choice(dataset.n_samples, n_sampled, replace=False)
        places = rng.uniform(low, high, (n_sampled, len(low)))
        dimension = int(varying.sum())
        from_places = _log_sum(_nearest(places, vectors), dimension)
        from_rows = _log_sum(_nearest(vectors[rows].astype(np.float64), vectors, own=rows), dimension)
        hopkins = 0.0 if from_places == -math.inf else 1.0 / (1.0 + _exp(from_rows - from_places))
        p_value = float(beta.sf(hopkins, n_sampled, n_sampled))
        floor = () if p_value else ("p_value is less than the least number above 0, about 1e-308",)
        return Validation(
            scores={"hopkins": hopkins, "p_value": p_value, "n_sampled": n_sampled},
            notes=(_WEAKNESS, *floor),
        )


def _nearest(places: Floats, vectors: NDArray[Any], own: NDArray[np.int64] | None = None) -> Floats:
    """Distance from each place to the nearest row, other than its own."""
    nearest = np.empty(len(places))
    step = max(1, (1 << 22) // (len(vectors) + vectors.shape[1]))
    norms = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    for start in range(0, len(places), step):
        block = places[start : start + step]
        squares = norms - 2.0 * (block.astype(vectors.dtype) @ vectors.T)
        if own is not None:
            squares[np.arange(len(block)), own[start : start + step]] = np.inf
        closest = squares.argmin(axis=1)  # the product loses digits of small distances
        nearest[start : start + step] = np.linalg.norm(block - vectors[closest], axis=1)
    return nearest


def _log_sum(distances: Floats, dimension: int) -> float:
    """Logarithm of the sum of distances to the power of the dimension, without overflow."""
    positive = distances[distances > 0]
    if not len(positive):
        return -math.inf
    powers = dimension * np.log(positive)
    return float(powers.max() + np.log(np.exp(powers - powers.max()).sum()))


def _exp(power: float) -> float:
    return math.exp(min(power, 700.0))
