"""embkit: cluster embeddings, check the clusters, and see them.

The names below are the public interface. They are imported when first used, so
that ``import embkit`` (which every plugin does) costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embkit.api import load as load
    from embkit.api import run as run
    from embkit.api import study as study
    from embkit.data import Artifact as Artifact
    from embkit.data import Clustering as Clustering
    from embkit.data import Dataset as Dataset
    from embkit.data import Table as Table
    from embkit.data import Validation as Validation
    from embkit.errors import DataError as DataError
    from embkit.errors import EmbkitError as EmbkitError
    from embkit.errors import EmbkitWarning as EmbkitWarning
    from embkit.errors import ExitCode as ExitCode
    from embkit.errors import LockedError as LockedError
    from embkit.errors import MissingExtraError as MissingExtraError
    from embkit.errors import ParameterError as ParameterError
    from embkit.errors import PluginError as PluginError
    from embkit.errors import ResourceError as ResourceError
    from embkit.estimator import as_estimator as as_estimator
    from embkit.hookspecs import hookimpl as hookimpl
    from embkit.protocols import Context as Context
    from embkit.protocols import Estimate as Estimate
    from embkit.runner import Run as Run
    from embkit.specs import ArtifactSpec as ArtifactSpec
    from embkit.specs import ClustererSpec as ClustererSpec
    from embkit.specs import LoaderSpec as LoaderSpec
    from embkit.specs import ReducerSpec as ReducerSpec
    from embkit.specs import ReporterSpec as ReporterSpec
    from embkit.specs import ValidatorSpec as ValidatorSpec
    from embkit.specs import VisualizerSpec as VisualizerSpec
    from embkit.studies.results import Report as Report
    from embkit.studies.results import StudyRecord as StudyRecord

__version__ = "0.1.0"

_HOMES = {
    "api": ("load", "run", "study"),
    "data": ("Artifact", "Clustering", "Dataset", "Table", "Validation"),
    "estimator": ("as_estimator",),
    "errors": (
        "DataError",
        "EmbkitError",
        "EmbkitWarning",
        "ExitCode",
        "LockedError",
        "MissingExtraError",
        "ParameterError",
        "PluginError",
        "ResourceError",
    ),
    "hookspecs": ("hookimpl",),
    "protocols": ("Context", "Estimate"),
    "runner": ("Run",),
    "specs": (
        "ArtifactSpec",
        "ClustererSpec",
        "LoaderSpec",
        "ReducerSpec",
        "ReporterSpec",
        "ValidatorSpec",
        "VisualizerSpec",
    ),
    "studies.results": ("Report", "StudyRecord"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]  # noqa: PLE0604 - computed from the table above


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'embkit' has no attribute {name!r}")
    value = getattr(import_module(f"embkit.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
