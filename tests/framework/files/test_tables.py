import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError, ResourceError
from embkit.files.tables.attach import attach_table
from embkit.files.tables.reading import read_columns as read_table
from embkit.files.tables.roles import as_text
from narrowing import present

DATASET = Dataset(np.eye(3), name="eye.npy", notes=("first",))


def read_columns(path: Path) -> dict[str, tuple[Any, ...]]:
    return read_table(path)[0]


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("delimiter", ",;\t|")
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_delimited_columns(
    tmp_path: Path, delimiter: str, bom: bytes, compress: Callable[[bytes], bytes]
) -> None:
    lines = ["id,text,label", 'a,"x\n""y""",u', "b,ü,v", "", "c,,w"]
    content = bom + "\r\n".join(lines).replace(",", delimiter).encode()
    path = tmp_path / "a.csv"
    path.write_bytes(compress(content))
    columns = read_columns(path)
    assert columns == {"id": ("a", "b", "c"), "text": ('x\n"y"', "ü", ""), "label": ("u", "v", "w")}
    assert list(columns) == ["id", "text", "label"]


def test_json_columns(tmp_path: Path) -> None:
    content = '{"id": 1, "text": "a", "embedding": [1]}\n{"id": 2, "extra": true}\n'
    columns = read_columns(Path(written(tmp_path / "a.jsonl", content)))
    assert columns == {"id": ("1", "2"), "text": ("a", ""), "extra": ("", "true")}


def test_plain_quotes_in_tab_separated_text(tmp_path: Path) -> None:
    content = 'id\ttext\na\t"quoted" word\nb\t"open\n'
    assert read_columns(Path(written(tmp_path / "a.tsv", content)))["text"] == ('"quoted" word', '"open')


def test_one_column(tmp_path: Path) -> None:
    columns = read_columns(Path(written(tmp_path / "a.csv", "text\nhello there you\nsome more words\n")))
    assert columns == {"text": ("hello there you", "some more words")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"file is empty"),
        ("id,text\na,b\nc\n", r"t.csv: line 3: 1 columns, expected 2 \(from line 1\)"),
        ("id,id\na,b\n", r"line 1 names the column 'id' more than once"),
        (b"id,text\na,\xff\n", r"line 2, byte 10 \(0xff\) is not valid utf-8; .*; convert it: iconv"),
        (b"\x93NUMPY", r"t.csv: not a NumPy array that can be read; EOF: .*; save it again"),
        (b"\xff\xfei\x00", r"not a table: it is text in UTF-16"),
        ('{"id": 1}\n', r"it is JSON text; call it .jsonl"),
        ('id,text\na,"b" c, d\n' + "e,f\n" * 9, r"the record at line 2 cannot be divided into cells"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_columns(Path(written(tmp_path / "t.csv", content)))


def test_overlong_cells_and_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(written(tmp_path / "t.csv", "id,text\na," + "x" * 200_000))
    assert len(read_columns(path)["text"][0]) == 200_000
    monkeypatch.setattr("embkit.files.text.lines.LONGEST_LINE", 1 << 10)
    with pytest.raises(DataError, match=r"line 2 is longer than"):
        read_columns(path)


def test_attach(tmp_path: Path) -> None:
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


def test_renames(tmp_path: Path) -> None:
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


def test_many_columns_are_not_all_listed(tmp_path: Path) -> None:
    names = [f"column_{index}" for index in range(30)]
    path = written(tmp_path / "t.csv", ",".join(names) + "\n" + (",".join(["x"] * 30) + "\n") * 3)
    with pytest.raises(ParameterError, match=r"did you mean 'column_7'\?$"):
        attach_table(DATASET, f"{path}:text=colum_7")
    with pytest.raises(ParameterError, match=r"it has 30 columns$"):
        attach_table(DATASET, f"{path}:text=zzz")


def test_paths_with_colons_and_equals(tmp_path: Path) -> None:
    folder = tmp_path / "run:x=1"
    folder.mkdir()
    path = written(folder / "t:text=gloss.csv", "gloss,text\na,b\n" + "a,b\n" * 2)
    assert attach_table(DATASET, path).texts == ("b", "b", "b")
    assert attach_table(DATASET, f"{path}:text=gloss").texts == ("a", "a", "a")
    with pytest.raises(DataError, match=r"there is no file 't.cvs'"):
        attach_table(DATASET, f"{tmp_path}/t.cvs:text=gloss")


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_other_number_of_rows(tmp_path: Path, rows: int) -> None:
    path = written(tmp_path / "t.csv", "id,text\n" + "".join(f"{row},x\n" for row in range(rows)))
    with pytest.raises(DataError, match=rf"t.csv: the table has {rows} rows, eye.npy has 3"):
        attach_table(DATASET, path)


def test_table_in_another_order_than_the_dataset(tmp_path: Path) -> None:
    dataset = replace(DATASET, ids=("a", "b", "c"))
    good = written(tmp_path / "t.csv", "id,text\na,x\nb,y\nc,z\n")
    assert attach_table(dataset, good).texts == ("x", "y", "z")
    swapped = written(tmp_path / "s.csv", "id,text\na,x\nc,z\nb,y\n")
    with pytest.raises(
        DataError, match=r"s.csv: row 1 has the id 'c', eye.npy has 'b' there; .*order of the matrix"
    ):
        attach_table(dataset, swapped)
    assert attach_table(dataset, f"{swapped}:id=").ids == ("a", "b", "c")


def test_real_table(glosses: Dataset) -> None:
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
def test_single_values_as_text(value: object, text: str) -> None:
    assert as_text(value) == text


TEXTS = ["hello there", "rain, mostly", "plain", "also plain", "yes; no", "a | b", "last one"]
SEVEN = Dataset(np.eye(7), name="x.npy")


@pytest.mark.parametrize("name", ["t.tsv", "t.txt", "t.csv"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        [f"first {i}, second {i}" for i in range(7)],
        ["alpha", '"So it began', "beta", "gamma", 'and so it ended"', "delta", "zeta"],
        ["a", "b", "", "d", "e", "f", "g"],
        ["# heading", "- item", "{}", "x\ty", "1", "2.5", "[0]"],
    ],
)
def test_one_text_a_line(tmp_path: Path, name: str, header: bool, texts: list[str]) -> None:
    if name == "t.csv" and not header and "second" in texts[0]:
        pytest.skip("two columns without a header, as far as a .csv goes")
    if name == "t.tsv" and "x\ty" in texts:
        texts = [text.replace("\t", " ") for text in texts]
    path = written(tmp_path / name, "\n".join(["text"] * header + texts) + "\n")
    assert list(present(attach_table(SEVEN, path).texts)) == texts
    asked = f"{path}:header={str(header).lower()},delimiter=line"
    assert list(present(attach_table(SEVEN, asked).texts)) == texts


def test_texts_in_quotes_over_several_lines(tmp_path: Path) -> None:
    content = 'text\n"a\nb"\n"c, d"\n"e ""f"""\n'
    assert attach_table(DATASET, written(tmp_path / "t.csv", content)).texts == ("a\nb", "c, d", 'e "f"')
    # The number of rows tells what quotes mean where the text does not.
    lines = 'text\n"a\nb"\nc\n'
    assert attach_table(DATASET, written(tmp_path / "u.tsv", lines)).texts == ('"a', 'b"', "c")
    two = Dataset(np.eye(2))
    assert attach_table(two, written(tmp_path / "u.tsv", lines)).texts == ("a\nb", "c")


def test_metadata_without_a_header(tmp_path: Path) -> None:
    path = written(tmp_path / "m.tsv", "cat\ndog\nfox\n")
    dataset = attach_table(DATASET, path)
    assert dataset.texts == ("cat", "dog", "fox")
    assert "m.tsv: tab-separated, no header, line 1 is data" in dataset.notes
    assert attach_table(DATASET, f"{path}:text=cat").texts == ("cat", "dog", "fox")
    assert attach_table(DATASET, f"{path}:label=").reference == ("cat", "dog", "fox")
    two = written(tmp_path / "n.tsv", "cat\t1\ndog\t2\nfox\t3\n")
    given = f"{two}:header=false,text=column 1,label=column 2"
    assert attach_table(DATASET, given).texts == ("cat", "dog", "fox")
    with pytest.raises(DataError, match="the table has 2 rows, eye.npy has 3"):
        attach_table(DATASET, written(tmp_path / "o.tsv", "text\ncat\ndog\n"))


def test_a_table_without_a_known_column_says_how_to_name_one(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "sentence,category\na,u\nb,u\nc,v\n")
    with pytest.raises(
        DataError,
        match=r"no column is called id, text or label; its columns are sentence, category; "
        r"say which is which: --table .*t.csv:text=sentence",
    ) as caught:
        attach_table(DATASET, path)
    remedy = caught.value.fix.partition("--table ")[2]
    assert attach_table(DATASET, remedy).texts == ("a", "b", "c")
    wide = written(tmp_path / "w.csv", ",".join(f"c{i}" for i in range(500)) + "\n" + "x,\n" * 0)
    with pytest.raises(DataError) as caught:
        attach_table(DATASET, wide)
    assert len(str(caught.value)) < 600


def test_row_names_of_pandas_and_r(tmp_path: Path) -> None:
    pandas = written(tmp_path / "p.csv", ",id,text\n0,a,x\n1,b,y\n2,c,z\n")
    dataset = attach_table(DATASET, pandas)
    assert dataset.ids == ("a", "b", "c")
    assert not dataset.metadata
    r = written(tmp_path / "r.txt", '"text" "n"\n"a" "some words" 1\n"b" "more" 2\n"c" "x y" 3\n')
    dataset = attach_table(DATASET, r)
    assert dataset.ids == ("a", "b", "c")
    assert dataset.texts == ("some words", "more", "x y")


def test_tables_in_parquet_and_json(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    columns = {"id": [1, 2, 3], "text": ["a", None, "c"], "v": [[1.0], [2.0], [3.0]]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    dataset = attach_table(DATASET, str(tmp_path / "t.parquet"))
    assert (dataset.ids, dataset.texts) == (("1", "2", "3"), ("a", "", "c"))
    for content in (
        '[{"id": 1, "text": "a"}, {"id": 2, "text": null}, {"id": 3, "text": "c"}]',
        '{"id": [1, 2, 3], "text": ["a", null, "c"]}',
        '{"id": {"0": 1, "1": 2, "2": 3}, "text": {"0": "a", "1": null, "2": "c"}}',
        '{"columns": ["id", "text"], "index": [0, 1, 2], "data": [[1, "a"], [2, null], [3, "c"]]}',
    ):
        dataset = attach_table(DATASET, written(tmp_path / "t.json", content))
        assert (dataset.ids, dataset.texts) == (("1", "2", "3"), ("a", "", "c"))


def test_texts_that_repeat_a_million_times_in_parquet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    texts = pyarrow.DictionaryArray.from_arrays([0] * 2000, ["x" * 100_000])
    parquet.write_table(pyarrow.table({"text": texts.cast(pyarrow.string())}), tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").stat().st_size < 100_000
    many = Dataset(np.zeros((2000, 1)), name="x.npy")
    read = present(attach_table(many, str(tmp_path / "t.parquet")).texts)
    assert len(set(map(id, read))) == 1  # one string, not 200 MB of them
    monkeypatch.setattr("embkit.files.tables.parquet.available_memory", lambda: 1000)
    with pytest.raises(ResourceError, match="its columns of single values take .*; 1.0 kB of memory"):
        attach_table(many, str(tmp_path / "t.parquet"))


@pytest.mark.parametrize("given", ["delimiter=colon", "header=perhaps", "encoding=utf-16"])
def test_options_that_are_none(tmp_path: Path, given: str) -> None:
    path = written(tmp_path / "t.csv", "text\na\nb\nc\n")
    with pytest.raises(ParameterError):
        attach_table(DATASET, f"{path}:{given}")
    latin = written(tmp_path / "l.csv", "text\nü\nb\nc\n".encode("latin-1"))
    assert attach_table(DATASET, f"{latin}:encoding=latin-1").texts == ("ü", "b", "c")


@pytest.mark.parametrize("spec", ["x" * 5000, "x" * 5000 + ":text=a", "a\0b", "/dev/zero", "/proc/kmsg"])
def test_paths_that_are_none(spec: str) -> None:
    with pytest.raises(DataError) as caught:
        attach_table(DATASET, spec)
    assert len(str(caught.value)) < 500


def test_compressed_text_unfolds_within_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embkit.files.text.lines._LARGEST_UNCHECKED", 1 << 16)
    bomb = gzip.compress(b"text\n" + b"a\n" * (1 << 17), compresslevel=9)
    with pytest.raises(DataError, match=r"unfolds to more than .*decompress it first: gunzip"):
        attach_table(DATASET, written(tmp_path / "t.csv.gz", bomb))


@pytest.mark.parametrize("stream", [False, True])
def test_a_table_in_arrow(tmp_path: Path, stream: bool) -> None:
    pa = pytest.importorskip("pyarrow", reason="Arrow files are made with pyarrow")
    path = tmp_path / "m.feather"
    table = pa.table({"text": ["a, b", None, "ü"], "n": [1, 2, 3], "list": [[1], [2], [3]]})
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as file, make(file, table.schema) as writer:
        writer.write_table(table)
    assert read_columns(path) == {"text": ("a, b", "", "ü"), "n": ("1", "2", "3")}
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match="m.feather: the Arrow file is cut or damaged"):
        read_columns(path)


SIX = Dataset(np.eye(6), name="eye.npy")
REPEATED = ("noun.act", "verb", "noun.act", "noun.act", "verb", "noun.act")


def saved(path: Path, values: Any) -> str:
    np.save(path, np.asarray(values))
    return str(path)


@pytest.mark.parametrize(
    "values",
    [REPEATED, np.array(REPEATED).astype("S"), [[value] for value in REPEATED]],
    ids=["strings", "bytes", "one column"],
)
def test_labels_in_a_numpy_array(tmp_path: Path, values: Any) -> None:
    dataset = attach_table(SIX, saved(tmp_path / "labels.npy", values))
    assert dataset.reference == REPEATED
    assert dataset.texts is None
    (note,) = dataset.notes
    assert note == (
        "labels.npy: one column without a name, taken as labels because its values repeat (2 distinct); "
        "if they are texts, append :text=1"
    )


def test_numbers_of_labels_in_a_numpy_array(tmp_path: Path) -> None:
    dataset = attach_table(SIX, saved(tmp_path / "y.npy", [0, 1, -1, 0, 1, 1]))
    assert dataset.reference == ("0", "1", "-1", "0", "1", "1")


def test_texts_in_a_numpy_array_or_ids(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.npy", ["one text", "ä second", "", "", "", "x"])
    assert attach_table(SIX, path).texts == ("one text", "ä second", "", "", "", "x")
    numbers = saved(tmp_path / "n.npy", np.arange(6) * 10)
    assert attach_table(SIX, f"{numbers}:id=1").ids == ("0", "10", "20", "30", "40", "50")
    with pytest.raises(DataError) as caught:
        attach_table(SIX, numbers)
    assert str(caught.value) == (
        f"{numbers}: its values are numbers that hardly repeat; they are neither texts nor labels; "
        f"if they are ids: --table {numbers}:id=1"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            np.array(REPEATED, dtype=object),
            r"a Python pickle \(dtype object\); .*; save plain strings: ",
        ),
        (np.eye(6), r"the array has the shape \(6, 6\); a table has one value a row; "),
        (np.ones(6, complex), r"the array holds complex128; .*strings or real numbers"),
    ],
)
def test_arrays_that_are_no_column(tmp_path: Path, values: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        attach_table(SIX, saved(tmp_path / "y.npy", values))


def test_one_label_a_line(tmp_path: Path) -> None:
    path = written(tmp_path / "y.txt", "\n".join(REPEATED) + "\n")
    dataset = attach_table(SIX, path)
    assert dataset.reference == REPEATED
    assert dataset.texts is None
    assert dataset.notes[0].startswith("y.txt: one column without a name, taken as labels")
    named = attach_table(SIX, f"{path}:text=1")
    assert named.texts == REPEATED
    assert named.reference is None


def test_a_column_of_nothing_is_texts(tmp_path: Path) -> None:
    dataset = attach_table(SIX, saved(tmp_path / "t.npy", [""] * 6))
    assert dataset.texts == ("",) * 6


def test_texts_of_which_some_repeat_are_texts(tmp_path: Path) -> None:
    path = written(tmp_path / "t.txt", "good morning\ngood morning\nwell\nno\nyes\nperhaps\n")
    dataset = attach_table(SIX, path)
    assert dataset.texts == ("good morning", "good morning", "well", "no", "yes", "perhaps")
    assert dataset.reference is None
