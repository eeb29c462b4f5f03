"""Names that clusters have whatever a namer says: given by the user, or carried over from a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embkit.data.dataset import IntArray
from embkit.data.fingerprint import array_fingerprint
from embkit.data.names import CARRIED_OVER, EDITED, Name, Names
from embkit.data.results import Clustering
from embkit.files.labels import RecordedLabels
from embkit.files.names import GivenNames
from embkit.text import plural, shorten

__all__ = ["LEAST_OVERLAP", "Overlap", "overlaps", "recorded_names", "with_given_names"]

LEAST_OVERLAP = 0.5
"""Two clusters are the same if more than this share of the rows of either is in both."""

_SHOWN = 5


@dataclass(frozen=True)
class Overlap:
    """A cluster of an earlier run, the one of this run that is the same, and how far they agree.

    Parameters
    ----------
    earlier, cluster : int
        Their numbers.
    jaccard : float
        The share of the rows in either that is in both, above `LEAST_OVERLAP`.
    """

    earlier: int
    cluster: int
    jaccard: float


def overlaps(earlier: RecordedLabels, clustering: Clustering) -> list[Overlap]:
    """Find the clusters that are those of an earlier run, by id of their rows.

    Above one half, a cluster has at most one such partner on either side: two
    clusters that share more than half of their union share more than half of
    either. Rows that are in one of the two runs alone count as not shared.
    Cost: O(n log n).
    """
    known = dict(zip(earlier.ids, earlier.labels, strict=True))
    before_sizes = _sizes(np.array(earlier.labels, dtype=np.int64))
    dataset = clustering.dataset
    ids = (dataset.row_id(row) for row in range(dataset.n_samples))
    before = np.array([known.get(name, -1) for name in ids], dtype=np.int64)
    inside = (before >= 0) & (clustering.labels >= 0)
    pairs = np.stack([before[inside], clustering.labels[inside]])
    (old, new), shared = np.unique(pairs, axis=1, return_counts=True)
    either = before_sizes[old] + clustering.sizes[new] - shared
    jaccard = shared / np.maximum(either, 1)
    same = np.flatnonzero(jaccard > LEAST_OVERLAP)
    return [Overlap(int(old[pair]), int(new[pair]), float(jaccard[pair])) for pair in same]


def _sizes(labels: IntArray) -> IntArray:
    return np.bincount(labels[labels >= 0]).astype(np.int64)


def with_given_names(clustering: Clustering, given: GivenNames) -> Clustering:
    """Put names that a user gave in the place of the namer's, and say so in their notes.

    Terms, rows and measures stay those of the namer. Names of an earlier run go to
    the clusters of the same rows (see `overlaps`), those of its nodes to the nodes of
    the same tree. Numbers that are of other labels than these are passed over.

    Parameters
    ----------
    clustering : Clustering
        With the namer's names, if there are any.
    given : GivenNames
        What the user gave.
    """
    if given.fingerprint and given.fingerprint != array_fingerprint(clustering.labels):
        note = (
            f"the names in {given.origin} are of other clusters and were left out; "
            "names of a run's folder are carried over by rows"
        )
        return _renamed(clustering, {}, [note])
    if given.earlier is not None:
        titles, notes = _carried_over(clustering, given, given.earlier)
    else:
        titles, notes = _by_number(clustering, given)
    nodes = _nodes(clustering, given)
    return replace(_renamed(clustering, titles, notes), node_names=nodes)


def _by_number(
    clustering: Clustering, given: GivenNames
) -> tuple[dict[int, tuple[str, str]], list[str]]:
    titles = {
        number: (title, EDITED)
        for number, title in given.clusters.items()
        if 0 <= number < clustering.n_clusters
    }
    notes = [f"{plural(len(titles), 'name')} from {given.origin}"] if titles else []
    missing = sorted(set(given.clusters) - set(titles))
    if missing:
        numbers = ", ".join(map(str, missing[:_SHOWN])) + (", …" if len(missing) > _SHOWN else "")
        are = "is 1 cluster" if clustering.n_clusters == 1 else f"are {clustering.n_clusters:,} clusters"
        notes.append(f"{given.origin} names clusters that do not exist: {numbers} (there {are})")
    return titles, notes


def _carried_over(
    clustering: Clustering, given: GivenNames, earlier: RecordedLabels
) -> tuple[dict[int, tuple[str, str]], list[str]]:
    found = [same for same in overlaps(earlier, clustering) if same.earlier in given.clusters]
    titles = {}
    for same in found:
        note = f"{CARRIED_OVER}, overlap {same.jaccard:.2f}"
        if same.earlier in given.edited:
            note = f"{EDITED}, {note}"
        titles[same.cluster] = (given.clusters[same.earlier], note)
    return titles, list(_told(found, given))


def _told(found: Sequence[Overlap], given: GivenNames) -> Iterator[str]:
    of_all = f"{len(found)} of {plural(len(given.clusters), 'name')} carried over from {given.origin}"
    if found:
        shares = [same.jaccard for same in found]
        of_all += f", overlap {min(shares):.2f} to {max(shares):.2f}"
    yield of_all
    kept = {same.earlier for same in found}
    lost = [given.clusters[number] for number in sorted(given.edited) if number not in kept]
    if lost:
        names = ", ".join(shorten(name, 40) for name in lost[:_SHOWN])
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        yield f"no cluster has more than half of its rows in common with: {names}{more}"


def _nodes(clustering: Clustering, given: GivenNames) -> dict[int, str]:
    linkage = clustering.linkage
    if linkage is None or not given.nodes:
        return {}
    if given.tree is not None:
        same = given.tree.exists() and np.array_equal(np.load(given.tree, allow_pickle=False), linkage)
        if not same:
            return {}
    n_rows = len(clustering.labels)
    return {node: title for node, title in given.nodes.items() if 0 <= node - n_rows < len(linkage)}


def _renamed(
    clustering: Clustering, titles: Mapping[int, tuple[str, str]], notes: Sequence[str]
) -> Clustering:
    names = clustering.names
    if names is None:
        if not titles:
            return replace(clustering, notes=(*clustering.notes, *notes))
        names = Names((Name(""),) * clustering.n_clusters)
    taken = {title.casefold() for title, _ in titles.values()}
    renamed = []
    for cluster, (name, size) in enumerate(zip(names.names, clustering.sizes.tolist(), strict=True)):
        if cluster in titles:
            title, note = titles[cluster]
            renamed.append(replace(name, title=title, note=note))
        else:
            # What a namer made unlike its siblings stays unlike those that now have other names.
            renamed.append(name.unlike(taken, size) if name.title else name)
            taken.add(renamed[-1].title.casefold())
    return replace(clustering, names=replace(names, names=tuple(renamed), notes=(*names.notes, *notes)))


def recorded_names(clustering: Clustering | None) -> dict[str, Any] | None:
    """The names that a run was given, for its configuration; None if there are none.

    They come with the fingerprint of the labels that they are of, so that another
    run by the same configuration has them if it has the same clusters.
    """
    if clustering is None:
        return None
    names = () if clustering.names is None else clustering.names.names
    clusters = {str(number): name.title for number, name in enumerate(names) if name.is_given}
    nodes = {str(node): title for node, title in clustering.node_names.items()}
    if not clusters and not nodes:
        return None
    return {"of": array_fingerprint(clustering.labels), "clusters": clusters, "nodes": nodes}
