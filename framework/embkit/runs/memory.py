"""Refuse a run that would not fit in memory, before anything is allocated."""

from embkit.errors import ResourceError
from embkit.plugin.blame import naming
from embkit.plugin.protocols import Estimate
from embkit.plugin.steps import Step
from embkit.runs.plan import Plan
from embkit.text import format_bytes

__all__ = ["check_memory", "memory_need"]
# As many dimensions as people reduce embeddings to, where fewer are suggested.
_NARROW = 50


def check_memory(
    plan: Plan, n_samples: int, n_features: int, itemsize: int, budget: int
) -> dict[str, str]:
    """Add up what the steps will need, before anything of it is allocated.

    Parameters
    ----------
    plan : Plan
        The steps; those with a ``memory`` method state their need.
    n_samples, n_features : int
        Shape of the dataset.
    itemsize : int
        Bytes a value takes.
    budget : int
        Bytes that may be used in all.

    Returns
    -------
    dict of str to str
        The route each such component will take.

    Raises
    ------
    ResourceError
        If a step does not fit beside the dataset, with the figure and what would.
    """
    resident = n_samples * n_features * itemsize
    routes = {}
    for step in plan:
        estimate = _estimate(step, n_samples, n_features, budget - resident)
        if estimate is None:
            n_features = getattr(step.instance, "n_components", n_features)
            continue
        if resident + estimate.peak > budget:
            raise _refusal(step, estimate, n_samples, n_features, resident, budget)
        if estimate.route:
            routes[str(step.component)] = estimate.route
        n_features = getattr(step.instance, "n_components", n_features)
    return routes


def memory_need(plan: Plan, n_samples: int, n_features: int, itemsize: int, budget: int) -> int:
    """Bytes a plan needs at its worst moment, the matrix included, however much there is."""
    resident = n_samples * n_features * itemsize
    estimates = (_estimate(step, n_samples, n_features, budget - resident) for step in plan)
    return resident + max((item.peak for item in estimates if item is not None), default=0)


def _estimate(step: Step, n_samples: int, n_features: int, budget: int) -> Estimate | None:
    memory = getattr(step.instance, "memory", None)
    if not callable(memory):
        return None
    width = n_features if isinstance(n_features, int) else 1
    with naming(step.component, "memory"):
        estimate = memory(n_samples, width, budget)
    return estimate if isinstance(estimate, Estimate) else None


def _refusal(
    step: Step, estimate: Estimate, n_samples: int, n_features: int, resident: int, budget: int
) -> ResourceError:
    largest = _largest_fitting(step, n_samples, n_features, resident / n_samples, budget)
    ways = list(estimate.alternatives)
    narrow = _estimate(step, n_samples, _NARROW, budget - resident)
    if n_features > _NARROW and narrow is not None and resident + narrow.peak <= budget:
        ways.append(f"--reducer pca:n_components={_NARROW}")
    ways += [f"--sample {largest}"] if largest >= 2 else []
    route = f" ({estimate.route})" if estimate.route else ""
    return ResourceError(
        f"{step.component} needs {format_bytes(resident + estimate.peak)}{route} for {n_samples} rows"
        f" x {n_features}, the budget is {format_bytes(budget)}",
        f"the matrix takes {format_bytes(resident)}, the computation {format_bytes(estimate.peak)}",
        f"what would fit: {'; '.join(ways) or 'a larger --memory'}",
    )


def _largest_fitting(step: Step, n_samples: int, n_features: int, row_bytes: float, budget: int) -> int:
    """The number of rows up to which the step fits, two digits of it, by bisection."""
    low, high = 0, n_samples
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        resident = int(middle * row_bytes)
        estimate = _estimate(step, middle, n_features, budget - resident)
        fits = estimate is not None and resident + estimate.peak <= budget
        low, high = (middle, high) if fits else (low, middle)
    scale: int = 10 ** max(0, len(str(low)) - 2)
    return low // scale * scale
