"""The contract of validators."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering, Validation
from embkit.plugin.calls import expect
from embkit.plugin.specs import ValidatorSpec
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from embkit.testing.examples import blobs, clustering_of
from embkit.testing.failures import NotApplicable, require
from embkit.testing.soundness import examine
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]

TOLERANCE = 1e-6


def call(subject: Subject, step: Step, given: Any, seed: int) -> Validation:
    """Judge the example clustering or dataset, or another."""
    judged = subject.input(given)
    context = subject.context(subject.dataset(judged), seed)
    return expect(Validation, step, step.instance.validate(judged, context))


def judges(subject: Subject) -> None:
    """The example data is judged, not skipped."""
    skipped = subject.baseline.skipped
    require(skipped is None, f"skipped three well separated groups: {skipped}")


def names_of_clusters(subject: Subject) -> None:
    """The scores are the same whatever the clusters are called."""
    clustering = _clustering(subject)
    numbers = np.roll(np.arange(clustering.n_clusters), 1)
    renamed = subject.call(replace(clustering, labels=numbers[clustering.labels]))
    for name, score in subject.baseline.scores.items():
        other = renamed.scores.get(name)
        require(_alike(score, other), f"with other cluster numbers {name} is {other}, not {score}")


def _alike(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one == two)


def one_cluster(subject: Subject) -> None:
    """One cluster gets a score or a reason, never NaN."""
    clustering = _clustering(subject)
    _judged(subject, replace(clustering, labels=np.zeros(clustering.dataset.n_samples, dtype=np.int64)))


def all_noise(subject: Subject) -> None:
    """A clustering of noise alone gets a score or a reason, never NaN."""
    clustering = _clustering(subject)
    noise = np.full(clustering.dataset.n_samples, -1, dtype=np.int64)
    _judged(subject, replace(clustering, labels=noise, probabilities=None))


def some_noise(subject: Subject) -> None:
    """Rows of noise are not a cluster, and not an error."""
    _judged(subject, clustering_of(_clustering(subject).dataset, noise=7))


def a_cluster_a_row(subject: Subject) -> None:
    """As many clusters as rows get a score or a reason, never NaN."""
    clustering = _clustering(subject)
    _judged(subject, replace(clustering, labels=np.arange(clustering.dataset.n_samples)))


def vectors_alone(subject: Subject) -> None:
    """Data without texts, labels and tree gets a score or a reason."""
    bare = Dataset(blobs().vectors)
    if not subject.takes_clustering:
        _judged(subject, bare)
        return
    whole = clustering_of(blobs())
    _judged(subject, Clustering(bare, whole.labels, {}))


def _clustering(subject: Subject) -> Clustering:
    spec = subject.component.spec
    if isinstance(spec, ValidatorSpec) and spec.subject == "dataset":
        raise NotApplicable("it judges a dataset")
    return clustering_of(blobs())


def _judged(subject: Subject, given: Dataset | Clustering) -> None:
    found: Validation = subject.call(given)
    examine(found, None)


CHECKS = (
    COMMON
    + ROWS
    + checks(
        judges, names_of_clusters, one_cluster, all_noise, some_noise, a_cluster_a_row, vectors_alone
    )
)
"""Checks that every validator must pass, in this order."""
