"""The changes between two labelings as lines for a terminal and as a table of members."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Table
from embkit.text import plural, shorten
from embkit_plugins.algorithms.agreement.changes import Change, LabelChanges

__all__ = ["change_lines", "change_members"]

_WIDTH = 98  # a summary of 100 characters a line indents notes by two
_CLUSTERS = 5  # on either side of one change, shown in the lines
_FLOWS = 6  # clusters among which the rows of one were scattered
_WORDS = {
    "unchanged": "unchanged",
    "kept": "kept with rows come or gone",
    "merged": "merged",
    "split": "split",
    "reshuffled": "reshuffled",
}


def change_members(changes: LabelChanges, before: Clustering, after: Clustering) -> Table:
    """Tabulate the rows of clusters that changed, those of unchanged clusters left out.

    A row is listed under the change of its cluster before; one that was noise
    under that of its cluster after.
    """
    old = _change_of_cluster([change.before for change in changes.changes], changes.n_clusters[0])
    new = _change_of_cluster([change.after for change in changes.changes], changes.n_clusters[1])
    number = np.where(before.labels >= 0, old[before.labels], new[after.labels])
    same = np.array([0, *(change.kind == "unchanged" for change in changes.changes)], dtype=bool)
    rows = np.flatnonzero((number > 0) & ~same[number])
    rows = rows[np.argsort(number[rows], kind="stable")]
    dataset = before.dataset
    positions = rows.tolist()
    return {
        "change": number[rows],
        "kind": [changes.changes[change - 1].kind for change in number[rows]],
        "row": dataset.source_rows[rows],
        "id": [dataset.row_id(row) for row in positions],
        "before": before.labels[rows],
        "after": after.labels[rows],
        "text": ["" if dataset.texts is None else dataset.texts[row] for row in positions],
    }


def _change_of_cluster(clusters: Sequence[tuple[int, ...]], n_clusters: int) -> NDArray[np.int64]:
    """Give the number of each cluster's change from 1, and 0 for noise as the last element."""
    number = np.zeros(n_clusters + 1, dtype=np.int64)
    for change, members in enumerate(clusters, 1):
        number[list(members)] = change
    return number


def change_lines(
    changes: LabelChanges, before: Clustering, after: Clustering, show: int = 10
) -> tuple[str, ...]:
    """Tell the changes in lines of at most 98 characters, the first `show` of them in full."""
    return tuple(_lines(changes, before, after, show))


def _lines(changes: LabelChanges, before: Clustering, after: Clustering, show: int) -> Iterator[str]:
    first, second = changes.n_clusters
    yield (
        f"{first} clusters before, {second} after: "
        f"ARI {changes.adjusted_rand:.3f}, AMI {changes.adjusted_mutual_information:.3f}"
    )
    counts = {kind: count for kind, count in changes.counts.items() if count}
    if counts:
        yield ", ".join(f"{count} {_WORDS[kind]}" for kind, count in counts.items())
    if any(changes.n_noise):
        yield (
            f"noise: {changes.n_noise[0]} rows before, {changes.n_noise[1]} after, "
            f"{changes.n_noise_common} of them in both"
        )
    told = [change for change in changes.changes if change.kind != "unchanged"]
    for rank, change in enumerate(told[:show], 1):
        yield ""
        yield from _change_block(rank, change, changes, (before, after))
    if len(told) > show:
        yield ""
        yield f"and {len(told) - show} more, in table changes"


def _change_block(
    rank: int, change: Change, changes: LabelChanges, clusterings: tuple[Clustering, Clustering]
) -> Iterator[str]:
    moved = f"{change.n_moved} of {change.n_before + change.n_after - change.n_common} rows moved"
    yield f"{rank}. {_WORDS[change.kind]}: {moved}"
    yield from _cluster_lines("from", change.before, clusterings[0])
    if not change.before:
        yield "   from " + _scattered(changes, change.after[0], "before")
    yield from _cluster_lines("to", change.after, clusterings[1])
    if not change.after:
        yield "   to   " + _scattered(changes, change.before[0], "after")


def _cluster_lines(side: str, clusters: tuple[int, ...], clustering: Clustering) -> Iterator[str]:
    for cluster in clusters[:_CLUSTERS]:
        size = int(clustering.sizes[cluster])
        text = clustering.describe(cluster)
        start = f"   {side:<4} cluster {cluster}, {size} row{'' if size == 1 else 's'}: "
        yield start + shorten(text, _WIDTH - len(start))
    if len(clusters) > _CLUSTERS:
        yield f"        and {plural(len(clusters) - _CLUSTERS, 'cluster')} more"


def _scattered(changes: LabelChanges, cluster: int, side: Literal["before", "after"]) -> str:
    """Say with which clusters of the other labeling a cluster shares its rows, none of them most."""
    cells = changes.overlaps
    own, others, sizes = (
        (cells.rows, cells.columns, cells.row_sizes)
        if side == "after"
        else (cells.columns, cells.rows, cells.column_sizes)
    )
    here = np.flatnonzero(own == cluster)
    largest = here[np.argsort(-cells.counts[here], kind="stable")]
    shown = [f"{cells.counts[cell]} in {others[cell]}" for cell in largest[:_FLOWS]]
    if len(largest) > _FLOWS:
        more = len(largest) - _FLOWS
        shown.append(f"{cells.counts[largest[_FLOWS:]].sum()} in {more} other{'s' if more > 1 else ''}")
    n_noise = int(sizes[cluster] - cells.counts[here].sum())
    if n_noise:
        shown.append(f"{n_noise} in noise")
    return f"several clusters: {', '.join(shown)}" if len(here) else "noise"
