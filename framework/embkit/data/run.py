"""Finished runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from embkit.data.finished import Finished, StepFailure
from embkit.data.shown.notebook import run_html
from embkit.data.shown.page import Page
from embkit.data.shown.summary import summarize
from embkit.errors import ParameterError

if TYPE_CHECKING:
    from embkit.data.shown.widget import PageWidget

__all__ = ["Run", "StepFailure"]


class PageMaker(Protocol):
    """What makes the page of a run: the runner gives it, for a run knows no plugins."""

    def page(self, run: "Run", path: Path | None, parameters: Mapping[str, Any]) -> Page:
        """Make the page as a file; see `Run.page`."""
        ...

    def widget(self, run: "Run", parameters: Mapping[str, Any]) -> "PageWidget":
        """Make the page as a widget; see `Run.widget`."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Run(Finished):
    """A finished run; see `Finished` for what it holds.

    Parameters
    ----------
    page_maker : PageMaker, optional
        What `page` and `widget` ask.
    """

    page_maker: PageMaker | None = field(default=None)

    def summary(self, width: int = 100) -> str:
        """Summarize the data, the clusters, the scores and the pictures as plain text."""
        return summarize(self, width)

    def page(self, path: str | Path | None = None, **parameters: Any) -> Page:
        """Make the page: tree, map and texts of the run in one HTML file, to explore.

        The last expression of a notebook's cell shows it there; above 3 MB a link
        to its file instead, with a picture.

        Parameters
        ----------
        path : path, optional
            Where to write it too. An earlier page there is replaced.
        **parameters
            Of exporter ``page``, such as ``maps=["pca"]``. Without any, a page
            that was exported with the run is taken as it is.

        Returns
        -------
        Page
            With ``html``, ``path`` and ``n_bytes``.

        Raises
        ------
        ParameterError
            If a parameter does not fit, or something that is not a page is at `path`.
        ResourceError
            If the file cannot be written.
        """
        return self._pages().page(self, None if path is None else Path(path), parameters)

    def widget(self, **parameters: Any) -> "PageWidget":
        """Make the page as a widget, which hands the rows selected in it back to the notebook.

        It needs a running kernel: a notebook that is converted or sent to others
        shows `page`.

        Parameters
        ----------
        **parameters
            Of exporter ``page``, such as ``maps=["pca"]``.

        Returns
        -------
        PageWidget
            An anywidget. ``selected`` is the list of the ids of the rows selected;
            assigning to it selects them on the page.

        Raises
        ------
        MissingExtraError
            If anywidget is not installed: ``pip install 'embkit-framework[notebook]'``.
        ParameterError
            If a parameter does not fit, or the run cannot make its page.

        Examples
        --------
        >>> widget = run.widget()  # doctest: +SKIP
        >>> widget                 # doctest: +SKIP
        >>> run.to_pandas().query("id in @widget.selected")  # doctest: +SKIP
        """
        return self._pages().widget(self, parameters)

    def _pages(self) -> PageMaker:
        if self.page_maker is None:
            raise ParameterError(
                "this run cannot make its page", "it does not come from embkit.run", "run it again"
            )
        return self.page_maker

    def _repr_html_(self) -> str:
        return run_html(self)
