"""Rows that come later, and soft memberships, against the hdbscan package on its own prediction data."""

from dataclasses import replace
from typing import Any

import hdbscan
import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.labels import canonical_labels
from embkit_plugins.algorithms.density.condensed import condensed_tree
from embkit_plugins.algorithms.density.memberships import memberships
from embkit_plugins.algorithms.density.prediction import predicted, reached
from embkit_plugins.clusterers.hdbscan import HDBSCAN
from fixture_types import MakeContext
from narrowing import present


def groups(seed: int, n_rows: int = 400) -> np.ndarray:
    """Groups of several densities within uniform rows, nested here and there."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-4, 4, size=(6, 5))
    rows = centres[rng.integers(0, 6, n_rows)] + rng.normal(size=(n_rows, 5)) * rng.choice(
        [0.2, 0.5, 1.0], size=(n_rows, 1)
    )
    rows[: n_rows // 5] = rng.uniform(-6, 6, size=(n_rows // 5, 5))
    return np.asarray(rows, dtype=np.float32)


def package(vectors: np.ndarray, **params: Any) -> Any:
    return hdbscan.HDBSCAN(
        approx_min_span_tree=False, algorithm="prims_kdtree", prediction_data=True, **params
    ).fit(vectors.astype(np.float64))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "params",
    [
        {"min_cluster_size": 5},
        {"min_cluster_size": 12, "min_samples": 3},
        {"min_cluster_size": 6, "cluster_selection_method": "leaf"},
        {"min_cluster_size": 5, "min_samples": 1},
    ],
)
def test_labels_and_strengths_are_the_packages(
    seed: int, params: dict[str, Any], make_context: MakeContext
) -> None:
    rows, others = groups(seed), groups(seed + 100, 150)
    others[:5] = rows[:5]
    model = package(rows, **params)
    expected, strengths = hdbscan.approximate_predict(model, others)

    dataset = Dataset(rows)
    context = make_context(dataset)
    clustering = HDBSCAN(**params).cluster(dataset, context)
    numbered = canonical_labels(clustering.labels, len(rows), "")
    np.testing.assert_array_equal(numbered, canonical_labels(model.labels_, len(rows), ""))
    mapping = np.append(np.full(numbered.max() + 1, -1), -1)
    mapping[numbered] = model.labels_

    again = replace(clustering, labels=numbered)
    found = present(HDBSCAN(**params).assign(again, Dataset(others), context))
    np.testing.assert_array_equal(mapping[found.labels], expected)
    np.testing.assert_allclose(present(found.strengths), strengths, atol=1e-6)
    assert -1 in expected
    assert len(set(expected)) > 2


@pytest.mark.parametrize("seed", range(3))
def test_memberships_are_the_packages(seed: int, make_context: MakeContext) -> None:
    rows = groups(seed)
    model = package(rows, min_cluster_size=8)
    expected = hdbscan.all_points_membership_vectors(model)
    dataset = Dataset(rows)
    clustering = HDBSCAN(min_cluster_size=8).cluster(dataset, make_context(dataset))
    tree = condensed_tree(present(clustering.linkage), 8, model.labels_)
    np.testing.assert_allclose(memberships(tree, dataset, "euclidean"), expected, atol=1e-6)


def test_memberships_come_with_the_clustering_in_the_order_of_its_labels(
    blobs: Dataset, make_context: MakeContext
) -> None:
    found = HDBSCAN(memberships=True).cluster(blobs, make_context(blobs))
    labels = canonical_labels(found.labels, 90, "")
    soft = present(found.memberships)
    assert soft.shape == (90, 3)
    inside = labels >= 0
    np.testing.assert_array_equal(soft[inside].argmax(axis=1), labels[inside])


def test_a_row_equal_to_many_is_as_firm_as_they_are(make_context: MakeContext) -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    dataset = Dataset(rows)
    clustering = HDBSCAN(min_cluster_size=5).cluster(dataset, make_context(dataset))
    found = present(
        HDBSCAN(min_cluster_size=5).assign(clustering, Dataset(rows[::10]), make_context(dataset))
    )
    np.testing.assert_array_equal(found.labels, clustering.labels[::10])
    np.testing.assert_array_equal(found.strengths, 1.0)


def test_no_cluster_is_noise_for_all(make_context: MakeContext) -> None:
    tree = condensed_tree(np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 2.0, 3.0]]), 2, np.full(3, -1))
    joined = reached(np.array([[0, 1]]), np.array([[0.1, 0.2]]), np.ones(3), 1)
    labels, strengths = predicted(tree, joined)
    assert labels.tolist() == [-1]
    assert strengths.tolist() == [0.0]
    assert memberships(tree, Dataset(np.eye(3)), "euclidean").shape == (3, 0)
