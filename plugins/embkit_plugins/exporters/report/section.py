"""The section of a report about one dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embkit import Context, Dataset, EmbkitError, IntArray
from embkit.text import format_bytes, format_seconds
from embkit_plugins.exporters.report.agreement import AgreementMatrix, agreement, aligned
from embkit_plugins.exporters.report.chance import MOST_ROWS, standardised
from embkit_plugins.exporters.report.clusters import names_by_label, write_clusters
from embkit_plugins.exporters.report.differences import differences
from embkit_plugins.exporters.report.figures.agreement import draw_agreement
from embkit_plugins.exporters.report.figures.cost import draw_cost
from embkit_plugins.exporters.report.figures.maps import MOST_PANELS, Panel, draw_maps
from embkit_plugins.exporters.report.figures.scores import draw_scores
from embkit_plugins.exporters.report.indices import Index, Standing, best_of, indices_of, ranking
from embkit_plugins.exporters.report.layouts import lay_out
from embkit_plugins.exporters.report.methods import Method
from embkit_plugins.exporters.report.verdicts import verdicts_of
from embkit_plugins.exporters.report.writing.markdown import NONE, escape, number, table
from embkit_plugins.exporters.report.writing.page import Page

__all__ = ["DatasetSection"]

_MOST_DRAWN = 60
_MATTERS_SECONDS, _MATTERS_MEMORY = 0.1, 1.25


@dataclass(frozen=True, eq=False)
class DatasetSection:
    """One dataset with the methods that were tried on it.

    Parameters
    ----------
    label : str
        What the study calls it.
    dataset : Dataset
        Its rows.
    methods : sequence of Method
        In the order of the plan.
    context : Context
        Bound to the dataset.
    """

    label: str
    dataset: Dataset
    methods: Sequence[Method]
    context: Context

    def write(self, page: Page, *, projection: str, n_random: int) -> None:
        """Write scores, cost, agreement and maps."""
        shape = f"{self.dataset.n_samples:,} rows, {self.dataset.n_features} dimensions"
        page.write(f"## {escape(self.label)}", f"{shape}.")
        if not self.methods:
            page.write("No trial has a result.")
            return
        for chain, verdict in verdicts_of(self.methods).items():
            judged = f", after {escape(chain)}" if chain else ""
            page.write(f"Before any clustering{judged}: **{verdict.word}** ({verdict.evidence}).")
        rankings = [(index, ranking(index, self.methods)) for index in indices_of(self.methods)]
        if rankings:
            self._write_scores(page, rankings, n_random)
            self._write_cost(page, *rankings[0])
        else:
            page.write("No validator gave a score that can be ranked.")
        best = best_of(rankings[0][1]) if rankings else None
        write_clusters(page, best.method if best else self.methods[0], self.dataset)
        found = agreement(self.methods[:_MOST_DRAWN])
        self._write_agreement(page, found)
        if projection != "none":
            self._write_maps(page, found, projection)

    def _write_scores(
        self, page: Page, rankings: Sequence[tuple[Index, list[Standing]]], n_random: int
    ) -> None:
        names = [item.method.name for item in rankings[0][1]]
        names += [method.name for method in self.methods if method.name not in names]
        page.draw(
            f"scores {self.label}",
            draw_scores(self.label, rankings, names[:_MOST_DRAWN]),
            f"Scores of every method on {self.label} with intervals over seeds",
        )
        if self.dataset.n_samples > MOST_ROWS:
            page.write(f"Beyond chance: on a random sample of {MOST_ROWS:,} rows.")
        for index, standings in rankings:
            better = "higher is better" if index.higher else "lower is better"
            page.write(f"### {escape(index.title)}, {better}", self._ranking(index, standings, n_random))
            page.write(*self._differences(index, standings))

    def _ranking(self, index: Index, standings: Sequence[Standing], n_random: int) -> str:
        chance = self._beyond_chance(index, standings, n_random)
        rows = [
            [
                f"{escape(item.method.name)}",
                NONE if item.rank is None else str(item.rank),
                number(item.spread.mean),
                _interval(item),
                number(beyond, 3),
                _range(item.method.clusters),
                f"{item.method.coverage:.1%}",
                _seeds(item),
            ]
            for item, beyond in zip(standings, chance, strict=True)
        ]
        headings = ["method", "rank", "mean", "95 % interval", "beyond chance", "clusters"]
        return table([*headings, "in clusters", "seeds"], rows)

    def _differences(self, index: Index, standings: Sequence[Standing]) -> list[str]:
        """Whether the best clusterer is better than the others, where that can be tested."""
        found = differences(index, standings, self.dataset, self.context.seed)
        if not found:
            return []
        rows = [
            [
                escape(item.other.method.name),
                number(item.difference, 3),
                f"{number(item.low, 3)} to {number(item.high, 3)}",
                "yes" if item.shown else "not shown",
            ]
            for item in found
        ]
        best = escape(found[0].best.method.name)
        words = (
            f"Is {best} better than the other clusterers, each at its best setting? Difference with "
            "simultaneous 95 % intervals, by the bootstrap over rows, both on the same rows; that the "
            "settings were chosen by the same score is not counted."
        )
        return [words, table(["than", "difference", "interval", "better"], rows)]

    def _beyond_chance(
        self, index: Index, standings: Sequence[Standing], n_random: int
    ) -> list[float | None]:
        labelings = [labels for item in standings for labels in item.method.labelings]
        found = iter(
            standardised(index, labelings, self.dataset, n_random=n_random, seed=self.context.seed)
        )
        means = []
        for item in standings:
            own = [next(found) for _ in item.method.labelings]
            known = [value for value in own if value is not None]
            means.append(float(np.mean(known)) if known else None)
        return means

    def _write_cost(self, page: Page, index: Index, standings: Sequence[Standing]) -> None:
        page.write("### Cost")
        ranked = [item for item in standings if item.rank is not None]
        if ranked and _costs_differ(standings):
            page.draw(
                f"cost {self.label}",
                draw_cost(self.label, index, ranked[:_MOST_DRAWN]),
                f"{index.title} on {self.label} beside time and memory",
            )
        else:
            page.write(
                "Every method takes less than 0.1 s and much the same memory: no reason to choose."
            )
        rows = [
            [
                escape(item.method.name),
                number(item.spread.mean),
                NONE if item.method.seconds is None else format_seconds(item.method.seconds),
                NONE if item.method.memory is None else format_bytes(item.method.memory),
            ]
            for item in standings
        ]
        page.write(table(["method", escape(index.title), "time", "memory"], rows))

    def _write_agreement(self, page: Page, found: AgreementMatrix) -> None:
        page.write("### Agreement")
        if len(found.methods) > 1:
            page.draw(
                f"agreement {self.label}",
                draw_agreement(self.label, found),
                f"Agreement of clusterings of {self.label}: ARI and AMI",
            )
        rows = [
            [
                escape(method.name),
                number(_finite(found.ari[place, place]), 3),
                number(_finite(found.ami[place, place]), 3),
                number(_mean_others(found.ari, place), 3),
            ]
            for place, method in enumerate(found.methods)
        ]
        headings = ["method", "stability over seeds (ARI)", "(AMI)", "mean ARI with others"]
        page.write(table(headings, rows))

    def _write_maps(self, page: Page, found: AgreementMatrix, projection: str) -> None:
        page.write("### Maps")
        try:
            layout = lay_out(self.methods, self.context, projection)
        except EmbkitError as error:
            page.write(f"No maps: {escape(str(error))}")
            return
        model, reference = self._model(found)
        panels = [Panel([name], layout.embedding, labels) for name, labels in reference]
        for item in self.methods:
            labels = aligned(item.labelings[0], model)
            names = names_by_label(item, labels)
            panels.append(Panel([item.name], layout.embedding, labels, names))
        caption = (
            f"{layout.words}, seed {self.context.seed}. The first seed of each method. "
            "What lies far apart, and how large islands are, says little."
        )
        for start in range(0, min(len(panels), _MOST_DRAWN), MOST_PANELS):
            drawn = draw_maps(
                f"{self.label}: clusterings",
                "The same points in every panel. Clusters that share most rows have one colour; "
                "noise is grey.",
                caption,
                panels[start : start + MOST_PANELS],
                self.context.seed,
            )
            page.draw(f"maps {self.label}", drawn, f"Clusterings of {self.label} over one projection")

    def _model(self, found: AgreementMatrix) -> tuple[IntArray, list[tuple[str, IntArray]]]:
        """Labels that give the colours: the reference, else those that agree best with all others."""
        if self.dataset.reference is None:
            return found.central.labelings[0], []
        labels = _codes(self.dataset.reference)
        return labels, [("reference labels", labels)]


def _costs_differ(standings: Sequence[Standing]) -> bool:
    """Whether methods differ in time or memory; below a tenth of a second differences are chance."""
    seconds = [item.method.seconds for item in standings if item.method.seconds is not None]
    memory = [item.method.memory for item in standings if item.method.memory is not None]
    slow = max(seconds, default=0.0) >= _MATTERS_SECONDS
    return slow or bool(memory and max(memory) > _MATTERS_MEMORY * min(memory))


def _codes(reference: Sequence[str]) -> IntArray:
    """Reference labels as numbers from the largest down; rows without one are noise."""
    names, codes, sizes = np.unique(
        np.array(reference, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    order = np.argsort(-sizes * (names != ""), kind="stable")
    numbers = np.empty(len(names), dtype=np.int64)
    numbers[order] = np.arange(len(names))
    numbers[names == ""] = -1
    return numbers[codes]


def _seeds(item: Standing) -> str:
    """How many seeds have a score, of how many where some have none."""
    count = item.spread.count
    return str(count) if count == item.n_seeds else f"{count} of {item.n_seeds}"


def _interval(item: Standing) -> str:
    low, high = item.spread.low, item.spread.high
    if low is None or high is None:
        return NONE
    if low == high:
        return "same for all seeds"
    return f"{number(low)} to {number(high)}"


def _range(clusters: tuple[int, int]) -> str:
    low, high = clusters
    return str(low) if low == high else f"{low}{NONE}{high}"


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _mean_others(values: Any, place: int) -> float | None:
    others = np.delete(values[place], place)
    return float(np.nanmean(others)) if len(others) else None
