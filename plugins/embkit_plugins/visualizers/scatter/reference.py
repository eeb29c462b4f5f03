"""The reference labels of the rows in the place of their clusters."""

import numpy as np

from embkit import Clustering, Name, Names, ParameterError, canonical_labels
from embkit.text import plural
from embkit_plugins.drawing.subject import shape_of

__all__ = ["by_reference", "reference_headline"]


def by_reference(clustering: Clustering, visualizer: str) -> Clustering:
    """The clustering with a cluster for each reference label, named by it, largest first.

    Rows without a label are noise.

    Raises
    ------
    ParameterError
        If the dataset has no reference labels.
    """
    reference = clustering.dataset.reference
    if reference is None or not any(reference):
        raise ParameterError(
            f"visualizer {visualizer}: color=reference, and the dataset has no reference labels",
            "they come with the data, or with a table",
            "give --table FILE:label=COLUMN, or color=cluster",
        )
    known, numbers = np.unique(np.array(reference, dtype=object), return_inverse=True)
    stated = np.where(np.array([bool(label) for label in known])[numbers], numbers, -1)
    labels = canonical_labels(stated, len(stated), "reference")
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in range(labels.max() + 1)]
    names = Names(tuple(Name(reference[row]) for row in firsts))
    return Clustering(clustering.dataset, labels, clustering.parameters, names=names)


def reference_headline(clustering: Clustering) -> str:
    """Describe the dataset and its reference labels in one line."""
    dataset = clustering.dataset
    without = f", {plural(clustering.n_noise, 'row')} without" if clustering.n_noise else ""
    return f"{shape_of(dataset)} · {plural(clustering.n_clusters, 'reference label')}{without}"
