"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Clusterer", "Exporters", "Json", "Loader", "Memory", "Namer", "Names", "NoCache", "NoPlugin",
    "Nonfinite", "Out", "OutIfWanted", "Overwrite", "Reducers", "Sample", "Seed", "Source", "Strict",
    "Table", "Threads", "Validators", "Visualizers", "ZeroVectors",
]  # fmt: skip

Source = Annotated[
    str | None,
    typer.Argument(metavar="[SOURCE]", help="File with the vectors; without one, the bundled sample."),
]
Loader = Annotated[
    str | None,
    typer.Option("--loader", help="NAME:key=value,... Chosen by file name and content if left out."),
]
Table = Annotated[
    str | None,
    typer.Option(
        "--table",
        help="FILE or FILE:text=COLUMN,label=COLUMN: a row-aligned table with id, text, label.",
    ),
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", help="Work on a random sample of so many rows."),
]
Nonfinite = Annotated[
    str | None,
    typer.Option("--nonfinite", help="Rows with NaN or infinity: error or drop."),
]
ZeroVectors = Annotated[
    str | None,
    typer.Option("--zero-vectors", help="Rows of zeros: error or drop."),
]
Reducers = Annotated[
    list[str] | None, typer.Option("--reducer", help="NAME:key=value,... Repeat to chain.")
]
Clusterer = Annotated[str | None, typer.Option("--clusterer", help="NAME:key=value,...")]
Namer = Annotated[
    str | None,
    typer.Option("--namer", help="NAME:key=value,... Names clusters that have texts; none for numbers."),
]
Names = Annotated[
    str | None,
    typer.Option(
        "--names",
        metavar="FILE|RUN",
        help="Table with cluster (or node) and name; or a run, to carry its names over.",
    ),
]
Validators = Annotated[
    list[str] | None, typer.Option("--validator", help="NAME:key=value,... Repeatable.")
]
Visualizers = Annotated[list[str] | None, typer.Option("--viz", help="NAME:key=value,... Repeatable.")]
Exporters = Annotated[list[str] | None, typer.Option("--export", help="NAME:key=value,... Repeatable.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Drawn and recorded if left out.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="For BLAS, OpenMP and numba together."),
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", help="Budget such as 4GB; 80 % of what is free if left out."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Keep no shared work on disk.")]
NoPlugin = Annotated[
    list[str] | None,
    typer.Option("--no-plugin", help="Do not load this plugin. Repeatable."),
]
Strict = Annotated[bool, typer.Option("--strict-plugins", help="A broken plugin is an error.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the results; a new one in embkit-runs if left out."),
]
OutIfWanted = Annotated[
    Path | None, typer.Option("--out", help="Folder for the results; nothing is written if left out.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run at --out.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
