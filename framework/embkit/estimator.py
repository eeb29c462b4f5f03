"""Any clusterer as a scikit-learn estimator.

The one module of the host that imports scikit-learn, whose base classes make an
estimator one; it is imported when `embkit.as_estimator` is first used.
"""

import secrets
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any

from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import validate_data

from embkit.data.admission import Policy, admit
from embkit.data.dataset import Dataset
from embkit.data.pairwise import asks_for_distances, check_distances, warn_of_distances
from embkit.data.request import Request
from embkit.plugin.calls import clustered
from embkit.plugin.params import REQUIRED, parameters_of, resolve
from embkit.plugin.registry import Component, Registry
from embkit.plugin.steps import Step, create
from embkit.resources import available_memory, cpu_count, limit_threads
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork

__all__ = ["ClustererEstimator", "as_estimator"]


class ClustererEstimator(ClusterMixin, BaseEstimator):  # type: ignore[misc]
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
    parameters_ : dict
        The parameters as resolved: defaults filled in, ``"auto"`` as what was chosen.
    n_features_in_ : int
        Number of columns seen in `fit`.
    """

    _component: Component
    _registry: Registry

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
        vectors = validate_data(self, X, dtype=["float64", "float32"], order="C")
        dataset = admit(Dataset(vectors, name="X"), Policy())
        params = self.get_params(deep=False)
        if asks_for_distances([Request(self._component.name, params)]):
            dataset = check_distances(dataset)
        else:
            warn_of_distances(dataset)
        instance, resolved = create(self._component, Request(self._component.name, params))
        threads = cpu_count()
        context = RunContext(
            self._registry,
            dataset,
            seed=_seed(params),
            threads=threads,
            memory=available_memory(),
            shared=SharedWork(),
        )
        with limit_threads(threads):
            found = clustered(Step(self._component, instance, resolved), dataset, context)
        self.labels_ = found.labels
        self.parameters_ = dict(found.parameters)
        for name in ("linkage", "probabilities"):
            if getattr(found, name) is not None:
                setattr(self, f"{name}_", getattr(found, name))
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by name: the class was made at run time."""
        return as_estimator, (self._component.name,), self.__getstate__()


def _seed(params: dict[str, Any]) -> int:
    """A drawn seed where the clusterer has a ``random_state`` that was left None, else 0."""
    return secrets.randbelow(2**32) if params.get("random_state", 0) is None else 0


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
    registry = Registry.discover()
    component = registry.get("clusterer", name)
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

    def store(self: ClustererEstimator, **given: Any) -> None:
        for item in parameters:
            setattr(self, item.name, given.get(item.name, item.default))

    # The signature is where scikit-learn reads the names of the parameters.
    store.__signature__ = Signature(  # type: ignore[attr-defined]
        [Argument("self", Argument.POSITIONAL_OR_KEYWORD), *arguments]
    )
    members = {
        "__init__": store,
        "__doc__": f"{component.spec.summary}\n\nembkit's clusterer {name}.",
        "__module__": __name__,
        "_component": component,
        "_registry": registry,
    }
    title = "".join(word.capitalize() for word in name.split("-"))
    made: ClustererEstimator = type(title, (ClustererEstimator,), members)(**params)
    return made
