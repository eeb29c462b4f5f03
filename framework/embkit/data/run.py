"""Finished runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from embkit.data.assignment import Assignment
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


class Assigner(Protocol):
    """What puts other rows in the clusters of a run; likewise."""

    def __call__(self, run: "Run", source: Any) -> Assignment:
        """Assign the rows; see `Run.assign`."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Run(Finished):
    """A finished run; see `Finished` for what it holds.

    Parameters
    ----------
    page_maker : PageMaker, optional
        What `page` and `widget` ask.
    assigner : Assigner, optional
        What `assign` asks.
    """

    page_maker: PageMaker | None = field(default=None)
    assigner: Assigner | None = field(default=None)

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

    def assign(self, vectors: Any) -> Assignment:
        """Put rows that the run did not see in its clusters.

        The run's reducers place them as they placed its own rows. Then k-means and
        mixtures go by their own rule, HDBSCAN as hdbscan's ``approximate_predict``,
        agglomerative by its linkage, and others by the nearest rows of the run;
        ``rule`` of the result says which, and what strength and distance mean.

        Parameters
        ----------
        vectors : path, array_like of shape (n_rows, n_features), DataFrame or Dataset
            Embeddings by the model that the run's rows come from.

        Returns
        -------
        Assignment
            With ``labels``, ``names``, ``strengths``, ``distances``, ``rule``,
            ``drift`` and ``to_pandas()``. Its ``warnings`` say if the rows are not
            like those of the run (drift): farther from the nearest of these than
            they are from one another, by the Mann-Whitney test with p < 0.001.

        Raises
        ------
        ParameterError
            If the run has no clusters.
        DataError
            If the rows do not have the run's number of features, or the rule needs
            the vectors of a run whose source is gone.
        """
        if self.assigner is None:
            raise ParameterError(
                "this run cannot assign rows", "it does not come from embkit.run", "run it again"
            )
        return self.assigner(self, vectors)

    def _repr_html_(self) -> str:
        return run_html(self)
