"""Two studies compared, trial by trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.dataset import Table
from embkit.data.shown.tables import ShownTable, html_table
from embkit.data.study import StudyRecord
from embkit.data.trial import Status, Trial, TrialRecord
from embkit.errors import ParameterError
from embkit.files.folders import disk_errors
from embkit.files.writing import write_csv
from embkit.runs.records.replay import changed_share
from embkit.text import plural, shorten

__all__ = ["StudyDiff", "compare_studies"]

_SHOWN = 10
_COLUMNS = ("dataset", "reducers", "clusterer", "params", "seed")


@dataclass(frozen=True, eq=False)
class StudyDiff:
    """What two studies found for the trials that both declare.

    Parameters
    ----------
    names : tuple of str
        Of both studies.
    trials : Table
        One row a trial that is done in both: dataset, reducers, clusterer, params,
        seed, and ``changed``, the share of rows with another label (empty where the
        rows are not the same).
    scores : Table
        One row a trial and score: ``first``, ``second`` and ``difference``, the second
        less the first.
    only_first, only_second : tuple of str
        Trials that only one study declares, or that only one has done.
    """

    names: tuple[str, str]
    trials: Table
    scores: Table
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def tables(self) -> dict[str, ShownTable]:
        """Both tables by name."""
        return {"trials": ShownTable(self.trials), "scores": ShownTable(self.scores)}

    def summary(self) -> str:
        """How far the studies agree, and the largest differences, as plain text."""
        changed = self.trials["changed"]
        same = sum(share == 0 for share in changed)
        done = f"{plural(len(changed), 'trial')} done in both, {same} with the same labels"
        lines = [f"{self.names[0]} and {self.names[1]}: {done}"]
        for name, labels in zip(self.names, (self.only_first, self.only_second), strict=True):
            if labels:
                shown = "; ".join(shorten(label, 100) for label in labels[:3])
                lines.append(f"only in {name}: {plural(len(labels), 'trial')}: {shown}")
        return "\n".join([*lines, *self._largest()])

    def _largest(self) -> list[str]:
        """The scores that differ most, by absolute difference."""
        cells = zip(*self.scores.values(), strict=True)
        rows = [dict(zip(self.scores, row, strict=True)) for row in cells]
        rows.sort(key=lambda row: -abs(row["difference"]))
        return [
            f"{row['validator']} {row['score']} {row['first']:.4g} -> {row['second']:.4g}: "
            f"{row['dataset']} | {row['clusterer']}:{row['params']} | seed {row['seed']}"
            for row in rows[:_SHOWN]
            if row["difference"]
        ]

    def write(self, folder: Path) -> list[Path]:
        """Write both tables as CSV to a new folder.

        Raises
        ------
        ParameterError
            If there is something already.
        ResourceError
            If it cannot be written.
        """
        with disk_errors(folder):
            if folder.exists():
                raise ParameterError(
                    f"{folder} exists", "results are not overwritten silently", "choose another --out"
                )
            folder.mkdir(parents=True)
            for name, table in self.tables.items():
                write_csv(folder / f"{name}.csv", table)
        return [folder / f"{name}.csv" for name in self.tables]

    def __repr__(self) -> str:
        names = " and ".join(map(repr, self.names))
        return f"<StudyDiff of {names}: {plural(len(self.trials['seed']), 'trial')}>"

    def _repr_html_(self) -> str:
        return html_table(self.scores)


def compare_studies(first: StudyRecord, second: StudyRecord) -> StudyDiff:
    """Compare two studies by the trials that both declare.

    Trials are the same if their dataset's label, reducers, clusterer, parameters and
    declared seed are.

    Raises
    ------
    ParameterError
        If no trial is done in both.
    """
    done = [_done(study) for study in (first, second)]
    common = [key for key in done[0] if key in done[1]]
    only = [
        tuple(record.trial.label for key, record in these.items() if key not in others)
        for these, others in (done, done[::-1])
    ]
    names = (first.study.name, second.study.name)
    if names[0] == names[1]:
        names = (str(first.folder), str(second.folder))
    if not common:
        raise ParameterError(
            f"{names[0]} and {names[1]} have no trial in common",
            "trials are matched by dataset, reducers, clusterer, parameters and seed",
            "compare studies of the same declaration",
        )
    pairs = [(done[0][key], done[1][key]) for key in common]
    trials = [{**_head(one.trial), "changed": _changed(first, second, one, two)} for one, two in pairs]
    scores = [row for one, two in pairs for row in _scores(one, two)]
    columns = (*_COLUMNS, "validator", "score", "first", "second", "difference")
    return StudyDiff(names, _table(trials, (*_COLUMNS, "changed")), _table(scores, columns), *only)


def _done(study: StudyRecord) -> dict[tuple[Any, ...], TrialRecord]:
    return {
        tuple(_head(record.trial).values()): record
        for record in study.trials
        if record.outcome.status is Status.DONE
    }


def _head(trial: Trial) -> dict[str, Any]:
    params = str(Request("", trial.params))[1:]
    values = (trial.dataset, trial.reducers, trial.clusterer, params, trial.seed)
    return dict(zip(_COLUMNS, values, strict=True))


def _changed(
    first: StudyRecord, second: StudyRecord, one: TrialRecord, two: TrialRecord
) -> float | None:
    rows = [study.datasets[one.trial.dataset].fingerprint for study in (first, second)]
    if rows[0] != rows[1] or one.labels is None or two.labels is None:
        return None
    return changed_share(one.labels, two.labels)


def _scores(one: TrialRecord, two: TrialRecord) -> list[dict[str, Any]]:
    return [
        {
            **_head(one.trial),
            "validator": validator,
            "score": score,
            "first": value,
            "second": two.scores[validator, score],
            "difference": two.scores[validator, score] - value,
        }
        for (validator, score), value in one.scores.items()
        if (validator, score) in two.scores
    ]


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    return {column: [row[column] for row in rows] for column in columns}
