"""Fitted scikit-learn estimators as arrays, and back: what they learned, without pickle."""

import json
from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Fitted

__all__ = ["learned_by", "restored"]

_PLAIN = "plain"
_ROWS = 64
_SMALL = 1 << 16
_LARGEST = 1 << 28
# What a broken copy may raise: it lacks some of its attributes.
_BROKEN = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError)


def learned_by(estimator: Any, method: str, vectors: NDArray[Any]) -> Fitted:
    """What a fitted estimator needs for one of its methods, as arrays.

    Only what is an array, a number, a text or None can be kept. An estimator made of
    these gives the same for the first rows as the fitted one does, or nothing is
    kept. Large arrays that the method does without are left out.

    Parameters
    ----------
    estimator : object
        Fitted on `vectors`.
    method : str
        ``"predict"`` or ``"transform"``.
    vectors : ndarray of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    mapping of str to ndarray
        Empty if the estimator has no such method, or cannot be restored, or needs
        more than 256 MB.
    """
    parameters = _parameters(estimator)
    if not callable(getattr(estimator, method, None)) or not hasattr(estimator, "get_params"):
        return {}
    if not all(map(_is_plain, parameters.values())):  # an estimator among them has been fitted too
        return {}
    learned = {
        name: value
        for name, value in vars(estimator).items()
        if name not in parameters and _can_be_kept(value)
    }
    rows = vectors[:_ROWS]
    expected = _called(estimator, method, rows)
    if expected is None or not _same(_called(_made(estimator, learned), method, rows), expected):
        return {}
    for name in sorted(learned, key=lambda name: -np.asarray(learned[name]).nbytes):
        fewer = {key: value for key, value in learned.items() if key != name}
        large = np.asarray(learned[name]).nbytes > _SMALL
        if large and _same(_called(_made(estimator, fewer), method, rows), expected):
            learned = fewer
    arrays = {name: value for name, value in learned.items() if isinstance(value, np.ndarray)}
    if sum(array.nbytes for array in arrays.values()) > _LARGEST:
        return {}
    plain = {name: _plain(value) for name, value in learned.items() if name not in arrays}
    return {**arrays, _PLAIN: np.array(json.dumps(plain))}


def restored(estimator: Any, fitted: Fitted) -> Any:
    """An estimator like `estimator`, which is not fitted, with what another one learned."""
    arrays = {name: array for name, array in fitted.items() if name != _PLAIN}
    return _made(estimator, {**arrays, **json.loads(str(fitted[_PLAIN]))})


def _parameters(estimator: Any) -> Mapping[str, Any]:
    return estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufU"
    return value is None or isinstance(value, bool | int | float | str | np.generic)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str | np.generic)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _made(estimator: Any, learned: Mapping[str, Any]) -> Any:
    made = copy(estimator)
    made.__dict__ = {**_parameters(estimator), **learned}
    return made


def _called(estimator: Any, method: str, rows: NDArray[Any]) -> NDArray[Any] | None:
    try:
        return np.asarray(getattr(estimator, method)(rows))
    except _BROKEN:
        return None


def _same(found: NDArray[Any] | None, expected: NDArray[Any]) -> bool:
    return found is not None and np.array_equal(found, expected)
