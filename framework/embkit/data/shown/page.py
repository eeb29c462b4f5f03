"""A page: one HTML file that explores a run, shown in notebooks, saved, or opened."""

import base64
import html
from dataclasses import dataclass, field
from pathlib import Path

from embkit.text import format_bytes, printable

__all__ = ["INLINE_BYTES", "Page", "inline"]

INLINE_BYTES = 3_000_000
"""Up to this size a page is part of the notebook that shows it."""

_HEIGHT = 760


@dataclass(frozen=True)
class Page:
    """One HTML file that needs nothing else; an interactive view in notebooks.

    Parameters
    ----------
    html : str
        The whole document.
    path : Path, optional
        Where it was written, if it was.
    picture : bytes, optional
        A PNG to show instead of a page that is too large for a notebook.
    """

    html: str = field(repr=False)
    path: Path | None = None
    picture: bytes | None = field(default=None, repr=False)

    @property
    def n_bytes(self) -> int:
        """Size of the file."""
        return len(self.html.encode())

    def _repr_html_(self) -> str:
        return inline(self)


def inline(page: Page) -> str:
    """A page in an iframe; above `INLINE_BYTES` a link to its file, with a picture.

    The frame has an origin of its own: the page's script cannot reach the notebook.
    """
    if page.n_bytes <= INLINE_BYTES:
        return (
            '<iframe title="embkit page" sandbox="allow-scripts allow-downloads" '
            f'style="width:100%;height:{_HEIGHT}px;border:1px solid #d9d9d9" '
            f'srcdoc="{html.escape(page.html)}"></iframe>'
        )
    size = format_bytes(page.n_bytes)
    if page.path is None:
        where = "save it with <code>run.page(&quot;page.html&quot;)</code> and open that file"
    else:
        link = html.escape(page.path.as_posix())
        where = f'open <a href="{link}" target="_blank">{html.escape(printable(str(page.path)))}</a>'
    shown = ""
    if page.picture is not None:
        data = base64.b64encode(page.picture).decode()
        shown = f'<p><img alt="" style="max-width:100%" src="data:image/png;base64,{data}"></p>'
    return f"<p>The page has {size}, too much for a notebook: {where}.</p>{shown}"
