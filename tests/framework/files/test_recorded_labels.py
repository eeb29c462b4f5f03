"""Labels of runs and of others, joined by id; any id survives labels.csv and back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from embkit.data.dataset import Dataset
from embkit.data.labels import label_columns
from embkit.data.results import Clustering
from embkit.errors import DataError
from embkit.files.labels import read_labels
from embkit.files.writing import write_csv

IDS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
    | st.text("=+-@'\"\t\r\n,;\ufeff#0 ", max_size=6),
    min_size=1,
    max_size=8,
    unique=True,
)


@given(ids=IDS, seed=st.integers(0, 99))
@settings(max_examples=150, deadline=None)
@example(ids=['a,b\n0,1"', '"', "''=x", "'=x", "=x", "\r", "\ufeffa", "", " "], seed=0)
@example(ids=['"\n1,x,0\n"', "id", "1,2\r\n"], seed=1)
def test_any_id_survives_labels_csv(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], seed: int
) -> None:
    dataset = Dataset(np.zeros((len(ids), 1)), ids=ids)
    labels = np.random.default_rng(seed).integers(-1, 3, len(ids))
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    write_csv(path, label_columns(dataset, Clustering(dataset, labels)))
    recorded = read_labels(path)
    assert recorded.ids == dataset.ids
    np.testing.assert_array_equal(recorded.of(dataset), labels)


def saved(tmp_path: Path, content: str, name: str = "l.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("l.csv", "id,label\na,1\nb,-1\nc,0\n"),
        ("l.tsv", "x\tlabel\tid\n,\t1\ta\n,\t-1\tb\n,\t0\tc\n"),
        ("l.jsonl", '{"id": "a", "label": 1}\n{"id": "b", "label": -1}\n{"id": "c", "label": 0}\n'),
        ("l.json", '[{"id": "a", "label": 1}, {"id": "b", "label": -1}, {"id": "c", "label": 0}]'),
        ("l.csv", "id;label\na;1.0\nb;-1.0\nc;0.0\n"),
    ],
)
def test_labels_of_any_table(tmp_path: Path, name: str, content: str) -> None:
    recorded = read_labels(saved(tmp_path, content, name))
    assert recorded.of(Dataset(np.eye(3), ids="abc")).tolist() == [1, -1, 0]
    assert recorded.names == ()


def test_labels_of_a_numpy_array_are_joined_by_row_number(tmp_path: Path) -> None:
    path = tmp_path / "l.npy"
    np.save(path, np.array(["art", "law", "", "art"]))
    recorded = read_labels(path)
    dataset = Dataset(np.eye(4), ids="abcd")
    assert recorded.of(dataset).tolist() == [0, 1, -1, 0]
    assert recorded.of(dataset.take(np.array([1, 3]))).tolist() == [1, 0]
    assert recorded.rows_of(dataset).tolist() == [0, 1, 2, 3]
    assert recorded.names == ("art", "law")
    with pytest.raises(DataError, match=r"no label for 1 of 5 rows: 4; labels .* by row number; give"):
        recorded.of(Dataset(np.eye(5)))


def test_labels_that_are_names(tmp_path: Path) -> None:
    recorded = read_labels(saved(tmp_path, "id,label\na,art\nb,\nc,law\nd,art\ne,-1\n"))
    assert recorded.names == ("art", "law")
    assert recorded.labels == (0, -1, 1, 0, -1)
    huge = read_labels(saved(tmp_path, f"id,label\na,{'9' * 25}\nb,{'8' * 5000}\nc,0\n"))
    assert huge.labels == (0, 1, 2)
    assert len(repr(huge)) < 200


def test_rows_that_the_run_dropped_are_noise_where_they_are_asked_for(tmp_path: Path) -> None:
    content = "row,id,label,status\n0,a,0,ok\n1,b,-1,dropped: not finite\n2,c,0,ok\n"
    recorded = read_labels(saved(tmp_path, content))
    assert recorded.ids == ("a", "c")
    assert recorded.dropped == ("b",)
    assert recorded.of(Dataset(np.eye(3), ids="abc")).tolist() == [0, -1, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,group\na,1\n", "has no columns id and label; its columns are name, group"),
        ("id,label\na,1\nb,\n", "row 1: label '' is not an integer; 1 of 2 labels are missing"),
        ("id,label\na,1\na,2\n", "1 ids have several labels, the first is 'a'"),
        ("id,label\nb,1\nc,2\na\n", "line 4: 1 columns, expected 2"),
        ("", "the file is empty"),
        ("\0\0", "."),
    ],
)
def test_what_is_no_table_of_labels(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labels(saved(tmp_path, content))


@pytest.mark.parametrize("path", ["/dev/zero", "/proc/kmsg", "x" * 5000, "a\0b", "nowhere"])
def test_what_cannot_be_opened(path: str) -> None:
    with pytest.raises(DataError) as caught:
        read_labels(path)
    assert len(str(caught.value)) < 500


def test_missing_labels_are_named_shortly(tmp_path: Path) -> None:
    recorded = read_labels(saved(tmp_path, "id,label\na,1\n"))
    with pytest.raises(DataError, match=r"no label for 2 of 2 rows: x.*…, y") as caught:
        recorded.of(Dataset(np.eye(2), ids=["x" * 10_000, "y"]))
    assert len(str(caught.value)) < 500
