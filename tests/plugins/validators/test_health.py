import numpy as np
import pytest
from scipy.stats import skew
from sklearn.neighbors import NearestNeighbors

from embkit.data.dataset import Dataset
from embkit_plugins.validators.health import Health, intrinsic_dimension
from fixture_types import MakeContext
from narrowing import number


def test_counts(make_context: MakeContext) -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    vectors[:, 2] = 7.0
    vectors[3] = vectors[1]
    vectors[9] = 0.0
    vectors[9, 2] = 7.0
    dataset = Dataset(vectors, dropped={40: "not finite", 41: "not finite", 42: "zero vector"})
    result = Health().validate(dataset, make_context(dataset))
    scores = result.scores
    assert (scores["n_samples"], scores["n_features"], scores["dtype"]) == (40, 5, "float32")
    assert (scores["n_dropped"], scores["n_zero_rows"]) == (3, 0)
    assert (scores["n_duplicates"], scores["n_constant_columns"]) == (1, 1)
    assert "2 rows dropped: not finite" in result.notes
    norms = np.linalg.norm(vectors, axis=1)
    assert scores["norm_median"] == pytest.approx(np.median(norms), rel=1e-6)
    assert scores["mean_share"] == pytest.approx(
        (vectors.mean(0) ** 2).sum() / (norms**2).mean(), rel=1e-5
    )
    assert any("the mean vector carries" in note for note in result.notes)


def test_neighbourhoods_and_spectrum_against_references(make_context: MakeContext) -> None:
    vectors = np.random.default_rng(0).normal(size=(300, 6))
    vectors[7] = vectors[3] * (1 + 1e-9)
    dataset = Dataset(vectors)
    scores = Health().validate(dataset, make_context(dataset)).scores
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = NearestNeighbors(n_neighbors=10, metric="cosine").fit(units).kneighbors()[1]
    assert scores["hubness"] == pytest.approx(skew(np.bincount(near.ravel(), minlength=300)), rel=1e-6)
    values = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    shares = values / values.sum()
    assert scores["effective_rank"] == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert number(scores["near_duplicates"]) >= 2 / 300


def test_quantiles_of_all_pairs(make_context: MakeContext) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 4))
    dataset = Dataset(vectors)
    result = Health().validate(dataset, make_context(dataset))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = 1 - (units @ units.T)[np.triu_indices(50, 1)]
    assert np.allclose(
        result.tables["random_pairs"]["cosine"],
        np.quantile(cosine, result.tables["random_pairs"]["quantile"]),
    )
    assert result.scores["random_cosine_median"] == pytest.approx(np.median(cosine))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_intrinsic_dimension(dimension: int) -> None:
    rng = np.random.default_rng(0)
    flat = rng.random((2000, dimension)) @ np.linalg.qr(rng.normal(size=(20, dimension)))[0].T
    distances = NearestNeighbors(n_neighbors=2).fit(flat).kneighbors()[0]
    assert intrinsic_dimension(distances) == pytest.approx(dimension, rel=0.1)


def test_no_intrinsic_dimension() -> None:
    assert intrinsic_dimension(np.zeros((50, 2))) is None
    assert intrinsic_dimension(np.ones((50, 1))) is None
    assert intrinsic_dimension(np.ones((50, 2))) is None


def test_zero_rows_are_left_out_of_distances(make_context: MakeContext) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    vectors[[2, 5]] = 0
    dataset = Dataset(vectors)
    result = Health().validate(dataset, make_context(dataset))
    assert result.scores["n_zero_rows"] == 2
    assert "2 zero rows have no direction for cosine distance" in result.notes


def test_sample(make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(100, 4)))
    result = Health(max_samples=50).validate(dataset, make_context(dataset))
    assert any("50 of 100 rows" in note for note in result.notes)


@pytest.mark.parametrize("vectors", [np.zeros((1, 3)), np.zeros((8, 3)), np.ones((2, 1))])
def test_hardly_any_rows(vectors: np.ndarray, make_context: MakeContext) -> None:
    dataset = Dataset(vectors)
    result = Health().validate(dataset, make_context(dataset))
    assert "fewer than three rows with a direction: no distances" in result.notes


@pytest.mark.parametrize("vectors", [np.ones((12, 3)), np.arange(1.0, 13.0)[:, None]])
def test_degenerate_rows_have_no_nan(vectors: np.ndarray, make_context: MakeContext) -> None:
    dataset = Dataset(vectors)
    scores = Health().validate(dataset, make_context(dataset)).scores
    assert all(value == value for value in scores.values())
