"""Fixtures for the tests of plugins.

Switch them on in ``conftest.py``::

    pytest_plugins = ["embkit.testing.plugin"]
"""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from embkit.plugin.registry import Registry
from embkit.testing.parametrize import registry_of

__all__ = ["embkit_registry"]


@pytest.fixture
def embkit_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Registry]:
    """Makes a registry of the bundled components and the given plugin modules.

    Whatever else is installed, and whatever ``EMBKIT_PLUGINS`` says, has no part
    in it, and neither has the user's cache.
    """
    monkeypatch.setenv("EMBKIT_CACHE_DIR", str(tmp_path / "embkit-cache"))

    def make(*plugins: ModuleType) -> Registry:
        return registry_of(*plugins)

    return make
