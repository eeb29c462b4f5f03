"""Whose vectors a step looks at, and what its results are called where there are several kinds."""

from collections.abc import Iterable
from dataclasses import replace

from embkit.data.dataset import Dataset
from embkit.data.results import Validation
from embkit.plugin.specs import ValidatorSpec
from embkit.plugin.steps import Step
from embkit.text import plural

__all__ = ["in_space", "of_space", "result_names"]


def in_space(reduced: Dataset, before: Dataset, step: Step) -> Dataset:
    """A reduced dataset that says which reducers made it."""
    chain = f"{before.space} -> {step.component.name}" if before.space else step.component.name
    return replace(reduced, space=chain)


def of_space(validation: Validation, step: Step, dataset: Dataset, *, several: bool) -> Validation:
    """A validation that says whose vectors it is about, where there are several and they matter."""
    spec = step.component.spec
    scores = spec.scores.values() if isinstance(spec, ValidatorSpec) else ()
    if not several or (scores and all(score.external for score in scores)):
        return validation
    whose = f"after {dataset.space}" if dataset.space else "of the source"
    return replace(validation, space=f"{whose} ({plural(dataset.n_features, 'dimension')})")


def result_names(steps: Iterable[Step]) -> list[str]:
    """What the results of each step are called: no two alike.

    A second of one kind that looks at other vectors than the first is ``NAME-of-source`` or
    ``NAME-of-reduced``; any other is ``NAME-2``, ``NAME-3`` and so on.
    """
    first: dict[str, Step] = {}
    counts: dict[str, int] = {}
    names: list[str] = []
    for step in steps:
        name = step.component.name
        counts[name] = counts.get(name, 0) + 1
        told = f"{name}-of-{'source' if step.of_source else 'reduced'}"
        if counts[name] == 1:
            first[name] = step
            names.append(name)
        elif step.of_source != first[name].of_source and told not in names:
            names.append(told)
        else:
            names.append(f"{name}-{counts[name]}")
    return names
