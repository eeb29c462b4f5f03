"""The shared work: every artifact is computed once, in this process and across processes.

An artifact is identified by the fingerprint of the vectors, its name, its
distribution and version, and its resolved parameters. Entries of the disk cache
are folders of ``.npy`` files with a manifest; nothing is ever unpickled. A process
that needs what another is computing waits for it.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.fingerprint import array_fingerprint
from embkit.data.results import Artifact
from embkit.errors import ParameterError

__all__ = ["CacheInfo", "DiskCache", "default_cache"]

DEFAULT_LIMIT = 4 * 10**9
_MANIFEST = "manifest.json"
_LOCKS = ".locks"


@dataclass(frozen=True)
class CacheInfo:
    """What the disk cache holds."""

    folder: Path
    entries: int
    bytes: int
    limit: int


class DiskCache:
    """A folder of artifacts, the least recently used ones evicted above a size.

    Parameters
    ----------
    folder : Path
        Made on first use, readable by its owner only.
    limit : int
        Bytes above which old entries are removed.
    """

    def __init__(self, folder: Path, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self.limit = limit

    def get(self, key: str) -> Artifact | None:
        """The artifact kept under `key`, or None; a damaged entry is removed."""
        entry = self.folder / key
        try:
            manifest = json.loads((entry / _MANIFEST).read_text())
            arrays = {
                name: np.load(entry / f"{name}.npy", allow_pickle=False) for name in manifest["arrays"]
            }
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError):
            shutil.rmtree(entry, ignore_errors=True)
            return None
        if any(array_fingerprint(array) != manifest["arrays"][name] for name, array in arrays.items()):
            shutil.rmtree(entry, ignore_errors=True)
            return None
        _touch(entry / _MANIFEST)
        return Artifact(arrays, manifest["facts"])

    def put(
        self, key: str, identity: Mapping[str, Any], artifact: Artifact, seconds: float = 0.0
    ) -> None:
        """Keep an artifact and what it cost; on a full or read-only disk it is only not kept."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=self.folder))
        except OSError:
            return
        try:
            self._write(staging, identity, artifact, seconds)
            staging.replace(self.folder / key)
        except OSError:  # also when another process was first; its result is the same
            shutil.rmtree(staging, ignore_errors=True)
        self._evict()

    def seconds(self, key: str) -> float:
        """What computing the artifact under `key` took; 0 where that is not known."""
        try:
            return float(json.loads((self.folder / key / _MANIFEST).read_text())["seconds"])
        except (OSError, ValueError, KeyError):
            return 0.0

    @contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Compute `key` inside: other processes wait until the end of the block, or of this process."""
        from filelock import FileLock

        lock = FileLock(self.folder / _LOCKS / key)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / _LOCKS).mkdir(mode=0o700, exist_ok=True)
            lock.acquire()
        except (OSError, NotImplementedError):  # nothing can be kept there, or not be locked
            yield
            return
        try:
            yield
        finally:
            lock.release()

    def info(self) -> CacheInfo:
        """Number of entries and bytes they take."""
        sizes = [_size(entry) for entry in self._entries()]
        return CacheInfo(self.folder, len(sizes), sum(sizes), self.limit)

    def clear(self) -> CacheInfo:
        """Remove every entry; return what there was."""
        before = self.info()
        for entry in self._entries():
            shutil.rmtree(entry, ignore_errors=True)
        shutil.rmtree(self.folder / _LOCKS, ignore_errors=True)
        return before

    @staticmethod
    def _write(folder: Path, identity: Mapping[str, Any], artifact: Artifact, seconds: float) -> None:
        for name, array in artifact.arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        digests = {name: array_fingerprint(array) for name, array in artifact.arrays.items()}
        manifest = {
            "identity": dict(identity),
            "arrays": digests,
            "facts": dict(artifact.facts),
            "seconds": seconds,
        }
        (folder / _MANIFEST).write_text(json.dumps(manifest, default=str, indent=1))

    def _entries(self) -> list[Path]:
        return (
            [path.parent for path in self.folder.glob(f"*/{_MANIFEST}")] if self.folder.is_dir() else []
        )

    def _evict(self) -> None:
        entries = {entry: _size(entry) for entry in self._entries()}
        total = sum(entries.values())
        for entry in sorted(entries, key=_last_used):
            if total <= self.limit:
                return
            shutil.rmtree(entry, ignore_errors=True)
            total -= entries[entry]


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError:
        return


def _size(entry: Path) -> int:
    return sum(path.stat().st_size for path in entry.iterdir()) if entry.is_dir() else 0


def _last_used(entry: Path) -> float:
    manifest = entry / _MANIFEST
    return manifest.stat().st_mtime if manifest.exists() else 0.0


def default_cache() -> DiskCache:
    """The user's cache: ``EMBKIT_CACHE_DIR``, or the platform's place for caches.

    ``EMBKIT_CACHE_LIMIT`` sets its size, for instance ``10GB``.
    """
    import os

    from embkit.resources import parse_bytes

    folder = os.environ.get("EMBKIT_CACHE_DIR")
    if not folder:
        from platformdirs import user_cache_dir

        folder = user_cache_dir("embkit")
    limit = os.environ.get("EMBKIT_CACHE_LIMIT")
    if not Path(folder).is_absolute():
        raise ParameterError(f"EMBKIT_CACHE_DIR={folder} is not absolute", "", "give the whole path")
    return DiskCache(Path(folder) / "artifacts", parse_bytes(limit) if limit else DEFAULT_LIMIT)
