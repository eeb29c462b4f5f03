"""Made-up data with a known answer: points without groups, and points around centres.

The two ends of the question whether embeddings fall into clusters or form a
continuum: in `Uniform` there is nothing to find, in `Blobs` the groups dissolve
as `std` grows.
"""

from math import inf
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from embkit import Dataset, ParameterError, ResourceError, available_memory
from embkit.text import format_bytes


class Uniform:
    """Points spread evenly over a cube: no groups.

    Each coordinate is drawn independently from the uniform distribution on
    [low, high). Cost: O(n d) time, 4 n d bytes.

    Parameters
    ----------
    n_samples : int
        Number of points.
    n_features : int
        Number of dimensions.
    low : float
        Lower end of every coordinate.
    high : float
        Upper end of every coordinate, above `low`.
    seed : int
        Seed of the data, which does not follow the seed of the run.
    """

    def __init__(
        self,
        *,
        n_samples: Annotated[int, Ge(1), Le(10**8)] = 1000,
        n_features: Annotated[int, Ge(1), Le(10**6)] = 32,
        low: float = 0.0,
        high: float = 1.0,
        seed: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.n_samples = n_samples
        self.n_features = n_features
        self.low = low
        self.high = high
        self.seed = seed

    def load(self, source: str | None) -> Dataset:
        """Draw the points.

        Parameters
        ----------
        source : str, optional
            Not read.

        Returns
        -------
        Dataset
            `n_samples` rows of float32 in `n_features` dimensions.

        Raises
        ------
        ParameterError
            If `low` is not below `high`, or they are not finite.
        ResourceError
            If the matrix would not fit into memory.
        """
        del source
        if not 0 < self.high - self.low < inf:
            raise ParameterError(
                f"loader uniform: low={self.low:g} and high={self.high:g} are not an interval",
                "low must be below high, and both finite",
                "give for instance low=0,high=1",
            )
        _check_size("uniform", self.n_samples, self.n_features)
        rng = np.random.default_rng(self.seed)
        vectors = rng.random((self.n_samples, self.n_features), dtype=np.float32)
        vectors *= self.high - self.low
        vectors += self.low
        return Dataset(vectors, name="uniform")


class Blobs:
    """Points around centres: as many groups as centres, the vaguer the larger `std`.

    The centres are drawn evenly from the unit cube, the points from isotropic
    Gaussian distributions around them, equally many around each (one more
    around the first ones where the division leaves a rest). Row i belongs to
    centre i modulo `centers`, so the first rows are a balanced sample. For one
    seed and shape, another `std` moves the same points along the same lines,
    so that a ladder of values differs in nothing else.
    Cost: O(n d) time, 4 n d bytes.

    Parameters
    ----------
    n_samples : int
        Number of points in all.
    n_features : int
        Number of dimensions.
    centers : int
        Number of centres, at most `n_samples`.
    std : float
        Standard deviation of each coordinate around its centre.
    seed : int
        Seed of the data, which does not follow the seed of the run.
    """

    def __init__(
        self,
        *,
        n_samples: Annotated[int, Ge(1), Le(10**8)] = 1000,
        n_features: Annotated[int, Ge(1), Le(10**6)] = 32,
        centers: Annotated[int, Ge(1), Le(10**8)] = 10,
        std: Annotated[float, Ge(0)] = 0.3,
        seed: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.n_samples = n_samples
        self.n_features = n_features
        self.centers = centers
        self.std = std
        self.seed = seed

    def load(self, source: str | None) -> Dataset:
        """Draw the centres and the points.

        Parameters
        ----------
        source : str, optional
            Not read.

        Returns
        -------
        Dataset
            `n_samples` rows of float32 in `n_features` dimensions; the
            reference labels are the numbers of the centres.

        Raises
        ------
        ParameterError
            If there are more centres than points.
        ResourceError
            If the matrix would not fit into memory.
        """
        del source
        if self.centers > self.n_samples:
            raise ParameterError(
                f"loader blobs: centers={self.centers} is more than n_samples={self.n_samples}",
                "every centre has at least one point",
                f"give at most centers={self.n_samples}",
            )
        _check_size("blobs", self.n_samples, self.n_features)
        rng = np.random.default_rng(self.seed)
        centers = rng.random((self.centers, self.n_features), dtype=np.float32)
        vectors = rng.standard_normal((self.n_samples, self.n_features), dtype=np.float32)
        vectors *= self.std
        for number, center in enumerate(centers):
            vectors[number :: self.centers] += center
        reference = [str(row % self.centers) for row in range(self.n_samples)]
        return Dataset(vectors, reference=reference, name=f"blobs(std={self.std:g})")


def _check_size(name: str, n_samples: int, n_features: int) -> None:
    """Refuse what would not fit before it is drawn."""
    needed, available = 4 * n_samples * n_features, available_memory()
    if needed > available:
        raise ResourceError(
            f"loader {name}: {n_samples} x {n_features} values need {format_bytes(needed)}",
            f"{format_bytes(available)} of memory can be used",
            "give a smaller n_samples or n_features",
        )
