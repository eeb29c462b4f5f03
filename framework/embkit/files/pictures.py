"""Figures as files, in each of the formats there are."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from embkit.data.shown.pictures import DPI, FigureFormat, png_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["picture_of"]

_METADATA: dict[FigureFormat, dict[str, Any]] = {
    "svg": {"Creator": "embkit", "Date": None},
    "pdf": {"Creator": "embkit", "CreationDate": None},
}


def picture_of(figure: "Figure", kind: FigureFormat) -> bytes:
    """A figure as PNG, SVG or PDF; equal figures give equal bytes.

    SVG and PDF carry no date, and SVG's identifiers are hashes instead of random
    numbers. Texts are outlines in SVG, so that no font has to be installed, and
    text in PDF. What visualizers rasterize has 150 dots per inch.
    """
    if kind == "png":
        return png_of(figure)
    from matplotlib import rc_context

    file = BytesIO()
    with rc_context({"svg.hashsalt": "embkit", "svg.fonttype": "path", "pdf.fonttype": 42}):
        figure.savefig(file, format=kind, dpi=DPI, metadata=_METADATA[kind])
    return file.getvalue()
