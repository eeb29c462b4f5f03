"""The chains of components that ``diff`` and ``inspect`` stand for."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request, as_request
from embkit.errors import ParameterError
from embkit.files.several import is_folder
from embkit.files.sources import check_source
from embkit.plugin.registry import Component, Registry
from embkit.plugin.specs import ValidatorSpec, VisualizerSpec

__all__ = [
    "check_runs",
    "comparison_chain",
    "of_datasets",
    "pages_with",
    "refuse_thresholds",
    "threshold_chain",
    "thresholds",
]


def thresholds(lower: float | None, upper: float | None) -> tuple[float, float]:
    """Two thresholds in order.

    Raises
    ------
    ParameterError
        If one is missing or not finite, or they are equal.
    """
    if lower is None or upper is None:
        missing = "--from" if lower is None else "--to"
        raise ParameterError(
            f"{missing} is missing",
            "a diff is between two thresholds",
            "give --from 0.20 --to 0.25, or two runs",
        )
    if not (math.isfinite(lower) and math.isfinite(upper)):
        raise ParameterError(
            f"--from {lower:g} --to {upper:g}", "thresholds are finite numbers", "give two that are"
        )
    if upper == lower:
        raise ParameterError(
            f"--from and --to are both {upper:g}",
            "nothing merges between equal thresholds",
            "give two that differ",
        )
    return min(lower, upper), max(lower, upper)


def refuse_thresholds(lower: float | None, upper: float | None) -> None:
    """Refuse thresholds where two runs are compared.

    Raises
    ------
    ParameterError
        If one is given.
    """
    if lower is not None or upper is not None:
        raise ParameterError(
            f"{'--from' if lower is not None else '--to'}, and two runs",
            "runs are compared by their labels",
            "leave the thresholds out, or give one source",
        )


def threshold_chain(
    low: float, high: float, *, linkage: str, metric: str, sort: str, show: int
) -> dict[str, Any]:
    """What tells which clusters at the lower threshold are one at the higher."""
    clusterer = {
        "name": "agglomerative",
        "linkage": linkage,
        "metric": metric,
        "distance_threshold": low,
    }
    return {
        "clusterer": clusterer,
        "validators": [{"name": "threshold-diff", "to": high, "sort": sort, "show": show}],
        "visualizers": [{"name": "dendrogram", "to": high}],
    }


def check_runs(first: Any, second: Any) -> None:
    """Refuse what has no labels to compare, before anything is computed.

    Parameters
    ----------
    first, second : str, Path or Run
        Folders of runs are looked at; the second may be a file of labels.

    Raises
    ------
    DataError
        If the second is not there, or a folder without labels.
    ParameterError
        If one is the folder of a study.
    """
    folders = [Path(place) for place in (first, second) if isinstance(place, str | Path)]
    for place in folders:
        if (place / "study.json").is_file():
            raise ParameterError(
                f"{place} is a study",
                "runs are compared with runs, and studies with studies",
                "give two of a kind; the runs of a study are in its trials folder",
            )
    if isinstance(second, str | Path):
        check_source(Path(second, "labels.csv") if is_folder(second) else second)


def comparison_chain(first: str, second: str) -> dict[str, Any]:
    """What judges the labels of one run against those of another."""
    return {
        "clusterer": {"name": "recorded", "labels": first},
        "validators": [{"name": "agreement", "other": second}],
    }


def pages_with(exporters: Sequence[Request], parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The exporters, with parameters for the page that shows a diff."""
    return [
        {**(parameters if request.name == "page" else {}), **request.to_mapping()}
        for request in exporters
    ]


def of_datasets(registry: Registry, kind: str, asked: Sequence[Any] = ()) -> list[Any]:
    """The components of a kind whose subject is a dataset, or those of them that were named.

    Parameters
    ----------
    registry : Registry
        Where components are found.
    kind : {"validator", "visualizer"}
        Which kind.
    asked : sequence of str, mapping or Request
        Which of them; all if there are none.

    Raises
    ------
    ParameterError
        If one is asked for whose subject is a clustering.
    """
    if asked:
        for request in map(as_request, asked):
            component = registry.get(kind, request.name)
            if not _is_of_dataset(component):
                raise ParameterError(
                    f"inspect: {component} needs clusters",
                    "inspect makes none",
                    f"use: embkit run --{'viz' if kind == 'visualizer' else kind} {request}",
                )
        return list(asked)
    return [each.name for each in registry.components(kind) if _is_of_dataset(each)]


def _is_of_dataset(component: Component) -> bool:
    spec = component.spec
    return isinstance(spec, ValidatorSpec | VisualizerSpec) and spec.subject == "dataset"
