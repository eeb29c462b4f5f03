"""The hooks of embkit: one a kind in which a plugin offers components, two that say what happened.

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

from collections.abc import Callable, Iterable
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import pluggy

from embkit.plugin.kinds import KINDS, Kind
from embkit.plugin.specs import Spec

if TYPE_CHECKING:
    from embkit.data.run import Run
    from embkit.data.trial import Outcome, Trial

__all__ = ["API_VERSION", "PROJECT", "HookSpecs", "hookimpl", "hookspec"]

PROJECT = "embkit"
API_VERSION = 1
"""The number a plugin states as ``embkit_api``; it changes when a contract does."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def embkit_run_finished(self: Any, run: "Run") -> None:
    """A run is complete and its folder, if it has one, is in place.

    Called for successful runs only. What it raises is reported as a warning
    that names the plugin; the run stands.
    """


@hookspec
def embkit_trial_finished(self: Any, trial: "Trial", outcome: "Outcome") -> None:
    """A trial of a study has ended, in whichever way.

    Called in the study's own process, not in the trial's. Exceptions are ignored.
    """


def _registration(kind: Kind) -> Callable[[Any], Iterable[Spec]]:
    """The hook in which a plugin offers components of a kind."""

    def register(self: Any) -> Iterable[Spec]:  # noqa: ARG001 - as in a class
        yield from ()

    register.__name__ = kind.hook
    register.__annotations__ = {"return": GenericAlias(Iterable, (kind.spec,))}
    register.__doc__ = f"Offer {kind.plural}. Called once, when names are first needed."
    return hookspec(register)


HookSpecs = type(
    "HookSpecs",
    (),
    {
        **{kind.hook: _registration(kind) for kind in KINDS.values()},
        **{hook.__name__: hook for hook in (embkit_run_finished, embkit_trial_finished)},
    },
)
"""The hook signatures; a plugin implements those it needs as functions."""
