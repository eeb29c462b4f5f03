from dataclasses import replace

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from embkit.data.dataset import Dataset
from embkit.data.names import Name
from embkit_plugins.algorithms.ledger.display import ledger_lines, merge_tables
from embkit_plugins.algorithms.ledger.merges import Ledger, merge_ledger
from narrowing import present

VECTORS = np.array([[0.0], [0.1], [1.0], [1.1], [9.0], [9.2], [10.0], [50.0]])
TEXTS = ["oak tree", "old oak tree", "pine tree", "=pine()", "red car", "red\ncar\x1b[2J", "", "alone"]


def ledger_of(dataset: Dataset, stop: float = 2.0) -> Ledger:
    return merge_ledger(dataset, linkage(VECTORS, "single"), start=0.5, stop=stop, metric="euclidean")


@pytest.fixture
def dataset() -> Dataset:
    return Dataset(VECTORS, ids=[f"id{row}" for row in range(8)], texts=TEXTS)


def test_tables_hold_every_part_and_member_and_join_on_their_numbers(dataset: Dataset) -> None:
    tables = merge_tables(ledger_of(dataset), dataset)
    merges, members = tables["merges"], tables["merge-members"]
    assert list(zip(merges["merge"], merges["part"], merges["part_size"], strict=True)) == [
        (1, 1, 2),
        (1, 2, 2),
        (2, 1, 2),
        (2, 2, 1),
    ]
    assert merges["example"] == ["oak tree", "pine tree", "red car", "id6"]
    assert merges["terms"] == ["", "", "", ""]
    assert (
        merges["merged_name"][2]
        == merges["merged_name"][3]
        == present(ledger_of(dataset).merges[1].name).title
    )
    assert merges["name"][3] == ""  # a single row
    assert members["name"] == [
        *[merges["name"][0]] * 2,
        *[merges["name"][1]] * 2,
        *[merges["name"][2]] * 2,
        "",
    ]
    assert members["id"] == ["id0", "id1", "id2", "id3", "id4", "id5", "id6"]
    assert members["merge"] == [1, 1, 1, 1, 2, 2, 2]
    assert {len(column) for column in merges.values()} == {4}
    assert {len(column) for column in members.values()} == {7}


def test_rows_are_those_of_the_source(dataset: Dataset) -> None:
    sampled = Dataset(VECTORS, rows=np.arange(8) + 100)
    assert merge_tables(ledger_of(sampled), sampled)["merge-members"]["row"][0] == 100


def test_digest_tells_texts_words_heights_and_what_is_left_out(dataset: Dataset) -> None:
    lines = ledger_lines(ledger_of(dataset), dataset, show=1)
    assert lines[0] == "5 clusters at 0.5 become 3 at 2 (euclidean)"
    assert lines[1] == "4 of them merged into 2; untouched: 1"
    assert lines[2] == "3 rows (37.5% of all) joined a cluster larger than their own"
    assert lines[4].startswith("1. 4 rows from 2 clusters, joined at 0.9, silhouette ")
    assert lines[5] == "   together: no word stands out"
    assert lines[6] == "   2 rows: no word stands out"
    assert lines[7] == "      oak tree"
    assert "   closest across, at 0.9:" in lines
    assert lines[-1] == "and 1 more, in table merges"


def test_names_are_told_with_their_terms(dataset: Dataset) -> None:
    ledger = ledger_of(dataset)
    first = ledger.merges[0]
    parts = (replace(first.parts[0], name=Name("oak", ("oak", "elm"))), first.parts[1])
    named = replace(first, parts=parts, name=Name("trees\x1b", ("oak",)))
    ledger = replace(ledger, merges=(named, *ledger.merges[1:]))
    lines = ledger_lines(ledger, dataset)
    assert lines[5:7] == ("   together: trees\N{REPLACEMENT CHARACTER}", "   2 rows: oak, elm")
    merges = merge_tables(ledger, dataset)["merges"]
    assert (merges["name"][0], merges["terms"][0]) == ("oak", "oak | elm")
    assert (merges["merged_name"][1], merges["merged_terms"][1]) == ("trees\x1b", "oak")


def test_without_texts_nothing_is_named() -> None:
    dataset = Dataset(VECTORS)
    lines = ledger_lines(ledger_of(dataset), dataset)
    assert not any("together" in line or "no word" in line for line in lines)
    assert "   2 rows" in lines


def test_a_merge_of_groups_that_are_apart_is_marked(dataset: Dataset) -> None:
    ledger = ledger_of(dataset)
    apart, not_apart = (
        replace(merge, p_value=p) for merge, p in zip(ledger.merges, (0.002, 0.3), strict=True)
    )
    ledger = replace(ledger, merges=(apart, not_apart))
    lines = ledger_lines(ledger, dataset)
    assert lines[5] == "   the two largest are apart (p = 0.002)"
    assert sum("apart" in line for line in lines) == 1
    assert merge_tables(ledger, dataset)["merges"]["apart_p_value"] == [0.002, 0.002, 0.3, 0.3]


def test_digest_is_safe_on_a_terminal_and_98_wide(dataset: Dataset) -> None:
    long = Dataset(VECTORS, texts=[f"{text} {'long ' * 50}" for text in TEXTS])
    lines = ledger_lines(ledger_of(long), long)
    assert max(len(line) for line in lines) == 98
    assert all(line.isprintable() for line in ledger_lines(ledger_of(dataset), dataset))


def test_many_parts_and_many_rows_are_cut_short() -> None:
    vectors = np.concatenate([np.zeros(9), np.arange(1, 8)])[:, None]
    dataset = Dataset(vectors)
    ledger = merge_ledger(dataset, linkage(vectors, "single"), start=0.5, stop=2.0, metric="euclidean")
    lines = ledger_lines(ledger, dataset)
    assert "      and 6 more" in lines
    assert "   and 3 clusters more with 3 rows" in lines


def test_no_merge_is_said() -> None:
    dataset = Dataset(VECTORS)
    assert ledger_lines(ledger_of(dataset, stop=0.6), dataset)[1:] == ("no cluster changes in between",)
    assert all(
        not len(column) for column in merge_tables(ledger_of(dataset, 0.6), dataset)["merges"].values()
    )
