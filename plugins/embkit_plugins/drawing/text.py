"""Text that any figure can carry: printable, measured, cut to fit.

matplotlib warns about every glyph that no font has, and lays nothing out by
itself; so characters without a glyph are replaced before they are drawn, and
widths are measured with the renderer that will draw them.
"""

import unicodedata
from functools import lru_cache
from typing import Any, Literal

from embkit import Clustering, Dataset

__all__ = [
    "LINE",
    "exemplars",
    "fit",
    "font_families",
    "printable",
    "row_text",
    "width_of",
    "wrap",
]

LINE = 1.35
"""Height of a line of text as a multiple of its size."""

_BOX = "\N{WHITE SQUARE}"
_POINTS_PER_INCH = 72
_LONGEST = 300
_BASE_FONT = "DejaVu Sans"
_FURTHER_FONTS = (
    *(f"Noto Sans CJK {region}" for region in ("JP", "SC", "TC", "KR", "HK")),
    *("Noto Sans JP", "Noto Sans SC", "Noto Sans TC", "Noto Sans KR", "Source Han Sans"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "IPAexGothic", "IPAGothic"),
    *("Hiragino Sans", "PingFang SC", "Heiti TC", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Yu Gothic", "MS Gothic", "Microsoft YaHei", "Microsoft JhengHei", "SimHei", "Malgun Gothic"),
    *("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai", "Noto Sans"),
    *("Noto Emoji", "Symbola", "Noto Sans Symbols", "Noto Sans Symbols 2"),
)

Weight = Literal["normal", "bold"]


@lru_cache(maxsize=1)
def font_families() -> tuple[str, ...]:
    """DejaVu Sans, which matplotlib brings, and the installed fonts that have what it lacks."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return (_BASE_FONT, *(name for name in _FURTHER_FONTS if name in installed))


@lru_cache(maxsize=1)
def _covered() -> frozenset[int]:
    """The code points for which one of the fonts has a glyph."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset().union(*(get_font(findfont(name)).get_charmap() for name in font_families()))


def printable(text: str) -> str:
    """One line of characters that can be drawn.

    White space is collapsed, control and formatting characters are left out,
    and each run of characters without a glyph becomes one white square. What
    goes beyond 300 characters is dropped: no picture shows that much of a text.
    """
    covered = _covered()
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", " ".join(text[:_LONGEST].split())):
        if ord(character) in covered and character.isprintable():
            kept.append(character)
        elif unicodedata.category(character) not in {"Cc", "Cf", "Mn"} and kept[-1:] != [_BOX]:
            kept.append(_BOX)
    return "".join(kept)


def row_text(dataset: Dataset, row: int) -> str:
    """A row's text as far as it can be drawn, else its id."""
    text = printable(dataset.describe_row(row))
    legible = [character for character in text if character != _BOX and not character.isspace()]
    has_text = dataset.texts is not None and bool(dataset.texts[row])
    return (
        text if has_text and len(legible) > text.count(_BOX) else f"row {printable(dataset.row_id(row))}"
    )


def exemplars(clustering: Clustering, clusters: int) -> list[str]:
    """The name of each of the first `clusters` clusters, else a typical text, to be cut with `fit`."""
    names = clustering.names
    titles = [""] * clusters if names is None else [printable(title) for title in names.titles]
    rows = clustering.representatives[:clusters].tolist()
    return [titles[cluster] or row_text(clustering.dataset, row) for cluster, row in enumerate(rows)]


def width_of(text: str, size: float, weight: Weight = "normal") -> float:
    """Width of a line of text in inches, at a font size in points; kerning is left out."""
    return sum(_advance(character, weight) for character in text) * size


@lru_cache(maxsize=4096)
def _advance(character: str, weight: Weight) -> float:
    """How far a character moves the pen, in inches for each point of font size."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.ft2font import LoadFlags

    base = get_font(findfont(FontProperties(family=_BASE_FONT, weight=weight)))
    if base.get_char_index(ord(character)):
        glyph = base.load_char(ord(character), LoadFlags.NO_SCALE)
        return glyph.horiAdvance / (base.units_per_EM * _POINTS_PER_INCH)
    dpi, size, repeats = 100, 36, 8
    renderer: Any = RendererAgg(1, 1, dpi)  # type: ignore[no-untyped-call]
    font = FontProperties(family=list(font_families()), size=size, weight=weight)
    without, with_it = (
        renderer.get_text_width_height_descent(f"x{middle}x", font, ismath=False)[0]
        for middle in ("", character * repeats)
    )
    return float(with_it - without) / (repeats * size * dpi)


def fit(text: str, width: float, size: float, weight: Weight = "normal") -> str:
    """The text, cut with an ellipsis where it is wider than `width` inches."""
    if width_of(text, size, weight) <= width:
        return text
    left = width - width_of("…", size, weight)
    fits = 0
    while fits < len(text) and (left := left - width_of(text[fits], size, weight)) >= 0:
        fits += 1
    return text[:fits].rstrip(" ,;:.(-") + "…"


def wrap(text: str, width: float, size: float, lines: int) -> list[str]:
    """Break a text into at most `lines` lines of `width` inches; the last is cut to fit."""
    wrapped: list[str] = []
    rest = text.split(" ")
    while rest and len(wrapped) < lines - 1:
        taken = 1
        while taken < len(rest) and width_of(" ".join(rest[: taken + 1]), size) <= width:
            taken += 1
        wrapped.append(fit(" ".join(rest[:taken]), width, size))
        rest = rest[taken:]
    return [*wrapped, fit(" ".join(rest), width, size)] if rest else wrapped
