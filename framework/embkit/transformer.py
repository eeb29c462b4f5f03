"""Any reducer as a scikit-learn transformer."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.errors import ParameterError
from embkit.estimator import context_for, made_of
from embkit.plugin.calls import checked_fitted, expect, transformed
from embkit.plugin.registry import Component, Registry
from embkit.plugin.steps import Step, create
from embkit.resources import cpu_count, limit_threads

__all__ = ["ReducerTransformer", "as_transformer"]


class ReducerTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A reducer of embkit with scikit-learn's ``fit_transform`` and ``get_params``.

    Made by `as_transformer`, which gives it the reducer's parameters.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components)
        What became of the rows seen in `fit`.
    n_features_in_ : int
        Number of columns seen in `fit`.
    """

    _component: Component
    _registry: Registry

    def fit(self, X: Any, y: Any = None) -> "ReducerTransformer":  # noqa: ARG002
        """Learn from the rows of a matrix.

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
        dataset = self._dataset(X, reset=True)
        step = self._step()
        with limit_threads(cpu_count()):
            context = context_for(dataset, self._registry, self.get_params(deep=False))
            reduced = expect(Dataset, step, step.instance.reduce(dataset, context))
        self._learned = dict(checked_fitted(step, reduced.fitted))
        self.embedding_ = np.array(reduced.vectors)
        self._n_features_out = self.embedding_.shape[1]
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Learn from the rows of a matrix, and return what becomes of them.

        Parameters
        ----------
        X, y
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
        """
        return self.fit(X, y).embedding_

    def transform(self, X: Any) -> Any:
        """Place other rows.

        Parameters
        ----------
        X : array_like of shape (n_rows, n_features)
            Real, finite numbers.

        Returns
        -------
        ndarray of shape (n_rows, n_components)

        Raises
        ------
        embkit.ParameterError
            If the reducer places all rows of a dataset together, or what it learned could
            not be kept.
        """
        check_is_fitted(self)
        found = transformed(self._step(), self._dataset(X, reset=False), self._learned)
        if found is None:
            raise ParameterError(
                f"{type(self).__name__}: rows that come later cannot be placed",
                f"{self._component} places all rows together, or what it learned could not be kept",
                "use fit_transform on all rows",
            )
        return np.array(found.vectors)

    def _dataset(self, X: Any, *, reset: bool) -> Dataset:
        vectors = validate_data(self, X, dtype=["float64", "float32"], order="C", reset=reset)
        return admit(Dataset(vectors, name="X"), Policy())

    def _step(self) -> Step:
        params = self.get_params(deep=False)
        return Step(self._component, *create(self._component, Request(self._component.name, params)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by name: the class was made at run time."""
        return as_transformer, (self._component.name,), self.__getstate__()


def as_transformer(name: str, **params: Any) -> ReducerTransformer:
    """A reducer as a scikit-learn transformer, for pipelines and ``clone``.

    Parameters
    ----------
    name : str
        The reducer, such as ``"umap"``. Those that place all rows of a dataset together
        have ``fit_transform`` alone; their ``transform`` raises ParameterError.
    **params
        Its parameters, as in ``embkit plugins show NAME``.

    Returns
    -------
    ReducerTransformer
        Unfitted; its constructor takes the reducer's parameters.

    Raises
    ------
    ParameterError
        If there is no such reducer, or a parameter is unknown or does not fit.

    Examples
    --------
    >>> import embkit
    >>> embkit.as_transformer("pca", n_components=3)
    Pca(n_components=3)
    """
    made: ReducerTransformer = made_of("reducer", ReducerTransformer, name, params)
    return made
