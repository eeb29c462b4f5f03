"""The contract of clusterers."""

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.results import Clustering
from embkit.errors import DataError, EmbkitError, ParameterError, PluginError
from embkit.plugin.calls import assigned, clustered
from embkit.plugin.params import parameters_of
from embkit.plugin.specs import ClustererSpec
from embkit.plugin.steps import Step
from embkit.resources import limit_threads
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from embkit.testing.examples import blobs
from embkit.testing.failures import CheckFailed, NotApplicable, require
from embkit.testing.soundness import examine, partition
from embkit.testing.state import undisturbed
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


class _Listener:
    """Stands for a clusterer and keeps what it returned."""

    def __init__(self, instance: Any) -> None:
        self.instance = instance
        self.returned: Any = None

    def cluster(self, dataset: Dataset, context: Any) -> Any:
        self.returned = self.instance.cluster(dataset, context)
        return self.returned


def call(subject: Subject, step: Step, given: Any, seed: int) -> Clustering:
    """Cluster the example rows, or others."""
    dataset = subject.dataset(given)
    return clustered(step, dataset, subject.context(dataset, seed))


def labels(subject: Subject) -> None:
    """One integer a row, 0 or above, or -1 for noise; 0 to k-1 once the host has numbered them."""
    step = subject.step()
    listener = _Listener(step.instance)
    try:
        found = subject.call(step=replace(step, instance=listener)).labels
    except PluginError as error:
        raise CheckFailed(str(error)) from error
    raw = np.asarray(listener.returned.labels)
    require(raw.dtype.kind in "iu", f"labels of dtype {raw.dtype}, not integers")
    require(int(raw.min()) >= -1, f"a label is {raw.min()}; noise is -1")
    used = np.unique(found[found >= 0])
    require(np.array_equal(used, np.arange(len(used))), f"labels {used.tolist()} are not 0 to k-1")


def resolved_parameters(subject: Subject) -> None:
    """The clustering tells the parameters it was made with, auto replaced by what was chosen."""
    stated = subject.baseline.parameters
    for name in parameters_of(subject.component.factory()):
        require(name.name in stated, f"the clustering does not state {name.name}")
    metric = stated.get("metric")
    require(
        metric is None or (isinstance(metric, str) and metric != "auto"),
        f"metric is stated as {metric!r}",
    )


def order_of_rows(subject: Subject) -> None:
    """Rows in another order make the same clusters, where the spec says order_free."""
    spec = subject.component.spec
    if not (isinstance(spec, ClustererSpec) and spec.order_free):
        raise NotApplicable("the spec does not say order_free")
    data = blobs()
    order = np.random.default_rng(22).permutation(data.n_samples)
    moved = subject.call(data.take(order)).labels
    back = np.empty_like(moved)
    back[order] = moved
    _require_same(subject, back, "rows in another order")


def rotation(subject: Subject) -> None:
    """Rotated rows make the same clusters, where the metric is cosine or euclidean."""
    if subject.baseline.parameters.get("metric") not in ("cosine", "euclidean", "sqeuclidean"):
        raise NotApplicable("its metric is not known to be cosine or euclidean")
    data = blobs()
    normal = np.random.default_rng(23).normal(size=(data.n_features, data.n_features))
    rotated = data.vectors @ np.linalg.qr(normal)[0]
    _require_same(subject, subject.call(_of(data, rotated)).labels, "rotated rows")


def length_of_rows(subject: Subject) -> None:
    """Rows multiplied by positive numbers make the same clusters, where the metric is cosine."""
    if subject.baseline.parameters.get("metric") != "cosine":
        raise NotApplicable("its metric is not cosine")
    data = blobs()
    factors = np.random.default_rng(24).uniform(0.5, 20.0, size=(data.n_samples, 1))
    _require_same(
        subject, subject.call(_of(data, data.vectors * factors)).labels, "longer and shorter rows"
    )


def as_many_clusters_as_rows(subject: Subject) -> None:
    """As many clusters as rows can be asked for; one more is refused with a ParameterError."""
    if "n_clusters" not in inspect.signature(subject.component.factory()).parameters:
        raise NotApplicable("it has no parameter n_clusters")
    data = blobs((5, 4, 3))
    n_samples = data.n_samples
    try:
        found = subject.call(data, step=subject.step(n_clusters=n_samples))
    except (DataError, ParameterError) as error:
        found = None
        require(str(error).strip(), "refused without a message")
    if found is not None:
        examine(found, n_samples)
        require(found.n_clusters <= n_samples, "made more clusters than rows")
    try:
        subject.call(data, step=subject.step(n_clusters=n_samples + 1))
    except EmbkitError as error:
        require(isinstance(error, ParameterError), f"refused one cluster more than rows with: {error}")
        return
    raise CheckFailed(f"accepted n_clusters={n_samples + 1} for {n_samples} rows")


def later_rows(subject: Subject) -> None:
    """If it assigns rows that come later, rows beside those of a cluster go to that cluster."""
    data = subject.dataset(None)
    found = _assigned(subject, _beside(data))
    own = subject.baseline.labels
    inside = own >= 0
    strayed = int(np.count_nonzero(found[inside] != own[inside]))
    require(
        strayed <= 0.1 * np.count_nonzero(inside),
        f"{strayed} of {np.count_nonzero(inside)} rows went to another cluster than the row beside them",
    )


def later_rows_alone(subject: Subject) -> None:
    """If it assigns rows that come later, a row's label does not depend on the others."""
    later = _beside(subject.dataset(None))
    together = _assigned(subject, later)
    for rows in (np.arange(later.n_samples)[::-1], np.arange(0, later.n_samples, 7)):
        apart = _assigned(subject, later.take(rows))
        moved = int(np.count_nonzero(apart != together[rows]))
        require(not moved, f"{moved} of {len(rows)} rows got another label in other company")


def _beside(data: Dataset) -> Dataset:
    """A row a little beside each row."""
    shifts = np.random.default_rng(25).normal(scale=1e-3, size=data.vectors.shape)
    return admit(_of(data, data.vectors + shifts), Policy())


def _assigned(subject: Subject, later: Dataset) -> NDArray[np.int64]:
    """The labels of other rows, by a fresh instance: a run may be opened in another process."""
    step = subject.step()
    if not callable(getattr(step.instance, "assign", None)):
        raise NotApplicable("it has no method assign")
    clustering = subject.baseline
    with undisturbed(), limit_threads(1):
        context = subject.context(clustering.dataset)
        try:
            found = assigned(step, clustering, later, context)
        except PluginError as error:
            raise CheckFailed(str(error)) from error
    if found is None:
        raise NotApplicable("it has no rule for this clustering")
    require(found.rule.strip(), "it does not say how the labels were chosen")
    return np.asarray(found.labels)


def _of(data: Dataset, vectors: NDArray[Any]) -> Dataset:
    return data.with_vectors(np.ascontiguousarray(vectors, dtype=np.float32))


def _require_same(subject: Subject, found: NDArray[np.int64], what: str) -> None:
    one, two = partition(subject.baseline.labels), partition(found)
    moved = int(np.count_nonzero(one != two))
    require(not moved, f"{what} changed the cluster of {moved} of {len(one)} rows")


CHECKS = (
    COMMON
    + ROWS
    + checks(
        labels,
        resolved_parameters,
        order_of_rows,
        rotation,
        length_of_rows,
        as_many_clusters_as_rows,
        later_rows,
        later_rows_alone,
    )
)
"""Checks that every clusterer must pass, in this order."""
