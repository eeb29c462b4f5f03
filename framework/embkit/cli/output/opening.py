"""``--open``: show the page that an exporter wrote."""

from collections.abc import Iterable
from pathlib import Path

__all__ = ["open_page", "require_exporter"]


def require_exporter(*, opens: bool, exporters: Iterable[object]) -> None:
    """Refuse ``--open`` before anything is computed, if nothing is exported.

    Raises
    ------
    ParameterError
        If there is no exporter.
    """
    from embkit.errors import ParameterError

    if opens and not list(exporters):
        raise ParameterError("--open has nothing to open", "no exporter is named", "add --export page")


def open_page(files: Iterable[Path]) -> None:
    """Open the first HTML file in the user's browser; say so if there is none, or no browser.

    Whatever a browser prints goes where the standard output of this process goes:
    call it within `stdout_for_data`.
    """
    import webbrowser

    from embkit.cli.output.terminal import say

    page = next((file for file in files if file.suffix == ".html"), None)
    if page is None:
        say("warning: no HTML file was written, so nothing is opened")
    elif not webbrowser.open(page.absolute().as_uri()):
        say(f"warning: found no browser to open {page} with")
