"""Any reducer as a scikit-learn transformer."""

from typing import Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from embkit.errors import ParameterError
from embkit.estimator import ComponentEstimator, made_of
from embkit.plugin.calls import reduced, transformed
from embkit.resources import cpu_count, limit_threads

__all__ = ["ReducerTransformer", "as_transformer"]


class ReducerTransformer(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]  # scikit-learn has no types
    TransformerMixin,  # type: ignore[misc]  # nor for this one
    ComponentEstimator,
):
    """A reducer of embkit with scikit-learn's ``fit_transform`` and ``get_params``.

    Made by `as_transformer`, which gives it the reducer's parameters.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components)
        What became of the rows seen in `fit`.
    n_features_in_ : int
        Number of columns seen in `fit`.
    """

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
        dataset = self._dataset(X)
        with limit_threads(cpu_count()):
            found, learned = reduced(self._step(), dataset, self._context(dataset))
        self._learned = dict(learned)
        self.embedding_ = np.array(found.vectors)
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
