"""The report of a study: what is best by which index, how sure, at what cost, and what agrees."""

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le

from embkit import Context, StudyRecord
from embkit_plugins.drawing.sheet import styled
from embkit_plugins.exporters.report.methods import methods_of
from embkit_plugins.exporters.report.overview import write_overview
from embkit_plugins.exporters.report.section import DatasetSection
from embkit_plugins.exporters.report.summary import opening, over_datasets, reading, unfinished
from embkit_plugins.exporters.report.writing.document import to_html
from embkit_plugins.exporters.report.writing.page import Page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Report"]


class Report:
    """Rankings with intervals, agreement, cost, maps, and tests over datasets.

    For each dataset: every known score with its mean and 95 % interval over
    seeds, and how far it lies from random clusterings of the same sizes; whether the
    best clusterer is better than the others, by the bootstrap over rows; the share
    of rows in clusters beside it; quality beside time and memory; ARI and AMI
    between methods and, over seeds, within; maps in matching colours. For several
    datasets: mean ranks, from eleven datasets on with Friedman's and Nemenyi's
    tests, and, where validator ``structure`` judged them, the verdict on each.
    Scores of different kinds are never added up.

    ``report.md`` is for a repository, ``report.html`` for any browser; both show the
    same and share their figures.

    Parameters
    ----------
    projection : {"umap", "tsne", "pca", "none"}
        How the rows are laid out for the maps; "none" draws no maps.
    n_random : int
        Random clusterings that each clustering is compared with.
    """

    def __init__(
        self,
        *,
        projection: Literal["umap", "tsne", "pca", "none"] = "umap",
        n_random: Annotated[int, Ge(2), Le(1_000)] = 20,
    ) -> None:
        self.projection = projection
        self.n_random = n_random

    def export(self, study: StudyRecord, context: Context) -> "dict[str, str | Figure]":
        """Return ``report.md``, ``report.html`` and their figures."""
        contexts = {
            label: context.on(dataset, study.dataset_seeds[label])
            for label, dataset in study.datasets.items()
        }
        page = Page()
        methods = {label: methods_of(study, label) for label in study.datasets}
        with styled():
            opening(page, study, methods)
            write_overview(page, methods, contexts, self.projection)
            over_datasets(page, methods)
            for label, dataset in study.datasets.items():
                section = DatasetSection(label, dataset, methods[label], contexts[label])
                section.write(page, projection=self.projection, n_random=self.n_random)
            unfinished(page, study)
            reading(page, self.n_random)
        figures = {f"figures/{name}.png": figure for name, figure in page.figures.items()}
        return {"report.md": page.markdown, "report.html": to_html(page.blocks), **figures}
