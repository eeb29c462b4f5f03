"""``embkit assign``: the clusters of rows that came later."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from embkit.cli import options as opt

__all__ = ["assign"]


def assign(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    source: Annotated[str, typer.Argument(metavar="NEW", help="File with the vectors of the new rows.")],
    loader: opt.Loader = None,
    table: opt.Table = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="CSV file to write; standard output if omitted."),
    ] = None,
    json: opt.Json = False,
    no_cache: opt.NoCache = False,
    no_plugin: opt.NoPlugin = None,
) -> int:
    """Assign new rows to the clusters of a run.

    Writes id, label, name, strength and distance. Warns if the rows are not like those
    of the run.
    """
    from embkit.resources import cpu_count, export_threads

    export_threads(cpu_count())
    from embkit.api.assigning import check_target, write_assignment
    from embkit.cli.execution import open_registry
    from embkit.cli.output.terminal import say, stdout_for_data, write_document
    from embkit.errors import ExitCode
    from embkit.files.writing import csv_lines
    from embkit.runs.assigning import assign_rows, rows_of
    from embkit.runs.cache import default_cache
    from embkit.runs.records.opened import open_run
    from embkit.text import plural, printable

    if out is not None:
        check_target(out)
    registry = open_registry(no_plugin, strict=False)
    cache = None if no_cache else default_cache()
    with stdout_for_data() as stdout:
        run = open_run(folder, registry, cache, required=False)
        found = assign_rows(run, rows_of(source, registry, loader, table), registry, cache)
        if out is not None:
            write_assignment(found, out)
            say(f"wrote {plural(len(found), 'row')} to {out}")
        if json:
            said = {"rule": found.rule, "drift": found.drift, "warnings": found.warnings}
            write_document(stdout, {**said, "rows": found.columns})
        elif out is None:
            stdout.write("".join(f"{printable(line.rstrip())}\n" for line in csv_lines(found.columns)))
    say(f"rule: {found.rule}")
    for warning in found.warnings:
        say(f"warning: {warning}")
    sys.stdout.flush()
    return ExitCode.OK
