"""Which columns are the vector."""

import warnings
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit.errors import DataError, EmbkitWarning, ParameterError
from embkit.files.tables.columns import choose_vector
from embkit.files.tables.forms import Column, Form


def numbers(*names: str) -> list[Column]:
    return [Column(name, Form.NUMBER) for name in names]


def listed(name: str, form: Form = Form.LIST, length: int = 8) -> Column:
    return Column(name, form, length, "0.1, 0.2")


def chosen(columns: list[Column], **given: Any) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmbkitWarning)
        found = choose_vector(columns, "t", **given)
    return [columns[place].name for place in found.positions]


@pytest.mark.parametrize("name", ["embedding", "Embeddings", "vector", "VECTORS", "emb"])
@pytest.mark.parametrize("form", [Form.LIST, Form.BARE, Form.EMPTY])
def test_a_column_of_that_name_is_never_passed_over(name: str, form: Form) -> None:
    columns = [*numbers("n_tokens", "Score", "a", "b"), listed("tags"), listed(name, form, 2)]
    assert chosen(columns) == [name]
    with pytest.raises(DataError, match=f"column '{name}' holds 'x y', which is not read as a vector"):
        chosen([*columns[:-1], Column(name, Form.OTHER, 0, "x y")])
    with pytest.raises(DataError, match=f"column '{name}' .*it holds numbers"):
        chosen([*numbers("n_tokens", "Score", name)])


def test_lists_then_numbers() -> None:
    assert chosen([*numbers("a", "b"), listed("ada")]) == ["ada"]
    assert chosen([*numbers("a", "b"), listed("ada", Form.BARE)]) == ["ada"]
    # A position on the map is no embedding beside columns of numbers.
    many = numbers(*(f"d{index}" for index in range(9)))
    assert chosen([*many, listed("place", Form.BARE, 2)]) == [column.name for column in many]
    assert chosen([listed("place", Form.BARE, 2)]) == ["place"]
    assert chosen([listed("tags"), listed("title_embedding")]) == ["title_embedding"]
    with pytest.raises(DataError, match=r"several list columns: u \(8 values\), v \(8 values\)"):
        chosen([listed("u"), listed("v")])
    with pytest.raises(DataError, match=r"name it: column=v1; column=v\* joins them"):
        chosen([listed("v1"), listed("v2")])


def test_an_index_that_pandas_saved_is_left_out_and_said() -> None:
    columns = [Column("Unnamed: 0", Form.NUMBER), *numbers("0", "1")]
    found = choose_vector(columns, "t")
    assert found.positions == (1, 2)
    assert found.notes == ("Unnamed: 0 is an index and no part of the vector",)
    counting = [Column("index", Form.NUMBER, counts=True), *numbers("x", "y")]
    assert chosen(counting) == ["x", "y"]
    assert chosen([Column("index", Form.NUMBER), *numbers("x", "y")]) == ["index", "x", "y"]


@pytest.mark.parametrize(
    ("names", "strangers", "pattern"),
    [
        ([*(f"dim_{i}" for i in range(16)), "doc_id", "year"], "doc_id, year", "dim_*"),
        ([*map(str, range(16)), "target"], "target", "[0-9]*"),
        ([*map(str, range(16)), "2020"], "2020", None),
        (["V1", "V2", "V3", "Value"], "Value", "V[0-9]*"),
        (["x", "y", "year"], "year", "[x,y]"),
        (["e[0]1", "e[0]2", "e[0]3", "id_number"], "id_number", "e[[]0]*"),
    ],
)
def test_numbers_that_are_no_dimensions_are_warned_of_with_a_remedy_that_works(
    names: list[str], strangers: str, pattern: str | None
) -> None:
    columns = numbers(*names)
    with pytest.warns(EmbkitWarning) as caught:
        choose_vector(columns, "t")
    message = str(caught[0].message)
    assert f"t: {strangers} are numbers too and became part of the vector" in message
    if pattern is None:
        assert "remove these columns from the table" in message
        return
    assert f"column={pattern} leaves them out" in message
    asked = pattern[1:-1].split(",") if "," in pattern else pattern
    assert chosen(columns, asked=asked) == [name for name in names if name not in strangers.split(", ")]


@given(st.lists(st.text("ab1[*?]_ ", min_size=1, max_size=5), min_size=2, max_size=8, unique=True))
def test_every_pattern_that_is_offered_selects_what_it_says(names: list[str]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        choose_vector(numbers(*names), "t")
    for warning in caught:
        message = str(warning.message)
        if " leaves them out" in message:
            pattern = message.partition("column=")[2].removesuffix(" leaves them out")
            strangers = message.removeprefix("t: ").partition(" are numbers too")[0].split(", ")
            if "," in pattern:
                selected = [name for name in names if name in pattern[1:-1].split(",")]
            else:
                selected = [name for name in names if fnmatchcase(name, pattern)]
            assert len(selected) + len(strangers) == len(names)


def test_columns_without_strangers_are_silent() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choose_vector(numbers(*(f"e{i}" for i in range(9))), "t")
        choose_vector(numbers("x", "y", "z"), "t")
        choose_vector(numbers("petal", "sepal"), "t")
    with pytest.warns(
        EmbkitWarning, match="n_tokens, Score are its only numbers, and became the vector"
    ):
        choose_vector(numbers("n_tokens", "Score"), "t")


def test_what_is_asked_for() -> None:
    columns = [*numbers("a1", "a2", "b"), listed("u"), listed("v")]
    assert chosen(columns, asked="a*") == ["a1", "a2"]
    assert chosen(columns, asked=("b", "a1")) == ["a1", "b"]
    assert chosen(columns, asked="[uv]") == ["u", "v"]
    with pytest.raises(ParameterError, match=r"no column 'c'; column=c was given"):
        chosen(columns, asked="c")
    with pytest.raises(DataError, match="column 'u' holds lists, others .* hold numbers"):
        chosen(columns, asked=("b", "u"))


def test_many_columns_are_quick_and_messages_short() -> None:
    names = [f"d{index}" for index in range(30_000)]
    with pytest.warns(EmbkitWarning, match="year are numbers too") as caught:
        found = choose_vector(numbers(*names, "year"), "t")
    assert len(found.positions) == 30_001
    assert len(str(caught[0].message)) < 300
    with pytest.raises(ParameterError) as error:
        choose_vector(numbers(*names), "t", asked="x" * 5000)
    assert len(str(error.value)) < 400


def test_a_pattern_means_no_index() -> None:
    columns = [
        Column("Unnamed: 0", Form.NUMBER, counts=True),
        Column("a", Form.NUMBER),
        Column("b", Form.NUMBER),
    ]
    assert choose_vector(columns, "x", asked="*").positions == (1, 2)
    assert choose_vector(columns, "x", asked=["Unnamed: 0", "a"]).positions == (0, 1)
    assert choose_vector(columns[:1], "x", asked="*").positions == (0,)
