"""Types of the keywords of the public functions."""

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Component", "Components"]

Component = str | Mapping[str, Any]
Components = Component | Iterable[Component]
