"""``embkit export``: files of a run or study that is over."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from embkit.cli import options as opt

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run or a study.")],
    exporters: Annotated[
        list[str] | None,
        typer.Argument(metavar="EXPORTER", help="What to make: NAME or NAME:key=value,..."),
    ] = None,
    opens: opt.Open = False,
    json: opt.Json = False,
    no_cache: opt.NoCache = False,
    no_plugin: opt.NoPlugin = None,
) -> int:
    """Write files of a finished run or study, such as a page.

    They are written into its folder. The exporters are listed by embkit plugins list.
    The run's source must still be there, unchanged.
    """
    from embkit.resources import cpu_count, export_threads

    export_threads(cpu_count())
    from embkit.api.exporting import export_folder
    from embkit.cli.output.opening import open_page
    from embkit.cli.output.terminal import stdout_for_data, write_document
    from embkit.data.configuration.request import parse_request
    from embkit.errors import ExitCode, ParameterError
    from embkit.plugin.manager import Selection
    from embkit.plugin.registry import Registry
    from embkit.runs.cache import default_cache
    from embkit.text import printable

    registry = Registry.discover(Selection.from_environment(no_plugin or []))
    if not exporters:
        names = ", ".join(item.name for item in registry.components("exporter"))
        raise ParameterError("no exporter is named", "", f"give one or more of: {names}")
    requests = [parse_request(text) for text in exporters]
    with stdout_for_data() as stdout:
        files = export_folder(folder, requests, registry, None if no_cache else default_cache())
        if json:
            write_document(stdout, {"folder": str(folder), "files": [str(file) for file in files]})
        else:
            stdout.write("".join(f"{printable(str(file))}\n" for file in files))
        if opens:
            stdout.flush()
            open_page(files)
    sys.stdout.flush()
    return ExitCode.OK
