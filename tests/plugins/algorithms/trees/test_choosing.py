"""Cuts that pairs, copies and pieces of a continuum cannot win."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from embkit_plugins.algorithms.trees.choosing import (
    Scores,
    choose,
    fewest,
    runner_up,
    units,
    weights,
    within,
)


def scores(
    silhouette: dict[int, float],
    *,
    n_samples: int = 400,
    counted: list[float] | None = None,
    largest: list[int] | None = None,
    n_units: int | None = None,
) -> Scores:
    """Scores by number of clusters."""
    k = np.array(list(silhouette))
    values = np.array(list(silhouette.values()), dtype=float)
    return Scores(
        k,
        values,
        values if counted is None else np.array(counted),
        np.full(len(k), n_samples // 2) if largest is None else np.array(largest),
        n_samples,
        n_units or n_samples,
    )


def chosen(found: Scores) -> int:
    return int(found.n_clusters[choose(found).cut])


def test_dust_does_not_win() -> None:
    found = scores({2: 0.6, 10: 0.3, 200: 1.0}, counted=[0.6, 0.3, 0.4])
    assert chosen(found) == 2
    assert choose(found).clear


def test_many_groups_need_a_peak() -> None:
    found = scores({2: 0.1, 10: 0.3, 18: 0.35, 60: 0.6, 150: 0.2})
    assert chosen(found) == 60
    assert choose(found).fine
    assert chosen(scores({2: 0.1, 10: 0.5, 18: 0.55, 60: 0.6, 150: 0.5})) == 18  # pieces of something
    assert chosen(scores({2: 0.1, 12: 0.35, 60: 0.6, 150: 0.2}, n_units=200)) == 12  # three units each


def test_finer_cuts_that_score_as_well_leave_a_doubt() -> None:
    found = scores({2: 0.33, 4: 0.36, 12: 0.4, 30: 0.45, 150: 0.44})
    assert not choose(found).clear
    assert fewest(found) == 0
    assert within(found, 3, 6) == 1
    assert within(found, 5, 9) == 1  # the finest that is coarser
    assert within(found, 1, 1) == 0


def test_where_no_cut_makes_as_many_groups_as_the_density_has() -> None:
    merged = scores({2: 0.33, 4: 0.36, 12: 0.6, 30: 0.65, 150: 0.44})
    assert within(merged, 5, 9) == 2  # the coarsest that is finer: it scores notably more
    assert within(merged, 13, 20) == 2  # 30 are more than sqrt(n)


def test_without_evidence_readable_cuts_are_taken() -> None:
    found = scores({2: 0.01, 6: 0.02, 12: 0.02, 19: 0.025, 150: 0.2})
    assert choose(found).weak
    assert chosen(found) == 19
    assert chosen(scores({2: 0.09, 12: 0.01, 19: 0.02, 150: 0.2})) == 2  # it stands out
    split_off = scores({2: 0.09, 12: 0.01, 19: 0.02}, largest=[399, 100, 100])
    assert chosen(split_off) == 19


def test_the_runner_up_is_another_cut() -> None:
    found = scores({2: 0.5, 100: 0.3, 102: 0.4})
    assert runner_up(found, 2) == 0
    assert runner_up(found, 0) == 2
    assert runner_up(scores({2: 0.5}), 0) is None


def test_copies_are_one_unit() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(100, 4))
    for copies in (np.zeros((100, 4)), 1e-3 * rng.normal(size=(100, 4))):
        found = units(linkage(np.concatenate([rows, rows + copies]), "ward"))
        assert found.max() + 1 == 100
        np.testing.assert_array_equal(found[:100], found[100:])
    assert units(linkage(rows, "ward")).max() + 1 == 100
    few = np.concatenate([rows[:20], rows[:20] + 1e-3])  # twenty pairs are small data
    assert units(linkage(few, "ward")).max() + 1 == 40


def test_a_row_counts_by_the_units_of_its_cluster() -> None:
    labels, unit = np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 3, 3, 4])
    np.testing.assert_allclose(weights(labels, unit), [0.75, 0.75, 0.75, 0.75, 0, 0, 0])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=12),
    st.integers(10, 5000),
    st.randoms(use_true_random=False),
)
def test_there_is_always_a_readable_choice(
    values: list[float], n_samples: int, random: random.Random
) -> None:
    k = sorted(random.sample(range(2, 5000), len(values)))
    found = scores(dict(zip(k, values, strict=True)), n_samples=n_samples)
    cut = choose(found).cut
    assert found.few[cut] or found.is_peak(cut)
    if not choose(found).clear and found.few[cut]:
        assert found.counted[fewest(found)] >= 0.25


@pytest.mark.parametrize("n_rows", [2, 3])
def test_units_of_few_rows(n_rows: int) -> None:
    assert units(linkage(np.arange(float(n_rows))[:, None], "single")).tolist() == list(range(n_rows))
