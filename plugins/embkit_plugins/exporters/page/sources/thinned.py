"""Some rows of a run of very many, for a page that a browser can open."""

from dataclasses import replace

import numpy as np

from embkit import Clustering, Dataset, IntArray, Names, Run
from embkit_plugins.algorithms.rows.prepare import sampled_rows

__all__ = ["MOST_ROWS", "SHOWN_ROWS", "thinned"]

MOST_ROWS = 200_000
"""Rows up to which a page holds all of them: 9 MB, open in a second or two."""
SHOWN_ROWS = 100_000
"""Rows that a page of more shows."""


def thinned(run: Run, seed: int) -> tuple[Run, str]:
    """A run with fewer rows, for a page of one that has more than `MOST_ROWS`.

    Parameters
    ----------
    run : Run
        A finished run.
    seed : int
        Of the rows drawn.

    Returns
    -------
    run : Run
        `SHOWN_ROWS` of the rows at random, and the row that stands for each cluster.
        Clusters keep their numbers, and have no tree.
    note : str
        What was left out.
    """
    dataset, clustering = run.dataset, run.clustering
    drawn = sampled_rows(dataset.n_samples, SHOWN_ROWS, np.random.default_rng(seed))
    if clustering is not None:
        drawn = np.union1d(drawn, clustering.representatives)
    shown = dataset.take(drawn)
    note = (
        f"{dataset.n_samples:,} rows are too many for one page. It shows {len(drawn):,} of them, drawn "
        "at random; the maps are of these, and so are all numbers of rows"
    )
    if clustering is None:
        return replace(run, dataset=shown), f"{note}."
    tree = "" if clustering.linkage is None else " The tree, which is of all rows, is left out."
    of_shown = _clustering(clustering, shown, drawn)
    note = f"{note}, but for the column “rows in all”.{tree}"
    return replace(run, dataset=shown, clustering=of_shown), note


def _clustering(clustering: Clustering, shown: Dataset, drawn: IntArray) -> Clustering:
    names, probabilities = clustering.names, clustering.probabilities
    return replace(
        clustering,
        dataset=shown,
        labels=clustering.labels[drawn],
        linkage=None,
        probabilities=None if probabilities is None else probabilities[drawn],
        names=None if names is None else _names(names, drawn),
        node_names={},
        memberships=None,
        typical_rows=np.searchsorted(drawn, clustering.representatives),
    )


def _names(names: Names, drawn: IntArray) -> Names:
    """The names with their rows as numbered among those drawn, without the others."""
    place = {row: number for number, row in enumerate(drawn.tolist())}
    return replace(
        names,
        names=tuple(
            replace(name, rows=tuple(place[row] for row in name.rows if row in place))
            for name in names.names
        ),
    )
