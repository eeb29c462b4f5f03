"""Spectral clustering of scikit-learn, which keeps the similarities of all pairs of rows.

Shi and Malik, "Normalized cuts and image segmentation", IEEE TPAMI 22, 2000.
Cost: n^2 memory, and n^2 time a step of the eigensolver.
"""

from sklearn.cluster import SpectralClustering

from embkit import Estimate

__all__ = ["Spectral"]

_COPIES = 4.5  # of n x n float64: affinity, Laplacian and what the solver makes of it, as measured
_COPIES_OF_A_GRAPH = 1.5


class Spectral(SpectralClustering):  # type: ignore[misc]  # noqa: D101
    __doc__ = SpectralClustering.__doc__  # whose parameters these are

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """So many matrices of all pairs."""
        copies = _COPIES_OF_A_GRAPH if self.affinity == "nearest_neighbors" else _COPIES
        return Estimate(
            int(8 * copies * n_samples**2),
            "similarities of all pairs",
            ("--clusterer kmeans", "--clusterer hdbscan"),
        )
