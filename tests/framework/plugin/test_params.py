"""Parameters: read from text, listed from signatures, checked without losing anything."""

from typing import Annotated, Any, Literal

import numpy as np
import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st

from embkit.data.configuration.request import Request, parse_request
from embkit.errors import ParameterError, PluginError
from embkit.plugin.params import describe_type, parameters_of, resolve


class Sample:
    """A component.

    Parameters
    ----------
    size : int
        How many. Nothing else.
    share : float
        What part, e.g. half of it: 0 to 1.
    mode, other : {"a", "b"}
        Which way.

    Raises
    ------
    size : nothing
        Not a parameter.
    """

    def __init__(
        self,
        *,
        size: Annotated[int, Ge(2)] = 5,
        share: Annotated[float, Ge(0), Le(1)] = 0.5,
        mode: Literal["a", "b"] = "a",
        other: int | None = None,
        names: tuple[str, ...] = (),
        flag: bool = False,
    ) -> None:
        self.size = size


class Bare:
    def __init__(self, needed, width: int = 3) -> None:  # type: ignore[no-untyped-def]
        self.needed = needed


PARAMETERS = parameters_of(Sample)


def test_listing_tells_type_bounds_default_and_meaning() -> None:
    rows = [(item.name, item.type, item.default, item.meaning) for item in PARAMETERS]
    assert rows == [
        ("size", "int >= 2", 5, "How many."),
        ("share", "float >= 0 and <= 1", 0.5, "What part, e.g. half of it: 0 to 1."),
        ("mode", "one of a, b", "a", "Which way."),
        ("other", "int or none", None, "Which way."),
        ("names", "tuple of str", (), ""),
        ("flag", "bool", False, ""),
    ]


def test_unannotated_parameters_take_their_words_from_the_docstring() -> None:
    from sklearn.cluster import KMeans

    parameter = parameters_of(KMeans)[0]
    assert (parameter.name, parameter.type, parameter.default) == ("n_clusters", "int", 8)
    assert parameter.meaning.startswith("The number of clusters to form")


def test_a_signature_that_cannot_be_listed_is_refused() -> None:
    def factory(**options: Any) -> None: ...

    with pytest.raises(PluginError, match="must be listed by name"):
        parameters_of(factory)


@pytest.mark.parametrize(
    ("text", "name", "params"),
    [
        ("kmeans", "kmeans", {}),
        ("kmeans:n_clusters=10", "kmeans", {"n_clusters": 10}),
        ("a:x=0.5,y=true,z=word", "a", {"x": 0.5, "y": True, "z": "word"}),
        ("a:x=[1,2],y='p,q'", "a", {"x": [1, 2], "y": "p,q"}),
        ("a:path=/tmp/some:file.csv", "a", {"path": "/tmp/some:file.csv"}),
        ("a:x=1e3", "a", {"x": 1000.0}),
        ("a: x = 1 , y = 2", "a", {"x": 1, "y": 2}),
    ],
)
def test_reading_a_request(text: str, name: str, params: dict[str, Any]) -> None:
    assert parse_request(text) == Request(name, params)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a:x",
            "'x' is not key=value; parameters are written NAME:key=value,key=value; .*plugins show a",
        ),
        ("a:x=1,,y=2", "'' is not key=value"),
        ("a:x=1,x=2", "x is given twice"),
    ],
)
def test_a_request_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        parse_request(text)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.integers() | st.booleans(), max_size=4
    )
)
def test_a_request_survives_being_written(params: dict[str, Any]) -> None:
    request = Request("name", params)
    assert parse_request(str(request)) == request


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("size", 7, 7),
        ("size", 7.0, 7),
        ("share", 1, 1.0),
        ("other", "none", None),
        ("names", ["a", "b"], ("a", "b")),
        ("flag", True, True),
    ],
)
def test_lossless_conversions(name: str, value: Any, result: Any) -> None:
    resolved = resolve("thing", PARAMETERS, {name: value})
    assert resolved[name] == result
    assert type(resolved[name]) is type(result)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "size",
            1,
            r"clusterer thing: size=1 is not valid; .* greater than or equal to 2; give size as int >= 2",
        ),
        ("size", "7", 'size="7" is not valid; input should be a valid integer'),
        ("size", 7.5, "size=7.5 is not valid"),
        ("size", True, "size=true is not valid"),
        ("share", float("nan"), "share=nan is not valid; input should be a finite number"),
        ("share", float("inf"), "share=inf is not valid"),
        (
            "mode",
            "c",
            "mode=c is not valid; input should be 'a' or 'b'; give mode as one of a, b, the default is a",
        ),
        ("flag", "yes", "flag=yes is not valid"),
        ("flag", 1, "flag=1 is not valid"),
        ("names", "a", "names=a is not valid"),
        ("sise", 3, "thing has no parameter 'sise'; did you mean 'size'\\? it takes: size, share, mode"),
    ],
)
def test_refusals(name: str, value: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        resolve("clusterer thing", PARAMETERS, {name: value})


def test_texts_in_a_list_want_quotes() -> None:
    request = parse_request("thing:names=[a/b,c]")
    with pytest.raises(ParameterError, match=r'and quote texts in a list: names=\["a","b"\]'):
        resolve("clusterer thing", PARAMETERS, request.params)


def test_a_required_parameter_is_asked_for() -> None:
    with pytest.raises(
        ParameterError, match="loader thing needs the parameter needed; .*thing:needed=NEEDED"
    ):
        resolve("loader thing", parameters_of(Bare), {})
    assert resolve("loader thing", parameters_of(Bare), {"needed": "x"}) == {"needed": "x", "width": 3}


@pytest.mark.parametrize(
    ("annotation", "words"),
    [(list[int], "list of int"), (Literal[1, True], "one of 1, true"), (None, "none"), (Any, "Any")],
)
def test_types_in_words(annotation: Any, words: str) -> None:
    assert describe_type(annotation) == words


class Named:
    """Takes names of columns and folders, and numbers."""

    def __init__(
        self,
        *,
        text: str | None = None,
        columns: str | tuple[str, ...] = (),
        share: float = 0.5,
        count: int = 1,
        folder: str,
    ) -> None: ...


@pytest.mark.parametrize(
    "name",
    ["2020", "007", "1.10", "1e5", "2026-11-25", "10:30:00", "true", "1_000", "+5", "0x10", "inf"],
)
def test_what_looks_like_a_number_or_a_date_is_a_name_where_one_is_meant(name: str) -> None:
    request = parse_request(f"named:text={name},folder={name},columns=[{name},{name}]")
    resolved = resolve("loader named", parameters_of(Named), request.params)
    assert resolved["text"] == name
    assert resolved["folder"] == name
    assert parse_request(str(request)) == request


def test_names_in_lists() -> None:
    request = parse_request("named:columns=[1999,2020],folder=x")
    assert resolve("named", parameters_of(Named), request.params)["columns"] == ("1999", "2020")


def test_numbers_stay_numbers_however_they_are_written() -> None:
    request = parse_request("named:share=1e-3,count=1_000,folder=x")
    resolved = resolve("named", parameters_of(Named), request.params)
    assert (resolved["share"], resolved["count"]) == (0.001, 1000)
    assert (type(resolved["share"]), type(resolved["count"])) == (float, int)
    unannotated = resolve("bare", parameters_of(Bare), parse_request("bare:needed=1e-3").params)
    assert type(unannotated["needed"]) is float


@pytest.mark.parametrize("number", [np.int64(7), np.uint8(7), np.int32(7), np.array(7)])
def test_numbers_of_numpy_are_numbers(number: Any) -> None:
    resolved = resolve(
        "thing", PARAMETERS, {"size": number, "share": np.float32(0.25), "flag": np.True_}
    )
    assert (resolved["size"], resolved["share"], resolved["flag"]) == (7, 0.25, True)
    assert [type(resolved[name]) for name in ("size", "share", "flag")] == [int, float, bool]
    with pytest.raises(ParameterError, match="size=1 is not valid"):
        resolve("thing", PARAMETERS, {"size": np.int64(1)})


def test_refusals_do_not_repeat_long_values_nor_invent_defaults() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve("thing", parameters_of(Named), {"folder": ["x" * 50] * 10_000})
    assert len(str(caught.value)) < 500
    assert "default" not in str(caught.value)
    with pytest.raises(ParameterError, match="the default is 5"):
        resolve("thing", PARAMETERS, {"size": 1})


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000, "1e999999", "\ud800", "0b2"])
def test_odd_literals_are_texts(value: str) -> None:
    request = parse_request(f"named:folder={value}") if "," not in value else None
    assert request is not None
    resolve("thing", parameters_of(Named), request.params)
