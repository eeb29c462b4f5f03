"""Dunn's index."""

import numpy as np

from embkit import Clustering, Context, Validation


class Dunn:
    """The smallest distance between rows of two clusters over the largest within one.

    0 or more, higher is better; above 1, every row is nearer to all of its own
    cluster than to any other. Noise is left out. Distances are euclidean.
    Cost: O(n^2 d), a row of distances at a time.
    Source: J. C. Dunn, "Well-separated clusters and optimal fuzzy partitions",
    Journal of Cybernetics 4 (1974).
    """

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return the index with the gap and the width that make it."""
        if clustering.n_clusters < 2:
            return Validation.skip(f"it compares clusters, and there are {clustering.n_clusters}")
        kept = clustering.labels >= 0
        vectors = clustering.dataset.vectors[kept].astype(np.float64)
        labels = clustering.labels[kept]
        gap, width = np.inf, 0.0
        for row, (vector, label) in enumerate(zip(vectors, labels, strict=True)):
            distances = np.linalg.norm(vectors - vector, axis=1)
            own = labels == label
            gap = min(gap, distances[~own].min())
            width = max(width, distances[own].max())
            context.progress((row + 1) / len(vectors))
        if width == 0:
            return Validation.skip("every cluster is a single point, so none has a width")
        notes = (f"{clustering.n_noise} rows of noise left out",) if clustering.n_noise else ()
        scores = {"dunn": float(gap / width), "gap": float(gap), "width": float(width)}
        return Validation(scores, notes=notes)
