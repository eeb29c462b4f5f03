"""Rows in order of their groups."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from embkit_plugins.algorithms.rows.grouping import by_group, rows_of_groups, runs


@given(st.lists(st.integers(-1, 5), max_size=40))
def test_every_group_has_its_rows_in_order(groups: list[int]) -> None:
    labels = np.array(groups, dtype=np.int64)
    order, bounds = by_group(labels, 6)
    assert sorted(order.tolist()) == list(range(len(groups)))
    assert np.flatnonzero(labels < 0).tolist() == order[: bounds[0]].tolist()
    assert bounds[-1] == len(groups)
    expected = [[row for row, label in enumerate(groups) if label == group] for group in range(6)]
    assert [rows.tolist() for rows in rows_of_groups(labels, 6)] == expected


def test_runs_of_numbers_follow_one_another() -> None:
    starts, sizes = np.array([5, 0, 7, 2]), np.array([2, 0, 3, 1])
    assert runs(starts, sizes).tolist() == [5, 6, 7, 8, 9, 2]
    assert runs(starts[:0], sizes[:0]).tolist() == []
