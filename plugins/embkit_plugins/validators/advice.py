"""What to run next on a dataset, and why."""

import numpy as np

from embkit import Context, Dataset, Validation
from embkit.text import plural
from embkit_plugins.artifacts.structure import LEAST_SAMPLES, divisions_of

__all__ = ["Advice"]

_LEAST_REDUCED = 100  # fewer rows have too few neighbours for UMAP
_UNIT = 1e-3
_UMAP = "--reducer umap:n_components=5,min_dist=0"
_FEW = 10  # dimensions in which rows of length 1 are no embeddings of texts


class Advice:
    """Advise a command for a dataset: reducers and a clusterer, chosen by what the dataset is like.

    - Fewer than 100 rows: agglomerative clustering of the rows as they are.
    - Rows of length 1 in many dimensions, as models for texts and images give them: their
      groups touch, and no cut stands out. UMAP to 5 dimensions by cosine draws groups
      together, and Ward's tree is cut into sqrt(n) clusters, a number that can be read.
    - All others: UMAP to 5 dimensions, and Genie's tree (Gagolewski 2016) cut where
      silhouettes or the density say.

    ``benchmarks/defaults.py`` prints how these do beside the defaults of libraries, on
    the data that they were chosen on and on others.

    Scores: ``advice``, the options of ``embkit run``. Notes: the reason.
    Cost: that of artifact ``structure``.
    """

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the options and the reason."""
        if dataset.n_samples < LEAST_SAMPLES:
            return Validation.skip(
                f"{plural(dataset.n_samples, 'row')}; no advice below {LEAST_SAMPLES}"
            )
        options, reason = _options(dataset)
        found = divisions_of(context)
        word = found.verdict().word if len(found.z) else "continuum"
        if word != "clusters":
            reason += f"; the verdict is {word}, so clusters may be regions of one whole"
        return Validation({"advice": options}, notes=(reason,))


def _options(dataset: Dataset) -> tuple[str, str]:
    n_samples = dataset.n_samples
    if n_samples < _LEAST_REDUCED:
        return "--clusterer agglomerative", f"{plural(n_samples, 'row')} are few: no reducer is needed"
    if _are_embeddings(dataset):
        n_clusters = round(n_samples**0.5)
        options = f"{_UMAP},metric=cosine --clusterer agglomerative:n_clusters={n_clusters}"
        reason = (
            "all rows have length 1, as embeddings of texts: their groups touch and UMAP draws them "
            f"together; {n_clusters} clusters, the square root of the number of rows, can be read"
        )
        return options, reason
    return (
        f"{_UMAP} --clusterer agglomerative:linkage=genie",
        "UMAP draws groups of any shape together, and Genie lets no cluster run away",
    )


def _are_embeddings(dataset: Dataset) -> bool:
    lengths = np.sqrt(np.einsum("ij,ij->i", dataset.vectors, dataset.vectors, dtype=np.float64))
    return bool(dataset.n_features > _FEW and np.abs(lengths - 1).max() < _UNIT)
