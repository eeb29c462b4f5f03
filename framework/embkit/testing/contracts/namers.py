"""The contract of namers."""

from dataclasses import replace
from typing import Any

import numpy as np

from embkit.data.names import Groups, Names, groups_of_labels
from embkit.plugin.calls import named
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.examples import AWKWARD_TEXTS, blobs, clustering_of
from embkit.testing.failures import require
from embkit.testing.soundness import examine
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


def call(subject: Subject, step: Step, given: Any, seed: int) -> Names:
    """Name the example groups, or others."""
    groups = given if isinstance(given, Groups) else _groups(subject)
    return named(step, groups, subject.context(groups.dataset, seed))


def _groups(subject: Subject) -> Groups:
    clustering = clustering_of(subject.dataset(None))
    return groups_of_labels(clustering.dataset, clustering.labels)


def one_name_a_group(subject: Subject) -> None:
    """Every group gets a name, whose rows belong to it."""
    groups, names = _groups(subject), subject.baseline
    examine(names, None)
    for group, name in enumerate(names.names):
        strangers = set(name.rows) - set(groups.rows(group).tolist())
        require(not strangers, f"rows {sorted(strangers)} stand for group {group}, and are not in it")


def measures_in_range(subject: Subject) -> None:
    """The measures of how well its names fit keep within their ranges."""
    lowest = {"fit": -1.0}
    for name in subject.baseline.names:
        for measure in ("p_value", "fit", "precision", "recall", "auc", "stability"):
            value = getattr(name, measure)
            low = lowest.get(measure, 0.0)
            require(
                value is None or low - 1e-9 <= value <= 1 + 1e-9,
                f"{measure} of {name.title!r} is {value}, which is not in {low:g} to 1",
            )


def without_texts(subject: Subject) -> None:
    """Rows without texts are named by what else there is, or get no title."""
    groups = _groups(subject)
    bare = replace(groups.dataset, texts=None, ids=None, reference=None)
    _named_soundly(subject, replace(groups, dataset=bare))


def awkward_texts(subject: Subject) -> None:
    """Texts with markup, line breaks, other scripts and nothing at all are named."""
    groups = _groups(subject)
    texts = [AWKWARD_TEXTS[row % len(AWKWARD_TEXTS)] for row in range(groups.dataset.n_samples)]
    _named_soundly(subject, replace(groups, dataset=replace(groups.dataset, texts=texts)))


def one_group(subject: Subject) -> None:
    """One group of all rows is named."""
    dataset = blobs()
    _named_soundly(subject, groups_of_labels(dataset, np.zeros(dataset.n_samples, dtype=np.int64)))


def no_group(subject: Subject) -> None:
    """No group at all, as where every row is noise, gets no names."""
    dataset = blobs()
    _named_soundly(subject, groups_of_labels(dataset, np.full(dataset.n_samples, -1, dtype=np.int64)))


def nested_groups(subject: Subject) -> None:
    """Groups within groups, as the nodes of a tree are, get a name each."""
    groups = _groups(subject)
    whole = len(groups)
    nested = Groups(
        groups.order,
        np.append(groups.starts, 0),
        np.append(groups.stops, len(groups.order)),
        np.append(np.full(whole, whole), -1),
        groups.dataset,
    )
    _named_soundly(subject, nested)


def _named_soundly(subject: Subject, groups: Groups) -> None:
    examine(subject.call(groups), None)


CHECKS = COMMON + checks(
    one_name_a_group, measures_in_range, without_texts, awkward_texts, one_group, no_group, nested_groups
)
"""Checks that every namer must pass, in this order."""
