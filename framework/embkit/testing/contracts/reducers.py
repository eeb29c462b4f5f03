"""The contract of reducers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.errors import PluginError
from embkit.plugin.calls import checked_fitted, expect, transformed
from embkit.plugin.steps import Step
from embkit.resources import limit_threads
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from embkit.testing.examples import blobs
from embkit.testing.failures import CheckFailed, NotApplicable, require
from embkit.testing.state import undisturbed
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


def later_rows(subject: Subject) -> None:
    """If it places rows that come later, its own rows come to where they are, each on its own."""
    step = subject.step()
    if not callable(getattr(step.instance, "transform", None)):
        raise NotApplicable("it has no method transform")
    data, reduced = subject.dataset(None), subject.baseline
    expected = reduced.vectors.astype(np.float64)
    allowed = 1e-3 * max(1e-30, float(np.abs(expected).max()))
    for rows in (np.arange(data.n_samples), np.arange(0, data.n_samples, 7)):
        try:
            with undisturbed(), limit_threads(1):
                fitted = checked_fitted(step, reduced.fitted)
                placed = transformed(subject.step(), data.take(rows), fitted)
        except PluginError as error:
            raise CheckFailed(str(error)) from error
        if placed is None:
            raise NotApplicable("what it learned cannot be kept")
        require(
            placed.vectors.shape == expected[rows].shape,
            f"{len(rows)} rows came out as {placed.vectors.shape}, not {expected[rows].shape}",
        )
        away = float(np.abs(placed.vectors - expected[rows]).max())
        require(away <= allowed, f"{len(rows)} of its own rows came {away:.2g} away from where they are")


def _nearest(dataset: Dataset) -> NDArray[np.intp]:
    points = dataset.vectors.astype(np.float64)
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest: NDArray[np.intp] = distances.argmin(axis=1)
    return nearest


CHECKS = COMMON + ROWS + checks(rows_kept, row_by_row, later_rows)
"""Checks that every reducer must pass, in this order."""
