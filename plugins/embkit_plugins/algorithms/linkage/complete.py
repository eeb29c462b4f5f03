"""Complete linkage without a matrix of distances, from lists of near clusters.

The distance of two clusters is that of their farthest rows. In lists it follows
from those of the parts (the larger counts, Lance and Williams 1967), as long as
both are known; what is missing in a list is beyond its reach, and with it any
union that contains it. So lists are carried through merges without a single new
distance, until they run dry; then the distances of those clusters to all others
are taken again by products of their rows, the largest over each cluster kept.

When few clusters are left their matrix of distances is small: it is taken by one
more pass over the rows, and fastcluster finishes the tree. Below a threshold the
lists alone suffice, for a pair that is missing is too far by definition.

Cost: two to four n x n products for a whole tree, about one for what lies below a
low threshold. Memory: two copies of the rows, lists of 15 clusters, 32 MB blocks,
and 4 m^2 bytes for m clusters at the end. Heights are those of float32 distances,
good to about 5e-7 under cosine, but of float64 where more rows than a list holds are
nearly parallel.
"""

from collections.abc import Callable

import numpy as np

from embkit import Dataset, Floats
from embkit_plugins.algorithms.distances.squares import pair_squares
from embkit_plugins.algorithms.linkage.farthest import WIDTH, Farthest, Metric
from embkit_plugins.algorithms.linkage.lists import tidy
from embkit_plugins.algorithms.linkage.rounds import Nearest, Start, merge_rounds, start_from_neighbors
from embkit_plugins.algorithms.rows.prepare import nearly_parallel, unit_rows

__all__ = ["complete_linkage"]

_FINE = 1e-3  # cosine distance, of which float32 products leave three digits


def _is_fine(start: Start) -> bool:
    """Whether there are rows so close together that float32 distances would order their merges.

    In a small group the lists suffice, which have all digits.
    """
    return int(np.count_nonzero(start.reach < _FINE)) > WIDTH


def complete_linkage(
    dataset: Dataset,
    metric: Metric,
    nearest: Nearest,
    *,
    until: int = 1,
    below: float = np.inf,
    progress: Callable[[float], None] | None = None,
) -> tuple[Floats, dict[str, int]]:
    """The tree of complete linkage.

    Parameters
    ----------
    dataset : Dataset
        With vectors of float32 or float64.
    metric : {"cosine", "euclidean"}
        Distance between rows.
    nearest : Nearest
        The `WIDTH` nearest other rows of each row, or all where there are fewer.
    until : int
        Number of clusters at which their matrix of distances is made and finished by fastcluster.
    below : float
        Make only the merges below this height; the tree is whole if it is infinite.
    progress : callable, optional
        Receives the share of the work that is done.

    Returns
    -------
    linkage : ndarray of float64, shape (n_merges, 4)
        scipy's format.
    facts : dict
        Rounds and scans; see `merge_rounds`.

    Raises
    ------
    DataError
        If a row is zero under cosine.
    """
    start = start_from_neighbors(dataset, nearest)
    if metric == "cosine" and (_is_fine(start) or nearly_parallel(unit_rows(dataset))):
        # The same tree as that of the unit rows by euclidean distance, which has all their digits.
        chords = Nearest(nearest.indices, np.sqrt(2 * nearest.distances.astype(np.float64)))
        linkage, facts = complete_linkage(
            dataset.with_vectors(unit_rows(dataset, np.float64)),
            "euclidean",
            chords,
            until=until,
            below=np.sqrt(2 * below),
            progress=progress,
        )
        linkage[:, 2] = np.minimum(linkage[:, 2] ** 2 / 2, 2)
        return linkage, facts
    forest = start.forest
    squared = metric == "euclidean"
    if squared:  # neighbours come with float32 distances
        row, column = np.nonzero(start.ids >= 0)
        start.distances[row, column] = pair_squares(
            dataset.vectors, start.rows[row], start.rows[start.ids[row, column]]
        )
    lists = tidy(start.ids, start.distances, start.reach**2 if squared else start.reach, WIDTH)
    clusters = Farthest(dataset, metric, start.rows)
    facts = merge_rounds(
        clusters,
        lists,
        forest,
        until=until,
        below=below**2 if squared else below,
        progress=progress,
    )
    if 1 < len(clusters) <= until:
        import fastcluster

        heights, places = clusters.matrix()
        forest.finish(fastcluster.linkage(heights, "complete", preserve_input=False), places)
    tree = forest.linkage()
    return tree[: np.searchsorted(tree[:, 2], below)], facts
