"""What to run next on a dataset, and why."""

import numpy as np

from embkit import Context, Dataset, Validation
from embkit.text import plural
from embkit_plugins.algorithms.density.selection import selected_clusters
from embkit_plugins.algorithms.linkage.single import linkage_of_edges
from embkit_plugins.algorithms.rows.prepare import first_equal
from embkit_plugins.artifacts.structure import Divisions, Verdict, divisions_of

__all__ = ["Advice"]

_LEAST_REDUCED = 100  # fewer rows have too few neighbours for UMAP
_MOST_REDUCED = 30_000  # more take minutes to lay out
_LOOKED_AT = 1_000
_UNIT = 1e-3
_UMAP = "--reducer umap:n_components=5,min_dist=0"
_GENIE = "--clusterer agglomerative:linkage=genie"
_EVEN = "Genie keeps any cluster from swallowing the others"
_GROUP = 5  # rows that make a cluster of HDBSCAN, as by default
_MOST_NOISE = 0.04
_FEW = 10  # dimensions: fewer are not embeddings of texts, and need no layout


class Advice:
    """Advise a command for a dataset: reducers and a clusterer, chosen by what the dataset is like.

    - Fewer than 100 rows: agglomerative clustering of the rows as they are.
    - More than 30,000: k-means into sqrt(n) clusters, as a layout and a tree take minutes.
    - Rows of which HDBSCAN leaves at most one in 25 as noise: HDBSCAN, as there are gaps
      between groups of whatever shape and size.
    - Rows of length 1 in many dimensions, as models for texts and images give them: their
      groups touch, and no cut stands out. UMAP to 5 dimensions by cosine pulls them apart,
      and Ward's tree is cut into sqrt(n) clusters, few enough to read.
    - All others: Genie's tree (Gagolewski 2016) of the rows in up to ten dimensions, of a UMAP
      to 5 dimensions in more, cut into as many clusters as artifact ``structure`` finds groups.
      Where it finds none, or so many that it may have looked for too few, the tree is that of
      a UMAP, cut where silhouettes say.

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
    islands = _islands(dataset, context)
    if islands is not None:
        return islands
    return (
        _of_embeddings(dataset.n_samples) if _are_embeddings(dataset) else _by_groups(dataset, context)
    )


def _by_size(dataset: Dataset) -> tuple[str, str]:
    n_samples = dataset.n_samples
    if n_samples < _LEAST_REDUCED:
        return "--clusterer agglomerative", f"{plural(n_samples, 'row')} are few: no reducer is needed"
    n_clusters = round(n_samples**0.5)
    metric = ",metric=cosine" if _are_embeddings(dataset) else ""
    return f"--clusterer kmeans:n_clusters={n_clusters}{metric}", (
        f"{plural(n_samples, 'row')} are many for a layout and a tree; {n_clusters} clusters are "
        "the square root of their number"
    )


def _islands(dataset: Dataset, context: Context) -> tuple[str, str] | None:
    """HDBSCAN, where it leaves hardly any row out; equal rows are looked at once."""
    rows = np.unique(first_equal(dataset.in_memory.vectors))
    distinct = dataset.in_memory if len(rows) == dataset.n_samples else dataset.take(rows)
    if distinct.n_samples < _LEAST_REDUCED:
        return None
    tree = context.on(distinct).artifact("spanning-tree", min_samples=_GROUP)
    labels, _ = selected_clusters(linkage_of_edges(tree["edges"], tree["weights"]), _GROUP)
    noise = float(np.mean(labels < 0))
    if noise > _MOST_NOISE:
        return None
    once = "" if distinct.n_samples == dataset.n_samples else ":duplicates=once"
    return f"--clusterer hdbscan{once}", (
        f"there are gaps between groups: HDBSCAN leaves {noise:.1%} of the rows out as noise"
    )


def _of_embeddings(n_samples: int) -> tuple[str, str]:
    n_clusters = round(n_samples**0.5)
    return f"{_UMAP},metric=cosine --clusterer agglomerative:n_clusters={n_clusters}", (
        "all rows have length 1, as embeddings of texts do: such groups touch, and UMAP pulls them "
        f"apart; {n_clusters} clusters, the square root of the number of rows, are few enough to read"
    )


def _by_groups(dataset: Dataset, context: Context) -> tuple[str, str]:
    found = divisions_of(context)
    verdict = found.verdict() if len(found.z) else Verdict("continuum", 1.0)
    n_groups = _n_groups(found, verdict)
    if n_groups is None:
        reason = f"UMAP makes groups of any shape compact, and {_EVEN}"
        if verdict.word != "clusters":
            reason += f"; the verdict is {verdict.word}, so clusters may be regions of one whole"
        return f"{_UMAP} {_GENIE}", reason
    into = f"{_GENIE},n_clusters={n_groups}"
    reason = f"the density has valleys between {n_groups} groups, and {_EVEN}"
    if dataset.n_features <= _FEW:
        return into, reason
    return f"{_UMAP} {into}", f"{reason}; UMAP makes groups of any shape compact"


def _n_groups(found: Divisions, verdict: Verdict) -> int | None:
    """The number of groups, where twice as many would have been seen."""
    if verdict.suggested is None or 2 * verdict.suggested > found.n_tried.max():
        return None
    return verdict.suggested


def _are_embeddings(dataset: Dataset) -> bool:
    step = -(-dataset.n_samples // _LOOKED_AT)
    rows = np.asarray(dataset.vectors[::step], dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1)
    return bool(dataset.n_features > _FEW and np.abs(lengths - 1).max() < _UNIT)
