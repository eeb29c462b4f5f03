"""Scores beside those of random clusterings with the same sizes.

Raw indices depend on the number and the sizes of clusters: a score says more as
the number of standard deviations that it lies above what the same cluster sizes
get when rows are dealt to them at random (after Hennig 2019, "Cluster validation
by measurement of clustering characteristics", and his fpc, where the random
clusterings are drawn otherwise).
"""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np

from embkit import Dataset, IntArray, deal_noise
from embkit_plugins.algorithms.agreement.contingency import contingency
from embkit_plugins.algorithms.rows.prepare import sampled_rows
from embkit_plugins.algorithms.silhouettes.labelings import Metric, silhouettes
from embkit_plugins.exporters.report.centroids import calinski_harabasz, davies_bouldin
from embkit_plugins.exporters.report.indices import Index

__all__ = ["MOST_ROWS", "standardised"]

MOST_ROWS = 5000
"""Rows beyond which a random sample of that many is scored, the clustering's own score included."""

_AT_ONCE = 200
_Values = Callable[[Sequence[IntArray]], list[float | None]]


def standardised(
    index: Index, labelings: Sequence[IntArray], dataset: Dataset, *, n_random: int, seed: int
) -> list[float | None]:
    """How far each clustering lies on the better side of chance, in standard deviations.

    Parameters
    ----------
    index : Index
        What to score by.
    labelings : sequence of ndarray of int64, shape (n_samples,)
        The clusterings.
    dataset : Dataset
        What was clustered.
    n_random : int
        Random clusterings for each.
    seed : int
        Of the random clusterings.

    Returns
    -------
    list of float or None
        Positive is better than chance, whichever way the index goes. None where
        the index has no value, and where the vectors that it measured are not
        at hand because reducers made them.

    Notes
    -----
    Cost: `n_random` times the index, for each different labeling.
    """
    rows = sampled_rows(dataset.n_samples, MOST_ROWS, np.random.default_rng(seed))
    values = None if index.space else _values(index, dataset, rows)
    if values is None:
        return [None] * len(labelings)
    distinct: dict[bytes, IntArray] = {labels.tobytes(): labels[rows] for labels in labelings}
    found = {}
    keys = list(distinct)
    step = max(1, _AT_ONCE // (n_random + 1))
    for start in range(0, len(keys), step):
        batch = [_with_random(distinct[key], n_random, seed) for key in keys[start : start + step]]
        scores = values([labels for group in batch for labels in group])
        for place, key in enumerate(keys[start : start + step]):
            own = scores[place * (n_random + 1) : (place + 1) * (n_random + 1)]
            found[key] = _distance_from_chance(own, higher=index.higher)
    return [found[labels.tobytes()] for labels in labelings]


def _with_random(labels: IntArray, n_random: int, seed: int) -> list[IntArray]:
    rng = np.random.default_rng(seed)
    dealt = deal_noise(labels)  # as noise is ranked, see `embkit.deal_noise`
    return [dealt, *(rng.permutation(dealt) for _ in range(n_random))]


def _distance_from_chance(scores: Sequence[float | None], *, higher: bool) -> float | None:
    known = [score for score in scores if score is not None]
    if len(known) < len(scores):
        return None
    deviation = float(np.std(known[1:], ddof=1))
    if deviation == 0:
        return None
    return (1 if higher else -1) * (known[0] - float(np.mean(known[1:]))) / deviation


# For given sizes AMI and V-measure are both linear in the shared information, so that the
# distance from chance in standard deviations is the same; and the latter is cheap.
_SHARED_INFORMATION = {"ari": "adjusted_rand", "ami": "v_measure", "v_measure": "v_measure"}


def _values(index: Index, dataset: Dataset, rows: IntArray) -> _Values | None:
    """The index of some rows as a function of many labelings of them."""
    if index.external:
        attribute = _SHARED_INFORMATION.get(index.score)
        if dataset.reference is None or attribute is None:
            return None
        return _external(attribute, dataset.reference, rows)
    vectors = dataset.vectors[rows]
    if index.score == "silhouette":
        metric: Any = index.metric or "euclidean"
        if metric not in get_args(Metric) or metric == "precomputed":
            return None
        return lambda labelings: [found.mean for found in silhouettes(vectors, labelings, metric)]
    known = {"davies_bouldin": davies_bouldin, "calinski_harabasz": calinski_harabasz}
    score = known.get(index.score)
    if score is None:  # of another plugin: how it would score random clusterings is not known here
        return None
    return lambda labelings: [score(vectors, labels) for labels in labelings]


def _external(attribute: str, reference: Sequence[str], rows: IntArray) -> _Values:
    names = np.array(reference, dtype=object)[rows].astype(str)
    known = names != ""
    truth = np.unique(names[known], return_inverse=True)[1]

    def values(labelings: Sequence[IntArray]) -> list[float | None]:
        if not known.any():
            return [None] * len(labelings)
        tables = (contingency(truth, labels[known]) for labels in labelings)
        return [getattr(found, attribute) for found in tables]

    return values
