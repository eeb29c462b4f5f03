"""The report of a study: what is best by which index, how sure, at what cost, and what agrees."""

from collections.abc import Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Le

from embkit import Context, Report, StudyRecord
from embkit_plugins.drawing.sheet import styled
from embkit_plugins.reporters.comparison.methods import methods_of
from embkit_plugins.reporters.comparison.overview import write_overview
from embkit_plugins.reporters.comparison.page import Page
from embkit_plugins.reporters.comparison.section import DatasetSection
from embkit_plugins.reporters.comparison.summary import opening, over_datasets, reading, unfinished

__all__ = ["Comparison"]


class Comparison:
    """Rankings with intervals, agreement, cost, maps, and tests over datasets.

    For each dataset: every known score with its mean and 95 % interval over
    seeds, and how far it lies from random clusterings of the same sizes; the
    share of rows in clusters beside it; quality beside time and memory; ARI and
    AMI between methods and, over seeds, within; maps in matching colours. For
    several datasets: mean ranks with Friedman's and Nemenyi's tests, and, where
    validator ``structure`` judged them, the verdict on each. Scores of
    different kinds are never added up.

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
        n_random: Annotated[int, Ge(2), Le(10_000)] = 20,
    ) -> None:
        self.projection = projection
        self.n_random = n_random

    def report(self, study: StudyRecord, contexts: Mapping[str, Context]) -> Report:
        """Write the page and draw its figures."""
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
        return Report(page.markdown, page.figures)
