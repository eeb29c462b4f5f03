"""The sheet that every figure is drawn on: its size, margins, fonts and words above and below.

Figures are made without pyplot and leave matplotlib's settings as they were.
Everything is laid out in inches, so that a figure is the same at any dpi.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Le

from embkit_plugins.drawing.palette import INK, NOTE
from embkit_plugins.drawing.text import LINE, fit, font_families, printable, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SIZE", "Look", "Sheet", "Width", "styled", "tidy"]

SIZE = 8.0
"""Font size in points of all but titles."""

_TITLE = 12.0
_MARGIN = 0.2
_GAP = 0.16

Width = Annotated[float, Ge(5), Le(40)]
"""Inches from edge to edge of a picture."""


@dataclass(frozen=True)
class Look:
    """The look a user wants a picture to have.

    Parameters
    ----------
    title : str
        In place of the one made of the data; the line of settings below it goes too.
    width : float, optional
        Inches from edge to edge. Letters keep their size; what is drawn gets more
        room, or less.
    """

    title: str = ""
    width: float | None = None


@contextmanager
def styled() -> Iterator[None]:
    """Matplotlib's defaults and ours, whatever the user's settings, until the block ends.

    Texts take over ``text.parse_math`` when they are made, so a ``$`` in a label
    stays a dollar sign when the figure is saved later.
    """
    from matplotlib import style

    ours: dict[str, Any] = {
        "font.family": list(font_families()),
        "font.size": SIZE,
        "text.parse_math": False,
        "text.color": INK,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "lines.solid_capstyle": "round",
    }
    with style.context(["default", ours]):
        yield


class Sheet:
    """A white page with a title and a subtitle above, a caption below, and room between.

    Parameters
    ----------
    width : float
        Width of the page in inches.
    height : float
        Height of the room between in inches; the page is as high as it needs.
    title, subtitle, caption : str
        Words above and below, wrapped to the width.
    look : Look
        What the user wants to be otherwise.
    """

    def __init__(
        self,
        width: float,
        height: float,
        title: str,
        subtitle: str,
        caption: str = "",
        look: Look = Look(),
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        width = look.width or width
        if look.title:
            title, subtitle = printable(look.title), ""
        room = width - 2 * _MARGIN
        heading = fit(title, room, _TITLE, "bold")
        above = wrap(subtitle, room, SIZE, 3) if subtitle else []
        below = wrap(caption, room, SIZE - 0.5, 4) if caption else []
        line = SIZE * LINE / 72
        head = _MARGIN + _TITLE * LINE / 72 + len(above) * line + _GAP
        foot = _MARGIN + (len(below) * line + _GAP if below else 0.0)
        self.width, self.height = room, height
        self._bottom = foot
        self._size = (width, head + height + foot)
        self.figure: Figure = Figure(figsize=self._size, dpi=100, facecolor="white")
        FigureCanvasAgg(self.figure)
        self._write(_MARGIN, self._size[1] - _MARGIN, heading, size=_TITLE, weight="bold")
        under = self._size[1] - _MARGIN - _TITLE * LINE / 72
        self._write(_MARGIN, under, "\n".join(above), size=SIZE, color=NOTE)
        if below:
            self._write(_MARGIN, foot - _GAP, "\n".join(below), size=SIZE - 0.5, color=NOTE)

    def _write(self, left: float, top: float, text: str, **style: Any) -> None:
        width, height = self._size
        self.figure.text(left / width, top / height, text, va="top", linespacing=LINE - 0.15, **style)

    def axes(self, left: float, bottom: float, width: float, height: float, **options: Any) -> "Axes":
        """Add axes to the room between title and caption; all lengths in inches."""
        across, up = self._size
        place = ((left + _MARGIN) / across, (bottom + self._bottom) / up, width / across, height / up)
        axes: Axes = self.figure.add_axes(place, **options)
        tidy(axes)
        return axes


def tidy(axes: "Axes") -> None:
    """Leave an axes two spines and small ticks.

    Tick labels may be made as late as on saving: what they look like is said here.
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(
        length=3,
        width=0.6,
        color=INK,
        labelcolor=INK,
        labelsize=SIZE,
        labelfontfamily=list(font_families()),
    )
    axes.grid(visible=False)
    axes.set_axisbelow(True)
