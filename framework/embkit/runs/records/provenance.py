"""Under which circumstances a result came about: versions, BLAS, processor, input file."""

import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from embkit.__about__ import __version__
from embkit.errors import DataError
from embkit.plugin.registry import Component

__all__ = ["FileStamp", "environment", "plugins_used"]

_LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "hdbscan",
    "umap-learn",
    "openTSNE",
    "fastcluster",
    "matplotlib",
    "pluggy",
)


@dataclass(frozen=True)
class FileStamp:
    """Size and time of a file's last change, to notice one under our hands."""

    path: Path
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> "FileStamp":
        """The stamp of a file as it is now."""
        status = path.stat()
        return cls(path, status.st_size, status.st_mtime_ns)

    def check(self) -> None:
        """Make sure that the file is still as it was.

        Raises
        ------
        DataError
            If it changed or is gone.
        """
        if not self.path.exists() or FileStamp.of(self.path) != self:
            raise DataError(
                f"{self.path}: the input file was modified during the run",
                "the result would belong to neither version",
                "run again when nothing writes to it",
            )


def environment() -> dict[str, Any]:
    """Versions of Python and the libraries, the BLAS in use, and the machine."""
    from threadpoolctl import threadpool_info

    pools = [
        {key: pool.get(key) for key in ("user_api", "internal_api", "version", "num_threads")}
        for pool in threadpool_info()
    ]
    return {
        "embkit": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "thread_pools": pools,
    }


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def plugins_used(components: Iterable[Component]) -> list[dict[str, str]]:
    """The plugins behind the components of a run."""
    providers = sorted({component.provider for component in components})
    return [
        {"plugin": item.plugin, "distribution": item.distribution, "version": item.version}
        for item in providers
    ]
