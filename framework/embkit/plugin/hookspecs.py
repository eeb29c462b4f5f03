"""The hooks of embkit: seven in which a plugin offers components, two that tell it what happened.

A plugin is a module named by an entry point of the group ``embkit``. Its hook
implementations take no arguments and yield specs; they import nothing heavy,
because they run whenever names are listed::

    import embkit

    @embkit.hookimpl
    def embkit_register_clusterers():
        yield embkit.ClustererSpec(
            "k-medoids", "my_package.kmedoids:KMedoids", summary="Partition around medoids."
        )

No hook ever chooses a component: names do.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from embkit.plugin.specs import (
    ArtifactSpec,
    ClustererSpec,
    LoaderSpec,
    ReducerSpec,
    ReporterSpec,
    ValidatorSpec,
    VisualizerSpec,
)

if TYPE_CHECKING:
    from embkit.data.run import Run
    from embkit.data.trial import Outcome, Trial

__all__ = ["API_VERSION", "PROJECT", "HookSpecs", "hookimpl", "hookspec"]

PROJECT = "embkit"
API_VERSION = 1
"""The number a plugin states as ``embkit_api``; it changes when a contract does."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """The hook signatures; a plugin implements those it needs as functions."""

    @hookspec
    def embkit_register_loaders(self) -> Iterable[LoaderSpec]:
        """Offer loaders. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_register_reducers(self) -> Iterable[ReducerSpec]:
        """Offer reducers. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_register_artifacts(self) -> Iterable[ArtifactSpec]:
        """Offer artifacts. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_register_clusterers(self) -> Iterable[ClustererSpec]:
        """Offer clusterers. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_register_validators(self) -> Iterable[ValidatorSpec]:
        """Offer validators. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_register_visualizers(self) -> Iterable[VisualizerSpec]:
        """Offer visualizers. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_register_reporters(self) -> Iterable[ReporterSpec]:
        """Offer reporters. Called once, when names are first needed."""
        yield from ()

    @hookspec
    def embkit_run_finished(self, run: "Run") -> None:
        """A run is complete and its folder, if it has one, is in place.

        Called for successful runs only. What it raises is reported as a warning
        that names the plugin; the run stands.
        """

    @hookspec
    def embkit_trial_finished(self, trial: "Trial", outcome: "Outcome") -> None:
        """A trial of a study has ended, in whichever way.

        Called in the study's own process, not in the trial's. What it raises
        does not concern the study.
        """
