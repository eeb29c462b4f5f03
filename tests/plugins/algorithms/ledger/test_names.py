"""Names of merges and of their parts."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.ledger.merges import Ledger, merge_ledger
from narrowing import present

SUBJECTS = {0.0: "tree, oak", 1.0: "tree, pine", 9.0: "car, red", 10.0: "car, blue"}


def ledger(texts: list[str] | None, metric: Metric = "euclidean") -> Ledger:
    """Two merges of two parts of 15 rows each, and one row that joins one of them."""
    places = np.append(np.repeat(list(SUBJECTS), 15) + np.tile(np.linspace(0, 0.1, 15), 4), 11.0)
    tree = linkage(places[:, None], "single")
    rows = places[:, None]
    vectors = np.abs(rows - rows.T) if metric == "precomputed" else rows
    dataset = Dataset(vectors, texts=texts)
    return merge_ledger(dataset, tree, start=0.5, stop=2.0, metric=metric)


@pytest.fixture
def texts() -> list[str]:
    """Each with the subject's two words and one that is in no other text."""
    said = [f"{said}. kaa{row}" for row, said in enumerate(np.repeat(list(SUBJECTS.values()), 15))]
    return [*said, "alone"]


@pytest.mark.parametrize("metric", ["euclidean", "precomputed"])
def test_a_merge_is_what_its_parts_share_and_a_part_what_sets_it_apart(
    texts: list[str], metric: Metric
) -> None:
    found = {present(merge.name).title: merge for merge in ledger(texts, metric).merges}
    assert set(found) == {"tree", "car"}
    assert {present(part.name).title for part in found["tree"].parts} == {"oak", "pine"}
    parts = found["car"].parts
    assert {present(part.name).title for part in parts[:2]} == {"red", "blue"}
    assert (parts[2].size, parts[2].name) == (1, None)


def test_no_term_is_in_a_single_row(texts: list[str]) -> None:
    merges = ledger(texts).merges
    found = [merge.name for merge in merges] + [part.name for merge in merges for part in merge.parts]
    names = [name for name in found if name]
    terms = [term for name in names for term in name.terms]
    assert len(terms) >= 6
    assert all(sum(term in text for text in texts) > 1 for term in terms)


def test_texts_that_say_the_same_everywhere_have_no_words() -> None:
    for merge in ledger(["the same"] * 61).merges:
        assert present(merge.name).note == "no word stands out"
        assert present(merge.name).terms == ()


def test_without_texts_there_are_no_names() -> None:
    for merge in ledger(None).merges:
        assert [merge.name, *(part.name for part in merge.parts)] == [None] * (len(merge.parts) + 1)
