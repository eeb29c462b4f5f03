"""What to run next on a dataset, and why."""

from dataclasses import dataclass

import numpy as np

from embkit import Context, Dataset, Floats, Validation
from embkit.text import plural
from embkit_plugins.algorithms.density.selection import selected_clusters
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from embkit_plugins.algorithms.rows.prepare import first_equal
from embkit_plugins.artifacts.structure import Verdict, divisions_of

__all__ = ["Advice"]

_LEAST_REDUCED = 100  # fewer rows have too few neighbours for UMAP
_MOST_REDUCED = 30_000  # more take minutes to lay out
_LOOKED_AT = 1_000
_UNIT = 1e-3
_UMAP = "--reducer umap:n_components=5,min_dist=0"
_GENIE = "--clusterer agglomerative:linkage=genie"
_GROUP = 5  # rows that make a cluster of HDBSCAN, as by default
_MOST_NOISE = 0.04
_QUARTER = 4
_FEW = 10  # dimensions: fewer are not embeddings of texts


class Advice:
    """Advise a command for a dataset: reducers and a clusterer, chosen by what the dataset is like.

    - Fewer than 100 rows: agglomerative clustering of the rows as they are.
    - More than 30,000: k-means into sqrt(n) clusters, as a layout and a tree take minutes.
    - Rows of which HDBSCAN leaves at most one in 25 as noise: HDBSCAN, as there are gaps
      between groups of whatever shape and size.
    - Rows of length 1 in many dimensions, as models for texts and images give them: their
      groups touch, and no cut stands out. UMAP to 5 dimensions by cosine pulls them apart,
      and Ward's tree is cut into sqrt(n) clusters, few enough to read.
    - Others without valleys in the density (artifact ``structure``) of which HDBSCAN leaves at most one
      in 25 as noise with a larger ``min_cluster_size``, 10, 20 and so on, and does so with the same
      number of clusters at twice that size, up to a quarter of the rows: HDBSCAN with the least.
      Long groups of uneven density fall into pieces at 5.
    - All others: Genie's tree (Gagolewski 2016) of a UMAP to 5 dimensions, cut where silhouettes and,
      in doubt, the density say. The number of groups that ``structure`` finds is a lower bound and
      not taken for their number.

    ``benchmarks/defaults.py`` prints how these do beside the defaults of libraries, on
    the data that they were chosen on and on others. ``embkit run`` without a clusterer does
    what is advised.

    Scores: ``advice``, the options of ``embkit run``. Notes: the reason.
    Cost: that of artifact ``spanning-tree``, and of ``structure`` where it decides; nothing
    beside reading some rows where these are fewer than 100 or more than 30,000.
    """

    by_blocks = True

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the options and the reason."""
        options, reason = _options(dataset, context)
        return Validation({"advice": options}, notes=(reason,))


def _options(dataset: Dataset, context: Context) -> tuple[str, str]:
    if not _LEAST_REDUCED <= dataset.n_samples <= _MOST_REDUCED:
        return _by_size(dataset)
    islands = _Islands.of(dataset, context)
    if islands is not None and islands.at(_GROUP)[1] <= _MOST_NOISE:
        return islands.advice(_GROUP)
    if _are_embeddings(dataset):
        return _of_embeddings(dataset.n_samples)
    return _by_groups(islands, context)


def _by_size(dataset: Dataset) -> tuple[str, str]:
    n_samples = dataset.n_samples
    if n_samples < _LEAST_REDUCED:
        few = "1 row is" if n_samples == 1 else f"{n_samples} rows are"
        return "--clusterer agglomerative", f"{few} few: no reducer is needed"
    n_clusters = round(n_samples**0.5)
    metric = ",metric=cosine" if _are_embeddings(dataset) else ""
    return f"--clusterer kmeans:n_clusters={n_clusters}{metric}", (
        f"{plural(n_samples, 'row')} are many for a layout and a tree; {n_clusters} clusters are "
        "the square root of their number"
    )


@dataclass(frozen=True, eq=False)
class _Islands:
    """The tree of HDBSCAN; equal rows are in it once.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_distinct - 1, 4)
        scipy's format.
    copies : bool
        Whether there are equal rows.
    """

    linkage: Floats
    copies: bool

    @classmethod
    def of(cls, dataset: Dataset, context: Context) -> "_Islands | None":
        """None where there are too few distinct rows."""
        rows = np.unique(first_equal(dataset.in_memory.vectors))
        distinct = dataset.in_memory if len(rows) == dataset.n_samples else dataset.take(rows)
        if distinct.n_samples < _LEAST_REDUCED:
            return None
        tree = context.on(distinct).artifact("spanning-tree", min_samples=_GROUP)
        linkage = linkage_of_edges(tree["edges"], tree["weights"])
        return cls(linkage, distinct.n_samples < dataset.n_samples)

    def at(self, min_cluster_size: int) -> tuple[int, float]:
        """The number of clusters, and the share of rows in none."""
        labels, _ = selected_clusters(self.linkage, min_cluster_size)
        return int(labels.max()) + 1, float(np.mean(labels < 0))

    def coarse(self) -> int | None:
        """The least doubling of the default size with hardly any noise, then and at twice the size."""
        size = 2 * _GROUP
        while 2 * size * _QUARTER <= len(self.linkage) + 1:
            (n_clusters, noise), (n_larger, noise_larger) = self.at(size), self.at(2 * size)
            if n_clusters == n_larger and max(noise, noise_larger) <= _MOST_NOISE:
                return size
            size *= 2
        return None

    def advice(self, size: int) -> tuple[str, str]:
        """The options and the reason."""
        params = [] if size == _GROUP else [f"min_cluster_size={size}", f"min_samples={_GROUP}"]
        params += ["duplicates=once"] if self.copies else []
        noise = f"HDBSCAN leaves {self.at(size)[1]:.1%} of the rows out as noise"
        if size > _GROUP:
            noise += f", and finds as many clusters with min_cluster_size={2 * size}"
        return (
            "--clusterer hdbscan" + (f":{','.join(params)}" if params else ""),
            f"there are gaps between groups: {noise}",
        )


def _of_embeddings(n_samples: int) -> tuple[str, str]:
    n_clusters = round(n_samples**0.5)
    return f"{_UMAP},metric=cosine --clusterer agglomerative:n_clusters={n_clusters}", (
        "all rows have length 1, as embeddings of texts do: such groups touch, and UMAP pulls them "
        f"apart; {n_clusters} clusters, the square root of the number of rows, are few enough to read"
    )


def _by_groups(islands: _Islands | None, context: Context) -> tuple[str, str]:
    found = divisions_of(context)
    verdict = found.verdict() if len(found.z) else Verdict("continuum", 1.0)
    reason = "UMAP makes groups of any shape compact, and Genie keeps one from swallowing the others"
    if verdict.word == "clusters":
        return f"{_UMAP} {_GENIE}", f"the density has valleys between groups; {reason}"
    size = None if islands is None else islands.coarse()
    if islands is not None and size is not None:
        return islands.advice(size)
    return f"{_UMAP} {_GENIE}", (
        f"{reason}; the verdict is {verdict.word}, so clusters may be regions of one whole"
    )


def _are_embeddings(dataset: Dataset) -> bool:
    step = -(-dataset.n_samples // _LOOKED_AT)
    rows = np.asarray(dataset.vectors[::step], dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1)
    return bool(dataset.n_features > _FEW and np.abs(lengths - 1).max() < _UNIT)
