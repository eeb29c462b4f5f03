"""Imported once by the process that trials are forked from, and by nothing else.

It imports the modules of the host that a trial uses, and does once what is slow
the first time only; trials find it done. The fork server calls no functions, so
that importing this module has to be enough.
"""

from io import BytesIO
from string import ascii_letters, digits, punctuation

from matplotlib.figure import Figure
from pydantic import TypeAdapter

from embkit import registry, runner, store, tables
from embkit.provenance import environment

__all__ = ["registry", "runner", "store", "tables"]


def _fill_caches() -> None:
    TypeAdapter(int)
    environment()
    figure = Figure()
    axes = figure.add_subplot()
    axes.scatter([0.0, 1.0], [0.0, 1.0], c=[0.0, 1.0])
    for weight in ("normal", "bold"):
        # Without the dollar sign, which would start a formula.
        figure.text(0, 0, ascii_letters + digits + punctuation.replace("$", ""), weight=weight)
    figure.savefig(BytesIO(), format="png")


_fill_caches()
