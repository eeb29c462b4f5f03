"""Methods compared on a dataset, each with a trial for every seed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from embkit import IntArray, Request, Status, StudyRecord, TrialRecord

__all__ = ["Method", "Names", "Spread", "methods_of", "spread"]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Spread:
    """A mean over seeds, and the interval that its true value lies in with 95 % confidence.

    Parameters
    ----------
    mean : float
        Over the seeds.
    low, high : float or None
        Ends of Student's interval; None where there is one seed only.
    count : int
        Number of seeds.
    """

    mean: float
    low: float | None
    high: float | None
    count: int


def spread(values: Sequence[float]) -> Spread:
    """Mean and 95 % interval by Student's t with ``len(values) - 1`` degrees of freedom."""
    from scipy.stats import t

    count, mean = len(values), float(np.mean(values))
    if count < 2:
        return Spread(mean, None, None, count)
    deviation = float(np.std(values, ddof=1))
    if deviation <= _ROUNDING * abs(mean):
        return Spread(mean, mean, mean, count)
    reach = float(t.ppf(0.975, count - 1)) * deviation / np.sqrt(count)
    return Spread(mean, mean - reach, mean + reach, count)


@dataclass(frozen=True, eq=False)
class Method:
    """One way to cluster a dataset: reducers, clusterer and parameters.

    Parameters
    ----------
    name : str
        As in the tables: what tells it from the others.
    trials : tuple of TrialRecord
        Those that are done and have labels, one a seed.
    n_failed : int
        Seeds for which the trial ended otherwise.
    """

    name: str
    trials: tuple[TrialRecord, ...]
    n_failed: int = 0

    @cached_property
    def labelings(self) -> tuple[IntArray, ...]:
        """Labels of each trial."""
        return tuple(trial.labels for trial in self.trials if trial.labels is not None)

    @property
    def clusters(self) -> tuple[int, int]:
        """Fewest and most clusters over the seeds."""
        counts = [int(labels.max(initial=-1)) + 1 for labels in self.labelings]
        return min(counts), max(counts)

    @property
    def coverage(self) -> float:
        """Mean share of rows that are in a cluster, 0 to 1."""
        return float(np.mean([np.mean(labels >= 0) for labels in self.labelings]))

    @property
    def seconds(self) -> float | None:
        """Time of the clusterer: the longest over the seeds.

        Work that trials share is done by one of them, so the shortest says little.
        """
        return max(_known(trial.cluster_seconds for trial in self.trials), default=None)

    @property
    def memory(self) -> float | None:
        """Largest resident size of a trial's process, in bytes."""
        return max(_known(trial.peak_memory for trial in self.trials), default=None)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def methods_of(study: StudyRecord, dataset: str) -> list[Method]:
    """The methods with results on a dataset, in the order of the plan."""
    names = Names.of(study)
    found: dict[str, list[TrialRecord]] = {}
    failed: Counter[str] = Counter()
    for record in study.trials:
        if record.trial.dataset != dataset:
            continue
        if record.outcome.status is Status.DONE:
            found.setdefault(names.short(record), []).append(record)
        elif record.outcome.status is not Status.INTERRUPTED:
            failed[names.short(record)] += 1
    methods = [Method(name, tuple(trials), failed[name]) for name, trials in found.items()]
    return [method for method in methods if method.labelings]


@dataclass(frozen=True)
class Names:
    """Names of methods, without the parts that all of them share.

    Parameters
    ----------
    reducers : str or None
        The chain that all of them have; None where they differ.
    shared : mapping of str to mapping
        By clusterer, the parameters that have one value in all its settings.
    """

    reducers: str | None
    shared: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, study: StudyRecord) -> "Names":
        """Find out what the trials of a study share."""
        chains = {record.trial.reducers for record in study.trials}
        settings: dict[str, list[Mapping[str, Any]]] = {}
        for record in study.trials:
            settings.setdefault(record.trial.clusterer, []).append(record.trial.params)
        shared = {
            clusterer: {
                key: value
                for key, value in params[0].items()
                if all(key in other and other[key] == value for other in params)
            }
            for clusterer, params in settings.items()
        }
        return cls(chains.pop() if len(chains) == 1 else None, shared)

    def short(self, record: TrialRecord) -> str:
        """The clusterer with the parameters in which it differs, after reducers where they differ."""
        shared = self.shared[record.trial.clusterer]
        own = {key: value for key, value in record.trial.params.items() if key not in shared}
        name = str(Request(record.trial.clusterer, own))
        if self.reducers is not None:
            return name
        return f"{record.trial.reducers or 'no reducer'} -> {name}"
