"""Exporter latex: the tables of a study, to be put into a paper."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated

from annotated_types import Ge, Le

from embkit import Context, StudyRecord
from embkit.text import printable, slug
from embkit_plugins.exporters.score_tables import Line, MeanScore, ScoreTable, score_tables

__all__ = ["Latex", "latex_escape"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{char: f"\\{char}" for char in "&%$#_{}"},
}
_NONE = "--"


class Latex:
    r"""Write ``tables.tex``: for each dataset of a study its scores, mean and standard deviation.

    Two tables a dataset: one line a clusterer at its best setting, and one line a
    setting. The best of each column is bold. What is best is decided by the first
    column of which a clusterer has a value; external scores come first.

    ``\input{tables}`` needs ``\usepackage{booktabs}``.

    Parameters
    ----------
    digits : int
        Decimal places.
    settings : bool
        Whether to write the table of all settings as well.
    """

    def __init__(self, *, digits: Annotated[int, Ge(0), Le(12)] = 3, settings: bool = True) -> None:
        self.digits = digits
        self.settings = settings

    def export(self, study: StudyRecord, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return ``tables.tex``."""
        parts = ["% Needs \\usepackage{booktabs}.\n"]
        for table in score_tables(study):
            if not table.lines or not table.indices:
                parts.append(f"% {printable(table.dataset)}: no trial has a score that can be ranked.\n")
                continue
            parts.append(self._table(table, table.best, "best setting of each clusterer", "best"))
            if self.settings:
                parts.append(self._table(table, table.lines, "all settings", "settings"))
        return {"tables.tex": "\n".join(parts)}

    def _table(self, table: ScoreTable, lines: Sequence[Line], words: str, key: str) -> str:
        titles = [index.title for index in table.indices]
        best = [self._best(lines, index.title, higher=index.higher) for index in table.indices]
        rows = [
            [
                latex_escape(line.setting),
                *(self._cell(line.score(title), top) for title, top in zip(titles, best, strict=True)),
            ]
            for line in lines
        ]
        arrows = [r"$\uparrow$" if index.higher else r"$\downarrow$" for index in table.indices]
        heads = [f"{latex_escape(title)} {arrow}" for title, arrow in zip(titles, arrows, strict=True)]
        seeds = sorted({line.n_seeds for line in lines})
        over = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        caption = (
            f"{latex_escape(table.dataset)}: {words}. "
            f"Mean $\\pm$ standard deviation over {over} seed{'s' if seeds != [1] else ''}."
        )
        return _tabular(heads, rows, caption, f"tab:{slug(table.dataset)}-{key}")

    def _best(self, lines: Sequence[Line], title: str, *, higher: bool) -> str | None:
        means = [score.mean for line in lines if (score := line.score(title)) is not None]
        return self._number(max(means) if higher else min(means)) if means else None

    def _number(self, value: float) -> str:
        return f"{value:.{self.digits}f}"

    def _cell(self, score: MeanScore | None, best: str | None) -> str:
        """What reads as the best is bold, so that equal figures look equal."""
        if score is None:
            return _NONE
        mean = self._number(score.mean)
        shown = rf"$\mathbf{{{mean}}}$" if mean == best else f"${mean}$"
        return shown if score.deviation is None else rf"{shown} $\pm\,{self._number(score.deviation)}$"


def latex_escape(text: str) -> str:
    """A user's text as LaTeX that shows it as it is, on one line."""
    escaped = "".join(_SPECIAL.get(char, char) for char in " ".join(printable(text).split()))
    return re.sub("-(?=-)", "-{}", escaped)  # -- and --- would become dashes


def _tabular(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str, label: str) -> str:
    lines = [
        r"\begin{table}[tb]",
        r"\centering",
        rf"\caption{{{caption}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{l{'r' * len(heads)}}}",
        r"\toprule",
        " & ".join(["method", *heads]) + r" \\",
        r"\midrule",
        *(" & ".join(row) + r" \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"
