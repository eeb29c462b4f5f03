"""Studies that have been run, for Python."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embkit.data.shown.tables import data_frame
from embkit.data.study import StudyRecord
from embkit.data.trial import Status
from embkit.studies.engine import count_statuses
from embkit.studies.results import Ended, TrialResult
from embkit.studies.tables import result_rows
from embkit.text import plural, printable

__all__ = ["Study"]


@dataclass(frozen=True, eq=False)
class Study:
    """A study that has been run.

    Parameters
    ----------
    record : StudyRecord
        What was declared, the datasets, and every trial with labels and scores.
    results : sequence of TrialResult
        How each trial ended, and what it recorded.
    files : tuple of Path
        What its exporters wrote, such as the report and its figures.
    """

    record: StudyRecord
    results: Sequence[TrialResult]
    files: tuple[Path, ...]

    @property
    def ended(self) -> Ended:
        """The trials with their outcomes."""
        return [(result.trial, result.outcome) for result in self.results]

    @property
    def folder(self) -> Path:
        """The folder of the files."""
        return self.record.folder

    @property
    def pages(self) -> tuple[Path, ...]:
        """Of the files, those to open first: what lies in the study's folder itself."""
        return tuple(file for file in self.files if file.parent == self.folder)

    @property
    def statuses(self) -> dict[str, int]:
        """How many trials ended in each way."""
        return count_statuses(self.ended)

    @property
    def n_failed_steps(self) -> int:
        """How many validators and pictures failed in trials that are done."""
        return sum(len(trial.failures) for trial in self.record.trials)

    def to_pandas(self) -> Any:
        """The table of ``results.csv``: one row a trial and score.

        ``value`` holds numbers and ``word`` the scores that are words, such as the metric
        of a validator; each parameter of the clusterers has a column, such as ``param_n_clusters``.
        So ``frame.groupby(["clusterer", "score"])["value"].mean()`` is a table.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        rows = [_typed(result, row) for result in self.results for row in result_rows(result)]
        return data_frame(rows)

    def summary(self) -> str:
        """How the trials ended, and the reasons of those without a result, as plain text."""
        counts = ", ".join(f"{count} {status}" for status, count in self.statuses.items())
        lines = [
            f"{self.record.study.name}: {plural(len(self.ended), 'trial')}: {counts}",
            *(f"wrote {file}" for file in self.pages),
        ]
        if self.n_failed_steps:
            lines.append(f"{plural(self.n_failed_steps, 'step')} failed in trials that are done")
        lines += [
            f"{outcome.status.value:<10}{trial.label}: {outcome.reason}"
            for trial, outcome in self.ended
            if outcome.status is not Status.DONE
        ]
        return "\n".join(map(printable, lines))

    def __repr__(self) -> str:
        return f"<Study {self.record.study.name!r}: {len(self.ended)} trials in {self.folder}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def _typed(result: TrialResult, row: dict[str, Any]) -> dict[str, Any]:
    """A row of results with its value as a number or as a word, and a column a parameter."""
    value = row["value"]
    is_word = isinstance(value, str)
    number = None if is_word or value is None else float(value)
    parameters = {f"param_{name}": given for name, given in result.trial.params.items()}
    return {**row, "value": number, "word": value if is_word else None, **parameters}
