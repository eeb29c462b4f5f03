"""What became of the clusters between two labelings of the same rows.

Two clusters are linked when they share more than a given share of the rows of
either one (more than half by default). What is linked together is one change:

==========  ==================  =====================================================
kind        clusters            meaning
==========  ==================  =====================================================
unchanged   one before, one     the same rows
            after
kept        one before, one     the same core, and some rows came or went
            after
merged      several, one        they became one
split       one, several        it fell apart
reshuffled  anything else       no majority went anywhere, or several went several ways
==========  ==================  =====================================================

Two cuts of one tree are nested, so that between them only the first, third and
fourth occur, exactly. Noise is not a cluster: rows that came from it or went to it
are counted as having come or gone.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Table
from embkit_plugins.algorithms.agreement.contingency import Contingency, contingency, noise_apart

__all__ = ["Change", "Kind", "LabelChanges", "label_changes"]

Kind = Literal["merged", "split", "reshuffled", "kept", "unchanged"]
KINDS: tuple[Kind, ...] = ("merged", "split", "reshuffled", "kept", "unchanged")


@dataclass(frozen=True)
class Change:
    """Clusters before and after that belong together.

    Parameters
    ----------
    kind : {"merged", "split", "reshuffled", "kept", "unchanged"}
        What happened.
    before, after : tuple of int
        Their numbers in the two labelings, largest cluster first.
    n_before, n_after, n_common : int
        Rows in the clusters before, in those after, and in both.
    n_moved : int
        Rows in any of them that are not in the largest overlap of two.
    """

    kind: Kind
    before: tuple[int, ...]
    after: tuple[int, ...]
    n_before: int
    n_after: int
    n_common: int
    n_moved: int


@dataclass(frozen=True, eq=False)
class LabelChanges:
    """All changes from one labeling to another; together they hold every cluster once.

    Parameters
    ----------
    changes : tuple of Change
        Those that moved most rows first, those that moved none last.
    overlaps : Contingency
        Rows in each pair of clusters, noise left out on either side.
    linked : ndarray of int64, shape (n_cells,)
        For each cell of `overlaps` the position of its change, -1 where it links nothing.
    n_clusters, n_noise : tuple of int
        Clusters and noise rows before and after.
    n_noise_common : int
        Rows that are noise in both.
    adjusted_rand, adjusted_mutual_information : float
        Agreement of the two; each noise row counts as a cluster of its own.
    """

    changes: tuple[Change, ...]
    overlaps: Contingency
    linked: NDArray[np.int64]
    n_clusters: tuple[int, int]
    n_noise: tuple[int, int]
    n_noise_common: int
    adjusted_rand: float
    adjusted_mutual_information: float

    @property
    def counts(self) -> dict[Kind, int]:
        """Number of changes of each kind."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in KINDS}

    def tables(self) -> dict[str, Table]:
        """One row a change, and one row a pair of clusters that overlap."""
        cells, number = self.overlaps, np.where(self.linked >= 0, self.linked + 1, 0)
        before, after = cells.row_sizes[cells.rows], cells.column_sizes[cells.columns]
        return {
            "changes": {
                "change": range(1, len(self.changes) + 1),
                "kind": [change.kind for change in self.changes],
                "before": [" ".join(map(str, change.before)) for change in self.changes],
                "after": [" ".join(map(str, change.after)) for change in self.changes],
                "rows_before": [change.n_before for change in self.changes],
                "rows_after": [change.n_after for change in self.changes],
                "rows_common": [change.n_common for change in self.changes],
                "rows_moved": [change.n_moved for change in self.changes],
            },
            "overlaps": {
                "change": [int(change) or None for change in number],
                "before": cells.rows,
                "after": cells.columns,
                "rows": cells.counts,
                "share_of_before": cells.counts / before,
                "share_of_after": cells.counts / after,
                "jaccard": cells.counts / (before + after - cells.counts),
            },
        }


def label_changes(before: NDArray[Any], after: NDArray[Any], *, min_share: float = 0.5) -> LabelChanges:
    """Find what became of every cluster.

    Parameters
    ----------
    before, after : ndarray of int, shape (n_samples,)
        Two labelings, clusters numbered 0 to k-1, negative for noise.
    min_share : float
        Two clusters are linked when more than this share of either one is in
        both; 0 links all that overlap.

    Returns
    -------
    LabelChanges
        Cost: O(n log n), whatever the number of clusters.
    """
    n_clusters = (int(before.max(initial=-1)) + 1, int(after.max(initial=-1)) + 1)
    cells = _overlaps(before, after, n_clusters)
    larger_share = cells.counts / np.minimum(
        cells.row_sizes[cells.rows], cells.column_sizes[cells.columns]
    )
    links = larger_share > min_share
    component = _components(cells, links)
    changes = _changes(cells, component)
    order = sorted(range(len(changes)), key=lambda index: (-changes[index].n_moved, index))
    rank = np.argsort(order)
    agreement = contingency(noise_apart(before), noise_apart(after))
    return LabelChanges(
        changes=tuple(changes[index] for index in order),
        overlaps=cells,
        linked=np.where(links, rank[component[cells.rows]], -1),
        n_clusters=n_clusters,
        n_noise=(int(np.count_nonzero(before < 0)), int(np.count_nonzero(after < 0))),
        n_noise_common=int(np.count_nonzero((before < 0) & (after < 0))),
        adjusted_rand=agreement.adjusted_rand,
        adjusted_mutual_information=agreement.adjusted_mutual_information,
    )


def _overlaps(before: NDArray[Any], after: NDArray[Any], n_clusters: tuple[int, int]) -> Contingency:
    """Count the rows that are in a cluster both times; sizes are those of the whole clusters."""
    both = (before >= 0) & (after >= 0)
    cells = contingency(before[both], after[both])
    row_sizes = np.bincount(before[before >= 0], minlength=n_clusters[0])
    column_sizes = np.bincount(after[after >= 0], minlength=n_clusters[1])
    return Contingency(cells.rows, cells.columns, cells.counts, row_sizes, column_sizes)


def _components(cells: Contingency, links: NDArray[np.bool_]) -> NDArray[Any]:
    """Number the groups of linked clusters; those before come first, then those after."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_before = len(cells.row_sizes)
    n_all = n_before + len(cells.column_sizes)
    ends = (cells.rows[links], cells.columns[links] + n_before)
    graph = coo_array((np.ones(len(ends[0])), ends), shape=(n_all, n_all))
    return np.asarray(connected_components(graph, directed=False)[1])


def _changes(cells: Contingency, component: NDArray[Any]) -> list[Change]:
    n_before, n_changes = len(cells.row_sizes), int(component.max(initial=-1)) + 1
    first, second = component[:n_before], component[n_before:]
    inside = first[cells.rows] == second[cells.columns]
    common = np.bincount(first[cells.rows[inside]], cells.counts[inside], minlength=n_changes).astype(
        int
    )
    largest = np.zeros(n_changes, dtype=np.int64)
    np.maximum.at(largest, first[cells.rows[inside]], cells.counts[inside])
    befores, afters = (
        _by_size(first, cells.row_sizes, n_changes),
        _by_size(second, cells.column_sizes, n_changes),
    )
    changes = []
    for old, new, n_common, core in zip(befores, afters, common.tolist(), largest.tolist(), strict=True):
        n_old, n_new = int(cells.row_sizes[old].sum()), int(cells.column_sizes[new].sum())
        n_any = n_old + n_new - n_common
        kind = _kind(len(old), len(new), identical=n_any == n_common)
        changes.append(
            Change(kind, tuple(old.tolist()), tuple(new.tolist()), n_old, n_new, n_common, n_any - core)
        )
    return changes


def _by_size(component: NDArray[Any], sizes: NDArray[Any], n_changes: int) -> list[NDArray[Any]]:
    order = np.lexsort((-sizes, component))
    groups = np.split(order, np.searchsorted(component[order], np.arange(1, n_changes)))
    return groups[:n_changes]  # none where all is noise


def _kind(n_before: int, n_after: int, *, identical: bool) -> Kind:
    match (n_before, n_after):
        case (1, 1):
            return "unchanged" if identical else "kept"
        case (_, 1) if n_before > 1:
            return "merged"
        case (1, _) if n_after > 1:
            return "split"
    return "reshuffled"
