"""Finished runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embkit.data.finished import Finished, StepFailure
from embkit.data.shown.notebook import run_html
from embkit.data.shown.page import Page
from embkit.data.shown.summary import summarize
from embkit.errors import ParameterError

__all__ = ["Run", "StepFailure"]

PageMaker = Callable[["Run", Path | None, Mapping[str, Any]], Page]


@dataclass(frozen=True, eq=False, repr=False)
class Run(Finished):
    """A finished run; see `Finished` for what it holds.

    Parameters
    ----------
    page_maker : callable, optional
        What `page` calls with the run, the path and the parameters. The runner
        gives it: a run holds data, and knows no plugins itself.
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
            If a parameter does not fit, the run has no clustering, or something
            that is not a page is at `path`.
        ResourceError
            If the file cannot be written.
        """
        if self.page_maker is None:
            raise ParameterError(
                "this run cannot make its page", "it does not come from embkit.run", "run it again"
            )
        return self.page_maker(self, None if path is None else Path(path), parameters)

    def _repr_html_(self) -> str:

        return run_html(self)
