"""Which first lines are headers."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embkit.files.text.dialect import Dialect, sniff_dialect

FLOATS = np.random.default_rng(0).normal(size=(12, 8))
INT8 = (FLOATS * 40).astype(np.int8)


def layout(tmp_path: Path, content: str, name: str = "a.csv", **given: Any) -> Dialect:
    path = tmp_path / name
    path.write_bytes(content.encode())
    return sniff_dialect(path, comments=True, **given)


@pytest.mark.parametrize("values", [FLOATS, FLOATS.astype(np.float32), INT8, FLOATS[:, :4]])
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_what_pandas_writes_has_a_header(
    tmp_path: Path, values: np.ndarray, index: bool, sep: str
) -> None:
    content = pd.DataFrame(values).to_csv(None, index=index, sep=sep)
    found = layout(tmp_path, content)
    assert found.header
    assert found.counted
    assert "header=false reads it as a row" in str(found)
    assert not layout(tmp_path, pd.DataFrame(values).to_csv(None, index=False, header=False)).header


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("0,1\n0.5,1.5\n0.1,0.9\n5,5\n5.5,5.2\n", False),
        ("0,1,2\n0.5,1.5,2\n0.1,0.9,2\n5,5,1\n", False),
        ("0,1\n1,2\n0,2\n9,9\n", False),
        ("0,1,2,3\n4,5,6,7\n8,9,10,11\n", False),
        ("0,1,2,3\n4,4,6,7\n8,9,1,11\n", True),
        ("0,1\n0.5,1.5\n0.1,0.9\n", True),
        ("1,2,3\n4.5,5.5,6.5\n", True),
        (",1999,2020,0,1\n0,n0,t0,0.5,0.25\n1,n1,t1,0.5,0.25\n", True),
        ('Name,1,2\nx,"0.1,0.2","0.3,0.4"\ny,"0.5,0.2","0.6,0.4"\n', True),
        ("embedding\n0.1 0.2 0.3\n0.4 0.5 0.6\n", True),
        ("id,emb\n1,0.1 0.2 0.3\n2,0.4 0.5 0.6\n", True),
        ("x,NA\n1,2\n", True),
        ("NA,1\n1,2\n", False),
        ("\u22121,2\n0,4\n1,7\n", False),
        ("0,1,2,3\n\u22124,5,6,7\n8,9,10,11\n", True),
    ],
)
def test_headers(tmp_path: Path, content: str, header: bool) -> None:
    assert layout(tmp_path, content).header == header


@pytest.mark.parametrize(("sep", "name"), [(" ", "a.txt"), ("\t", "a.tsv"), (",", "a.csv")])
def test_the_header_of_r_lacks_a_cell(tmp_path: Path, sep: str, name: str) -> None:
    rows = [sep.join([f'"row {i}"', *map(str, row[:3])]) for i, row in enumerate(FLOATS)]
    found = layout(tmp_path, "\n".join([sep.join(['"V1"', '"V2"', '"V3"']), *rows]), name)
    assert (found.header, found.row_names) == (True, True)


@pytest.mark.parametrize(
    ("given", "skip", "names"),
    [
        ({"header": "d0 d1 d2"}, 1, ("d0", "d1", "d2")),
        ({"header": "made today\nby nobody"}, 2, None),
        ({"header": "by nobody\nd0,d1,d2", "delimiter": ","}, 2, ("d0", "d1", "d2")),
        ({}, 0, None),
    ],
)
def test_the_headers_of_savetxt(
    tmp_path: Path, given: dict[str, str], skip: int, names: tuple[str, ...] | None
) -> None:
    stream = io.StringIO()
    np.savetxt(stream, FLOATS[:, :3], **given)
    found = layout(tmp_path, stream.getvalue())
    assert (found.skip, found.names, found.header) == (skip, names, False)


def test_a_text_that_begins_with_a_hash_is_no_comment(tmp_path: Path) -> None:
    assert layout(tmp_path, "#tag,0.5,1.5\nb,0.5,1\n").skip == 0
    assert layout(tmp_path, "#id,x,y\nb,0.5,1\n").names == ("id", "x", "y")


def test_a_million_columns(tmp_path: Path) -> None:
    wide = ",".join(["0.125"] * 1_000_000)
    assert not layout(tmp_path, f"{wide}\n{wide}\n").header


def test_blank_lines_without_end(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lines are blank; it is hardly a table"):
        layout(tmp_path, "\n" * 200_000)
