"""Record each step of a run: time, warnings, and failures with a name on them."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from embkit.data.run import StepFailure
from embkit.errors import EmbkitError, EmbkitWarning
from embkit.plugin.blame import blamed_on
from embkit.plugin.registry import Component
from embkit.resources import peak_memory
from embkit.runs.records.log import Log
from embkit.text import format_seconds

__all__ = ["Observer", "Recorder", "Unobserved"]

Result = TypeVar("Result")


class Observer(Protocol):
    """Follows the progress of a run."""

    def started(self, step: str) -> None:
        """A step begins."""

    def progressed(self, done: float, note: str) -> None:
        """The step has done that share of its work."""

    def finished(self, step: str, seconds: float) -> None:
        """The step is over."""


class Unobserved:
    """Ignores all notifications."""

    def started(self, step: str) -> None:
        """Say nothing."""

    def progressed(self, done: float, note: str) -> None:
        """Say nothing."""

    def finished(self, step: str, seconds: float) -> None:
        """Say nothing."""


@dataclass
class Recorder:
    """Collects timings, warnings and failures while the steps run.

    Parameters
    ----------
    observer : Observer
        Notified of each step.
    saved : callable
        Seconds of work so far that was found in the cache instead.
    log : Log
        What is logged.
    """

    observer: Observer
    saved: Callable[[], float] = float
    timings: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    failures: list[StepFailure] = field(default_factory=list)
    log: Log = field(default_factory=Log)

    @contextmanager
    def step(self, label: str, component: Component | None = None) -> Iterator[None]:
        """Time a step, keep its warnings, and turn what a plugin raises into a named error."""
        self.observer.started(label)
        self.log.note(logging.DEBUG, f"{label} begins")
        began, saved = time.perf_counter(), self.saved()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                with blamed_on(component):
                    yield
            finally:
                seconds = time.perf_counter() - began
                self.timings.append(
                    {
                        "step": label,
                        "seconds": seconds,
                        "saved": self.saved() - saved,
                        "peak_memory": peak_memory(),
                    }
                )
                self.log.note(logging.INFO, f"{label}: {format_seconds(seconds)}")
                self._keep(label, caught)
                self.observer.finished(label, seconds)

    def _keep(self, label: str, caught: Sequence[warnings.WarningMessage]) -> None:
        """Keep what is meant for the user; deprecations inside libraries are not."""
        ours = (EmbkitWarning, UserWarning, RuntimeWarning)
        unwanted = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning)
        for item in caught:
            if issubclass(item.category, ours) and not issubclass(item.category, unwanted):
                line = f"{label}: {' '.join(str(item.message).split())}"
                if line not in self.notices:
                    self.notices.append(line)
                    self.log.note(logging.WARNING, line)

    def attempt(
        self,
        label: str,
        component: Component,
        work: Callable[[], Result],
        *,
        skipped_for: type[EmbkitError] | tuple[()] = (),
    ) -> Result | None:
        """Run a step whose failure does not concern the others.

        An error of the kind `skipped_for` is not a failure: it is kept as a warning,
        and says why there is no result.
        """
        try:
            with self.step(label, component):
                return work()
        except skipped_for as error:
            self.notices.append(f"{label}: skipped: {error}")
            return None
        except EmbkitError as error:
            self.failures.append(StepFailure(label, error))
            self.log.note(logging.ERROR, f"{label}: {error}")
            return None
