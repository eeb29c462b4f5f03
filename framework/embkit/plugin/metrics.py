"""A metric of scikit-learn's kind as a validator: a function of two labelings, or of rows and labels."""

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from embkit.data.labels import deal_noise
from embkit.data.results import Clustering, Validation
from embkit.errors import EmbkitError, ParameterError, PluginError
from embkit.plugin.protocols import Context
from embkit.text import plural

__all__ = ["MetricValidator", "as_validators", "is_metric"]

_EXTERNAL = ("labels_true", "labels_pred")
_INTERNAL = ("X", "labels")
_DEALS = 10  # of noise, that a score is the mean over; validator external takes as many
_KEYWORDS = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def is_metric(factory: Callable[..., Any]) -> bool:
    """Whether it is a function whose first two arguments are what scikit-learn's metrics take."""
    return inspect.isfunction(factory) and _subjects(factory) in (_EXTERNAL, _INTERNAL)


def _subjects(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)[:2]


def as_validators(function: Callable[..., Any], name: str) -> Callable[..., "MetricValidator"]:
    """A factory of validators by a metric, with the metric's further arguments as its parameters.

    Parameters
    ----------
    function : callable
        ``f(labels_true, labels_pred, ...)`` or ``f(X, labels, ...)``, returning a number.
    name : str
        The component's; its score has the same with underscores.
    """

    @wraps(function)
    def make(**params: Any) -> MetricValidator:
        return MetricValidator(name, function, params)

    signature = inspect.signature(function)
    further = list(signature.parameters.values())[2:]
    keywords = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in further
        if parameter.kind in _KEYWORDS
    ]
    make.__signature__ = signature.replace(parameters=keywords)  # type: ignore[attr-defined]  # inspect reads it
    return make


class MetricValidator:
    """Judge a clustering by one number.

    An external metric compares with the reference labels: rows without one are
    left out, and each row of noise counts as a guess, see `embkit.deal_noise`. An internal
    metric is over the clustered rows. Both state the share of clustered rows as
    ``coverage``.

    Parameters
    ----------
    name : str
        The component's name.
    function : callable
        The metric.
    params : dict
        Its further arguments. A ``random_state`` or ``n_jobs`` that is None
        becomes the run's.
    """

    def __init__(self, name: str, function: Callable[..., Any], params: dict[str, Any]) -> None:
        self.name, self.function, self.params = name, function, params

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return the score, or the reason why there is none."""
        if _subjects(self.function) == _EXTERNAL:
            return self._external(clustering, context)
        return self._internal(clustering, context)

    def _external(self, clustering: Clustering, context: Context) -> Validation:
        reference = clustering.dataset.reference
        if reference is None:
            return Validation.skip(
                "the dataset has no reference labels; a table may give them as `label`"
            )
        known = np.array([bool(label) for label in reference])
        if not known.any():
            return Validation.skip("all reference labels are empty")
        names = np.array(reference, dtype=object)[known].astype(str)
        truth = np.unique(names, return_inverse=True)[1]
        labels = clustering.labels[known]
        notes = []
        if not known.all():
            notes.append(
                f"{plural(int(np.count_nonzero(~known)), 'row')} without a reference label left out"
            )
        if (labels < 0).any():
            n_noise = int(np.count_nonzero(labels < 0))
            notes.append(f"{plural(n_noise, 'noise row')} dealt to the clusters at random")
        coverage = float((labels >= 0).mean())
        deals = range(_DEALS if (labels < 0).any() else 1)
        subjects = [(truth, deal_noise(labels, deal)) for deal in deals]
        return self._scored(subjects, coverage, notes, context)

    def _internal(self, clustering: Clustering, context: Context) -> Validation:
        clustered = clustering.labels >= 0
        if clustering.n_clusters < 2:
            return Validation.skip(f"it needs two clusters or more; there are {clustering.n_clusters}")
        notes = []
        if clustering.n_noise:
            notes.append(f"{clustering.n_noise} noise rows left out")
        vectors = clustering.dataset.vectors
        rows = vectors if clustered.all() else vectors[clustered]
        subjects = [(rows, clustering.labels[clustered])]
        return self._scored(subjects, float(clustered.mean()), notes, context)

    def _scored(
        self, subjects: Sequence[tuple[Any, Any]], coverage: float, notes: list[str], context: Context
    ) -> Validation:
        """The mean over some subjects."""
        given = {"random_state": context.seed, "n_jobs": context.threads}
        params = {
            name: given.get(name) if value is None else value for name, value in self.params.items()
        }
        try:
            values = [self.function(*subject, **params) for subject in subjects]
        except EmbkitError:
            raise
        except ValueError as error:
            message = " ".join(str(error).split())
            if not isinstance(error, TypeError):
                return Validation.skip(message)
            # scikit-learn's error about a parameter is both, whatever the data are.
            raise ParameterError(
                f"validator {self.name} refused its parameters",
                message,
                f"see: embkit plugins show {self.name}",
            ) from error
        for value in values:
            if np.ndim(value) or not np.isreal(value):
                raise PluginError(
                    f"validator {self.name}: {self.function.__name__} returned {type(value).__name__}",
                    "a metric returns one number",
                    "report it to the author of the plugin",
                )
        value = values[0] if len(values) == 1 else np.mean(values)
        score = float(value) if np.isfinite(value) else None
        if score is None:
            notes.append(f"{self.function.__name__} gave {value}")
        scores = {self.name.replace("-", "_"): score, "coverage": coverage}
        return Validation(scores, notes=tuple(notes))
