"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Clusterer", "Json", "Loader", "Memory", "NoCache", "NoPlugin", "Nonfinite", "Out", "Overwrite",
    "Reducers", "Sample", "Seed", "Source", "Strict", "Table", "Threads", "ZeroVectors",
]  # fmt: skip

_DATA = "Data"
_RUN = "How to run"

Source = Annotated[
    str | None,
    typer.Argument(metavar="[SOURCE]", help="File with the vectors; without one, the bundled sample."),
]
Loader = Annotated[
    str | None,
    typer.Option(
        "--loader",
        help="NAME:key=value,... Chosen by file name and content if left out.",
        rich_help_panel=_DATA,
    ),
]
Table = Annotated[
    str | None,
    typer.Option(
        "--table",
        help="FILE or FILE:text=COLUMN,label=COLUMN: a row-aligned table with id, text, label.",
        rich_help_panel=_DATA,
    ),
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", help="Work on a random sample of so many rows.", rich_help_panel=_DATA),
]
Nonfinite = Annotated[
    str | None,
    typer.Option("--nonfinite", help="Rows with NaN or infinity: error or drop.", rich_help_panel=_DATA),
]
ZeroVectors = Annotated[
    str | None,
    typer.Option("--zero-vectors", help="Rows of zeros: error or drop.", rich_help_panel=_DATA),
]
Reducers = Annotated[
    list[str] | None, typer.Option("--reducer", help="NAME:key=value,... Repeat to chain.")
]
Clusterer = Annotated[str | None, typer.Option("--clusterer", help="NAME:key=value,...")]
Seed = Annotated[
    int | None, typer.Option("--seed", help="Drawn and recorded if left out.", rich_help_panel=_RUN)
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="For BLAS, OpenMP and numba together.", rich_help_panel=_RUN),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory", help="Budget such as 4GB; 80 % of what is free if left out.", rich_help_panel=_RUN
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Keep no shared work on disk.", rich_help_panel=_RUN)
]
NoPlugin = Annotated[
    list[str] | None,
    typer.Option("--no-plugin", help="Do not load this plugin. Repeatable.", rich_help_panel=_RUN),
]
Strict = Annotated[
    bool, typer.Option("--strict-plugins", help="A broken plugin is an error.", rich_help_panel=_RUN)
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the results; a new one in embkit-runs if left out."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run at --out.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
