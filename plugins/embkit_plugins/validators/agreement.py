"""Another run's clusters of the same rows held against this run's."""

from typing import Annotated

import numpy as np
from annotated_types import Ge, Lt

from embkit import Clustering, Context, IntArray, Validation, canonical_labels
from embkit.reading import read_labels
from embkit.text import plural
from embkit_plugins.algorithms.agreement.changes import label_changes
from embkit_plugins.algorithms.agreement.display import change_lines, change_members

__all__ = ["Agreement"]


class Agreement:
    """Compare the clusters of this run with another's: merged, split, reshuffled, kept.

    Rows are joined by id. Clusters that share more than `min_share` of either
    one belong together: one before and one after with the same rows are
    unchanged, with some rows come or gone they are kept; several before and one
    after merged, one before and several after split, anything else is
    reshuffled. Adjusted Rand index and adjusted mutual information count each
    noise row as a cluster of its own. The notes tell the first changes in full;
    table ``changes`` has one line a change, ``overlaps`` one a pair of clusters,
    ``change-members`` one a row of a cluster that changed.

    Cost: O(n log n).

    Parameters
    ----------
    other : str
        The folder of the other run, or a CSV file with columns id and label.
    min_share : float
        Two clusters belong together when more than this share of either one is in both.
    show : int
        How many changes the notes tell in full.
    """

    by_blocks = True

    def __init__(
        self,
        *,
        other: str,
        min_share: Annotated[float, Ge(0), Lt(1)] = 0.5,
        show: Annotated[int, Ge(0)] = 10,
    ) -> None:
        self.other = other
        self.min_share = min_share
        self.show = show

    def validate(self, clustering: Clustering, context: Context) -> Validation:  # noqa: ARG002
        """Return agreement and counts as scores, the tables, and the changes as notes.

        Raises
        ------
        DataError
            If the other run's labels cannot be read, or are of none of these rows.
        """
        recorded = read_labels(self.other)
        n_rows = len(clustering.labels)
        common = recorded.rows_of(clustering.dataset)
        if 0 < len(common) < n_rows:
            clustering = _of_rows(clustering, common)
        dataset = clustering.dataset
        labels = canonical_labels(recorded.of(dataset), dataset.n_samples, self.other)
        changes = label_changes(clustering.labels, labels, min_share=self.min_share)
        later = Clustering(dataset, labels)
        scores = {
            "ari": changes.adjusted_rand,
            "ami": changes.adjusted_mutual_information,
            "n_clusters": changes.n_clusters[0],
            "n_clusters_other": changes.n_clusters[1],
            **{f"n_{kind}": count for kind, count in changes.counts.items()},
        }
        tables = {**changes.tables(), "change-members": change_members(changes, clustering, later)}
        notes = change_lines(changes, clustering, later, self.show)
        n_more = len(recorded.ids) - dataset.n_samples
        if n_more > 0:
            notes = (
                f"left out: {plural(n_more, 'row')} of the other run that this one does not have",
                *notes,
            )
        n_fewer = n_rows - dataset.n_samples
        if n_fewer:
            rows = plural(n_fewer, "row")
            notes = (f"left out: {rows} of this run that the other one does not have", *notes)
        return Validation(scores, tables, notes)


def _of_rows(clustering: Clustering, rows: IntArray) -> Clustering:
    """The clustering of some of its rows; renumbered only where a cluster has none of them."""
    labels = clustering.labels[rows]
    if len(np.unique(labels[labels >= 0])) < clustering.n_clusters:
        labels = canonical_labels(labels, len(rows), "this run")
    return Clustering(clustering.dataset.take(rows), labels, clustering.parameters)
