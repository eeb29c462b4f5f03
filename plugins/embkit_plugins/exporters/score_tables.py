"""The scores of a study as wide tables: a line a setting, a column a score, mean and deviation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embkit import StudyRecord
from embkit_plugins.exporters.report.indices import Index, indices_of
from embkit_plugins.exporters.report.methods import Method, methods_of

__all__ = ["Line", "MeanScore", "ScoreTable", "score_tables"]


@dataclass(frozen=True)
class MeanScore:
    """A score over the seeds of a study.

    Parameters
    ----------
    index : Index
        Which.
    mean : float
        Over the seeds.
    deviation : float or None
        Standard deviation over the seeds (n - 1); None for a single seed.
    """

    index: Index
    mean: float
    deviation: float | None


@dataclass(frozen=True)
class Line:
    """A setting of a clusterer on a dataset.

    Parameters
    ----------
    clusterer : str
        Its name, after the reducers if there are any.
    setting : str
        What tells it from the other settings of the study.
    n_seeds : int
        Number of trials that are done.
    scores : tuple of MeanScore
        Those it has.
    """

    clusterer: str
    setting: str
    n_seeds: int
    scores: tuple[MeanScore, ...]

    def score(self, title: str) -> MeanScore | None:
        """The score of that title, None if it has none."""
        return next((score for score in self.scores if score.index.title == title), None)


@dataclass(frozen=True)
class ScoreTable:
    """The scores on one dataset.

    Parameters
    ----------
    dataset : str
        Its label.
    indices : tuple of Index
        External ones first, then in order of appearance.
    lines : tuple of Line
        In the order of the plan.
    """

    dataset: str
    indices: tuple[Index, ...]
    lines: tuple[Line, ...]

    @property
    def best(self) -> tuple[Line, ...]:
        """For each clusterer its best setting by the first of the indices that it has."""
        best: dict[str, Line] = {}
        for line in self.lines:
            known = best.setdefault(line.clusterer, line)
            if self._is_better(line, known):
                best[line.clusterer] = line
        return tuple(best.values())

    def _is_better(self, line: Line, other: Line) -> bool:
        for index in self.indices:
            own, known = line.score(index.title), other.score(index.title)
            if own is None and known is None:
                continue
            if own is None or known is None:
                return known is None
            return own.mean > known.mean if index.higher else own.mean < known.mean
        return False


def score_tables(study: StudyRecord) -> list[ScoreTable]:
    """The scores of a study that can be ranked, a table for each dataset."""
    tables = []
    for label in study.datasets:
        methods = methods_of(study, label)
        indices = tuple(indices_of(methods))
        lines = tuple(_line(method, indices) for method in methods)
        tables.append(ScoreTable(label, indices, lines))
    return tables


def _line(method: Method, indices: Sequence[Index]) -> Line:
    scores = []
    for index in indices:
        values = [value for trial in method.trials if (value := index.value(trial)) is not None]
        if values:
            deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
            scores.append(MeanScore(index, float(np.mean(values)), deviation))
    trial = method.trials[0].trial
    clusterer = f"{trial.reducers} -> {trial.clusterer}" if trial.reducers else trial.clusterer
    return Line(clusterer, method.name, len(method.trials), tuple(scores))
