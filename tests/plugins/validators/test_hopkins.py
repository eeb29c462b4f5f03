import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit_plugins.validators.hopkins import Hopkins
from fixture_types import MakeContext
from narrowing import number, present


def test_against_the_formula(make_context: MakeContext) -> None:
    vectors = np.random.default_rng(0).random((60, 3))
    dataset = Dataset(vectors)
    scores = Hopkins(n_sampled=20, random_state=5).validate(dataset, make_context(dataset)).scores
    rng = np.random.default_rng(5)
    rows = rng.choice(60, 20, replace=False)
    places = rng.uniform(vectors.min(axis=0), vectors.max(axis=0), (20, 3))
    to_rows = np.linalg.norm(places[:, None] - vectors, axis=2)
    among = np.linalg.norm(vectors[rows][:, None] - vectors, axis=2)
    among[np.arange(20), rows] = np.inf
    u, w = (to_rows.min(axis=1) ** 3).sum(), (among.min(axis=1) ** 3).sum()
    assert scores["hopkins"] == pytest.approx(u / (u + w))


def test_uniform_is_half_and_two_points_are_one(make_context: MakeContext) -> None:
    uniform = Dataset(np.random.default_rng(1).random((2000, 2)))
    scores = Hopkins().validate(uniform, make_context(uniform)).scores
    assert scores["hopkins"] == pytest.approx(0.5, abs=0.1)
    assert number(scores["p_value"]) > 0.01
    crowded = Dataset(np.repeat(np.eye(2), 30, axis=0) + 1e-4 * np.random.default_rng(0).random((60, 2)))
    scores = Hopkins().validate(crowded, make_context(crowded)).scores
    assert number(scores["hopkins"]) > 0.99
    assert number(scores["p_value"]) < 0.001


def test_no_overflow_in_many_dimensions_and_repeats(make_context: MakeContext) -> None:
    wide = Dataset(1e6 * np.random.default_rng(0).random((50, 400)))
    assert 0 < number(Hopkins().validate(wide, make_context(wide)).scores["hopkins"]) < 1
    repeats = Dataset(np.repeat(np.eye(2), 20, axis=0))
    assert Hopkins().validate(repeats, make_context(repeats)).scores["hopkins"] == 1.0


@pytest.mark.parametrize("vectors", [np.ones((1, 2)), np.ones((9, 2))])
def test_skipped(vectors: np.ndarray, make_context: MakeContext) -> None:
    dataset = Dataset(vectors)
    assert "all rows are equal" in present(Hopkins().validate(dataset, make_context(dataset)).skipped)
