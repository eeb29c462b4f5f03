"""The sheet of a dendrogram, as large as its leaves need, and what is written at them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.drawing.sheet import SIZE, Look, Sheet
from embkit_plugins.drawing.text import LINE, fit, width_of, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Frame", "LeafLabel", "Orientation", "Words", "frame", "write_labels"]

Orientation = Literal["top", "right"]

_HEIGHTS = {"top": 4.2, "right": 5.6}
"""Length of the axis of heights in inches, as a rule."""

_SIZES = ((60, SIZE), (120, 7.0), (240, 6.0), (400, 5.0))
_UNLABELLED = 24.0
_LONGEST = 2.6
_LEVEL = 0.85
_LEVEL_LINES = 3
_AWAY = 0.1
_BESIDE_NUMBER = 0.06


@dataclass(frozen=True)
class LeafLabel:
    """The label of a leaf: a cluster's number, its name or a typical text, its number of rows."""

    number: str
    text: str
    rows: str


@dataclass(frozen=True)
class Words:
    """The words around the tree, and the look that the user wants."""

    title: str
    subtitle: str
    caption: str
    axis: str
    look: Look = field(default_factory=Look)


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
    reach : float
        Inches along the axis of heights.
    """

    sheet: Sheet
    axes: "Axes"
    upright: bool
    size: float
    pitch: float
    room: float
    reach: float

    @property
    def level(self) -> bool:
        """Whether labels stand level under upright leaves, on several lines."""
        return self.upright and self.pitch > _LEVEL

    def oriented(self, across: NDArray[Any], heights: NDArray[Any]) -> NDArray[np.float64]:
        """Points (x, y) of places across the leaves and heights, shape (..., 2)."""
        return np.stack((across, heights) if self.upright else (heights, across), axis=-1)


def frame(labels: Sequence[LeafLabel], words: Words, orientation: Orientation, *, marked: bool) -> Frame:
    """Lay out a sheet for leaves with these labels."""
    return (_upright if orientation == "top" else _lying)(labels, words, marked)


def _upright(labels: Sequence[LeafLabel], words: Words, marked: bool) -> Frame:
    places, wanted = len(labels) + 1, words.look.width
    before, after = 0.7, 0.95 if marked else 0.1
    beside = before + after + 0.4
    size = _size(places)
    if wanted is not None and _line(size) * places > wanted - beside:
        size = _size(places, (wanted - beside) / places)
    span = max(_line(size) * places, min(7.2, 1.3 * places)) if size else _UNLABELLED
    pitch = ((wanted or max(6.5, span + beside)) - beside) / places
    room = min(_LONGEST, _widest(labels, size)) if size else 0.0
    room = (_LEVEL_LINES + 1) * _line(size) if size and pitch > _LEVEL else room
    reach = _HEIGHTS["top"]
    sheet = _sheet(pitch * places + beside, reach + room + 0.25, words)
    axes = sheet.axes(before, room + 0.25, pitch * places, reach)
    return Frame(sheet, axes, True, size, pitch, room, reach)


def _lying(labels: Sequence[LeafLabel], words: Words, marked: bool) -> Frame:
    places, wanted = len(labels) + 1, words.look.width
    size = _size(places)
    span = max(_line(size) * places, min(2.4, 0.3 * places)) if size else _UNLABELLED
    longest = min(_LONGEST, 0.4 * (wanted or np.inf))
    room = min(longest, _widest(labels, size)) if size else 0.0
    width = wanted or max(6.5, room + _HEIGHTS["right"] + 0.8)
    sheet = _sheet(width, span + 0.5 + (0.42 if marked else 0.0), words)
    reach = sheet.width - room - 0.4
    axes = sheet.axes(room + 0.25, 0.5, reach, span)
    return Frame(sheet, axes, False, size, span / places, room, reach)


def _sheet(width: float, height: float, words: Words) -> Sheet:
    return Sheet(width, height, words.title, words.subtitle, words.caption, words.look)


def _size(places: int, room: float = np.inf) -> float:
    """The font size for so many labels, each with `room` inches across; 0 where none fits."""
    return next((size for most, size in _SIZES if places <= most and _line(size) <= room), 0.0)


def _line(size: float) -> float:
    return size * LINE * 1.15 / 72


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
