import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import metrics

from embkit_plugins.algorithms.agreement.contingency import contingency, noise_apart


def labelings(n_clusters: int = 8) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    rows = st.lists(
        st.tuples(st.integers(0, n_clusters), st.integers(0, n_clusters)), min_size=2, max_size=60
    )
    return rows.map(lambda pairs: tuple(np.array(pairs).T))


@settings(max_examples=60, deadline=None)
@given(labelings())
def test_scores_are_scikit_learns(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, found = pair
    table = contingency(truth, found)
    assert table.adjusted_rand == pytest.approx(metrics.adjusted_rand_score(truth, found), abs=1e-12)
    ours = table.adjusted_mutual_information
    assert ours == pytest.approx(metrics.adjusted_mutual_info_score(truth, found), abs=1e-6)
    expected = metrics.homogeneity_completeness_v_measure(truth, found)
    assert (table.homogeneity, table.completeness, table.v_measure) == pytest.approx(expected, abs=1e-12)


def test_cells_are_sparse_and_ordered() -> None:
    table = contingency(np.array([0, 0, 1, 2, 2]), np.array([1, 0, 1, 1, 1]))
    assert_array_equal(table.rows, [0, 0, 1, 2])
    assert_array_equal(table.columns, [0, 1, 1, 1])
    assert_array_equal(table.counts, [1, 1, 1, 2])
    assert_array_equal(table.row_sizes, [2, 1, 2])
    assert table.n_samples == 5


def test_each_noise_row_becomes_a_cluster() -> None:
    assert_array_equal(noise_apart(np.array([-1, 0, 1, -1, 0])), [2, 0, 1, 3, 0])
    assert_array_equal(noise_apart(np.array([-1, -1])), [0, 1])


@pytest.mark.parametrize("labels", [[0], [0, 0, 0], [0, 1, 2]])
def test_equal_partitions_score_one(labels: list[int]) -> None:
    table = contingency(np.array(labels), np.array(labels))
    assert table.adjusted_rand == table.adjusted_mutual_information == table.v_measure == 1.0


def test_thousands_of_clusters() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 1200, 3000), rng.integers(0, 1500, 3000)
    second[:1000] = first[:1000]
    ours = contingency(first, second).adjusted_mutual_information
    assert ours == pytest.approx(metrics.adjusted_mutual_info_score(first, second), abs=1e-8)


def test_agreement_by_chance_is_0_and_no_rounding_error() -> None:
    """A single cluster tells nothing of the classes."""
    classes = np.repeat(np.arange(7), 83)
    for labels in (np.zeros_like(classes), np.zeros_like(classes) + 4):
        assert contingency(classes, labels).adjusted_mutual_information == 0.0
