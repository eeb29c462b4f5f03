"""Rows as products want them, and their random partitions."""

import numpy as np
import pytest

from embkit_plugins.algorithms.neighbors.candidates import AugmentedRows
from embkit_plugins.algorithms.neighbors.partition import OVERLAP, random_partition
from embkit_plugins.algorithms.rows.calls import Calls
from embkit_plugins.algorithms.silhouettes.prepared import CentredRows


@pytest.mark.parametrize("width", [5, 700, 9000])
def test_augmented_rows_do_not_depend_on_what_is_read_with_them(width: int) -> None:
    rows = np.random.default_rng(0).normal(size=(90, width)) + 3
    view = AugmentedRows.of(rows)
    held = view.held()
    assert held.dtype == np.float32
    in_doubles = CentredRows(rows, rows.mean(axis=0))
    assert in_doubles[3:40].tobytes() == in_doubles[:][3:40].tobytes()
    for chosen in (slice(3, 40), np.array([88, 1, 1]), np.array([17])):
        assert view[chosen].tobytes() == held[chosen].tobytes()


def test_near_rows_are_together() -> None:
    rng = np.random.default_rng(0)
    centres = 50 * rng.normal(size=(6, 8))
    group = rng.integers(6, size=6000)
    points = AugmentedRows.of(centres[group] + rng.normal(size=(6000, 8))).held()
    leaves = random_partition(Calls.here(points, 1), np.random.default_rng(1))
    order = leaves.together()
    assert np.array_equal(np.sort(order), np.arange(6000))
    found: list[set[int]] = [set() for _ in range(6000)]
    for number in range(len(leaves)):
        for row in leaves.leaf(number).tolist():
            found[row].add(number)
    assert all(len(each) == OVERLAP for each in found)
    keys = [sorted(found[row]) for row in order.tolist()]
    assert keys == sorted(keys)
