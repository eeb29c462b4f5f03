from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.cluster import AgglomerativeClustering, KMeans

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering, Validation
from embkit.errors import ParameterError
from embkit.runs.context import RunContext
from embkit_plugins.validators.stability import Stability, best_jaccard
from fixture_types import MakeContext

Refit = Callable[[Dataset], np.ndarray]


def run(
    clustering: Clustering, make_context: MakeContext, refit: Refit, **parameters: Any
) -> Validation:
    def refit_with(dataset: Dataset, context: RunContext) -> Clustering:
        return Clustering(dataset, refit(dataset))

    context = replace(make_context(clustering.dataset), refit_with=refit_with)
    return Stability(**parameters).validate(clustering, context)


def three_means(dataset: Dataset) -> np.ndarray:
    return np.asarray(KMeans(3, n_init=3, random_state=0).fit_predict(dataset.vectors))


def test_separate_groups_come_back_every_time(blobs: Dataset, make_context: MakeContext) -> None:
    clustering = Clustering(blobs, np.repeat([0, 1, 2], [40, 30, 20]))
    result = run(clustering, make_context, three_means, n_resamples=5)
    assert result.scores == {
        "mean_jaccard": 1.0,
        "mean_jaccard_of_rows": 1.0,
        "n_stable": 3,
        "n_dissolved": 0,
        "share_of_rows_stable": 1.0,
    }
    table = result.tables["stability"]
    assert list(table["size"]) == [40, 30, 20]
    assert table["recovered"] == [1.0, 1.0, 1.0]
    assert table["dissolved"] == [0.0, 0.0, 0.0]
    assert list(table["draws"]) == [5, 5, 5]


def test_an_arbitrary_split_dissolves(blobs: Dataset, make_context: MakeContext) -> None:
    halves = np.repeat([0, 1, 2], [40, 30, 20])
    halves[:40] = np.where(np.random.default_rng(0).random(40) < 0.5, 0, 3)
    result = run(Clustering(blobs, halves), make_context, three_means, n_resamples=5)
    jaccard = result.tables["stability"]["jaccard"]
    assert jaccard[1] == jaccard[2] == 1.0
    assert max(jaccard[0], jaccard[3]) < 0.75
    assert result.scores["n_stable"] == 2
    assert result.scores["share_of_rows_stable"] == pytest.approx(50 / 90)


def test_the_seed_decides_the_draws(blobs: Dataset, make_context: MakeContext) -> None:
    seen = []

    def remember(dataset: Dataset) -> np.ndarray:
        seen.append(dataset.source_rows)
        return np.zeros(dataset.n_samples, int)

    for _ in range(2):
        run(Clustering(blobs, np.zeros(90, int)), make_context, remember, n_resamples=3, share=0.5)
    assert [len(rows) for rows in seen] == [45] * 6
    assert_allclose(seen[:3], seen[3:])
    assert all(len(np.unique(rows)) == 45 for rows in seen)


def test_a_matrix_of_distances_is_drawn_on_both_sides(make_context: MakeContext) -> None:
    vectors = np.array([0.0, 0.1, 0.2, 9.0, 9.1, 9.2])
    dataset = Dataset(np.abs(vectors[:, None] - vectors))

    def refit(drawn: Dataset) -> np.ndarray:
        assert drawn.vectors.shape == (drawn.n_samples, drawn.n_samples)
        model = AgglomerativeClustering(2, metric="precomputed", linkage="average")
        return np.asarray(model.fit_predict(drawn.vectors))

    clustering = Clustering(dataset, np.array([0, 0, 0, 1, 1, 1]), {"metric": "precomputed"})
    assert run(clustering, make_context, refit, n_resamples=3).scores["mean_jaccard"] == 1.0


def test_clusters_never_drawn_are_said_and_not_counted(make_context: MakeContext) -> None:
    dataset = Dataset(np.arange(100.0)[:, None])
    labels = np.concatenate([[1], np.zeros(99, int)])
    clustering = Clustering(dataset, labels)
    result = run(
        clustering, make_context, lambda drawn: np.zeros(drawn.n_samples, int), n_resamples=2, share=0.02
    )
    table = result.tables["stability"]
    assert table["jaccard"] == [1.0, None]
    assert list(table["draws"]) == [2, 0]
    assert result.notes[-1] == "no row of 1 clusters was ever drawn"
    assert result.scores["mean_jaccard"] == 1.0


def test_what_cannot_be_refitted_is_skipped_with_the_reason(
    blobs: Dataset, make_context: MakeContext
) -> None:
    def refuse(dataset: Dataset) -> np.ndarray:
        raise ParameterError("n_clusters=80 for 72 rows")

    result = run(Clustering(blobs, np.arange(90)), make_context, refuse)
    assert result.skipped == "72 of the rows cannot be clustered in this way: n_clusters=80 for 72 rows"


def test_skips(blobs: Dataset, make_context: MakeContext) -> None:
    all_noise = run(Clustering(blobs, np.full(90, -1)), make_context, three_means)
    assert "every row is noise" in (all_noise.skipped or "")
    two_rows = Clustering(Dataset(np.eye(2)), np.zeros(2, int))
    assert "nothing to cluster" in (run(two_rows, make_context, three_means).skipped or "")


labels = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=1, max_size=30)


@settings(max_examples=50, deadline=None)
@given(labels)
def test_jaccard_by_brute_force(pairs: list[tuple[int, int]]) -> None:
    before, after = np.array(pairs).T
    found = best_jaccard(before, after, 4)
    for cluster in range(4):
        mine = set(np.flatnonzero(before == cluster))
        others = [set(np.flatnonzero(after == other)) for other in range(4)]
        expected = max(len(mine & other) / len(mine | other) for other in others) if mine else np.nan
        assert found[cluster] == pytest.approx(expected, nan_ok=True)
