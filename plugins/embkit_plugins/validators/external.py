"""Agreement with the reference labels that came with the data."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Context, Table, Validation, deal_noise
from embkit.text import plural
from embkit_plugins.algorithms.agreement.contingency import contingency

__all__ = ["External"]

_DEALS = 10
_SCORES = {
    "ari": "adjusted_rand",
    "ami": "adjusted_mutual_information",
    "v_measure": "v_measure",
    "homogeneity": "homogeneity",
    "completeness": "completeness",
}


class External:
    """Agreement of the clusters with the reference labels of the dataset.

    Adjusted Rand index, adjusted mutual information, homogeneity, completeness
    and their mean, the V-measure, as scikit-learn defines them; 1 is perfect,
    and the adjusted ones are 0 on average for random labels. Rows without a
    reference label are left out. A noise row counts as a guess: it is dealt to a
    cluster at random, in proportion to the clusters' sizes, and scores are the mean over
    ten deals (`embkit.deal_noise`; Frary 1988 on the correction for guessing). All referenced rows are
    in the scores, so that a clusterer gains nothing by giving up on rows that it would assign
    better than at random; counted as clusters of their own they would be pure, and a clustering
    of nothing but noise would have a V-measure above 0.5. ``ari_without_noise`` and
    ``ami_without_noise`` are over the clustered rows alone, with their share as
    ``coverage``. The table names the most frequent reference label of each
    cluster. Cost: O(n log n).
    """

    by_blocks = True

    def validate(self, clustering: Clustering, context: Context) -> Validation:  # noqa: ARG002
        """Return the scores and the table ``reference``."""
        reference = clustering.dataset.reference
        if reference is None:
            return Validation.skip(
                "the dataset has no reference labels; a table may give them as `label`"
            )
        known = np.array([bool(label) for label in reference])
        if not known.any():
            return Validation.skip("all reference labels are empty")
        names, truth = np.unique(
            np.array(reference, dtype=object)[known].astype(str), return_inverse=True
        )
        labels = clustering.labels[known]
        clustered = labels >= 0
        deals = range(1 if clustered.all() else _DEALS)
        dealt = [contingency(truth, deal_noise(labels, deal)) for deal in deals]
        alone = contingency(truth[clustered], labels[clustered]) if clustered.any() else None
        scores = {
            **{
                name: float(np.mean([getattr(table, attribute) for table in dealt]))
                for name, attribute in _SCORES.items()
            },
            "ari_without_noise": alone.adjusted_rand if alone else None,
            "ami_without_noise": alone.adjusted_mutual_information if alone else None,
            "coverage": float(clustered.mean()),
        }
        notes = []
        if not known.all():
            notes.append(
                f"{plural(int(np.count_nonzero(~known)), 'row')} without a reference label left out"
            )
        if not clustered.all():
            n_noise = int(np.count_nonzero(~clustered))
            notes.append(f"{plural(n_noise, 'noise row')} dealt to the clusters at random")
        if alone is None:
            notes.append("every row is noise: there is nothing to score without it")
        tables = {"reference": _most_frequent(labels[clustered], truth[clustered], names)}
        return Validation(scores=scores, tables=tables, notes=tuple(notes))


def _most_frequent(labels: NDArray[Any], truth: NDArray[Any], names: NDArray[Any]) -> Table:
    """Tabulate for each cluster its most frequent reference label, ties by name."""
    table = contingency(labels, truth)
    best = np.lexsort((table.columns, -table.counts, table.rows))
    best = best[np.unique(table.rows[best], return_index=True)[1]]
    clusters, label, overlap = table.rows[best], table.columns[best], table.counts[best]
    return {
        "cluster": clusters,
        "size": table.row_sizes[clusters],
        "label": names[label],
        "overlap": overlap,
        "share_of_cluster": overlap / table.row_sizes[clusters],
        "share_of_label": overlap / table.column_sizes[label],
    }
