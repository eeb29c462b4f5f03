from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from embkit.data.dataset import Dataset
from embkit.text import plural
from embkit_plugins.drawing import text as text_module
from embkit_plugins.drawing.text import Weight, fit, printable, row_text, width_of, wrap


@pytest.fixture
def _only_dejavu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine without further fonts."""
    monkeypatch.setattr(text_module, "_FURTHER_FONTS", ())
    text_module.font_families.cache_clear()
    text_module._covered.cache_clear()
    yield
    text_module.font_families.cache_clear()
    text_module._covered.cache_clear()


@pytest.mark.usefixtures("_only_dejavu")
@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("plain", "plain"),
        ("two\n lines\tand   more", "two lines and more"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("zero\u200bwidth \u202eturned", "zerowidth turned"),
        ("cafe\u0301", "café"),
        ("日本語", "□"),
        ("the 日本語 text", "the □ text"),
        ("fine 🦆🦆!", "fine □!"),
        ("half \ud83d pair", "half □ pair"),
        ("$\\foo$ {x} %s", "$\\foo$ {x} %s"),
        ("", ""),
    ],
)
def test_what_can_be_drawn_is_left(text: str, drawn: str) -> None:
    assert printable(text) == drawn


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_whatever_comes_out_has_a_glyph(text: str) -> None:
    drawn = printable(text)
    assert all(ord(character) in text_module._covered() for character in drawn)
    assert "\n" not in drawn
    assert len(drawn) <= 300


def test_long_texts_are_not_read_to_the_end() -> None:
    assert len(printable("word " * 100_000)) <= 300


@pytest.mark.usefixtures("_only_dejavu")
def test_a_row_without_a_text_that_can_be_drawn_is_named_by_its_id() -> None:
    vectors = np.array([[1.0], [2.0], [3.0], [4.0]])
    data = Dataset(vectors, ids=["a", "b", "c", "d"], texts=["日本", "", "ok", "語 é"])
    assert [row_text(data, row) for row in range(4)] == ["row a", "row b", "ok", "row d"]
    assert row_text(Dataset(vectors[:2]), 1) == "row 1"


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_widths_are_those_of_the_renderer(weight: Weight) -> None:
    text = "Helvella acetabulum: a helvella (12,345) with a cup-shaped body…"
    font = FontProperties(family=list(text_module.font_families()), size=8, weight=weight)
    renderer: Any = RendererAgg  # matplotlib has no types for it
    drawn = renderer(1, 1, 150).get_text_width_height_descent(text, font, False)[0] / 150
    assert width_of(text, 8, weight) == pytest.approx(drawn, rel=0.03)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc iWM.,", max_size=60), st.floats(0.2, 3))
def test_a_cut_text_fits_and_begins_as_the_whole(text: str, width: float) -> None:
    cut = fit(text, width, 8)
    assert width_of(cut, 8) <= max(width, width_of("…", 8)) + 1e-9
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_wrapping_keeps_all_words_where_there_is_room() -> None:
    lines = wrap("one two three four five six", 0.6, 8, 10)
    assert " ".join(lines) == "one two three four five six"
    assert all(width_of(line, 8) <= 0.6 for line in lines)
    assert wrap("one two three four five six", 0.6, 8, 2)[-1].endswith("…")
    assert wrap("", 1.0, 8, 2) == [""]


def test_counts_read_well() -> None:
    assert [plural(number, "row") for number in (0, 1, 2, 12345)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "12,345 rows",
    ]
