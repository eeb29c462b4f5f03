"""Labels as every part of embkit knows them: 0 to k-1 from the largest down, -1 for noise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import PluginError

__all__ = ["MEMBERSHIP", "canonical_labels", "deal_noise", "label_columns"]

MEMBERSHIP = "membership_"
"""What the names of the columns of soft memberships begin with, before the cluster's number."""


def canonical_labels(raw: Any, n_samples: int, source: str) -> NDArray[np.int64]:
    """Check what a clusterer returned, and renumber it.

    Parameters
    ----------
    raw : array_like of shape (n_samples,)
        Integers, or floats that are whole numbers; negative values are noise.
    n_samples : int
        How many labels there must be.
    source : str
        Who returned them, for messages.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        0 to k-1 in order of decreasing cluster size, ties by the cluster's first row; -1
        for noise.

    Raises
    ------
    PluginError
        If the labels are not one whole number a row.

    Examples
    --------
    >>> import embkit
    >>> embkit.canonical_labels([5, 2, 2, -7], 4, "my clusterer")
    array([ 1,  0,  0, -1])
    """
    labels = np.asarray(raw)
    whole = _as_integers(labels)
    if whole is None or labels.shape != (n_samples,):
        raise PluginError(
            f"{source} returned labels of dtype {labels.dtype} and shape {labels.shape}",
            f"expected one integer for each of {n_samples} rows, -1 for noise",
            "report it to the author of the plugin",
        )
    renumbered = np.full(n_samples, -1, dtype=np.int64)
    kept = whole >= 0
    if kept.any():
        _, first, inverse, counts = np.unique(
            whole[kept], return_index=True, return_inverse=True, return_counts=True
        )
        order = np.lexsort((first, -counts))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        renumbered[kept] = rank[inverse.reshape(-1)]
    return renumbered


def deal_noise(labels: NDArray[np.int64], deal: int = 0) -> NDArray[np.int64]:
    """Put each row of noise in a cluster drawn at random, in proportion to the clusters' sizes.

    A row left out is worth a guess, no more and no less, as an omitted answer is in the
    correction for guessing (Frary, "Formula scoring of multiple-choice tests", Educational
    Measurement: Issues and Practice 7, 1988). Scores of the labels that result are over all
    rows, so that leaving out rows that a method would assign better than at random cannot pay.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        Negative is noise.
    deal : int
        Which draw, from 0; a score should be the mean over several.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        None negative. The draw does not depend on how clusters are numbered. Without any
        cluster all rows are in one.
    """
    dealt = np.array(labels, dtype=np.int64)
    noise = dealt < 0
    if noise.all():
        return np.zeros_like(dealt)
    names, first, sizes = np.unique(dealt[~noise], return_index=True, return_counts=True)
    order = np.argsort(first)
    rng = np.random.default_rng(deal)
    share = sizes[order] / sizes.sum()
    dealt[noise] = rng.choice(names[order], size=np.count_nonzero(noise), p=share)
    return dealt


def _as_integers(labels: NDArray[Any]) -> NDArray[np.int64] | None:
    if labels.dtype.kind in "iu":
        return labels.astype(np.int64)
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and (labels == np.floor(labels)).all():
        return labels.astype(np.int64)
    return None


def label_columns(dataset: Dataset, clustering: Clustering) -> dict[str, Sequence[Any]]:
    """The columns of ``labels.csv``: every source row, dropped ones with label -1 and the reason."""
    columns: dict[str, list[Any]] = {
        "row": [int(row) for row in dataset.source_rows],
        "id": [dataset.row_id(row) for row in range(dataset.n_samples)],
        "label": clustering.labels.tolist(),
    }
    if clustering.probabilities is not None:
        columns["probability"] = clustering.probabilities.tolist()
    if clustering.memberships is not None:
        for cluster, shares in enumerate(clustering.memberships.T.tolist()):
            columns[f"{MEMBERSHIP}{cluster}"] = shares
    if not dataset.dropped:
        return dict(columns)
    dropped = list(dataset.dropped)
    known: dict[str, list[Any]] = {"row": dropped, "id": [dataset.dropped_id(row) for row in dropped]}
    for name, values in list(columns.items()):
        columns[name] = values + known.get(name, [-1 if name == "label" else 0.0] * len(dropped))
    columns["status"] = ["ok"] * dataset.n_samples
    columns["status"] += [f"dropped: {reason}" for reason in dataset.dropped.values()]
    order = np.argsort(np.array(columns["row"]), kind="stable")
    return {name: [values[position] for position in order] for name, values in columns.items()}
