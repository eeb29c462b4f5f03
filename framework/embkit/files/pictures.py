"""Figures as files, in each of the formats there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast, get_args

from embkit.data.shown.pictures import DPI, FigureFormat, png_of
from embkit.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SavedPicture", "picture_of", "saved_pictures"]

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


@dataclass(frozen=True)
class SavedPicture:
    """A picture of a run that was opened again: the file, which notebooks show.

    Parameters
    ----------
    path : Path
        Where it is.
    """

    path: Path

    def savefig(self, file: str | Path | BinaryIO, *, format: str = "", **_: Any) -> None:  # noqa: A002
        """Copy the picture, as a `matplotlib.figure.Figure` would be written.

        Raises
        ------
        ParameterError
            If another format is asked for.
        """
        named = Path(file).suffix[1:] if isinstance(file, str | Path) else ""
        if (format or named or "png") != self.path.suffix[1:]:
            raise ParameterError(
                f"{self.path} is a finished picture",
                "it cannot be drawn again in another format",
                f"give format={self.path.suffix[1:]!r}, or run again",
            )
        content = self.path.read_bytes()
        if isinstance(file, str | Path):
            Path(file).write_bytes(content)
        else:
            file.write(content)

    def _repr_png_(self) -> bytes | None:
        return self.path.read_bytes() if self.path.suffix == ".png" else None

    def _repr_svg_(self) -> str | None:
        return self.path.read_text("utf-8") if self.path.suffix == ".svg" else None


def saved_pictures(folder: Path) -> "Mapping[str, Figure]":
    """The pictures in a folder by name, PNG before the other formats; to stand for figures."""
    found = {
        file.stem: SavedPicture(file)
        for kind in reversed(get_args(FigureFormat))
        for file in sorted(folder.glob(f"*.{kind}"))
    }
    return cast("Mapping[str, Figure]", dict(sorted(found.items())))
