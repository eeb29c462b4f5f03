"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Clusterer", "Executor", "Exporters", "FigureFormats", "Json", "Kind", "Loader", "Memory", "Namer",
    "Names", "NoCache", "NoPlugin", "Nonfinite", "Open", "Out", "OutIfWanted", "Overwrite", "Reducers",
    "Sample", "Scheduler", "Seed", "Source", "Strict", "Table", "Threads", "Validators", "Visualizers",
    "ZeroVectors",
]  # fmt: skip


def _names(kind: str) -> Callable[[str], list[str]]:
    """What a shell is offered for the name of a component."""

    def complete(incomplete: str) -> list[str]:
        from embkit.plugin.registry import Registry

        names = [component.name for component in Registry.discover().components(kind)]
        return [name for name in names if name.startswith(incomplete)]

    return complete


# `metavar` is what the help calls a value; `base.explain` says by it what a wrong one should be.
Source = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="File with the vectors, folder or pattern of files, or several of them; - for standard"
        " input; the bundled sentences if omitted.",
    ),
]
Loader = Annotated[
    str | None,
    typer.Option(
        "--loader",
        metavar="NAME",
        autocompletion=_names("loader"),
        help="How to read SOURCE; chosen by its name and content if omitted.",
    ),
]
Table = Annotated[
    str | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Table with id, text, label, a line per row; FILE:text=COLUMN,label=COLUMN if they have"
        " other names. Or one text or label per row, also as .npy.",
    ),
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", help="Take N rows at random."),
]
Nonfinite = Annotated[
    str | None,
    typer.Option("--nonfinite", metavar="error|drop", help="What to do with rows with NaN or infinity."),
]
ZeroVectors = Annotated[
    str | None,
    typer.Option("--zero-vectors", metavar="error|drop", help="What to do with rows of zeros."),
]
Reducers = Annotated[
    list[str] | None,
    typer.Option(
        "--reducer",
        metavar="NAME",
        autocompletion=_names("reducer"),
        help="Transform the vectors first. Repeat to chain.",
    ),
]
Clusterer = Annotated[
    str | None,
    typer.Option(
        "--clusterer",
        metavar="NAME",
        autocompletion=_names("clusterer"),
        help="How to group the rows; chosen for the data if omitted.",
    ),
]
Namer = Annotated[
    str | None,
    typer.Option(
        "--namer",
        metavar="NAME",
        autocompletion=_names("namer"),
        help="How to name clusters with texts; none for numbers only.",
    ),
]
Names = Annotated[
    str | None,
    typer.Option(
        "--names",
        metavar="FILE|RUN",
        help="Your own names: a table with cluster (or node) and name, or an earlier run.",
    ),
]
Validators = Annotated[
    list[str] | None,
    typer.Option(
        "--validator",
        metavar="NAME",
        autocompletion=_names("validator"),
        help="Score to compute, of the clusters or the data. Repeatable.",
    ),
]
Visualizers = Annotated[
    list[str] | None,
    typer.Option(
        "--viz", metavar="NAME", autocompletion=_names("visualizer"), help="Picture to draw. Repeatable."
    ),
]
Exporters = Annotated[
    list[str] | None,
    typer.Option(
        "--export",
        metavar="NAME",
        autocompletion=_names("exporter"),
        help="File to write for another tool, such as page. Repeatable.",
    ),
]
FigureFormats = Annotated[
    list[str] | None,
    typer.Option(
        "--figure-format",
        metavar="png|svg|pdf",
        help="Format of pictures; png if omitted. Repeatable.",
    ),
]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only this kind: {kinds}.")]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Random seed; drawn and recorded if omitted.")
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        min=1,
        help="Threads to use; one per processor if omitted.",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="SIZE", help="Memory budget, such as 4GB; 80 % of what is free if omitted."
    ),
]
Executor = Annotated[
    str,
    typer.Option("--executor", metavar="local|dask", help="Here, or on the workers of a dask cluster."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Address of a dask scheduler; a cluster here if omitted."
    ),
]
NoCache = Annotated[
    bool,
    typer.Option("--no-cache", help="Do not keep distances, trees and the like for later commands."),
]
NoPlugin = Annotated[
    list[str] | None,
    typer.Option("--no-plugin", metavar="PLUGIN", help="Do not load this plugin. Repeatable."),
]
Strict = Annotated[bool, typer.Option("--strict-plugins", help="Treat a broken plugin as an error.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Folder for the results; a new one in embkit-runs if omitted."
    ),
]
OutIfWanted = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the results; nothing is written if omitted."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the exported page in the browser.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run at --out.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
