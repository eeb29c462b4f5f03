"""Rows of length 1, on which euclidean and cosine distance order pairs alike."""

from embkit import Context, Dataset, Estimate, Fitted
from embkit_plugins.algorithms.rows.prepare import unit_rows


class Normalize:
    """Scale every row to euclidean length 1.

    For such rows the squared euclidean distance is twice the cosine distance:
    ``|u - v|^2 = 2 (1 - cos)``. Cost: O(n d), one copy of the vectors.
    """

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """One copy of the vectors."""
        return Estimate(4 * n_samples * n_features, "one copy", ("--sample N",))

    def reduce(self, dataset: Dataset, context: Context) -> Dataset:  # noqa: ARG002
        """Return the rows scaled.

        Raises
        ------
        DataError
            If a row is zero: it has no direction.
        """
        return dataset.with_vectors(unit_rows(dataset))

    def transform(self, dataset: Dataset, fitted: Fitted) -> Dataset:  # noqa: ARG002
        """Return other rows scaled; nothing is taken from those before.

        Raises
        ------
        DataError
            If a row is zero.
        """
        return dataset.with_vectors(unit_rows(dataset))
