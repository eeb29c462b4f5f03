"""The agreement of methods as a heat map."""

from typing import TYPE_CHECKING, Any

import numpy as np

from embkit_plugins.drawing.sheet import SIZE, Sheet
from embkit_plugins.drawing.text import printable, width_of
from embkit_plugins.exporters.report.agreement import AgreementMatrix
from embkit_plugins.exporters.report.figures.scores import write_rows
from embkit_plugins.exporters.report.labels import squeezed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_agreement"]

_CELL = 0.27
_LONGEST = 3.0
_MOST_NUMBERS = 40


def draw_agreement(dataset: str, found: AgreementMatrix) -> "Figure":
    """Draw ARI and AMI between methods side by side, stability on the diagonal."""
    names = [method.name for method in found.methods]
    side = max(1.4, _CELL * len(names))
    room = min(_LONGEST, max(width_of(printable(name), SIZE) for name in names)) + 0.2
    sheet = Sheet(
        room + 2 * side + 1.0,
        side + room + 0.35,
        f"{printable(dataset)}: agreement of clusterings",
        "1 is the same partition, 0 what chance gives. "
        "Diagonal: a method with itself under other seeds, its stability; empty with one seed.",
        "Mean over seeds; noise rows count as clusters of their own. Methods that agree stand together.",
    )
    for place, (title, values) in enumerate((("adjusted Rand index", found.ari), ("AMI", found.ami))):
        axes = sheet.axes(room + place * (side + 0.3), room, side, side)
        _draw_matrix(axes, values, numbers=len(names) <= _MOST_NUMBERS)
        axes.annotate(title, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points")
        if place == 0:
            write_rows(axes, names, room)
        _write_columns(axes, names, room)
    return sheet.figure


def _draw_matrix(axes: "Axes", values: Any, *, numbers: bool) -> None:
    axes.imshow(values, vmin=0, vmax=1, cmap="Blues", aspect="equal", gid="agreement")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    if not numbers:
        return
    # The matrix is symmetric, and writing takes longer than all else: one half is enough.
    for row, column in np.argwhere(np.tril(np.isfinite(values))):
        value = float(values[row, column])
        words = "1" if value >= 0.995 else f"{max(value, 0):.2f}".removeprefix("0")
        color = "white" if value > 0.6 else "#333333"
        axes.text(column, row, words, ha="center", va="center", color=color, size=SIZE - 1.5)


def _write_columns(axes: "Axes", names: list[str], room: float) -> None:
    for column, name in enumerate(names):
        axes.annotate(
            squeezed(name, room - 0.2, SIZE),
            (column, 0),
            (0, -5),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            rotation=90,
            ha="center",
            va="top",
            annotation_clip=False,
        )
