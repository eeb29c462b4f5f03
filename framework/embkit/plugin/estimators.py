"""From a registered name to something the host can call.

A component is native when it has the method of its kind. Anything else with
scikit-learn's ``fit_predict`` or ``fit_transform`` is adapted here, a
``Pipeline`` too.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.assignment import Assignment
from embkit.data.dataset import Dataset, Fitted, IntArray
from embkit.data.labels import canonical_labels
from embkit.data.results import Clustering
from embkit.errors import EmbkitError, ParameterError
from embkit.plugin.protocols import Context, Estimate
from embkit.plugin.registry import Component
from embkit.plugin.restored import learned_by, restored
from embkit.text import plural

# Under this name, beside what an estimator learned: the cluster that each of its labels has become.
_NUMBERS = "embkit_numbers"
# scikit-learn's names for numbers of groups, which cannot exceed the number of rows.
_COUNTS = ("n_clusters", "n_components")
# Theirs for what time is proportional to.
_LARGEST = {"n_init": 1_000}
# What an estimator may raise for a value that it does not expect, besides ValueError.
_UNEXPECTED = (
    TypeError, AttributeError, LookupError, ArithmeticError, AssertionError, NotImplementedError
)  # fmt: skip


class EstimatorClusterer:
    """A scikit-learn clusterer as embkit's.

    Parameters
    ----------
    component : Component
        What it was made from.
    estimator : object
        With ``fit_predict``.
    """

    def __init__(self, component: Component, estimator: Any) -> None:
        self.component = component
        self.estimator = estimator
        _check_parameters(component, estimator)
        self.memory = _memory(component, estimator)
        self.repeats_once = bool(getattr(estimator, "repeats_once", False))

    def cluster(
        self, dataset: Dataset, context: Context, weights: NDArray[Any] | None = None
    ) -> Clustering:
        """Fit and predict; seed, threads and weights go in where the estimator takes them."""
        _inject(self.estimator, context)
        self._check_counts(dataset.n_samples)
        options = self._weighted(weights)
        raw = _call(self.component, self.estimator.fit_predict, dataset.vectors, **options)
        labels = canonical_labels(raw, dataset.n_samples, str(self.component))
        fitted = learned_by(self.estimator, "predict", dataset.vectors)
        return Clustering(
            dataset,
            labels,
            _parameters(self.estimator),
            probabilities=_probabilities(self.estimator, dataset.n_samples),
            fitted={**fitted, _NUMBERS: _numbers(np.asarray(raw), labels)} if fitted else {},
            memberships=self._memberships(dataset.vectors, np.asarray(raw), labels),
        )

    def assign(self, clustering: Clustering, others: Dataset, context: Context) -> Assignment | None:
        """Predict; None where what the estimator learned could not be kept."""
        if _NUMBERS not in clustering.fitted:
            return None
        numbers = clustering.fitted[_NUMBERS]
        learned = {name: array for name, array in clustering.fitted.items() if name != _NUMBERS}
        _inject(self.estimator, context)
        model = restored(self.estimator, learned)
        raw = np.asarray(_call(self.component, model.predict, others.vectors)).astype(np.int64)
        known = (raw >= 0) & (raw < len(numbers))
        labels = np.where(known, numbers[np.where(known, raw, 0)], -1)
        rule = f"predict of {type(model).__name__}"
        chances = getattr(model, "predict_proba", None)
        if not callable(chances):
            return Assignment(labels, rule=rule)
        strengths = np.clip(_call(self.component, chances, others.vectors).max(axis=1), 0, 1)
        return Assignment(labels, strengths, rule=f"{rule}; strength is its probability")

    def _weighted(self, weights: NDArray[Any] | None) -> dict[str, NDArray[Any]]:
        """Weights as ``fit_predict`` takes them; nothing if it takes none."""
        taken = inspect.signature(self.estimator.fit_predict).parameters
        return {} if weights is None or "sample_weight" not in taken else {"sample_weight": weights}

    def _memberships(
        self, vectors: NDArray[Any], raw: NDArray[Any], labels: IntArray
    ) -> NDArray[np.float64] | None:
        """The probability of each cluster for each row, where the estimator gives one."""
        chances = getattr(self.estimator, "predict_proba", None)
        if not callable(chances):
            return None
        found = np.asarray(_call(self.component, chances, vectors), dtype=np.float64)
        numbers = _numbers(raw, labels)
        if found.ndim != 2 or found.shape[1] < len(numbers):
            return None
        used = np.flatnonzero(numbers >= 0)
        memberships = np.empty((len(labels), len(used)))
        memberships[:, numbers[used]] = found[:, used]
        return np.clip(memberships, 0, 1)

    def _check_counts(self, n_samples: int) -> None:
        for name, value in _parameters(self.estimator).items():
            if name in _COUNTS and isinstance(value, int) and value > n_samples:
                raise ParameterError(
                    f"{self.component}: {name}={value} for {plural(n_samples, 'row')}",
                    "there cannot be more clusters than rows",
                    f"give {name} of at most {n_samples}",
                )


class EstimatorReducer:
    """A scikit-learn transformer as embkit's reducer.

    Parameters
    ----------
    component : Component
        What it was made from.
    transformer : object
        With ``fit_transform``.
    """

    def __init__(self, component: Component, transformer: Any) -> None:
        self.component = component
        self.transformer = transformer
        _check_parameters(component, transformer)
        self.memory = _memory(component, transformer)

    def reduce(self, dataset: Dataset, context: Context) -> Dataset:
        """Fit and transform; rows keep their order."""
        _inject(self.transformer, context)
        vectors = _call(self.component, self.transformer.fit_transform, dataset.vectors)
        return dataset.with_vectors(
            np.ascontiguousarray(vectors), learned_by(self.transformer, "transform", dataset.vectors)
        )

    def transform(self, dataset: Dataset, fitted: Fitted) -> Dataset | None:
        """Transform other rows; None where what the transformer learned could not be kept."""
        if not fitted:
            return None
        model = restored(self.transformer, fitted)
        vectors = _call(self.component, model.transform, dataset.vectors)
        return dataset.with_vectors(np.ascontiguousarray(vectors))


def _memory(component: Component, estimator: Any) -> Callable[[int, int, int], Estimate] | None:
    """How an estimator states its need: by a method of embkit's, or by the function in its spec.

    Many of scikit-learn's have a parameter of that name, which is about caching.
    """
    if callable(own := getattr(estimator, "memory", None)):
        method: Callable[[int, int, int], Estimate] = own
        return method
    stated = component.memory()
    return None if stated is None else partial(stated, _parameters(estimator))


def _parameters(estimator: Any) -> Mapping[str, Any]:
    return estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}


def _check_parameters(component: Component, estimator: Any) -> None:
    """Refuse, before any data is read, what the estimator would refuse, and what would not end.

    Raises
    ------
    ParameterError
        In the estimator's own words, where it says them ahead.
    """
    for name, value in _parameters(estimator).items():
        largest = _LARGEST.get(name)
        if largest is not None and isinstance(value, int) and abs(value) > largest:
            raise ParameterError(
                f"{component}: {name}={value} is too large", "", f"the largest is {largest}"
            )
    validate = getattr(estimator, "_validate_params", None)
    if callable(validate) and hasattr(estimator, "_parameter_constraints"):
        with _refusals(component, estimator):
            validate()


def _inject(estimator: Any, context: Context) -> None:
    """Set every ``random_state`` and ``n_jobs`` that is None, in parts of a pipeline too.

    An ``n_jobs`` beyond the thread budget is cut to it.
    """
    if not hasattr(estimator, "get_params"):
        return
    values = {"random_state": context.seed, "n_jobs": context.threads}
    wanted = {
        name: values[name.rpartition("__")[2]]
        for name, value in estimator.get_params(deep=True).items()
        if (value is None and name.rpartition("__")[2] in values)
        or (name.rpartition("__")[2] == "n_jobs" and isinstance(value, int) and value > context.threads)
    }
    estimator.set_params(**wanted)


def _call(component: Component, method: Any, vectors: NDArray[Any], **options: Any) -> Any:
    """Call an estimator; what it refuses is a parameter error, in its own words."""
    with _refusals(component, method.__self__), warnings.catch_warnings():
        # The thread budget stands in n_jobs; some estimators warn that a seed overrides it.
        warnings.filterwarnings("ignore", message="n_jobs value")
        return method(vectors, **options)


@contextmanager
def _refusals(component: Component, estimator: Any) -> Iterator[None]:
    """Make a parameter error of a refusal, and of whatever it raises for values that were given."""
    try:
        yield
    except EmbkitError:
        raise
    except (ValueError, *_UNEXPECTED) as error:
        if not isinstance(error, ValueError) and not _given(estimator):
            raise
        message = " ".join(str(error).split()) or type(error).__name__
        fix = f"see: embkit plugins show {component.name}"
        raise ParameterError(f"{component} refused its input", message, fix) from error


def _given(estimator: Any) -> set[str]:
    """The parameters that do not have their default value, the seed and the threads left out."""
    defaults = {
        name: repr(parameter.default)
        for name, parameter in inspect.signature(type(estimator)).parameters.items()
    }
    values = _parameters(estimator).items()
    changed = {name for name, value in values if repr(value) != defaults.get(name)}
    return changed - {"random_state", "n_jobs"}


def _numbers(raw: NDArray[Any], labels: IntArray) -> IntArray:
    """The cluster that each label of an estimator has become, -1 for one that no row has."""
    numbers = np.full(int(raw.max(initial=-1)) + 1, -1, dtype=np.int64)
    numbers[raw[raw >= 0].astype(np.int64)] = labels[raw >= 0]
    return numbers


def _probabilities(estimator: Any, n_samples: int) -> NDArray[np.float64] | None:
    values = getattr(estimator, "probabilities_", None)
    if values is None:
        return None
    strengths = np.nan_to_num(np.asarray(values, dtype=np.float64))
    return strengths if strengths.shape == (n_samples,) else None
