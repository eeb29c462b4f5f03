"""In which order trials run, so that what one computes the next ones find."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import chain, zip_longest

from embkit.data.trial import Trial

__all__ = ["running_order"]


def running_order(trials: Sequence[Trial], jobs: int) -> list[Trial]:
    """Put trials that need the same neither far apart nor at the same time.

    Trials of one dataset share neighbours, trees and projections. The first of
    every dataset come first: they make what the others share, so they take
    longest, and no job waits for another's. Then so many datasets as there are
    jobs are worked on side by side, and settings of one clusterer take turns
    with those of others.

    Parameters
    ----------
    trials : sequence of Trial
        In the order of the plan.
    jobs : int
        Trials at a time.
    """
    sources = _groups(trials, lambda trial: (trial.dataset, trial.reducers))
    mixed = [_in_turn(_groups(source, lambda trial: trial.clusterer)) for source in sources]
    firsts = [source[0] for source in mixed]
    others = [source[1:] for source in mixed]
    return firsts + [trial for some in _batched(others, jobs) for trial in _in_turn(some)]


def _groups(trials: Iterable[Trial], key: Callable[[Trial], Hashable]) -> list[list[Trial]]:
    found: dict[Hashable, list[Trial]] = {}
    for trial in trials:
        found.setdefault(key(trial), []).append(trial)
    return list(found.values())


def _batched(groups: Sequence[list[Trial]], size: int) -> Iterable[Sequence[list[Trial]]]:
    return (groups[start : start + size] for start in range(0, len(groups), size))


def _in_turn(groups: Sequence[Sequence[Trial]]) -> list[Trial]:
    """The first of every group, then the second of every group, and so on."""
    return [trial for trial in chain.from_iterable(zip_longest(*groups)) if trial is not None]
