"""The ledger of merges between the clustering's threshold and another one."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Clustering, Context, Estimate, ParameterError, Validation
from embkit_plugins.algorithms.distances.pairs import LARGEST
from embkit_plugins.algorithms.ledger.display import ledger_lines, merge_tables
from embkit_plugins.algorithms.ledger.merges import Ledger, Order, merge_ledger
from embkit_plugins.algorithms.trees.cuts import cut_into, n_clusters_at, ties_at
from embkit_plugins.scoring.trees import whole_tree

__all__ = ["ThresholdDiff"]


class ThresholdDiff:
    """List the clusters at one threshold that are one cluster at another, with their members.

    For each cluster at the higher threshold that holds two or more of the lower
    one: its parts, the heights at which they joined, a typical text and the
    members of each, the closest pair across them, the names of the parts against
    one another and of their union, the mean silhouette of the members before and after,
    and, where the two largest parts have ten rows or more, the p-value of no
    valley in the density between them: where it is small, groups that are apart
    were joined (not corrected for the number of merges). Clusters merge when
    their distance is below a threshold, never at it. The notes tell the first
    merges in full; table ``merges`` has one line a part, ``merge-members`` one a
    member.

    Cost: no refit, the tree holds every cut. One distance for each row that
    joined something larger to each row of its new cluster, the silhouettes of
    merged rows, and the names of merges and parts.

    Parameters
    ----------
    to : float
        The other threshold, in the units of the metric (cosine distance is 0 to 2).
    start : float, optional
        The threshold to start from; the clustering's own when not given.
    sort : {"moved", "size", "height", "closest", "silhouette"}
        What comes first: merges that moved most rows, the largest, the lowest,
        those with the closest pair, or those that cost most silhouette.
    show : int
        How many merges the notes tell in full.
    """

    def __init__(
        self,
        *,
        to: Annotated[float, Ge(0)],
        start: Annotated[float, Ge(0)] | None = None,
        sort: Order = "moved",
        show: Annotated[int, Ge(0)] = 10,
    ) -> None:
        self.to = to
        self.start = start
        self.sort = sort
        self.show = show

    def check(self) -> None:
        """Refuse two equal thresholds before anything is computed."""
        if self.start == self.to:
            raise ParameterError(
                f"threshold-diff: start={self.start:g} and to={self.to:g}",
                "nothing can merge between equal thresholds",
                "give two that differ",
            )

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The rows once more in another order and precision, sums of clusters, and blocks."""
        return Estimate(12 * n_samples * n_features + (1 << 27), "rows in the order of the merges")

    def validate(self, clustering: Clustering, context: Context) -> Validation:  # noqa: ARG002
        """Return counts as scores, tables ``merges`` and ``merge-members``, and the merges as notes."""
        linkage = whole_tree(clustering, to_cut=True)
        if isinstance(linkage, str):
            return Validation.skip(linkage)
        metric: Any = clustering.metric
        if self.to > (largest := LARGEST.get(metric, np.inf)):
            raise ParameterError(
                f"threshold-diff: to={self.to:g}",
                f"{metric} distance is 0 to {largest}",
                f"give a threshold up to {largest}",
            )
        begin = self.start if self.start is not None else _own_threshold(clustering, linkage)
        if begin is None:
            return Validation.skip(
                "no threshold of the tree gives the clusters of this run; give one as start="
            )
        if begin == self.to:
            return Validation.skip(
                f"the clustering is at {self.to:g} already; give another threshold as to="
            )
        ledger = merge_ledger(
            clustering.dataset,
            linkage,
            start=min(begin, self.to),
            stop=max(begin, self.to),
            metric=metric,
            sort=self.sort,
        )
        ledger = _with_given_names(ledger, clustering)
        notes = (*self._remarks(linkage, begin), *ledger_lines(ledger, clustering.dataset, self.show))
        return Validation(_scores(ledger), merge_tables(ledger, clustering.dataset), notes)

    def _remarks(self, linkage: NDArray[np.float64], begin: float) -> tuple[str, ...]:
        """Say that thresholds were swapped, and that merges lie exactly at one."""
        remarks = []
        if begin > self.to:
            remarks.append(f"read from {self.to:g} to {begin:g}: merges go upward")
        for threshold in sorted((begin, self.to)):
            tied = ties_at(linkage, threshold).at
            if tied:
                many = "1 merge lies" if tied == 1 else f"{tied} merges lie"
                remarks.append(
                    f"{many} at {threshold:g}, up to rounding; merges at a threshold are not made"
                )
        return tuple(remarks)


def _own_threshold(clustering: Clustering, linkage: NDArray[np.float64]) -> float | None:
    """Give a threshold at which the tree has the clustering's clusters, None where ties prevent it."""
    if clustering.threshold is not None:
        return clustering.threshold
    n_clusters = clustering.n_clusters
    if clustering.n_noise:
        return None
    if n_clusters == 1:
        return float(np.nextafter(linkage[-1, 2], np.inf))
    threshold = float(linkage[len(linkage) + 1 - n_clusters, 2])
    exact = int(n_clusters_at(linkage, threshold)) == n_clusters
    return (
        threshold if exact and np.array_equal(cut_into(linkage, n_clusters), clustering.labels) else None
    )


def _with_given_names(ledger: Ledger, clustering: Clustering) -> Ledger:
    """Call clusters of the run as a user calls them, at the threshold that is the run's."""
    names = () if clustering.names is None else clustering.names.names
    given = {number: name for number, name in enumerate(names) if name.is_given}
    below, above = (np.array_equal(labels, clustering.labels) for labels in ledger.labels)
    if not given or not (below or above):
        return ledger
    merges = []
    for merge in ledger.merges:
        parts = merge.parts
        if below:
            parts = tuple(replace(part, name=given.get(part.cluster, part.name)) for part in parts)
        name = given.get(merge.cluster, merge.name) if above else merge.name
        merges.append(replace(merge, parts=parts, name=name))
    return replace(ledger, merges=tuple(merges))


def _scores(ledger: Ledger) -> dict[str, float | int | str | bool | None]:
    before, after = ledger.n_clusters
    return {
        "from": ledger.start,
        "to": ledger.stop,
        "n_clusters_from": before,
        "n_clusters_to": after,
        "n_merges": len(ledger.merges),
        "n_untouched": ledger.n_untouched,
        "n_rows_merged": ledger.n_rows,
        "n_rows_moved": ledger.n_moved,
    }
