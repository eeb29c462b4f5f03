"""Labels: checked, and numbered by falling size."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit.data.labels import canonical_labels
from embkit.errors import PluginError


def test_numbered_by_falling_size_ties_by_first_row_noise_kept() -> None:
    raw = [7, 3, 3, -1, 9, 9, 3, -2, 4]
    assert canonical_labels(raw, 9, "x").tolist() == [2, 0, 0, -1, 1, 1, 0, -1, 3]


@given(st.lists(st.integers(-2, 6), min_size=1, max_size=40), st.randoms())
def test_any_relabelling_gives_the_same_labels(raw: list[int], random: Any) -> None:
    names = list(range(100, 107))
    random.shuffle(names)
    renamed = [value if value < 0 else names[value] for value in raw]
    labels = canonical_labels(raw, len(raw), "x")
    assert labels.tolist() == canonical_labels(renamed, len(raw), "x").tolist()
    sizes = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.empty(0)
    assert (np.diff(sizes) <= 0).all()
    for one in range(len(raw)):
        for other in range(len(raw)):
            same = raw[one] == raw[other] or (raw[one] < 0 and raw[other] < 0)
            assert (labels[one] == labels[other]) == same


@pytest.mark.parametrize(
    "raw",
    [[0, 1], [0.5, 1, 2], [0, 1, np.nan], [[0], [1], [2]], [True, False, True], ["a", "b", "c"], None],
)
def test_what_is_not_one_integer_a_row_is_refused(raw: Any) -> None:
    with pytest.raises(
        PluginError,
        match="clusterer x returned labels of dtype .* expected one integer for each of 3 rows",
    ):
        canonical_labels(raw, 3, "clusterer x")


def test_whole_floats_are_accepted() -> None:
    assert canonical_labels([1.0, 1.0, -1.0], 3, "x").tolist() == [0, 0, -1]
