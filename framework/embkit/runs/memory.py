"""Refuse a run that would not fit in memory, before anything is allocated."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from embkit.data.configuration.request import parse_request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import distinct_rows, stays_in_files
from embkit.data.intake.pairwise import asks_for_pairs
from embkit.errors import EmbkitError, ResourceError
from embkit.plugin.blame import blamed_on
from embkit.plugin.protocols import Estimate
from embkit.plugin.registry import Registry
from embkit.plugin.steps import Step, make_step
from embkit.runs.plan import Plan
from embkit.text import format_bytes

__all__ = ["check_memory", "check_room", "memory_need"]
# As many dimensions as people reduce embeddings to, where fewer are suggested.
_NARROW = 50


def check_room(
    plan: Plan, config: RunConfig, loaded: Dataset, budget: int, registry: Registry | None = None
) -> dict[str, str]:
    """Check the memory of a plan, `check_memory`, for a dataset that was loaded and nothing more."""
    rows = min(loaded.n_samples, config.sample or loaded.n_samples)
    pairs = asks_for_pairs(config.all_requests())
    return check_memory(
        plan.acting_on(loaded, config),
        rows,
        rows if pairs and loaded.n_samples == loaded.n_features else loaded.n_features,
        max(4, loaded.vectors.itemsize),
        budget,
        pairs=pairs,
        distinct=partial(distinct_rows, loaded),
        in_files=stays_in_files(loaded.vectors, rows),
        registry=registry,
    )


def check_memory(
    plan: Plan,
    n_samples: int,
    n_features: int,
    itemsize: int,
    budget: int,
    *,
    pairs: bool = False,
    distinct: Callable[[], int] | None = None,
    in_files: bool = False,
    registry: Registry | None = None,
) -> dict[str, str]:
    """Add up what the steps will need, before anything of it is allocated.

    Parameters
    ----------
    plan : Plan
        The steps; those with a ``memory`` method state their need, and reducers
        the width of what they return.
    n_samples, n_features : int
        Shape of the dataset.
    itemsize : int
        Bytes a value takes.
    budget : int
        Bytes that may be used in all.
    pairs : bool
        Whether the dataset is a square matrix, of which a sample is narrower too.
    distinct : callable, optional
        Counts the rows that differ. It is asked only where a step that looks at
        equal rows once (``repeats_once``) would not fit otherwise.
    in_files : bool
        Whether the vectors are in files, and take memory only where a step needs them whole.
    registry : Registry, optional
        Where the clusterers are found that a refusal would name, to see whether they fit.

    Returns
    -------
    dict of str to str
        The route each such component will take.

    Raises
    ------
    ResourceError
        If a step does not fit beside the dataset, with the figure and what would.
    """
    routes = {}
    whole = [step for step in plan if not step.by_blocks and step.component.kind != "loader"]
    matrix = n_samples * n_features * itemsize
    if in_files and whole and matrix > budget:
        raise _refused_whole(whole[0], n_samples, n_features, matrix, budget)
    source = 0 if in_files and not whole else matrix
    for stage in _stages(plan, n_samples, n_features, itemsize, source):
        estimate = stage.estimate(budget)
        if estimate is None:
            continue
        if stage.resident + estimate.peak > budget and distinct is not None and stage.sees_repeats_once:
            estimate = replace(stage, n_samples=min(n_samples, distinct())).estimate(budget) or estimate
        if stage.resident + estimate.peak > budget:
            raise _refusal(stage, estimate, budget, pairs=pairs, registry=registry)
        if estimate.route:
            routes[str(stage.step.component)] = estimate.route
    return routes


def memory_need(plan: Plan, n_samples: int, n_features: int, itemsize: int, budget: int) -> int:
    """Bytes a plan needs at its worst moment, the matrices included, however much there is."""
    matrix = n_samples * n_features * itemsize
    needs = [matrix]
    for stage in _stages(plan, n_samples, n_features, itemsize, matrix):
        estimate = stage.estimate(budget)
        needs.append(stage.resident + (0 if estimate is None else estimate.peak))
    return max(needs)


@dataclass(frozen=True)
class _Stage:
    """A step, and what there is when its turn comes.

    Parameters
    ----------
    step : Step
        The step.
    n_samples, n_features : int
        Shape of the dataset that it sees.
    resident : int
        Bytes of the matrices held beside it: the source, and what reducers made of it.
    of_source : bool
        Whether its rows are the source's, not a reducer's.
    """

    step: Step
    n_samples: int
    n_features: int
    resident: int
    of_source: bool = True

    @property
    def sees_repeats_once(self) -> bool:
        """Whether equal rows of the source cost it no more than one."""
        return self.of_source and getattr(self.step.instance, "repeats_once", False)

    def estimate(self, budget: int) -> Estimate | None:
        """What the step will need beside the matrices, None if it does not say."""
        memory = getattr(self.step.instance, "memory", None)
        if not callable(memory):
            return None
        with blamed_on(self.step.component, "memory"):
            estimate = memory(self.n_samples, self.n_features, budget - self.resident)
        return estimate if isinstance(estimate, Estimate) else None


def _refused_whole(
    step: Step, n_samples: int, n_features: int, matrix: int, budget: int
) -> ResourceError:
    rows = int(budget / 2 / matrix * n_samples)
    scale = 10 ** max(0, len(str(rows)) - 2)
    return ResourceError(
        f"{step.component} needs all vectors in memory: {format_bytes(matrix)} for {n_samples} rows"
        f" x {n_features}, the budget is {format_bytes(budget)}",
        "it does not read them block by block",
        f"what would fit: --sample {rows // scale * scale}; leaving it out; a larger --memory",
    )


def _stages(plan: Plan, n_samples: int, n_features: int, itemsize: int, source: int) -> Iterator[_Stage]:
    resident = source
    width = n_features
    for step in plan:
        of_source = step.of_source or resident == source
        yield _Stage(step, n_samples, n_features if step.of_source else width, resident, of_source)
        if step.component.kind == "reducer":
            width = _width_after(step, n_samples, width)
            resident = source + n_samples * width * itemsize


def _width_after(step: Step, n_samples: int, n_features: int) -> int:
    """Dimensions of what a reducer returns: as it states, else as many as went in."""
    stated = getattr(step.instance, "n_features_out", None)
    if callable(stated):
        with blamed_on(step.component, "n_features_out"):
            return int(stated(n_samples, n_features))
    n_components = step.params.get("n_components")
    return n_components if type(n_components) is int else n_features


def _refusal(
    stage: _Stage, estimate: Estimate, budget: int, *, pairs: bool, registry: Registry | None
) -> ResourceError:
    resident, rows, width = stage.resident, stage.n_samples, stage.n_features
    beyond = pairs or resident >= budget  # no other computation helps
    others = [] if beyond else [way for way in estimate.alternatives if way != "--sample N"]
    ways = [way for way in others if registry is None or _would_fit(way, stage, budget, registry)]
    narrow = None if beyond else replace(stage, n_features=_NARROW).estimate(budget)
    if width > _NARROW and narrow is not None and resident + narrow.peak <= budget:
        ways.append(f"--reducer pca:n_components={_NARROW}")
    largest = _largest_fitting(stage, budget, pairs=pairs)
    ways += [f"--sample {largest}"] if largest >= 2 else []
    route = f" ({estimate.route})" if estimate.route else ""
    return ResourceError(
        f"{stage.step.component} needs {format_bytes(resident + estimate.peak)}{route} for {rows} rows"
        f" x {width}, the budget is {format_bytes(budget)}",
        f"the matrix takes {format_bytes(resident)}, the computation {format_bytes(estimate.peak)}",
        f"what would fit: {'; '.join(ways) or 'a larger --memory'}",
    )


def _would_fit(way: str, stage: _Stage, budget: int, registry: Registry) -> bool:
    """Whether a way out is another clusterer that fits, or no clusterer at all."""
    named = re.fullmatch(r"--clusterer (\S+)", way)
    if named is None or stage.step.component.kind != "clusterer":
        return True
    try:
        step = make_step(registry, "clusterer", parse_request(named[1]))
    except EmbkitError:  # a plugin that is switched off
        return False
    estimate = replace(stage, step=step).estimate(budget)
    return estimate is None or stage.resident + estimate.peak <= budget


def _largest_fitting(stage: _Stage, budget: int, *, pairs: bool) -> int:
    """The number of rows up to which the step fits, two digits of it, by bisection."""
    low, high = 0, stage.n_samples
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        width = middle if pairs else stage.n_features
        resident = stage.resident * middle * width // (stage.n_samples * stage.n_features)
        smaller = replace(stage, n_samples=middle, n_features=width, resident=resident)
        estimate = smaller.estimate(budget)
        fits = estimate is not None and resident + estimate.peak <= budget
        low, high = (middle, high) if fits else (low, middle)
    scale: int = 10 ** max(0, len(str(low)) - 2)
    return low // scale * scale
