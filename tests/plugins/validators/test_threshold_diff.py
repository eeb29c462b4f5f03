from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import pairwise_distances

from embkit.data.dataset import Dataset
from embkit.data.names import Name, Names
from embkit.data.results import Clustering, Validation
from embkit.errors import ParameterError
from embkit.runs.context import RunContext
from embkit_plugins.algorithms.trees.cuts import cut_at
from embkit_plugins.validators.trees.threshold_diff import ThresholdDiff
from fixture_types import MakeContext

TREE = np.array([[0, 1, 1, 2], [2, 3, 1.5, 3.0]])


def clustered(context: RunContext, threshold: float | None, **parameters: Any) -> Clustering:
    chosen = {"metric": "euclidean", "linkage": "average"} | parameters
    tree = context.artifact("linkage", **chosen)["linkage"]
    labels = cut_at(tree, threshold if threshold is not None else np.inf)
    return Clustering(
        context.dataset,
        labels,
        chosen | {"distance_threshold": threshold},
        linkage=tree,
        clusterer="agglomerative",
    )


def ledger_pairs(result: Validation, n_samples: int) -> np.ndarray:
    table = result.tables["merge-members"]
    found = np.zeros((n_samples, n_samples), dtype=bool)
    merge, part, row = (np.array(table[name]) for name in ("merge", "part", "row"))
    for number in np.unique(merge):
        for left, right in combinations(np.unique(part[merge == number]), 2):
            first, second = (row[(merge == number) & (part == side)] for side in (left, right))
            found[np.ix_(first, second)] = True
    return found | found.T


def test_glosses_ledger_holds_exactly_the_pairs_that_scikit_learn_merges(
    glosses: Dataset, make_context: MakeContext, tmp_path: Path
) -> None:
    """The use case: 4312 rows of 1024 dimensions, complete linkage, cosine, 0.75 to 0.80."""
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((1024, 384)))[0]
    rotated = glosses.with_vectors(np.ascontiguousarray(glosses.vectors @ basis.T.astype(np.float32)))
    context = make_context(rotated)
    clustering = clustered(context, 0.75, metric="cosine", linkage="complete")
    result = ThresholdDiff(to=0.80).validate(clustering, context)
    distances = pairwise_distances(rotated.vectors, metric="cosine")
    lower, higher = (
        AgglomerativeClustering(
            n_clusters=None,
            metric="precomputed",  # scikit-learn's own distances below, once for both fits
            linkage="complete",
            distance_threshold=threshold,
            memory=str(tmp_path),  # the tree, which both thresholds cut
        ).fit_predict(distances)
        for threshold in (0.75, 0.80)
    )
    between = (lower[:, None] != lower) & (higher[:, None] == higher)
    assert_array_equal(ledger_pairs(result, 4312), between)
    assert result.scores["n_clusters_from"] == lower.max() + 1
    assert result.scores["n_clusters_to"] == higher.max() + 1
    untouched = len(
        {tuple(np.flatnonzero(lower == label)) for label in range(lower.max() + 1)}
        & {tuple(np.flatnonzero(higher == label)) for label in range(higher.max() + 1)}
    )
    assert result.scores["n_untouched"] == untouched


@pytest.fixture
def at_one(blobs: Dataset, make_context: MakeContext) -> Clustering:
    return clustered(make_context(blobs), 1.0)


def run(clustering: Clustering, make_context: MakeContext, **parameters: Any) -> Validation:
    return ThresholdDiff(**parameters).validate(clustering, make_context(clustering.dataset))


def test_parts_are_numbered_as_the_clusters_of_the_run(
    at_one: Clustering, make_context: MakeContext
) -> None:
    result = run(at_one, make_context, to=2.0)
    table, members = result.tables["merges"], result.tables["merge-members"]
    number = dict(
        zip(zip(table["merge"], table["part"], strict=True), table["cluster_before"], strict=True)
    )
    for merge, part, row in zip(members["merge"], members["part"], members["row"], strict=True):
        assert at_one.labels[row] == number[merge, part]


def test_a_lower_threshold_is_swapped_and_said(at_one: Clustering, make_context: MakeContext) -> None:
    result = run(at_one, make_context, to=0.7)
    assert (result.scores["from"], result.scores["to"]) == (0.7, 1.0)
    assert result.notes[0] == "read from 0.7 to 1: merges go upward"
    upward = run(at_one, make_context, start=0.7, to=1.0)
    assert upward.scores == result.scores
    assert upward.notes == result.notes[1:]


def test_a_clustering_cut_by_number_starts_from_its_own_height(
    blobs: Dataset, make_context: MakeContext
) -> None:
    context = make_context(blobs)
    tree = context.artifact("linkage", linkage="average", metric="euclidean")["linkage"]
    three = Clustering(blobs, cut_at(tree, tree[-2, 2]), {"distance_threshold": None}, linkage=tree)
    assert run(three, make_context, to=1000.0).scores["n_clusters_from"] == 3
    one = Clustering(blobs, np.zeros(90, int), {"distance_threshold": None}, linkage=tree)
    assert run(one, make_context, to=0.5).scores["n_clusters_to"] == 1


def test_ties_that_no_threshold_can_tell_apart_are_skipped(make_context: MakeContext) -> None:
    dataset = Dataset(np.arange(6.0)[:, None])
    tree = np.array([[0, 1, 1, 2], [2, 3, 1, 2], [4, 5, 1, 2], [6, 7, 2, 4], [8, 9, 4, 6.0]])
    labels = np.array([0, 0, 1, 1, 2, 3])  # two of three tied merges
    clustering = Clustering(dataset, labels, {"distance_threshold": None}, linkage=tree)
    assert "no threshold of the tree gives the clusters of this run" in (
        run(clustering, make_context, to=3.0).skipped or ""
    )


def test_merges_at_a_threshold_are_said(make_context: MakeContext) -> None:
    dataset = Dataset(np.arange(6.0)[:, None])
    clustering = clustered(make_context(dataset), 0.5, linkage="single")
    result = run(clustering, make_context, to=1.0)
    assert result.scores["n_merges"] == 0
    assert result.notes[0] == "5 merges lie at 1, up to rounding; merges at a threshold are not made"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"linkage": None, "clusterer": "kmeans"}, "kmeans made no whole tree"),
        (
            {"linkage": TREE, "parameters": {"metric": "chebyshev"}},
            "metric chebyshev cannot be measured",
        ),
        ({"linkage": TREE, "parameters": {}, "labels": np.full(3, -1)}, "no threshold of the tree"),
        ({"linkage": np.array([[0, 1, 2, 2], [2, 3, 1, 3.0]])}, "inversions"),
    ],
)
def test_what_cannot_be_cut_is_skipped(
    change: dict[str, Any], reason: str, make_context: MakeContext
) -> None:
    dataset = Dataset(np.arange(3.0)[:, None])
    given: dict[str, Any] = {"parameters": {"distance_threshold": 1.0}} | change
    clustering = Clustering(dataset, **({"labels": np.array([0, 0, 1])} | given))
    assert reason in (run(clustering, make_context, to=3.0).skipped or "")


def test_the_same_threshold_is_skipped(at_one: Clustering, make_context: MakeContext) -> None:
    assert "at 1 already" in (run(at_one, make_context, to=1.0).skipped or "")


def test_equal_thresholds_are_refused_before_any_work() -> None:
    with pytest.raises(ParameterError, match="nothing can merge between equal thresholds"):
        ThresholdDiff(to=0.5, start=0.5).check()


def test_a_cosine_threshold_above_two_is_refused(blobs: Dataset, make_context: MakeContext) -> None:
    clustering = clustered(make_context(blobs), 0.5, metric="cosine")
    with pytest.raises(ParameterError, match="cosine distance is 0 to 2"):
        run(clustering, make_context, to=2.5)


@pytest.mark.parametrize(("threshold", "to"), [(1.5, 10.0), (10.0, 1.5)])
def test_clusters_that_a_user_named_are_called_so(
    make_context: MakeContext, blobs: Dataset, threshold: float, to: float
) -> None:
    context = make_context(blobs)
    clustering = clustered(context, threshold)
    given = Names((Name("Mine", note="edited"), *[Name("theirs")] * (clustering.n_clusters - 1)))
    result = ThresholdDiff(to=to).validate(replace(clustering, names=given), context)
    table, side = result.tables["merges"], "before" if threshold < to else "after"
    called = table["name" if side == "before" else "merged_name"]
    of_mine = [number == 0 for number in table[f"cluster_{side}"]]
    assert any(of_mine)
    assert [name == "Mine" for name in called] == of_mine
    assert "theirs" not in called
    assert any("Mine" in note and "edited" not in note for note in result.notes)
