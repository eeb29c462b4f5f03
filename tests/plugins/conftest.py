"""What to ask of a figure, whoever drew it, and leaves of few rows."""

from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from embkit_plugins.algorithms.neighbors import exact, leaves, partition
from fixture_types import CheckLayout, FindArtist, Words


def visible_texts(figure: Figure) -> list[Text]:
    """All texts that are drawn, as they are after drawing."""
    figure.draw_without_rendering()
    beyond = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            beyond |= {tick.label1 for tick in ticks if not low <= tick.get_loc() <= high}
    found: list[Any] = figure.findobj(Text)
    return [
        text for text in found if text.get_text().strip() and text.get_visible() and text not in beyond
    ]


@pytest.fixture
def small_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves of some 40 rows, so that more than 160 rows are divided into them."""
    monkeypatch.setattr(partition, "LEAF_ROWS", 40)
    monkeypatch.setattr(leaves, "_SAMPLE", 300)


@pytest.fixture
def integers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products of 8-bit integers for any rows, on any processor."""
    monkeypatch.setattr(exact, "has_integer_products", lambda: True)
    monkeypatch.setattr(exact, "TILE", 32)
    for name, value in (("_INTEGER_ROWS", 1), ("_INTEGER_WIDTH", 1), ("_MOST_CANDIDATES", 1000)):
        monkeypatch.setattr(exact, name, value)


@pytest.fixture
def words() -> Words:
    """The words of a figure."""
    return lambda figure: [text.get_text() for text in visible_texts(figure)]


@pytest.fixture
def check_layout() -> CheckLayout:
    """Assert that no word leaves the page, and that no two words overlap."""

    def check(figure: Figure) -> None:
        page = figure.bbox
        boxes = {}
        for text in visible_texts(figure):
            box = text.get_window_extent()
            name = f"{text.get_text()!r} at {box.bounds}"
            assert box.x0 >= page.x0 - 1, name
            assert box.y0 >= page.y0 - 1, name
            assert box.x1 <= page.x1 + 1, name
            assert box.y1 <= page.y1 + 1, name
            boxes[name] = box
        names = list(boxes)
        for place, name in enumerate(names):
            for other in names[:place]:
                one, two = boxes[name], boxes[other]
                wide = min(one.x1, two.x1) - max(one.x0, two.x0)
                high = min(one.y1, two.y1) - max(one.y0, two.y0)
                assert min(wide, high) <= 2, f"{name} over {other}"

    return check


@pytest.fixture
def artist() -> FindArtist:
    """The one artist of a figure with a gid, or None."""

    def find(figure: Figure, gid: str) -> Any:
        found = figure.findobj(lambda one: one.get_gid() == gid)
        assert len(found) <= 1, gid
        return found[0] if found else None

    return find
