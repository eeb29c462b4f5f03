"""Labels: checked, and numbered from the largest down."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.labels import canonical_labels, deal_noise, label_columns
from embkit.data.results import Clustering
from embkit.errors import PluginError


def test_numbered_by_falling_size_ties_by_first_row_noise_kept() -> None:
    raw = [7, 3, 3, -1, 9, 9, 3, -2, 4]
    assert canonical_labels(raw, 9, "x").tolist() == [2, 0, 0, -1, 1, 1, 0, -1, 3]


@given(st.lists(st.integers(-2, 6), min_size=1, max_size=40), st.randoms())
def test_any_relabelling_gives_the_same_labels(raw: list[int], random: Any) -> None:
    names = list(range(100, 107))
    random.shuffle(names)
    renamed = [value if value < 0 else names[value] for value in raw]
    labels = canonical_labels(raw, len(raw), "x")
    assert labels.tolist() == canonical_labels(renamed, len(raw), "x").tolist()
    sizes = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.empty(0)
    assert (np.diff(sizes) <= 0).all()
    for one in range(len(raw)):
        for other in range(len(raw)):
            same = raw[one] == raw[other] or (raw[one] < 0 and raw[other] < 0)
            assert (labels[one] == labels[other]) == same


@pytest.mark.parametrize(
    "raw",
    [[0, 1], [0.5, 1, 2], [0, 1, np.nan], [[0], [1], [2]], [True, False, True], ["a", "b", "c"], None],
)
def test_what_is_not_one_integer_a_row_is_refused(raw: Any) -> None:
    with pytest.raises(
        PluginError,
        match="clusterer x returned labels of dtype .* expected one integer for each of 3 rows",
    ):
        canonical_labels(raw, 3, "clusterer x")


def test_whole_floats_are_accepted() -> None:
    assert canonical_labels([1.0, 1.0, -1.0], 3, "x").tolist() == [0, 0, -1]


def test_rows_that_were_dropped_keep_their_ids() -> None:
    values = np.random.default_rng(0).normal(size=(5, 2))
    values[[0, 3]] = np.nan
    dataset = admit(Dataset(values, ids=["3", "0", "4", "2", "1"]), Policy(nonfinite="drop"))
    columns = label_columns(dataset, Clustering(dataset, np.array([0, 0, 1])))
    assert columns["id"] == ["3", "0", "4", "2", "1"]
    assert columns["label"] == [-1, 0, 0, -1, 1]
    unnamed = admit(Dataset(values), Policy(nonfinite="drop"))
    assert label_columns(unnamed, Clustering(unnamed, np.array([0, 0, 1])))["id"] == list("01234")


def test_a_row_that_its_loader_dropped_does_not_borrow_an_id() -> None:
    dataset = Dataset(np.eye(2), ids=["1", "2"], rows=np.array([0, 2]), dropped={1: "empty line"})
    columns = label_columns(dataset, Clustering(dataset, np.array([0, 0])))
    assert columns["id"] == ["1", "", "2"]


def test_noise_is_dealt_by_the_sizes_of_clusters() -> None:
    labels = np.array([0] * 300 + [1] * 100 + [-1] * 4000)
    dealt = deal_noise(labels)
    assert dealt[:400].tolist() == labels[:400].tolist()
    assert abs((dealt[400:] == 0).mean() - 0.75) < 0.03
    assert deal_noise(labels).tolist() == dealt.tolist()
    assert deal_noise(labels, 1).tolist() != dealt.tolist()
    renamed = np.array([5, 3, -1])[labels]
    assert deal_noise(renamed).tolist() == np.array([5, 3])[dealt].tolist()
    assert deal_noise(np.array([-1, -1])).tolist() == [0, 0]
    assert deal_noise(np.array([1, 0])).tolist() == [1, 0]
