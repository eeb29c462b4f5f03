"""The tree that another run left of the same rows."""

from pathlib import Path

import numpy as np

from embkit import DataError, Dataset, Floats, IntArray
from embkit.reading import read_labels
from embkit_plugins.algorithms.trees.comparing import of_rows

__all__ = ["other_tree"]


def other_tree(folder: str, dataset: Dataset) -> Floats:
    """The tree that a run left, with the rows of a dataset as leaves, joined by id.

    Raises
    ------
    DataError
        If there is none, or it is not of these rows.
    """
    file = Path(folder) / "linkage.npy"
    ids = read_labels(folder).ids
    try:
        tree: Floats = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{file} cannot be read", str(error), "give the folder of a run that made a tree"
        ) from error
    place = {dataset.row_id(row): row for row in range(dataset.n_samples)}
    if set(ids) != set(place) or tree.shape != (len(ids) - 1, 4):
        shared = len(set(ids) & set(place))
        raise DataError(
            f"{folder} is not of the same rows",
            f"it has {len(ids)} rows, this run has {dataset.n_samples}, and {shared} ids are in both",
            "give a run of the same dataset",
        )
    rows: IntArray = np.array([place[each] for each in ids], dtype=np.int64)
    return of_rows(tree, rows)
