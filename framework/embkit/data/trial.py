"""One cell of a study: what it is, how it ended, and what is known of it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import IntArray
from embkit.data.names import Names
from embkit.data.score import Score

__all__ = ["Outcome", "Status", "Trial", "TrialRecord"]


class Status(StrEnum):
    """The end of a trial."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OOM = "oom"
    INTERRUPTED = "interrupted"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Trial:
    """One run of a study.

    Parameters
    ----------
    key : str
        Digest of everything that decides its result; names its folder.
    dataset : str
        Label of the dataset.
    reducers : str
        The chain of reducers as text, empty for none.
    clusterer : str
        Name of the clusterer.
    params : mapping
        The clusterer's parameters that were stated.
    seed : int
        The declared seed of the study that it belongs to.
    config : RunConfig
        The run, with the seed derived for it.
    unavailable : str, optional
        Why it cannot run here: a component is missing or refuses its parameters.
    """

    key: str
    dataset: str
    reducers: str
    clusterer: str
    params: Mapping[str, Any]
    seed: int
    config: RunConfig
    unavailable: str | None = None

    @property
    def derived_seed(self) -> int | None:
        """The seed that its run has: made of the declared one and of what decides its labels."""
        return self.config.seed

    @property
    def label(self) -> str:
        """Its title in progress lines and tables."""
        parts = [
            self.dataset,
            self.reducers,
            str(Request(self.clusterer, self.params)),
            f"seed {self.seed}",
        ]
        return " | ".join(part for part in parts if part)

    def to_mapping(self) -> dict[str, Any]:
        """A JSON-like mapping from which `from_mapping` makes the same trial."""
        return {**vars(self), "config": self.config.to_mapping()}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Trial":
        """The trial that `to_mapping` wrote."""
        return cls(**{**mapping, "config": RunConfig.from_mapping(mapping["config"], "trial")})


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Parameters
    ----------
    status : Status
        The end.
    reason : str
        Why, unless it is done.
    stderr : str
        The last lines the trial's process wrote.
    seconds : float
        Wall-clock time of the process.
    run : str
        The run of the study in which it ended, as `StudyFolder.locked` names it.
    """

    status: Status
    reason: str = ""
    stderr: str = ""
    seconds: float = 0.0
    run: str = ""


@dataclass(frozen=True, eq=False)
class TrialRecord:
    """One trial and what it found.

    Parameters
    ----------
    trial : Trial
        What it was to do.
    outcome : Outcome
        How it ended.
    labels : ndarray of int64 or None
        Cluster of each row of the dataset, -1 is noise; None unless it is done.
    scores : mapping of (str, str) to float
        Numbers by validator and score; what was skipped is missing.
    ranked : mapping of (str, str) to Score
        Which of the scores can be ranked, by validator and score as above.
    words : mapping of (str, str) to str
        Scores that are words, such as the metric that a validator used.
    failures : mapping of str to str
        Validators and pictures that failed, each with the reason.
    cluster_seconds : float or None
        Time of the clusterer with all that it needs, whether or not that was
        at hand already.
    peak_memory : int or None
        Largest resident size of its process, in bytes.
    names : Names or None
        What its clusters are called; None without a namer.
    """

    trial: Trial
    outcome: Outcome
    labels: IntArray | None = None
    scores: Mapping[tuple[str, str], float] = field(default_factory=dict)
    ranked: Mapping[tuple[str, str], Score] = field(default_factory=dict)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    cluster_seconds: float | None = None
    peak_memory: int | None = None
    names: Names | None = None

    @property
    def method(self) -> str:
        """Reducers and clusterer with their parameters: what is compared, whatever the seed."""
        clusterer = str(Request(self.trial.clusterer, self.trial.params))
        return f"{self.trial.reducers} -> {clusterer}" if self.trial.reducers else clusterer
