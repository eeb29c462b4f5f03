import base64
import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embkit.data.dataset import Dataset
from embkit.errors import DataError, EmbkitWarning, ParameterError
from embkit_plugins.loaders.delimited import Delimited
from narrowing import present

X = np.array([[0.5, -1.25, 3e-4], [1.0, 2.5, -0.0], [1e3, 0.1, 7.0]])


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@given(
    matrix=hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 50), st.integers(2, 5)),
        elements=st.floats(-1e6, 1e6, allow_subnormal=False),
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|", " "]),
    header=st.booleans(),
    comma=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_what_pandas_writes_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    matrix: np.ndarray,
    delimiter: str,
    header: bool,
    comma: bool,
) -> None:
    comma = comma and delimiter != ","
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    frame = pd.DataFrame(matrix, columns=[f"dim_{index}" for index in range(matrix.shape[1])])
    frame.to_csv(path, sep=delimiter, index=False, header=header, decimal="," if comma else ".")
    dataset = Delimited().load(str(path))
    np.testing.assert_array_equal(dataset.vectors, matrix)
    assert ("line 1 names" in dataset.notes[0]) == header


def test_columns_with_roles_and_metadata(tmp_path: Path) -> None:
    content = 'id,text,x,lang,y,label\n7,"a, ""b""\nc",1,en,0.5,u\n8,nan,2,de,0.1,None\n'
    dataset = Delimited().load(written(tmp_path / "a.csv", content))
    np.testing.assert_array_equal(dataset.vectors, [[1, 0.5], [2, 0.1]])
    assert dataset.ids == ("7", "8")
    assert dataset.texts == ('a, "b"\nc', "")
    assert dataset.reference == ("u", "")
    assert dict(dataset.metadata) == {"lang": ["en", "de"]}
    assert dataset.notes == (
        "comma-separated, line 1 names the columns",
        "the vector is 2 columns, x to y",
        "a.csv: 1 of 2 texts are missing",
        "a.csv: 1 of 2 labels are missing",
    )


def test_roles_by_request(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "id,gloss,x,y\n1,a,1,2\n1,b,3,4\n")
    with pytest.raises(DataError, match=r"ids are not unique: '1' in rows 0 and 1"):
        Delimited().load(path)
    dataset = Delimited(id="", text="gloss", column="[xy]").load(path)
    assert dataset.ids is None
    assert dataset.texts == ("a", "b")
    assert dict(dataset.metadata) == {"id": ["1", "1"]}
    with pytest.raises(
        ParameterError, match=r"no column 'glos'; text=glos was given; did you mean 'gloss'"
    ):
        Delimited(text="glos").load(path)


def test_one_column_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("1.5\n2.5\n3.5\n")
    assert "the vector is 1 column, column 1" in Delimited().load(str(path)).notes


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_gzip_byte_order_mark_and_carriage_returns(tmp_path: Path, suffix: str, bom: bytes) -> None:
    content = bom + b"id,x,y\r\na,1,2\r\n\r\nb,3,4\r\n"
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    dataset = Delimited().load(str(path))
    assert dataset.ids == ("a", "b")
    np.testing.assert_array_equal(dataset.vectors, [[1, 2], [3, 4]])


def test_float32_only_where_it_is_exact(tmp_path: Path) -> None:
    narrow = np.array([[0.1, 0.2]], dtype=np.float32).astype(np.float64)
    exact = written(tmp_path / "a.csv", ",".join(map(repr, narrow[0].tolist())) + "\n")
    assert Delimited().load(exact).vectors.dtype == np.float32
    wide = Delimited().load(written(tmp_path / "b.csv", "0.1,0.2\n"))
    assert wide.vectors.dtype == np.float64
    assert Delimited().load(written(tmp_path / "c.csv", "1e300,nan\n")).vectors.dtype == np.float64


def test_the_index_that_pandas_writes_is_no_coordinate(tmp_path: Path) -> None:
    pd.DataFrame(X).to_csv(tmp_path / "a.csv")
    dataset = Delimited().load(str(tmp_path / "a.csv"))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.ids == ("0", "1", "2")
    pd.DataFrame(X, columns=["a", "b", "c"]).assign(id=list("uvw")).to_csv(tmp_path / "b.csv")
    dataset = Delimited().load(str(tmp_path / "b.csv"))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.ids == ("u", "v", "w")
    assert not dataset.metadata


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("0,1,2\n0.5,0.1,0.2\n", True),  # as pandas counts columns
        ("0,1,2\n3,4,5\n", False),
        ("0.1,0.2\n0.3,0.4\n", False),
        ("apple,0.1,0.2\npear,0.3,0.4\n", False),
        ("word,a,b\npear,0.3,0.4\n", True),
        ("0.1,0.2\n", False),
    ],
)
def test_header_is_told(tmp_path: Path, content: str, header: bool) -> None:
    dataset = Delimited().load(written(tmp_path / "a.csv", content))
    assert dataset.n_samples == content.count("\n") - header
    assert ("line 1 names the columns" in dataset.notes[0]) == header
    forced = Delimited(header=False).load(written(tmp_path / "b.csv", "0,1,2\n0.5,0.1,0.2\n"))
    assert forced.n_samples == 2


def test_savetxt_and_decimal_comma(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "a.txt", X)
    np.testing.assert_array_equal(Delimited().load(str(tmp_path / "a.txt")).vectors, X)
    dataset = Delimited().load(written(tmp_path / "b.csv", "0,12;0,34;1\n1,5;2;-3,25e-1\n"))
    np.testing.assert_array_equal(dataset.vectors, [[0.12, 0.34, 1], [1.5, 2, -0.325]])
    assert dataset.notes[0] == "semicolon-separated, decimal comma, no header, line 1 is data"
    quoted = Delimited().load(written(tmp_path / "c.csv", '"0,5","1,5"\n"2,5","3,5"\n'))
    np.testing.assert_array_equal(quoted.vectors, [[0.5, 1.5], [2.5, 3.5]])


def test_mixed_decimals_name_the_cell(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "x;y\n0.5;1.5\n0.25;1,5\n")
    with pytest.raises(
        DataError, match=r"line 3, column 'y': '1,5' is not a number; .*; .*give decimal=comma"
    ):
        Delimited().load(path)
    with pytest.raises(
        DataError, match=r"line 2, column 'x': '0.5' is not a number; .*give decimal=point"
    ):
        Delimited(decimal="comma").load(path)


def test_no_delimiter_divides_the_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "1,2\n1;2;3\n1\t2\t3\t4\n1|2|3|4|5\n")
    with pytest.raises(DataError, match=r"the delimiter is unclear.*delimiter= and decimal="):
        Delimited().load(path)


@pytest.mark.parametrize(("row", "count"), [("1,2", 2), ("1,2,3,4", 4)])
def test_rows_of_another_length(tmp_path: Path, row: str, count: int) -> None:
    lines = ["a,b,c", *["0.5,0.5,0.5"] * 50, row]
    path = written(tmp_path / "points.csv", "\n".join(lines))
    with pytest.raises(
        DataError, match=rf"points.csv: line 52: {count} columns, expected 3 \(from line 1\)"
    ):
        Delimited().load(path)


@pytest.mark.parametrize("cell", ["n/b", "1_000", "0x10", "1.2.3", "--1", "1,5", "[1]", "\x1c1"])
def test_what_is_no_number(tmp_path: Path, cell: str) -> None:
    lines = ["a\tb", *["0.5\t0.5"] * 40, f"0.5\t{cell}"]
    path = written(tmp_path / "a.tsv", "\n".join(lines))
    with pytest.raises(DataError, match=r"a.tsv: line 42, column 'b': '.*' is not a number"):
        Delimited().load(path)


def test_empty_cells_are_nan_for_the_host_to_judge(tmp_path: Path) -> None:
    dataset = Delimited().load(written(tmp_path / "a.csv", "x,y\n1,2\n, \n3,nan\n"))
    np.testing.assert_array_equal(dataset.vectors, [[1, 2], [np.nan, np.nan], [3, np.nan]])
    assert "empty cells, read as NaN, in 1 row" in dataset.notes


def test_numbers_beside_the_vector_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "e0,e1,e2,year\n.1,.2,.3,1999\n.4,.5,.6,2001\n")
    with pytest.warns(
        EmbkitWarning,
        match=r"year are numbers too and became part of the vector; --loader csv:column=e\*",
    ):
        assert Delimited().load(path).n_features == 4
    dataset = Delimited(column="e*").load(path)
    assert dataset.n_features == 3
    assert dict(dataset.metadata) == {"year": ["1999", "2001"]}
    with pytest.raises(ParameterError, match="no column 'f\\*'"):
        Delimited(column="f*").load(path)


def test_list_column(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"id": list("abc"), "embedding": [json.dumps(row) for row in X.tolist()], "year": 1999}
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    dataset = Delimited().load(str(tmp_path / "a.csv"))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dict(dataset.metadata) == {"year": ["1999"] * 3}
    assert dataset.notes[1] == "the vector is the list column embedding"
    headless = Delimited().load(written(tmp_path / "b.tsv", "a\t[1, 2]\nb\t[3, 4.5]\n"))
    np.testing.assert_array_equal(headless.vectors, [[1, 2], [3, 4.5]])


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("[1, 2, 3]", r"line 3: 3 values, expected 2 \(from line 2\)"),
        ("[1 ... 2]", r"line 3, column 'v': '\[1 ... 2\]' is not a list like .*left out .*tolist"),
        ("[1, 'x']", "is not a list like .*'x' is not a number"),
        ("[1,, 2]", "is not a list like .*a value is empty"),
        ("[__import__('os')]", "is not a list like"),
        ("[1, true]", "value 1 of the vector is a boolean"),
        ("[]", "the vector is an empty list"),
        ("[[1, 2], [3, 4]]", "value 0 of the vector is a list"),
    ],
)
def test_bad_lists(tmp_path: Path, cell: str, message: str) -> None:
    path = written(tmp_path / "a.tsv", f"id\tv\na\t[1, 2]\nb\t{cell}\n")
    with pytest.raises(DataError, match=message):
        Delimited().load(path)


def test_an_empty_cell_among_lists_is_nan(tmp_path: Path) -> None:
    dataset = Delimited().load(written(tmp_path / "a.tsv", "id\tv\na\t\nb\t[1, 2]\n"))
    np.testing.assert_array_equal(dataset.vectors, [[np.nan, np.nan], [1, 2]])
    assert "1 vectors are null or hold nulls, the first in line 2" in dataset.notes


def test_lists_without_quotes(tmp_path: Path) -> None:
    alone = Delimited().load(written(tmp_path / "a.txt", "[0.5, 1, 2]\n[3, 4, 5]\n"))
    np.testing.assert_array_equal(alone.vectors, [[0.5, 1, 2], [3, 4, 5]])
    named = Delimited().load(written(tmp_path / "b.csv", "embedding\n[0.5, 1, 2]\n[3, 4, 5]\n"))
    np.testing.assert_array_equal(named.vectors, alone.vectors)
    path = written(tmp_path / "c.csv", "a,[0.5,1,2]\nb,[3,4,5]\n")
    with pytest.raises(
        DataError, match=r"column 'column 2' holds '\[0.5', the beginning of a list; .*double quotes"
    ):
        Delimited().load(path)


def test_json_lines_by_another_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '{"id": 1, "embedding": [1, 2, 3]}\n' * 3)
    with pytest.raises(DataError, match=r"not delimited text; it is JSON text; call it .jsonl"):
        Delimited().load(path)


def test_several_list_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "u\tv\n[1, 2]\t[1, 2, 3]\n[1, 2]\t[4, 5, 6]\n")
    with pytest.raises(
        DataError, match=r"several list columns: u \(2 values\), v \(3 values\); .*column=u"
    ):
        Delimited().load(path)
    assert Delimited(column="v").load(path).n_features == 3


def test_no_numeric_column(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column of numbers; its columns are id, text"):
        Delimited().load(written(tmp_path / "a.csv", "id,text\na,b\nc,d\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "file is empty"), ("\n\n", "file is empty"), ("a,b\n", "no row below the header")],
)
def test_nothing_to_read(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Delimited().load(written(tmp_path / "a.csv", content))


def test_encodings(tmp_path: Path) -> None:
    content = "text,x,y\n" + "abc,1,2\n" * 3 + "Grüße,1,2\n"
    path = written(tmp_path / "a.csv", content.encode("latin-1"))
    with pytest.raises(
        DataError, match=r"a.csv: line 5, byte 35 \(0xfc\) is not valid utf-8; .*encoding=latin-1"
    ):
        Delimited().load(path)
    assert present(Delimited(encoding="latin-1").load(path).texts)[-1] == "Grüße"
    for encoding in ("utf-16", "no-such", "rot13"):
        with pytest.raises(ParameterError, match=f"encoding '{encoding}' cannot be read"):
            Delimited(encoding=encoding).load(path)
    with pytest.raises(DataError, match=r"text in UTF-16; convert it: iconv"):
        Delimited().load(written(tmp_path / "b.csv", content.encode("utf-16")))


def test_quotes(tmp_path: Path) -> None:
    plain = 'text\tx\ty\n"a" b\t1\t2\n"c\t3\t4\n'
    dataset = Delimited().load(written(tmp_path / "a.tsv", plain))
    assert dataset.texts == ('"a" b', '"c')
    dataset = Delimited().load(written(tmp_path / "b.csv", plain.replace("\t", ",")))
    assert dataset.texts == ('"a" b', '"c')
    path = written(tmp_path / "a.csv", plain.replace("\t", ",").replace(" b", " b, d") + "e,1,2\n" * 9)
    with pytest.raises(
        DataError,
        match=r"the record at line 2 cannot be divided into cells.*write each of its own",
    ):
        Delimited().load(path)


def test_wrong_kind_and_cut_gzip(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"not delimited text; it is a zip archive .*export a spreadsheet as CSV"
    ):
        Delimited().load(written(tmp_path / "a.csv", b"PK\x03\x04"))
    whole = gzip.compress(b"x,y\n" + b"0.123,0.456\n" * 1000)
    with pytest.raises(DataError, match=r"compressed data are cut or damaged"):
        Delimited().load(written(tmp_path / "b.csv.gz", whole[:-20]))


def test_explicit_layout(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "a;b|1,5|2\nc;d|2,5|3\n")
    dataset = Delimited(delimiter="pipe", decimal="comma", header=False).load(path)
    np.testing.assert_array_equal(dataset.vectors, [[1.5, 2], [2.5, 3]])
    assert dict(dataset.metadata) == {"column 1": ["a;b", "c;d"]}


def test_repeated_names(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "x,x,s,s\n1,2,a,b\n")
    with pytest.raises(DataError, match=r"the column 's' occurs more than once"):
        Delimited().load(path)
    same = Delimited().load(written(tmp_path / "b.csv", "x,x\n1,2\n"))
    assert same.n_features == 2


def test_real_table_as_csv(tmp_path: Path, glosses: Dataset) -> None:
    frame = pd.DataFrame(
        glosses.vectors[:300], columns=[f"e{index}" for index in range(glosses.n_features)]
    )
    texts, ids = present(glosses.texts)[:300], present(glosses.ids)[:300]
    frame.insert(0, "text", texts)
    frame.insert(0, "id", ids)
    frame.to_csv(tmp_path / "a.csv.gz", index=False)
    dataset = Delimited().load(str(tmp_path / "a.csv.gz"))
    assert dataset.texts == texts
    assert dataset.ids == ids
    np.testing.assert_array_equal(dataset.vectors.astype(np.float32), glosses.vectors[:300])


VECTORS = {
    "list": lambda row: str(row.tolist()),
    "bare": lambda row: ", ".join(map(str, row.tolist())),
    "tuple": lambda row: str(tuple(row.tolist())),
    "blanks": lambda row: " ".join(map(str, row.tolist())),
    "braces": lambda row: "{" + ",".join(map(str, row.tolist())) + "}",
    "scalars": lambda row: str(list(row)),
    "base64": lambda row: base64.b64encode(row.astype("<f8").tobytes()).decode(),
}


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["embedding", "Vector", "title_embedding"])
@pytest.mark.parametrize("form", VECTORS)
def test_an_embedding_column_is_read_in_every_form_and_never_passed_over(
    tmp_path: Path, form: str, name: str, sep: str
) -> None:
    values = np.random.default_rng(1).normal(size=(40, 9))
    frame = pd.DataFrame({"text": "t", "n_tokens": range(40), "Score": 1})
    frame[name] = list(map(VECTORS[form], values))
    frame.to_csv(tmp_path / "a.csv", index=False, sep=sep)
    dataset = Delimited().load(str(tmp_path / "a.csv"))
    np.testing.assert_array_equal(dataset.vectors, values)
    assert list(dataset.metadata) == ["n_tokens", "Score"]


def test_an_embedding_column_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "n_tokens,embedding\n" + "3,see file 7\n" * 5)
    with pytest.raises(DataError, match="column 'embedding' holds 'see file 7', which is not read as a"):
        Delimited().load(path)
    printed = "".join(f"3,[0.{row} ... 0.5]\n" for row in range(5))
    path = written(tmp_path / "b.csv", "n_tokens,embedding\n" + printed)
    with pytest.raises(DataError, match=r"line 2, column 'embedding': .* left out \(...\) when"):
        Delimited().load(path)


def test_lists_that_numpy_printed_are_read_with_a_warning(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(5, 9)).astype(np.float32)
    pd.DataFrame({"embedding": list(values)}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.warns(EmbkitWarning, match="lists were printed by NumPy, with 8 digits at most"):
        dataset = Delimited().load(str(tmp_path / "a.csv"))
    np.testing.assert_allclose(dataset.vectors, values, atol=1e-7)


def test_columns_of_lists_are_joined_when_they_are_asked_for(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(5, 6))
    frame = pd.DataFrame({"Name": [f"entity {row}" for row in range(5)]})
    for part in range(3):
        frame[part + 1] = [",".join(map(str, row)) for row in values[:, 2 * part : 2 * part + 2]]
    frame.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match=r"--loader csv:column=(\*|\S+) joins them") as caught:
        Delimited().load(str(tmp_path / "a.csv"))
    pattern = caught.value.fix.partition("; ")[2].partition("column=")[2].removesuffix(" joins them")
    dataset = Delimited(column=pattern).load(str(tmp_path / "a.csv"))
    np.testing.assert_array_equal(dataset.vectors, values)


@pytest.mark.parametrize("sep", ["\t", ","])
@pytest.mark.parametrize("place", [0, 3])
@pytest.mark.parametrize(
    "texts",
    [
        ["plain", '"Once upon', "middle", "end", 'six" pipe', '"quoted"', 'a ""double""', "last"],
        ["alpha", '"So it began', "beta", "gamma", 'and so it ended"', "delta", "eps", "zeta"],
    ],
)
def test_quotes_that_are_plain_characters_swallow_no_row(
    tmp_path: Path, sep: str, place: int, texts: list[str]
) -> None:
    rows = [["0.5", "1.5", "2.5"] for _ in texts]
    header = ["e0", "e1", "e2"]
    for row, text in zip([header, *rows], ["text", *texts], strict=True):
        row.insert(place, text)
    content = "\n".join(map(sep.join, [header, *rows])) + "\n"
    dataset = Delimited().load(written(tmp_path / "a.tsv", content))
    assert dataset.texts == tuple(texts)


def test_quotes_that_enclose_cells_are_no_characters(tmp_path: Path) -> None:
    texts = ['a "b"', "c\td", "e\nf", '"', "g, h"]
    frame = pd.DataFrame({"text": texts, "x": 0.5, "y": range(5)})
    for sep in "\t,;|":
        frame.to_csv(tmp_path / "a.csv", sep=sep, index=False)
        assert Delimited().load(str(tmp_path / "a.csv")).texts == tuple(texts)


@pytest.mark.parametrize("marker", ["NA", "N/A", "NULL", "null", "None", "<NA>", "#N/A", "NaN", "", " "])
def test_missing_values_are_nan_for_the_host_to_judge(tmp_path: Path, marker: str) -> None:
    path = written(tmp_path / "a.csv", f"id,x,y\na,1,2\nb,{marker},4\nc,5,6\n")
    dataset = Delimited().load(path)
    np.testing.assert_array_equal(dataset.vectors, [[1, 2], [np.nan, 4], [5, 6]])
    assert any("empty cells, read as NaN" in note for note in dataset.notes) or marker == "NaN"


def test_tables_of_r_savetxt_and_typographers(tmp_path: Path) -> None:
    r = "".join(f'"cell {i}" ' + " ".join(map(str, row)) + "\n" for i, row in enumerate(X))
    dataset = Delimited().load(written(tmp_path / "r.txt", '"V1" "V2" "V3"\n' + r))
    assert dataset.ids == ("cell 0", "cell 1", "cell 2")
    np.testing.assert_array_equal(dataset.vectors, X)
    for header in ("x y z", "two\nlines"):
        np.savetxt(tmp_path / "s.txt", X, header=header)
        np.testing.assert_array_equal(Delimited().load(str(tmp_path / "s.txt")).vectors, X)
    minus = written(tmp_path / "m.csv", "a,b\n\u22121,2\n3,\u22124e\u22122\n")
    np.testing.assert_array_equal(Delimited().load(minus).vectors, [[-1, 2], [3, -0.04]])
    trailing = written(tmp_path / "t.csv", "a,b,\n1,2,\n3,4,\n")
    assert Delimited().load(trailing).n_features == 2


def test_twelve_thousand_dimensions_in_a_cell(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(3, 12_288))
    pd.DataFrame({"id": range(3), "embedding": list(map(str, values.tolist()))}).to_csv(
        tmp_path / "a.csv", index=False
    )
    np.testing.assert_array_equal(Delimited().load(str(tmp_path / "a.csv")).vectors, values)


def test_more_columns_than_anyone_has(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ",".join(["0.5"] * 100_001) + "\n")
    with pytest.raises(DataError, match="line 1 has 100,001 columns; at most 100,000 are read"):
        Delimited().load(path)


def test_an_index_that_pandas_saved_is_no_coordinate(tmp_path: Path) -> None:
    frame = pd.DataFrame(X).rename(columns=str)
    frame.to_csv(tmp_path / "a.csv")
    pd.read_csv(tmp_path / "a.csv").to_csv(tmp_path / "b.csv")
    dataset = Delimited().load(str(tmp_path / "b.csv"))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert "Unnamed: 0 is an index and no part of the vector" in dataset.notes


@pytest.mark.parametrize(
    "cells", [["1,234", "12,500"], ["1,234,567", "2,345,678"], ["1,234.5", "-2,000.0"]]
)
def test_commas_that_may_group_thousands_are_refused(cells: list[str], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,n\n" + "".join(f'{row},"{cell}"\n' for row, cell in enumerate(cells)))
    with pytest.raises(DataError, match=f"'{cells[0]}' may be one number whose commas group thousands"):
        Delimited().load(str(path))
    path.write_text(path.read_text().replace("1,234", "0,234"))
    if cells[0] == "1,234":
        assert Delimited().load(str(path)).vectors.tolist() == [[0.234], [12.5]]
        assert Delimited(decimal="comma").load(str(path)).n_samples == 2
