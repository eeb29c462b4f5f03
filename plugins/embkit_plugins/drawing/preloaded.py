"""Imported once by the process that a study's trials are forked from, and by nothing else.

The first figure of a process opens fonts and fills caches. It is drawn here, when
this module is imported, so that the trials' own figures are not their first. What
goes wrong is passed over: it will go wrong again, and be reported, in a trial that draws.
"""

from contextlib import suppress
from io import BytesIO
from string import ascii_letters, digits, punctuation

from embkit_plugins.drawing.palette import VIVID, cluster_colors
from embkit_plugins.drawing.sheet import Sheet, styled

__all__: list[str] = []


def _draw_one() -> None:
    with styled():
        letters = ascii_letters + digits + punctuation
        sheet = Sheet(8.0, 1.0, letters, letters, letters)
        axes = sheet.axes(0.0, 0.0, 1.0, 1.0)
        axes.scatter(range(VIVID), range(VIVID), c=cluster_colors(VIVID))
        axes.text(0, 0, digits, weight="bold")
    sheet.figure.savefig(BytesIO(), format="png")


with suppress(Exception):
    _draw_one()
