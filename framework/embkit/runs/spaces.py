"""Whose vectors a step looks at, and what its results are called where there are several kinds."""

from collections.abc import Mapping
from dataclasses import replace

from embkit.data.dataset import Dataset
from embkit.data.results import Validation
from embkit.plugin.specs import ValidatorSpec
from embkit.plugin.steps import Step
from embkit.text import plural

__all__ = ["in_space", "of_space", "result_name"]


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


def result_name(step: Step, kept: Mapping[str, Step]) -> str:
    """What the result of a step is called: another name than those kept so far.

    A second of one kind that looks at other vectors than the first is ``NAME-of-source`` or
    ``NAME-of-reduced``; any other is ``NAME-2``, ``NAME-3`` and so on.

    Parameters
    ----------
    step : Step
        Whose result it is.
    kept : mapping of str to Step
        The steps whose results were kept, by the names of these.
    """
    name = step.component.name
    if name not in kept:
        return name
    told = f"{name}-of-{'source' if step.of_source else 'reduced'}"
    if step.of_source != kept[name].of_source and told not in kept:
        return told
    return f"{name}-{1 + sum(other.component.name == name for other in kept.values())}"
