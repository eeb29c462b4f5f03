"""The sheet of a dendrogram, as large as its leaves need, and what is written at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.drawing.sheet import SIZE, Sheet
from embkit_plugins.drawing.text import LINE, fit, width_of, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HEIGHTS", "Frame", "LeafLabel", "Orientation", "Words", "frame", "write_labels"]

Orientation = Literal["top", "right"]

HEIGHTS = {"top": 4.2, "right": 5.6}
"""Length of the axis of heights in inches."""

_SIZES = ((60, SIZE), (120, 7.0), (240, 6.0), (400, 5.0))
_UNLABELLED = 24.0
_LONGEST = 2.6
_LEVEL = 0.85
_LEVEL_LINES = 3
_AWAY = 0.1
_BESIDE_NUMBER = 0.06


@dataclass(frozen=True)
class LeafLabel:
    """What is written at a leaf: a cluster's number, a typical text, how many rows."""

    number: str
    text: str
    rows: str


@dataclass(frozen=True)
class Words:
    """What is written around the tree."""

    title: str
    subtitle: str
    caption: str
    axis: str


@dataclass(frozen=True)
class Frame:
    """Axes on their sheet, and how labels are set.

    Parameters
    ----------
    sheet : Sheet
        The page.
    axes : matplotlib.axes.Axes
        Where the tree goes.
    upright : bool
        Whether heights grow upward, not to the right.
    size : float
        Font size of the labels in points; 0 where leaves are too many to label.
    pitch : float
        Inches from leaf to leaf.
    room : float
        Inches that labels may take away from the leaf.
    """

    sheet: Sheet
    axes: "Axes"
    upright: bool
    size: float
    pitch: float
    room: float

    @property
    def level(self) -> bool:
        """Whether labels stand level under upright leaves, on several lines."""
        return self.upright and self.pitch > _LEVEL

    def oriented(self, across: NDArray[Any], heights: NDArray[Any]) -> NDArray[np.float64]:
        """Points (x, y) of places across the leaves and heights, shape (..., 2)."""
        return np.stack((across, heights) if self.upright else (heights, across), axis=-1)


def frame(labels: Sequence[LeafLabel], words: Words, orientation: Orientation, *, marked: bool) -> Frame:
    """Lay out a sheet for leaves with these labels."""
    places = len(labels) + 1
    size = next((size for most, size in _SIZES if places <= most), 0.0)
    line = size * LINE * 1.15 / 72
    upright = orientation == "top"
    spacious = min(7.2, 1.3 * places) if upright else min(2.4, 0.3 * places)
    span = max(line * places, spacious) if size else _UNLABELLED
    room = min(_LONGEST, _widest(labels, size)) if size else 0.0
    outer = (words.title, words.subtitle, words.caption)
    height = HEIGHTS[orientation]
    if upright:
        before, after = 0.7, 0.95 if marked else 0.1
        width = max(6.5, before + span + after + 0.4)
        pitch = (width - 0.4 - before - after) / places
        room = (_LEVEL_LINES + 1) * line if size and pitch > _LEVEL else room
        sheet = Sheet(width, height + room + 0.25, *outer)
        axes = sheet.axes(before, room + 0.25, pitch * places, height)
    else:
        sheet = Sheet(max(6.5, room + height + 0.8), span + 0.5 + (0.42 if marked else 0.0), *outer)
        pitch = span / places
        axes = sheet.axes(room + 0.25, 0.5, sheet.width - room - 0.4, span)
    return Frame(sheet, axes, upright, size, pitch, room)


def _widest(labels: Sequence[LeafLabel], size: float) -> float:
    """Inches that the longest label takes when nothing is cut."""
    texts = max(width_of(f"{label.text} {label.rows}", size) for label in labels)
    return _number_column(labels, size) + texts + 0.02


def _number_column(labels: Sequence[LeafLabel], size: float) -> float:
    widest = max(width_of(label.number, size, "bold") for label in labels)
    return widest + _BESIDE_NUMBER if widest else 0.0


def write_labels(frame: Frame, labels: Sequence[LeafLabel], places: NDArray[np.float64]) -> None:
    """Write at each leaf its number, and its text cut to the room there is."""
    if not frame.size:
        return
    column = _number_column(labels, frame.size)
    for label, place in zip(labels, places.tolist(), strict=True):
        rows = f" {label.rows}" if label.rows else ""
        if frame.level:
            lines = wrap(label.text, frame.pitch - 0.1, frame.size, _LEVEL_LINES)
            head = f"{label.number}{rows}".strip()
            _write(frame, head, place, _AWAY, weight="bold")
            _write(frame, "\n".join(lines), place, _AWAY + (frame.size * LINE / 72 if head else 0.0))
        else:
            room = frame.room - column - width_of(rows, frame.size)
            text = fit(label.text, room, frame.size) if label.text else ""
            _write(frame, label.number, place, _AWAY, weight="bold")
            _write(frame, (text + rows).strip(), place, _AWAY + column)


def _write(frame: Frame, text: str, place: float, away: float, weight: str = "normal") -> None:
    """Write `text` so many inches away from the leaf at `place`."""
    if not text:
        return
    if frame.upright:
        where: dict[str, Any] = {
            "xy": (place, 0),
            "xycoords": ("data", "axes fraction"),
            "xytext": (0, -72 * away),
            "ha": "center",
            "va": "top",
            "rotation": 0 if frame.level else 90,
        }
    else:
        where = {
            "xy": (0, place),
            "xycoords": ("axes fraction", "data"),
            "xytext": (-72 * away, 0),
            "ha": "right",
            "va": "center",
        }
    frame.axes.annotate(
        text, textcoords="offset points", annotation_clip=False, size=frame.size, weight=weight, **where
    )
