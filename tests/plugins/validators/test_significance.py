from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering, Validation
from embkit.errors import ParameterError
from embkit_plugins.algorithms.valleys.splits import split_support
from embkit_plugins.validators.significance import Significance
from fixture_types import MakeContext
from narrowing import number, present


def average_linkage(dataset: Dataset, k: int = 3) -> Clustering:
    tree = linkage(dataset.vectors, "average")
    labels = fcluster(tree, k, "maxclust") - 1
    order = np.argsort(-np.bincount(labels), kind="stable")
    return Clustering(dataset, np.argsort(order)[labels], {"metric": "euclidean"}, tree)


def judge(
    dataset: Dataset,
    make_context: MakeContext,
    refit: Callable[[Dataset], Clustering] = average_linkage,
    **parameters: Any,
) -> Validation:
    context = replace(make_context(dataset), refit_with=lambda other, _context: refit(other))
    return Significance(**parameters).validate(average_linkage(dataset), context)


def test_real_clusters_are_above_the_null(blobs: Dataset, make_context: MakeContext) -> None:
    result = judge(blobs, make_context)
    assert result.scores["p_value"] == pytest.approx(1 / 21)
    assert number(result.scores["excess"]) > 5
    assert len(result.tables["null_silhouettes"]["silhouette"]) == 20
    assert "p_value is the least that 20 null draws can say" in result.notes


def test_the_joins_of_real_clusters_are_unsupported_merges(
    blobs: Dataset, make_context: MakeContext
) -> None:
    result = judge(blobs, make_context, n_null=2)
    splits = result.tables["splits"]
    assert list(splits["kind"][:2]) == ["joins", "joins"]
    assert list(splits["height"]) == sorted(splits["height"], reverse=True)
    assert result.scores["n_joins"] == result.scores["n_joins_supported"] == 2
    assert all(p is None or p > 0.05 for p in splits["p_value"][2:])


def test_a_continuum_is_not(make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(1).normal(size=(120, 6)))
    result = judge(dataset, make_context, null="permuted")
    assert number(result.scores["p_value"]) > 0.1


def test_null_draws_without_clusters_count_as_below(blobs: Dataset, make_context: MakeContext) -> None:
    def undivided(other: Dataset) -> Clustering:
        return Clustering(other, np.full(other.n_samples, -1))

    result = judge(blobs, make_context, undivided, n_null=4)
    assert result.scores["p_value"] == pytest.approx(0.2)
    assert result.scores["excess"] is None
    assert "4 of 4 null draws were not divided into clusters" in result.notes


def test_refusal_of_the_clusterer_is_the_reason(blobs: Dataset, make_context: MakeContext) -> None:
    def refuse(other: Dataset) -> Clustering:
        raise ParameterError("too odd")

    assert "cannot be clustered in this way: too odd" in present(
        judge(blobs, make_context, refuse).skipped
    )


def test_skipped(blobs: Dataset, make_context: MakeContext) -> None:
    one = Clustering(blobs, np.zeros(90, dtype=np.int64))
    assert "there is one cluster" in present(Significance().validate(one, make_context(blobs)).skipped)
    labels = np.repeat([0, 1], 45)
    given = Clustering(blobs, labels, {"metric": "precomputed"})
    assert "precomputed" in present(Significance().validate(given, make_context(blobs)).skipped)


def test_support_of_a_split() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 8))
    left, right = np.arange(100), np.arange(100, 200)
    assert number(split_support(vectors, left, right, rng)[0]) > 0.05
    halves = np.argsort(vectors[:, 0])
    assert number(split_support(vectors, halves[:100], halves[100:], rng)[0]) > 0.05
    vectors[100:, 0] += 6
    p_value, density = split_support(vectors, left, right, rng)
    assert number(p_value) < 0.001
    assert number(density) < 0.2
    assert split_support(vectors, left[:9], right, rng) == (None, None)
