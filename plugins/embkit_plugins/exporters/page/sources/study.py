"""The page of a study, made of its record."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from embkit import StudyRecord, TrialRecord
from embkit_plugins.algorithms.agreement.contingency import contingency, noise_apart
from embkit_plugins.exporters.page.parts import Clusters, MapLayout, Verdict
from embkit_plugins.exporters.page.payload import StudyPage, TrialPage
from embkit_plugins.exporters.page.sources.run import rows_of
from embkit_plugins.exporters.report.methods import methods_of
from embkit_plugins.exporters.report.verdicts import verdicts_of

__all__ = ["study_page"]

Matrix = NDArray[np.float64]


def study_page(record: StudyRecord, maps: Mapping[str, Mapping[str, MapLayout]]) -> StudyPage:
    """Make the page of a study.

    Parameters
    ----------
    record : StudyRecord
        A study, finished or not.
    maps : mapping of str to mapping of str to MapLayout
        For each dataset, by its label, the layouts that serve all its trials.
    """
    return StudyPage(
        title=record.study.name,
        datasets={label: rows_of(dataset) for label, dataset in record.datasets.items()},
        maps=maps,
        trials=[_trial(trial) for trial in record.trials],
        higher_is_better={
            _label(key): score.better == "higher"
            for trial in record.trials
            for key, score in trial.ranked.items()
        },
        agreement={label: agreement(record, label) for label in record.datasets},
        verdicts={
            label: verdict
            for label in record.datasets
            if (verdict := _verdict(record, label)) is not None
        },
        settings={
            "datasets": ", ".join(record.datasets),
            "seeds": ", ".join(map(str, record.study.seeds)),
        },
    )


def _verdict(record: StudyRecord, dataset: str) -> Verdict | None:
    """What the trials found of a dataset, by the vectors of the source if those were judged."""
    found = next(iter(verdicts_of(methods_of(record, dataset)).values()), None)
    if found is None:
        return None
    return Verdict(found.word, found.p_values[0], f"{found.word}: {found.evidence}, over all trials")


def _trial(record: TrialRecord) -> TrialPage:
    return TrialPage(
        dataset=record.trial.dataset,
        method=record.method,
        seed=record.trial.seed,
        scores={_label(key): float(record.scores[key]) for key in record.ranked if key in record.scores},
        clusters=None if record.labels is None else Clusters(record.labels, record.method),
        failure=record.outcome.reason if record.labels is None else "",
    )


def _label(key: tuple[str, str]) -> str:
    validator, score = key
    return score if score == validator else f"{validator} {score}"


def agreement(record: StudyRecord, dataset: str) -> Matrix:
    """Mean adjusted Rand index between the trials of every two methods on a dataset.

    Noise is one row a group. On the diagonal the trials of one method with
    different seeds are compared; NaN where there are none.
    """
    by_method: dict[str, list[NDArray[np.int64]]] = {}
    for trial in record.trials:
        if trial.trial.dataset == dataset:
            found = by_method.setdefault(trial.method, [])
            if trial.labels is not None:
                found.append(noise_apart(trial.labels))
    groups = list(by_method.values())
    matrix = np.full((len(groups), len(groups)), np.nan)
    for i, first in enumerate(groups):
        for j, second in enumerate(groups[: i + 1]):
            pairs = [
                contingency(a, b).adjusted_rand
                for place, a in enumerate(first)
                for b in (second[:place] if i == j else second)
            ]
            if pairs:
                matrix[i, j] = matrix[j, i] = np.mean(pairs)
    return matrix
