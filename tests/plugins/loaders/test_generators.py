"""The generators: shapes, distributions, reproducibility, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from embkit.errors import ParameterError, ResourceError
from embkit.plugin.params import parameters_of, resolve
from embkit.plugin.registry import Registry
from embkit_plugins.loaders.generators import Blobs, Uniform


@pytest.mark.parametrize("loader", [Uniform(), Blobs()])
def test_default_shape_is_that_of_the_study(loader: Uniform | Blobs) -> None:
    dataset = loader.load(None)
    assert dataset.vectors.shape == (1000, 32)
    assert dataset.vectors.dtype == np.float32
    assert dataset.vectors.flags.c_contiguous
    assert np.isfinite(dataset.vectors).all()


@pytest.mark.parametrize("kind", [Uniform, Blobs])
def test_same_seed_same_data_and_other_seed_other_data(kind: type[Uniform] | type[Blobs]) -> None:
    first, again, other = (kind(seed=seed).load(None) for seed in (3, 3, 4))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


def test_uniform_fills_its_interval_evenly() -> None:
    values = Uniform(n_samples=2000, low=-2, high=3, seed=1).load(None).vectors.ravel()
    assert values.min() >= -2
    assert values.max() <= 3
    assert stats.kstest(values, stats.uniform(-2, 5).cdf).pvalue > 0.01


def test_uniform_has_no_reference_and_its_name() -> None:
    dataset = Uniform().load(None)
    assert dataset.reference is None
    assert dataset.name == "uniform"


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (math.nan, 1.0)])
def test_uniform_refuses_what_is_no_interval(low: float, high: float) -> None:
    with pytest.raises(ParameterError, match="are not an interval; low must be below high"):
        Uniform(low=low, high=high).load(None)


def test_blobs_are_gaussian_around_centres_in_the_unit_cube() -> None:
    dataset = Blobs(n_samples=20_000, n_features=4, centers=5, std=0.2, seed=1).load(None)
    reference = np.array(dataset.reference)
    for number in range(5):
        members = dataset.vectors[reference == str(number)].astype(np.float64)
        center = members.mean(axis=0)
        assert ((center > -0.02) & (center < 1.02)).all()
        np.testing.assert_allclose(np.cov(members.T), 0.04 * np.eye(4), atol=0.004)
        assert stats.kstest((members - center).ravel() / 0.2, "norm").pvalue > 0.001


def test_centres_are_uniform_in_the_unit_cube() -> None:
    centers = Blobs(n_samples=500, n_features=32, centers=500, std=0.0).load(None).vectors
    assert stats.kstest(centers.ravel(), "uniform").pvalue > 0.01


def test_blobs_by_default_have_a_hundred_points_around_each_centre() -> None:
    dataset = Blobs().load(None)
    assert dataset.name == "blobs(std=0.3)"
    assert dataset.reference is not None
    labels, counts = np.unique(dataset.reference, return_counts=True)
    assert sorted(labels, key=int) == [str(number) for number in range(10)]
    assert (counts == 100).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 5))
def test_points_are_split_evenly_whatever_the_rest(
    n_samples: int, centers: int, n_features: int
) -> None:
    centers = min(centers, n_samples)
    dataset = Blobs(n_samples=n_samples, n_features=n_features, centers=centers, std=0.0).load(None)
    assert dataset.reference is not None
    _, counts = np.unique(np.array(dataset.reference).astype(int), return_counts=True)
    assert len(counts) == centers
    assert counts.max() - counts.min() <= 1
    assert (np.diff(counts) <= 0).all()  # the rest goes to the first centres
    assert len(np.unique(dataset.vectors, axis=0)) <= centers


def test_another_std_moves_the_same_points_along_the_same_lines() -> None:
    still, near, far = (Blobs(std=std, seed=5).load(None).vectors for std in (0.0, 0.1, 0.4))
    np.testing.assert_allclose(far - still, 4 * (near - still), atol=1e-5)


def test_more_centres_than_points_are_refused() -> None:
    with pytest.raises(
        ParameterError, match=r"centers=11 is more than n_samples=10; .*at most centers=10"
    ):
        Blobs(n_samples=10, centers=11).load(None)


@pytest.mark.parametrize("kind", [Uniform, Blobs])
@pytest.mark.parametrize("n_samples", [10**12, 10**30])
def test_what_would_not_fit_is_refused_before_it_is_drawn(
    kind: type[Uniform] | type[Blobs], n_samples: int
) -> None:
    with pytest.raises(ResourceError, match=r"x 32 values need .* TB; .* can be used; give a smaller"):
        kind(n_samples=n_samples).load(None)


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("uniform", {"n_samples": 0}, "n_samples"),
        ("uniform", {"n_features": 0}, "n_features"),
        ("blobs", {"centers": 0}, "centers"),
        ("blobs", {"std": -0.1}, "std"),
        ("blobs", {"seed": -1}, "seed"),
        ("blobs", {"sdt": 0.3}, "did you mean 'std'"),
    ],
)
def test_the_host_refuses_parameters_out_of_bounds(
    registry: Registry, name: str, params: dict[str, float], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        resolve(f"loader {name}", parameters_of(registry.get("loader", name).factory()), params)
