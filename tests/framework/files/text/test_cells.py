"""A vector in one cell, in every way in which one is written."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit.files.text.cells import is_number, looks_like_list, parse_vector

FORMS = [
    "[0.1, -0.25]",
    "(0.1, -0.25)",
    "{0.1,-0.25}",
    "<0.1 -0.25>",
    "0.1, -0.25",
    "0.1,-0.25",
    "0.1,-0.25,",
    "0.1 -0.25",
    " 0.1\t-0.25 ",
    "0.1;-0.25",
    "0.1|-0.25",
    "0,1;-0,25",
    "0,1 -0,25",
    "[0,1; -0,25]",
    "[ 0.1  -0.25]",
    "[0.1\n -0.25]",
    "[[0.1, -0.25]]",
    "[0.1, -0.25,]",
    "['0.1', '-0.25']",
    "array([0.1, -0.25], dtype=float32)",
    "array([[0.1, -0.25]])",
    "tensor([0.1, -0.25], device='cuda:0', dtype=torch.float16)",
    "[np.float32(0.1), np.float32(-0.25)]",
    "DenseVector([0.1, -0.25])",
    "Decimal('0.1'), Decimal('-0.25')",
    "(0.1, \u22120.25)",
]


@pytest.mark.parametrize("cell", FORMS)
def test_forms(cell: str) -> None:
    assert parse_vector(cell) == [0.1, -0.25]
    assert parse_vector(cell.encode()) == [0.1, -0.25]


@given(st.lists(st.floats(-1e30, 1e30), min_size=2, max_size=20))
def test_what_python_and_numpy_write_in_full_is_read_exactly(values: list[float]) -> None:
    array = np.array(values)
    whole: dict[str, Any] = {"threshold": 10**6, "floatmode": "unique", "max_line_width": 60}
    for cell in (
        str(values),
        json.dumps(values),
        str(tuple(values)),
        ", ".join(map(repr, values)),
        " ".join(map(repr, values)),
        "{" + ",".join(map(repr, values)) + "}",
        np.array2string(array, **whole),
        np.array2string(array, separator=", ", **whole),
        str([np.float64(value) for value in values]),
    ):
        assert parse_vector(cell) == values


@given(
    st.lists(
        st.floats(0.0009765625, 1000, width=32).flatmap(lambda v: st.sampled_from([v, -v, 0.0])),
        min_size=2,
        max_size=40,
    )
)
def test_the_bytes_of_numbers(values: list[float]) -> None:
    narrow = np.array(values, dtype="<f4")
    assert parse_vector(base64.b64encode(narrow.tobytes()).decode()) == narrow.tolist()
    wide = np.array(values, dtype="<f8") / 3
    if len(wide) > 7 and wide.all():  # of few values, the halves of a float64 may look like float32
        assert parse_vector(base64.b64encode(wide.tobytes()).decode()) == wide.tolist()


def test_raw_bytes() -> None:
    narrow = np.random.default_rng(0).normal(size=8).astype("<f4")
    assert parse_vector(narrow.tobytes()) == narrow.tolist()
    wide = narrow.astype("<f8") / 3
    assert parse_vector(wide.tobytes()) == wide.tolist()


@pytest.mark.parametrize("cell", ["", "  ", "nan", "None", "NULL", "<NA>"])
def test_no_value(cell: str) -> None:
    assert parse_vector(cell) is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("[ 0.1 0.2 ... 0.3]", "left out"),
        ("[0.1, 0.2, …, 0.3]", "left out"),
        ("hello world", "'hello' is not a number"),
        ("0.5", "a single number"),
        ("1,,2", "a value is empty"),
        ("[1, 2", r"'\[1' is not a number"),
        ("[__import__('os')]", "'os' is not a number"),
        ("HelloWorldThisIsText", "not float32 or float64"),
        ("1_000, 2", "'1_000' is not a number"),
        ("0:0.1 3:0.5", "'0:0.1' is not a number"),
        (b"\xff\x00\x01", "not float32 or float64"),
        ("x" * 100 + " 2", "…' is not a number"),
    ],
)
def test_what_is_no_vector(cell: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_vector(cell)


@pytest.mark.parametrize(
    "cell", ["a" * 200_000 + "!", ",a=" * 60_000 + "[", "[" * 200_000, "(" * 9 + "1," * 99_999]
)
def test_long_cells_take_no_longer_than_their_length_says(cell: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse_vector(cell)


def test_numbers_and_lists() -> None:
    assert is_number("\u22121.5e\u22123")
    assert not is_number("1,5")
    assert is_number("1,5", ",")
    assert looks_like_list("np.array([1])")
    assert not looks_like_list("[")
