"""All datasets of a study side by side: the verdict on each, its scores, and a map."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from embkit.errors import EmbkitError
from embkit.protocols import Context
from embkit_plugins.reporters._draw_maps import MOST_PANELS, Panel, draw_maps
from embkit_plugins.reporters._indices import Index, indices_of, ranking
from embkit_plugins.reporters._layouts import lay_out
from embkit_plugins.reporters._markdown import NONE, escape, number, table
from embkit_plugins.reporters._methods import Method
from embkit_plugins.reporters._page import Page
from embkit_plugins.reporters._verdicts import Verdict, verdict_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_overview"]

_MOST_COLUMNS = 6


def write_overview(
    page: Page,
    methods: Mapping[str, Sequence[Method]],
    contexts: Mapping[str, Context],
    projection: str,
) -> None:
    """Write a table with a line a dataset and draw a map of each; nothing where none has a verdict."""
    verdicts = {label: verdict_of(found) for label, found in methods.items()}
    if len(methods) < 2 or not any(verdicts.values()):
        return
    indices = [index for found in methods.values() for index in indices_of(found)]
    index = next((each for each in indices if not each.external), None)
    page.write(
        "## Clusters or continuum",
        "The verdict is about the data and not about any clustering: whether the density falls "
        "between parts of the rows. Scores only compare clusterings of the same data, so that one "
        "of them is best on a continuum too.",
        _table(verdicts, methods, index),
    )
    figure = None if projection == "none" else _figure(verdicts, methods, contexts, projection, index)
    if figure is not None:
        page.draw(
            "datasets", figure, "Every dataset with its verdict and the clusters of its best method"
        )


def _table(
    verdicts: Mapping[str, Verdict | None],
    methods: Mapping[str, Sequence[Method]],
    index: Index | None,
) -> str:
    means = {label: _means(index, found) for label, found in methods.items()}
    names = list(dict.fromkeys(name for column in means.values() for name in column))
    shown = names if len(names) <= _MOST_COLUMNS else []
    title = "" if index is None else index.title
    headings = ["dataset", "verdict", "p", "groups"]
    headings += [escape(f"{title}, {name}") for name in shown]
    rows = [
        [
            escape(label),
            *([NONE] * 3 if verdict is None else _cells(verdict)),
            *(_marked(means[label], name) for name in shown),
        ]
        for label, verdict in verdicts.items()
    ]
    return table(headings, rows)


def _cells(verdict: Verdict) -> list[str]:
    return [verdict.word, f"{verdict.p_value:.2g}", verdict.n_groups]


def _means(index: Index | None, methods: Sequence[Method]) -> dict[str, float]:
    """Mean of the index by method, the best first."""
    if index is None:
        return {}
    return {item.method.name: item.spread.mean for item in ranking(index, methods)}


def _marked(means: Mapping[str, float], name: str) -> str:
    if name not in means:
        return NONE
    return f"**{number(means[name])}**" if name == next(iter(means)) else number(means[name])


def _figure(
    verdicts: Mapping[str, Verdict | None],
    methods: Mapping[str, Sequence[Method]],
    contexts: Mapping[str, Context],
    projection: str,
    index: Index | None,
) -> "Figure | None":
    panels, words, seed = [], "", 0
    for label, found in list(methods.items())[:MOST_PANELS]:
        if not found:
            continue
        try:
            layout = lay_out(found, contexts[label], projection)
        except EmbkitError:
            continue  # the section of the dataset tells why
        means = _means(index, found)
        best = next((method for method in found if method.name == next(iter(means), "")), found[0])
        scored = f", {number(means[best.name])}" if means else ""
        verdict = verdicts[label]
        judged = "no verdict" if verdict is None else f"{verdict.word}, {verdict.evidence}"
        lines = (label, judged, f"{best.name}{scored}")
        panels.append(Panel(lines, layout.embedding, best.labelings[0]))
        words, seed = layout.words, layout.seed
    if not panels:
        return None
    about = "In the colours of the method with the best " + (index.title if index else "score")
    return draw_maps(
        "Clusters or continuum",
        f"{about}: where a verdict says continuum, colours mark places and not groups.",
        f"{words}. The first seed of each method. An island on a map is no evidence.",
        panels,
        seed,
    )
