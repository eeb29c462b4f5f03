import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.files.roles import as_text
from embkit.files.tables import attach_table
from embkit.files.tables import read_columns as read_table

DATASET = Dataset(np.eye(3), name="eye.npy", notes=("first",))


def read_columns(path):
    return read_table(path)[0]


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("delimiter", ",;\t|")
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_delimited_columns(tmp_path, delimiter, bom, compress):
    lines = ["id,text,label", 'a,"x\n""y""",u', "b,ü,v", "", "c,,w"]
    content = bom + "\r\n".join(lines).replace(",", delimiter).encode()
    path = tmp_path / "a.csv"
    path.write_bytes(compress(content))
    columns = read_columns(path)
    assert columns == {"id": ("a", "b", "c"), "text": ('x\n"y"', "ü", ""), "label": ("u", "v", "w")}
    assert list(columns) == ["id", "text", "label"]


def test_json_columns(tmp_path):
    content = '{"id": 1, "text": "a", "embedding": [1]}\n{"id": 2, "extra": true}\n'
    columns = read_columns(Path(written(tmp_path / "a.jsonl", content)))
    assert columns == {"id": ("1", "2"), "text": ("a", ""), "extra": ("", "true")}


def test_plain_quotes_in_tab_separated_text(tmp_path):
    content = 'id\ttext\na\t"quoted" word\nb\t"open\n'
    assert read_columns(Path(written(tmp_path / "a.tsv", content)))["text"] == ('"quoted" word', '"open')


def test_one_column(tmp_path):
    columns = read_columns(Path(written(tmp_path / "a.csv", "text\nhello there you\nsome more words\n")))
    assert columns == {"text": ("hello there you", "some more words")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"file is empty"),
        ("id,text\na,b\nc\n", r"t.csv: line 3: 1 columns, expected 2 \(from line 1\)"),
        ("id,id\na,b\n", r"line 1 names the column 'id' more than once"),
        (b"id,text\na,\xff\n", r"line 2, byte 10 \(0xff\) is not valid utf-8; .*; convert it: iconv"),
        (b"\x93NUMPY", r"no table: it is a NumPy array"),
        (b"\xff\xfei\x00", r"no table: it is text in UTF-16"),
        ('{"id": 1}\n', r"it is JSON text; call it .jsonl"),
        ('id,text\na,"b" c, d\n' + "e,f\n" * 9, r"the record at line 2 cannot be divided into cells"),
    ],
)
def test_what_is_no_table(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read_columns(Path(written(tmp_path / "t.csv", content)))


def test_overlong_cells_and_lines(tmp_path, monkeypatch):
    path = Path(written(tmp_path / "t.csv", "id,text\na," + "x" * 200_000))
    assert len(read_columns(path)["text"][0]) == 200_000
    monkeypatch.setattr("embkit.files.lines.LONGEST_LINE", 1 << 10)
    with pytest.raises(DataError, match=r"line 2 is longer than"):
        read_columns(path)


def test_attach(tmp_path):
    content = "lang\tid\ttext\tlabel\nen\ta\tnan\tu\nde\tb\tNone\tNone\nfr\tc\tsome\t\n"
    dataset = attach_table(DATASET, written(tmp_path / "t.tsv", content))
    assert dataset.ids == ("a", "b", "c")
    assert dataset.texts == ("", "", "some")
    assert dataset.reference == ("u", "", "")
    assert dict(dataset.metadata) == {"lang": ("en", "de", "fr")}
    assert dataset.notes == (
        "first",
        "t.tsv: 2 of 3 texts are missing",
        "t.tsv: 2 of 3 labels are missing",
    )
    assert dataset.vectors is not None
    assert DATASET.ids is None


def test_renames(tmp_path):
    path = written(tmp_path / "t.tsv", "id\tgloss\tlex:file\na\tx\tu\na\ty\tv\na\tz\tw\n")
    dataset = attach_table(DATASET, f"{path}:text=gloss,label=lex:file,id=")
    assert dataset.texts == ("x", "y", "z")
    assert dataset.reference == ("u", "v", "w")
    assert dataset.ids is None
    assert dict(dataset.metadata) == {"id": ("a", "a", "a")}
    with pytest.raises(DataError, match=r"ids are not unique: 'a' in rows 0 and 1"):
        attach_table(DATASET, path)
    with pytest.raises(
        ParameterError, match=r"no column 'glos'; text=glos was given; did you mean 'gloss'"
    ):
        attach_table(DATASET, f"{path}:text=glos")
    with pytest.raises(
        ParameterError, match=r"no role 'txt'; did you mean 'text'\? available: id, label, text"
    ):
        attach_table(DATASET, f"{path}:txt=gloss")


def test_many_columns_are_not_all_listed(tmp_path):
    names = [f"column_{index}" for index in range(30)]
    path = written(tmp_path / "t.csv", ",".join(names) + "\n" + (",".join(["x"] * 30) + "\n") * 3)
    with pytest.raises(ParameterError, match=r"did you mean 'column_7'\?$"):
        attach_table(DATASET, f"{path}:text=colum_7")
    with pytest.raises(ParameterError, match=r"it has 30 columns$"):
        attach_table(DATASET, f"{path}:text=zzz")


def test_paths_with_colons_and_equals(tmp_path):
    folder = tmp_path / "run:x=1"
    folder.mkdir()
    path = written(folder / "t:text=gloss.csv", "gloss,text\na,b\n" + "a,b\n" * 2)
    assert attach_table(DATASET, path).texts == ("b", "b", "b")
    assert attach_table(DATASET, f"{path}:text=gloss").texts == ("a", "a", "a")
    with pytest.raises(DataError, match=r"there is no file 't.cvs'"):
        attach_table(DATASET, f"{tmp_path}/t.cvs:text=gloss")


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_other_number_of_rows(tmp_path, rows):
    path = written(tmp_path / "t.csv", "id,text\n" + "".join(f"{row},x\n" for row in range(rows)))
    with pytest.raises(DataError, match=rf"t.csv: the table has {rows} rows, eye.npy has 3"):
        attach_table(DATASET, path)


def test_table_in_another_order_than_the_dataset(tmp_path):
    dataset = replace(DATASET, ids=("a", "b", "c"))
    good = written(tmp_path / "t.csv", "id,text\na,x\nb,y\nc,z\n")
    assert attach_table(dataset, good).texts == ("x", "y", "z")
    swapped = written(tmp_path / "s.csv", "id,text\na,x\nc,z\nb,y\n")
    with pytest.raises(
        DataError, match=r"s.csv: row 1 has the id 'c', eye.npy has 'b' there; .*order of the matrix"
    ):
        attach_table(dataset, swapped)
    assert attach_table(dataset, f"{swapped}:id=").ids == ("a", "b", "c")


def test_real_table(glosses):
    table = Path(__file__).parents[4] / "shared" / "data" / "glosses-4k.tsv"
    bare = Dataset(glosses.vectors)
    dataset = attach_table(bare, str(table))
    assert len(set(dataset.reference or ())) == 45
    assert (dataset.ids or ())[:2] == ("g00000", "g00001")
    assert (dataset.texts or ())[571] == 'sink: go under, "The raft sank and its occupants drowned"'
    swapped = attach_table(bare, f"{table}:text=label,label=text")
    assert swapped.texts == dataset.reference


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (1.5, "1.5"),
        (3, "3"),
        (True, "true"),
        (b"a\xff", "a\ufffd"),
        ("\ud800x", "\ufffdx"),
    ],
)
def test_single_values_as_text(value, text):
    assert as_text(value) == text
