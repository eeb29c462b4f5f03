"""The kit in pytest: one test for each check of each component."""

from types import ModuleType
from typing import TYPE_CHECKING, Any

from embkit.plugin.manager import DISTRIBUTION, Selection, load_plugins
from embkit.plugin.registry import Registry
from embkit.testing.checks import Check
from embkit.testing.failures import CheckFailed
from embkit.testing.kit import CHECKS, run_check, unknown_declarations
from embkit.testing.subject import Subject

if TYPE_CHECKING:
    import pytest

__all__ = ["parametrize_with_components", "registry_of"]


def registry_of(*plugins: ModuleType) -> Registry:
    """The bundled components and those of the given plugin modules, whatever else is installed.

    Parameters
    ----------
    *plugins : module
        With hook implementations; they need not be installed.

    Raises
    ------
    PluginError
        If one of them is broken.
    """
    selection = Selection(only=(DISTRIBUTION,), strict=True)
    return Registry(load_plugins(selection, plugins), strict=True)


class BoundCheck:
    """One check of one component, ready to be called by a test.

    Parameters
    ----------
    check : Check
        What is checked.
    subject : Subject
        Of what.
    """

    def __init__(self, check: Check, subject: Subject) -> None:
        self.check = check
        self.subject = subject

    def __call__(self) -> None:
        """Pass, fail, skip or fail as declared."""
        import pytest

        outcome = run_check(self.check, self.subject)
        if outcome.status == "does not apply":
            pytest.skip(outcome.detail)
        if outcome.status == "expected failure":
            pytest.xfail(outcome.detail)
        if outcome.bad:
            raise CheckFailed(str(outcome))

    def __repr__(self) -> str:
        return f"<check {self.check.name} of {self.subject.component}>"


def parametrize_with_components(*plugins: ModuleType, kind: str | None = None) -> "pytest.MarkDecorator":
    """A decorator that calls a test with each check of each component.

    The test takes one argument, ``check``, and calls it::

        @parametrize_with_components(my_package)
        def test_contract(check):
            check()

    Parameters
    ----------
    *plugins : module
        Those whose components are checked; everything installed where none is given.
    kind : str, optional
        Only components of this kind.

    Raises
    ------
    PluginError
        If a plugin is broken.
    """
    import pytest

    registry = registry_of(*plugins) if plugins else Registry.discover(Selection(strict=True))
    names = {plugin.__name__ for plugin in plugins}
    cases: list[Any] = []
    for component in registry.components(kind):
        if names and component.provider.module not in names:
            continue
        for unknown in unknown_declarations(component):
            raise CheckFailed(f"{component}: {unknown.detail}")
        subject = Subject(component, registry)
        cases += [
            pytest.param(
                BoundCheck(check, subject), id=f"{component.kind}-{component.name}-{check.name}"
            )
            for check in CHECKS[component.kind]
        ]
    return pytest.mark.parametrize("check", cases)
