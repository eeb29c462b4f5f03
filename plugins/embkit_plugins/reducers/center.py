"""Rows relative to their mean."""

import numpy as np

from embkit import Context, Dataset, Estimate, Fitted
from embkit_plugins.algorithms.rows.principal import centered


class Center:
    """Subtract the mean of all rows from every row.

    Sentence models place all rows in a narrow cone, so that unrelated texts have
    a high cosine similarity; around the mean, unrelated rows are near
    orthogonal and a cosine threshold means the same from model to model
    (Mu and Viswanath 2018, "All-but-the-Top"). Cost: O(n d), one copy of the
    vectors; the mean is taken in float64.
    """

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """One copy of the vectors."""
        return Estimate(4 * n_samples * n_features, "one copy", ("--sample N",))

    def reduce(self, dataset: Dataset, context: Context) -> Dataset:  # noqa: ARG002
        """Return the rows shifted."""
        mean = dataset.vectors.mean(axis=0, dtype=np.float64)
        return dataset.with_vectors(centered(dataset.vectors, mean), fitted={"mean": mean})

    def transform(self, dataset: Dataset, fitted: Fitted) -> Dataset | None:
        """Return other rows shifted by the same mean."""
        if not fitted:
            return None
        return dataset.with_vectors(centered(dataset.vectors, fitted["mean"]))
