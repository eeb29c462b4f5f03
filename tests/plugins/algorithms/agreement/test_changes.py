from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from embkit_plugins.algorithms.agreement.changes import Change, LabelChanges, label_changes


def changes_of(before: list[int], after: list[int], **parameters: Any) -> LabelChanges:
    return label_changes(np.array(before), np.array(after), **parameters)


def test_each_kind_of_change() -> None:
    result = changes_of(
        #    merged        split       unchanged  kept       reshuffled
        [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5, 6, 6],
        [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, -1],
        min_share=0.5,
    )
    found = {change.before: (change.kind, change.after) for change in result.changes if change.before}
    assert found[0, 1] == ("merged", (0,))
    assert found[3,] == ("unchanged", (3,))
    assert found[4,] == ("kept", (4,))
    assert found[6,] == ("kept", (9,))
    # Half of a cluster is no majority of it, but each of these holds nothing else.
    assert found[2,] == ("split", (1, 2))
    assert found[5,] == ("split", (6, 7, 8))


def test_figures_of_a_merge() -> None:
    (change,) = changes_of([0, 0, 0, 1, 1], [0] * 5).changes
    assert change == Change("merged", (0, 1), (0,), n_before=5, n_after=5, n_common=5, n_moved=2)


def test_what_has_no_majority_anywhere_is_reshuffled() -> None:
    result = changes_of([0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2, 0, 1, 2, 0, 1, 2])
    assert result.counts == {"merged": 0, "split": 0, "reshuffled": 6, "kept": 0, "unchanged": 0}
    everything = changes_of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], min_share=0.0)
    (change,) = everything.changes
    assert (change.kind, change.before, change.after) == ("reshuffled", (0, 1), (0, 1, 2))


def test_noise_comes_and_goes_and_is_no_cluster() -> None:
    result = changes_of([0, 0, 0, -1, -1, 1, 1], [0, 0, -1, 0, -1, 1, 1])
    assert result.n_clusters == (2, 2)
    assert result.n_noise == (2, 2)
    assert result.n_noise_common == 1
    kept = result.changes[0]
    assert (kept.kind, kept.n_before, kept.n_after, kept.n_common, kept.n_moved) == ("kept", 3, 3, 2, 2)
    assert result.changes[1].kind == "unchanged"


def test_all_noise() -> None:
    result = changes_of([0, 0, 1], [-1, -1, -1])
    assert [change.kind for change in result.changes] == ["reshuffled", "reshuffled"]
    assert changes_of([-1, -1], [-1, -1]).changes == ()


def test_agreement_is_scikit_learns_with_noise_apart() -> None:
    result = changes_of([0, 0, 1, 1, -1, -1], [0, 0, 1, -1, 1, -1])
    apart = ([0, 0, 1, 1, 2, 3], [0, 0, 1, 2, 1, 3])
    assert result.adjusted_rand == pytest.approx(metrics.adjusted_rand_score(*apart))
    expected = metrics.adjusted_mutual_info_score(*apart)
    assert result.adjusted_mutual_information == pytest.approx(expected)


labelings = st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), min_size=1, max_size=40)


def dense(labels: np.ndarray) -> np.ndarray:
    names = np.unique(labels[labels >= 0])
    return np.where(labels >= 0, np.searchsorted(names, labels), -1)


@settings(max_examples=60, deadline=None)
@given(labelings, st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_every_cluster_is_in_one_change(pairs: list[tuple[int, int]], min_share: float) -> None:
    before, after = (dense(labels) for labels in np.array(pairs).T)
    result = label_changes(before, after, min_share=min_share)
    for side, count in zip(("before", "after"), result.n_clusters, strict=True):
        members = [cluster for change in result.changes for cluster in getattr(change, side)]
        assert sorted(members) == list(range(count))
    moved = [change.n_moved for change in result.changes]
    assert moved == sorted(moved, reverse=True)
    assert all((change.kind == "unchanged") == (change.n_moved == 0) for change in result.changes)
    assert sum(result.counts.values()) == len(result.changes)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 4))
def test_nested_cuts_are_only_merged_or_unchanged(fine: list[int], width: int) -> None:
    before = dense(np.array(fine))
    after = dense(np.array(fine) // width)
    kinds = {change.kind for change in label_changes(before, after).changes}
    assert kinds <= {"merged", "unchanged"}
    back = {change.kind for change in label_changes(after, before).changes}
    assert back <= {"split", "unchanged"}


def test_tables_join_overlaps_to_changes() -> None:
    tables = changes_of([0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1]).tables()
    assert tables["changes"]["kind"] == ["kept", "kept"]
    overlaps = {name: list(column) for name, column in tables["overlaps"].items()}
    assert overlaps["rows"] == [2, 1, 1, 2]
    assert overlaps["change"] == [1, None, None, 2]
    assert overlaps["jaccard"] == [0.5, 0.2, 0.2, 0.5]
