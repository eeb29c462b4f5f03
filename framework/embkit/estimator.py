"""Any clusterer as a scikit-learn estimator.

With `embkit.transformer` the one module of the host that imports scikit-learn, whose
base classes make an estimator one; it is imported when `embkit.as_estimator` is first used.
"""

import secrets
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.data.intake.pairwise import asks_for_distances, check_distances, warn_of_distances
from embkit.data.results import Clustering
from embkit.errors import ParameterError
from embkit.plugin.calls import assigned, clustered
from embkit.plugin.params import REQUIRED, parameters_of, resolve
from embkit.plugin.registry import Component, Registry
from embkit.plugin.steps import Step, create
from embkit.resources import available_memory, cpu_count, limit_threads
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork

__all__ = ["ClustererEstimator", "ComponentEstimator", "as_estimator", "made_of"]


class ComponentEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What estimators of any component share; `made_of` gives a class its component and parameters."""

    _component: Component
    _registry: Registry

    def _dataset(self, X: Any, *, reset: bool = True) -> Dataset:
        """The rows of a matrix, checked as scikit-learn and embkit check them."""
        vectors = validate_data(self, X, dtype=["float64", "float32"], order="C", reset=reset)
        return admit(Dataset(vectors, name="X"), Policy())

    def _request(self) -> Request:
        return Request(self._component.name, self.get_params(deep=False))

    def _step(self) -> Step:
        return Step(self._component, *create(self._component, self._request()))

    def _context(self, dataset: Dataset) -> RunContext:
        """Of one fit; its seed is drawn where there is a ``random_state`` that was left None."""
        drawn = self.get_params(deep=False).get("random_state", 0) is None
        return RunContext(
            self._registry,
            dataset,
            seed=secrets.randbelow(2**32) if drawn else 0,
            threads=cpu_count(),
            memory=available_memory(),
            shared=SharedWork(),
        )


class ClustererEstimator(ClusterMixin, ComponentEstimator):  # type: ignore[misc]  # no types
    """A clusterer of embkit with scikit-learn's ``fit``, ``fit_predict`` and ``get_params``.

    Made by `as_estimator`, which gives it the clusterer's parameters.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n_samples,)
        0 to k-1 in order of decreasing cluster size; -1 is noise.
    linkage_ : ndarray of float64, shape (n_samples - 1, 4)
        The tree in scipy's format; only where the clusterer makes one.
    probabilities_ : ndarray of float64, shape (n_samples,)
        Strength of membership, 0 to 1; only where the clusterer tells it.
    n_clusters_ : int
        Number of clusters; noise is not one.
    children_ : ndarray of int64, shape (n_samples - 1, 2)
        The two nodes of each merge; only where there is a tree.
    distances_ : ndarray of float64, shape (n_samples - 1,)
        The height of each merge; only where there is a tree.
    n_leaves_, n_connected_components_ : int
        As of scikit-learn's trees; only where there is one.
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        Only where the clusterer has centres.
    inertia_ : float
        Sum of squared distances of rows to their centres; only where there are some.
    n_iter_ : int
        Iterations; only where the clusterer tells them.
    parameters_ : dict
        The parameters as resolved: defaults filled in, ``"auto"`` as what was chosen.
    n_features_in_ : int
        Number of columns seen in `fit`.
    """

    def fit(self, X: Any, y: Any = None) -> "ClustererEstimator":  # noqa: ARG002
        """Cluster the rows of a matrix.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Real, finite numbers; float32 and float64 are taken as they are.
        y : ignored
            For scikit-learn's pipelines.

        Raises
        ------
        embkit.ParameterError
            If a parameter does not fit; it is a ValueError.
        """
        dataset = self._dataset(X)
        if asks_for_distances([self._request()]):
            dataset = check_distances(dataset)
        else:
            warn_of_distances(dataset)
        with limit_threads(cpu_count()):
            found = clustered(self._step(), dataset, self._context(dataset))
        for name in _FITTED:
            if name in vars(self):  # of an earlier fit
                delattr(self, name)
        for name, value in _learned(found).items():
            setattr(self, name, value)
        self._clustering = found
        return self

    def _can_predict(self) -> bool:
        """Whether the clusterer has a rule for rows that come later; an AttributeError says no."""
        if callable(getattr(self._step().instance, "assign", None)):
            return True
        raise AttributeError(f"clusterer {self._component.name} has no rule for rows that come later")

    @available_if(_can_predict)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict(self, X: Any) -> Any:
        """The cluster of each row of another matrix, by the clusterer's own rule, as `embkit.assign`.

        Parameters
        ----------
        X : array_like of shape (n_rows, n_features)
            Real, finite numbers.

        Returns
        -------
        ndarray of int64, shape (n_rows,)
            Numbered as `labels_`; -1 is noise.

        Raises
        ------
        embkit.ParameterError
            If the fitted clustering gives no rule.
        """
        check_is_fitted(self)
        others = self._dataset(X, reset=False)
        found = self._clustering
        with limit_threads(cpu_count()):
            assignment = assigned(self._step(), found, others, self._context(found.dataset))
        if assignment is None:
            raise ParameterError(
                f"{type(self).__name__}: rows that come later cannot be assigned",
                f"this clustering by {self._component.name} gives no rule for them",
                "fit with other parameters, or another clusterer such as kmeans",
            )
        return np.array(assignment.labels)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by name: the class was made at run time."""
        return as_estimator, (self._component.name,), self.__getstate__()


_FITTED = (
    *("labels_", "n_clusters_", "parameters_", "linkage_", "probabilities_", "children_", "distances_"),
    *("n_leaves_", "n_connected_components_", "cluster_centers_", "inertia_", "n_iter_"),
)


def _learned(found: Clustering) -> dict[str, Any]:
    """What a clustering tells, under scikit-learn's names."""
    learned: dict[str, Any] = {
        "labels_": found.labels,
        "n_clusters_": found.n_clusters,
        "parameters_": dict(found.parameters),
    }
    if found.probabilities is not None:
        learned["probabilities_"] = found.probabilities
    if found.linkage is not None:
        learned |= {
            "linkage_": found.linkage,
            "children_": found.linkage[:, :2].astype(np.int64),
            "distances_": found.linkage[:, 2],
            "n_leaves_": len(found.labels),
            "n_connected_components_": 1,
        }
    names = {"centers": "cluster_centers_", "inertia": "inertia_", "n_iter": "n_iter_"}
    for name, value in found.fitted.items():
        # scikit-learn's own estimators keep what they learned under these names already.
        known = names.get(name, name if name in names.values() else None)
        if known is not None:
            learned[known] = value.item() if value.ndim == 0 else value
    return learned


def as_estimator(name: str, **params: Any) -> ClustererEstimator:
    """A clusterer as a scikit-learn estimator, for pipelines, ``clone`` and searches.

    Parameters
    ----------
    name : str
        The clusterer, such as ``"agglomerative"``.
    **params
        Its parameters, as in ``embkit plugins show NAME``.

    Returns
    -------
    ClustererEstimator
        Unfitted; its constructor takes the clusterer's parameters.

    Raises
    ------
    ParameterError
        If there is no such clusterer, or a parameter is unknown or does not fit.

    Examples
    --------
    >>> import embkit
    >>> embkit.as_estimator("agglomerative", distance_threshold=0.2, metric="cosine")
    Agglomerative(distance_threshold=0.2, metric='cosine')
    """
    made: ClustererEstimator = made_of("clusterer", ClustererEstimator, name, params)
    return made


def made_of(kind: str, base: type, name: str, params: dict[str, Any]) -> Any:
    """An unfitted estimator of a class of its own, whose constructor takes a component's parameters.

    Parameters
    ----------
    kind : {"clusterer", "reducer"}
        What the component is.
    base : type
        What its class derives from.
    name : str
        The component.
    params : dict
        The parameters that are given.
    """
    registry = Registry.discover()
    component = registry.get(kind, name)
    parameters = parameters_of(component.factory())
    resolve(str(component), parameters, params)
    arguments = [
        Argument(
            item.name,
            Argument.KEYWORD_ONLY,
            default=Argument.empty if item.default is REQUIRED else item.default,
        )
        for item in parameters
    ]

    def store(self: Any, **given: Any) -> None:
        for item in parameters:
            setattr(self, item.name, given.get(item.name, item.default))

    # The signature is where scikit-learn reads the names of the parameters.
    store.__signature__ = Signature(  # type: ignore[attr-defined]  # inspect reads it
        [Argument("self", Argument.POSITIONAL_OR_KEYWORD), *arguments]
    )
    members = {
        "__init__": store,
        "__doc__": f"{component.spec.summary}\n\nembkit's {kind} {name}.",
        "__module__": base.__module__,
        "_component": component,
        "_registry": registry,
    }
    title = "".join(word.capitalize() for word in name.split("-"))
    return type(title, (base,), members)(**params)
