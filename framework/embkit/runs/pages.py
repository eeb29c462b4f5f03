"""The page of a run, as a file or as a widget, made when it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.run import Run
from embkit.data.shown.page import INLINE_BYTES, Page
from embkit.data.shown.pictures import png_of
from embkit.data.shown.widget import PageWidget, make_widget
from embkit.errors import ParameterError, PluginError
from embkit.files.folders import disk_errors, replaced_file
from embkit.files.owners import clear_leftovers
from embkit.plugin.registry import Registry
from embkit.runs.cache import DiskCache
from embkit.runs.context import context_of
from embkit.runs.exporting import made_files
from embkit.runs.plan import make_exporters

__all__ = ["PageMaker"]

_EXPORTER = "page"
_MARK = b'name="generator" content="embkit"'
_HEAD = 4096


@dataclass(frozen=True)
class PageMaker:
    """Makes pages by the exporter ``page``.

    Parameters
    ----------
    registry : Registry
        Where the exporter is found.
    cache : DiskCache or None
        Where the maps are kept.
    """

    registry: Registry
    cache: DiskCache | None

    def page(self, run: Run, path: Path | None, parameters: Mapping[str, Any]) -> Page:
        """The page of a run; see `Run.page`."""
        if path is not None:
            _check_target(path)
        document = None if parameters else _text_of(run.exports.get(_EXPORTER, {}), ".html")
        if document is None:
            document = self._files(run, parameters, [".html"])[0]
        if path is not None:
            _write(path, document)
        page = Page(document, path)
        if page.n_bytes <= INLINE_BYTES or not run.figures:
            return page
        return Page(document, path, png_of(next(iter(run.figures.values()))))

    def __reduce__(self) -> tuple[Any, ...]:
        return _discovered, (self.cache,)

    def widget(self, run: Run, parameters: Mapping[str, Any]) -> PageWidget:
        """The page of a run as a widget; see `Run.widget`."""
        parts = self._files(run, {**parameters, "form": "widget"}, (".js", ".css", ".txt"))
        return make_widget(*parts)

    def _files(self, run: Run, parameters: Mapping[str, Any], suffixes: Sequence[str]) -> list[str]:
        """What the exporter makes: of each kind of file the first."""
        steps = make_exporters([Request(_EXPORTER, parameters)], "run", self.registry)
        context = context_of(run.dataset, run.config, self.registry, self.cache)
        files = made_files(steps, run, context)[_EXPORTER]
        found = [_text_of(files, suffix) for suffix in suffixes]
        if None in found:
            missing = suffixes[found.index(None)]
            raise PluginError(
                f"{steps[0].component} of plugin {steps[0].component.provider} made no {missing} file",
                "the page needs one",
                "report it to the author of the plugin",
            )
        return [text for text in found if text is not None]


def _discovered(cache: DiskCache | None) -> PageMaker:
    """A maker of pages with what is installed where it is unpickled."""
    return PageMaker(Registry.discover(), cache)


def _text_of(files: Mapping[str, Any], suffix: str) -> str | None:
    """The first text file of an exporter with a suffix."""
    found = (text for name, text in files.items() if name.endswith(suffix) and isinstance(text, str))
    return next(found, None)


def _check_target(path: Path) -> None:
    """Refuse to replace what is not a page."""
    if not path.exists():
        return
    if path.is_file():
        with disk_errors(path), path.open("rb") as file:
            if _MARK in file.read(_HEAD):
                return
    raise ParameterError(
        f"{path} exists, and is not a page of embkit", "only pages are replaced", "choose another path"
    )


def _write(path: Path, document: str) -> None:
    clear_leftovers(path.parent)
    with disk_errors(path), replaced_file(path) as staged:
        staged.write_text(document, encoding="utf-8", errors="backslashreplace", newline="")
