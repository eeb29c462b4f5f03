"""Figures as PNG pictures, for files and for notebooks."""

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DPI", "FigureFormat", "png_of", "showable"]

FigureFormat = Literal["png", "svg", "pdf"]

DPI = 150
"""Dots per inch of pictures in files and notebooks."""

_LEVEL = 3  # of zlib: a third quicker than its 6, a tenth larger
_SCREEN = 96  # CSS pixels per inch


def png_of(figure: "Figure") -> bytes:
    """A figure as PNG; equal figures give equal bytes."""
    file = BytesIO()
    figure.savefig(
        file,
        format="png",
        dpi=DPI,
        metadata={"Software": "embkit"},
        pil_kwargs={"compress_level": _LEVEL},
    )
    return file.getvalue()


def showable(figure: "Figure") -> "Figure":
    """Let a figure appear as a picture in notebooks.

    IPython draws only figures made by pyplot, unless ``%matplotlib inline`` was
    run; any object with a ``_repr_png_`` it draws always. The method is set on
    this one figure, so matplotlib does not have to be imported, and a figure that
    has one already keeps it.
    """
    if not hasattr(figure, "_repr_png_"):
        figure._repr_png_ = partial(_png_and_size, figure)  # type: ignore[attr-defined]  # IPython looks for it
    return figure


def _png_and_size(figure: "Figure") -> tuple[bytes, dict[str, Any]]:
    """The picture, and the CSS pixels to show it at: it is sharper than the screen needs."""
    width, height = (round(inches * _SCREEN) for inches in figure.get_size_inches())
    return png_of(figure), {"width": width, "height": height}
