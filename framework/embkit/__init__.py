"""embkit: cluster embeddings, check the clusters, and see them.

The names below are the public interface. They are imported when first used, so
that ``import embkit`` (which every plugin does) costs next to nothing.
"""

from importlib import import_module

from embkit.__about__ import __version__

# Not of typing: nothing is imported here that ``python -m embkit`` would take from the folder it
# is started in.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from embkit.api.assigning import assign as assign
    from embkit.api.comparing import diff as diff
    from embkit.api.exporting import components as components
    from embkit.api.exporting import export as export
    from embkit.api.inspecting import inspect as inspect
    from embkit.api.inspecting import replay as replay
    from embkit.api.loading import load as load
    from embkit.api.opening import open_run as open_run
    from embkit.api.opening import open_study as open_study
    from embkit.api.running import run as run
    from embkit.api.studying import study as study
    from embkit.data.assignment import Assignment as Assignment
    from embkit.data.blocks import HELD_BYTES as HELD_BYTES
    from embkit.data.blocks import Blocks as Blocks
    from embkit.data.blocks import FileRows as FileRows
    from embkit.data.blocks import RowSource as RowSource
    from embkit.data.blocks import stacked as stacked
    from embkit.data.configuration.request import Request as Request
    from embkit.data.dataset import Dataset as Dataset
    from embkit.data.dataset import Fitted as Fitted
    from embkit.data.dataset import FloatArray as FloatArray
    from embkit.data.dataset import Floats as Floats
    from embkit.data.dataset import IntArray as IntArray
    from embkit.data.dataset import Table as Table
    from embkit.data.intake.pairwise import check_distances as check_distances
    from embkit.data.labels import canonical_labels as canonical_labels
    from embkit.data.labels import deal_noise as deal_noise
    from embkit.data.matrix import check_matrix as check_matrix
    from embkit.data.names import EDITED as EDITED
    from embkit.data.names import Groups as Groups
    from embkit.data.names import Name as Name
    from embkit.data.names import Names as Names
    from embkit.data.results import Artifact as Artifact
    from embkit.data.results import Clustering as Clustering
    from embkit.data.results import Validation as Validation
    from embkit.data.run import Run as Run
    from embkit.data.score import Score as Score
    from embkit.data.spooled import SpooledRows as SpooledRows
    from embkit.data.study import StudyRecord as StudyRecord
    from embkit.data.trial import Outcome as Outcome
    from embkit.data.trial import Status as Status
    from embkit.data.trial import Trial as Trial
    from embkit.data.trial import TrialRecord as TrialRecord
    from embkit.errors import DataError as DataError
    from embkit.errors import EmbkitError as EmbkitError
    from embkit.errors import EmbkitWarning as EmbkitWarning
    from embkit.errors import ExitCode as ExitCode
    from embkit.errors import LockedError as LockedError
    from embkit.errors import MissingExtraError as MissingExtraError
    from embkit.errors import ParameterError as ParameterError
    from embkit.errors import PluginError as PluginError
    from embkit.errors import ResourceError as ResourceError
    from embkit.estimator import ClustererEstimator as ClustererEstimator
    from embkit.estimator import as_estimator as as_estimator
    from embkit.plugin.hookspecs import hookimpl as hookimpl
    from embkit.plugin.protocols import Context as Context
    from embkit.plugin.protocols import Estimate as Estimate
    from embkit.plugin.registry import Component as Component
    from embkit.plugin.specs import ArtifactSpec as ArtifactSpec
    from embkit.plugin.specs import ClustererSpec as ClustererSpec
    from embkit.plugin.specs import ExporterSpec as ExporterSpec
    from embkit.plugin.specs import LoaderSpec as LoaderSpec
    from embkit.plugin.specs import NamerSpec as NamerSpec
    from embkit.plugin.specs import ReducerSpec as ReducerSpec
    from embkit.plugin.specs import ValidatorSpec as ValidatorSpec
    from embkit.plugin.specs import VisualizerSpec as VisualizerSpec
    from embkit.resources import available_memory as available_memory
    from embkit.runs.records.replay import Replay as Replay
    from embkit.studies.comparing import StudyDiff as StudyDiff
    from embkit.studies.study import Study as Study
    from embkit.transformer import ReducerTransformer as ReducerTransformer
    from embkit.transformer import as_transformer as as_transformer

_HOMES = {
    "api.assigning": ("assign",),
    "api.comparing": ("diff",),
    "api.inspecting": ("inspect", "replay"),
    "api.exporting": ("components", "export"),
    "api.loading": ("load",),
    "api.opening": ("open_run", "open_study"),
    "api.running": ("run",),
    "api.studying": ("study",),
    "data.assignment": ("Assignment",),
    "data.blocks": ("HELD_BYTES", "Blocks", "FileRows", "RowSource", "stacked"),
    "data.dataset": ("Dataset", "Fitted", "FloatArray", "Floats", "IntArray", "Table"),
    "data.labels": ("canonical_labels", "deal_noise"),
    "data.matrix": ("check_matrix",),
    "data.intake.pairwise": ("check_distances",),
    "data.names": ("EDITED", "Groups", "Name", "Names"),
    "data.configuration.request": ("Request",),
    "data.results": ("Artifact", "Clustering", "Validation"),
    "data.score": ("Score",),
    "data.spooled": ("SpooledRows",),
    "data.run": ("Run",),
    "data.study": ("StudyRecord",),
    "data.trial": ("Outcome", "Status", "Trial", "TrialRecord"),
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
    "estimator": ("ClustererEstimator", "as_estimator"),
    "transformer": ("ReducerTransformer", "as_transformer"),
    "plugin.hookspecs": ("hookimpl",),
    "plugin.protocols": ("Context", "Estimate"),
    "plugin.registry": ("Component",),
    "plugin.specs": (
        "ArtifactSpec",
        "ClustererSpec",
        "ExporterSpec",
        "LoaderSpec",
        "NamerSpec",
        "ReducerSpec",
        "ValidatorSpec",
        "VisualizerSpec",
    ),
    "resources": ("available_memory",),
    "runs.records.replay": ("Replay",),
    "studies.comparing": ("StudyDiff",),
    "studies.study": ("Study",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]  # noqa: PLE0604 - computed from the table above


def __getattr__(name: str) -> "Any":
    if name not in _HOME_OF:
        raise AttributeError(f"module 'embkit' has no attribute {name!r}")
    value = getattr(import_module(f"embkit.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
