"""Principal component analysis: scikit-learn's, on rows centred without cancellation."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from embkit import HELD_BYTES, Context, Dataset, Estimate, Fitted, ParameterError
from embkit_plugins.algorithms.rows.covariance import components_by_blocks
from embkit_plugins.algorithms.rows.principal import centered, principal_components, require_spread

_DEFAULT_COMPONENTS = 50
_BLOCKS = 1 << 27  # bytes of the blocks in work


class PCA:
    """Project the rows on the directions in which they vary most.

    Cost: O(n d^2) at most; one copy of the vectors, or none where they take more than
    256 MB and `svd_solver` leaves it to embkit: then the covariance is summed in blocks.
    Source: scikit-learn's `PCA` (Halko, Martinsson and Tropp 2011 for the
    randomized solver).

    Parameters
    ----------
    n_components : int or float, optional
        How many dimensions to keep, or which share of the variance; 50 or what there is if omitted.
    whiten : bool
        Scale every dimension kept to variance 1.
    svd_solver : {"auto", "full", "covariance_eigh", "arpack", "randomized"}
        How the directions are found; auto is exact where that is quick.
    random_state : int, optional
        Seed of the randomized solver; the run's seed if omitted.
    """

    def __init__(
        self,
        *,
        n_components: Annotated[int, Ge(1)] | Annotated[float, Gt(0), Lt(1)] | None = None,
        whiten: bool = False,
        svd_solver: Literal["auto", "full", "covariance_eigh", "arpack", "randomized"] = "auto",
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.random_state = random_state

    @property
    def by_blocks(self) -> bool:
        """Whether large matrices are read in blocks."""
        return self.svd_solver in ("auto", "covariance_eigh")

    def _by_covariance(self, n_samples: int, n_features: int) -> bool:
        """Whether to go by the covariance; by the shape alone, wherever the vectors are."""
        return self.by_blocks and 4 * n_samples * n_features > HELD_BYTES and n_samples > n_features

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """Count the centred rows, a full decomposition of them, and the result."""
        if self._by_covariance(n_samples, n_features):
            result = 4 * n_samples * self.n_features_out(n_samples, n_features)
            return Estimate(result + 32 * n_features**2 + _BLOCKS, "covariance, by blocks")
        smaller = min(n_samples, n_features)
        return Estimate(
            4 * (2 * n_samples * n_features + n_samples * smaller + 2 * smaller * n_features),
            "decomposition of the whole matrix",
            ("--sample N",),
        )

    def n_features_out(self, n_samples: int, n_features: int) -> int:
        """The dimensions kept; at most so many, if a share of the variance is asked for."""
        most = min(n_samples, n_features)
        if self.n_components is None:
            return min(_DEFAULT_COMPONENTS, most)
        return self.n_components if isinstance(self.n_components, int) else most

    def reduce(self, dataset: Dataset, context: Context) -> Dataset:
        """Return the coordinates along the directions kept, in the rows' dtype.

        Raises
        ------
        ParameterError
            If more dimensions are to be kept than there can be.
        DataError
            If all rows are equal.
        """
        most = min(dataset.n_samples, dataset.n_features)
        wanted = min(_DEFAULT_COMPONENTS, most) if self.n_components is None else self.n_components
        if wanted > most:
            raise ParameterError(
                f"reducer pca: n_components={wanted} for {dataset.name} of {dataset.n_samples} rows "
                f"and {dataset.n_features} dimensions",
                "there are no more directions than the smaller of the two",
                f"give n_components of at most {most}",
            )
        require_spread(dataset.vectors, dataset.name, "reducer pca")
        if self._by_covariance(dataset.n_samples, dataset.n_features):
            found = components_by_blocks(dataset.vectors, wanted, whiten=self.whiten)
        else:
            found = principal_components(
                dataset.in_memory.vectors,
                wanted,
                seed=context.seed if self.random_state is None else self.random_state,
                whiten=self.whiten,
                svd_solver=self.svd_solver,
            )
        note = (
            f"reducer pca kept {len(found.shares)} of {dataset.n_features} dimensions, "
            f"{found.shares.sum():.1%} of the variance"
        )
        reduced = dataset.with_vectors(
            found.scores, fitted={"mean": found.mean, "directions": found.directions}
        )
        return replace(reduced, notes=(*dataset.notes, note))

    def transform(self, dataset: Dataset, fitted: Fitted) -> Dataset | None:
        """Return the coordinates of other rows along the directions that were kept."""
        if not fitted:
            return None
        shifted = centered(dataset.in_memory.vectors, fitted["mean"])
        scores = shifted.astype(np.float64) @ fitted["directions"].T
        return dataset.with_vectors(scores.astype(dataset.vectors.dtype))
