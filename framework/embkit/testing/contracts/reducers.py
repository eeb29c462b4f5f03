"""The contract of reducers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.plugin.calls import expect
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from embkit.testing.examples import blobs
from embkit.testing.failures import require
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


def call(subject: Subject, step: Step, given: Any, seed: int) -> Dataset:
    """Reduce the example rows, or others."""
    dataset = subject.dataset(given)
    return expect(Dataset, step, step.instance.reduce(dataset, subject.context(dataset, seed)))


def rows_kept(subject: Subject) -> None:
    """Every row stays in its place with its id, text and labels."""
    before, after = blobs(), subject.baseline
    require(after.n_samples == before.n_samples, f"{before.n_samples} rows became {after.n_samples}")
    for column in ("ids", "texts", "reference"):
        require(getattr(after, column) == getattr(before, column), f"the {column} changed")
    require(np.array_equal(after.source_rows, before.source_rows), "the source row numbers changed")


def row_by_row(subject: Subject) -> None:
    """Neighbours stay neighbours: a row's nearest row is mostly of its own group still."""
    before, after = blobs(), subject.baseline
    groups = np.asarray(before.reference)
    kept = np.mean(groups[_nearest(after)] == groups)
    require(kept > 0.5, f"only {kept:.0%} of the rows are still nearest to one of their group")


def _nearest(dataset: Dataset) -> NDArray[np.intp]:
    points = dataset.vectors.astype(np.float64)
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest: NDArray[np.intp] = distances.argmin(axis=1)
    return nearest


CHECKS = COMMON + ROWS + checks(rows_kept, row_by_row)
"""Checks that every reducer must pass, in this order."""
