"""The page of a run beside another run's labels."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from embkit import Clustering, Dataset, Groups, IntArray, Names, canonical_labels
from embkit.reading import read_labels
from embkit_plugins.algorithms.agreement.changes import label_changes
from embkit_plugins.algorithms.naming import name_groups
from embkit_plugins.exporters.page.parts import MapLayout
from embkit_plugins.exporters.page.payload import DiffPage
from embkit_plugins.exporters.page.sources.run import diff_page

__all__ = ["compared_page"]


def compared_page(
    before: Clustering, other: str, maps: Mapping[str, MapLayout], *, seed: int, title: str = ""
) -> DiffPage:
    """Make the page of a clustering and of labels in a file, joined by row id.

    Parameters
    ----------
    before : Clustering
        Of the run.
    other : str
        Folder of a run, or a CSV file with the columns id and label.
    maps : mapping of str to MapLayout
        Shared by both sides.
    seed : int
        Of the names of the other clusters.
    title : str
        Of the page; both clusterings if empty.

    Raises
    ------
    DataError
        If the labels cannot be read, or are not of these rows.
    """
    recorded, dataset = read_labels(other), before.dataset
    labels = canonical_labels(recorded.of(dataset), dataset.n_samples, other)
    # Named anew: a file of labels has no names, and those of a run may be of other rows.
    names = None if before.names is None else _names(dataset, labels, seed)
    after = Clustering(dataset, labels, clusterer=Path(other).name, names=names)
    page = diff_page(before, after, label_changes(before.labels, labels), maps, title=title)
    n_more = len(recorded.ids) - dataset.n_samples
    if n_more <= 0:
        return page
    note = f"{n_more:,} rows of {Path(other).name} are not in {dataset.name}, and left out."
    return replace(page, warnings=[*page.warnings, note])


def _names(dataset: Dataset, labels: IntArray, seed: int) -> Names | None:
    if dataset.texts is None or not (labels >= 0).any():
        return None
    order = np.argsort(labels, kind="stable")[np.count_nonzero(labels < 0) :]
    sizes = np.bincount(labels[labels >= 0])
    stops = np.cumsum(sizes)
    groups = Groups(order, stops - sizes, stops, np.full(len(sizes), -1), dataset)
    return name_groups(dataset.texts, dataset.vectors, groups, seed=seed)
