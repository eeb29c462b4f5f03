"""The shared work: every artifact is computed once, in this process and across processes.

An artifact is identified by the fingerprint of the vectors, its name, its
distribution and version, and its resolved parameters. Entries of the disk cache
are folders of ``.npy`` files with a manifest; nothing is ever unpickled. A process
that needs what another is computing waits for it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.fingerprint import array_fingerprint
from embkit.data.results import Artifact
from embkit.errors import ParameterError
from embkit.files.folders import discard, put_in_place, staging_folder
from embkit.files.owners import clear_leftovers

__all__ = ["CacheInfo", "DiskCache", "default_cache"]

DEFAULT_LIMIT = 4 * 10**9
_MANIFEST = "manifest.json"
_LOCKS = ".locks"
_KEY = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class CacheInfo:
    """The content of the disk cache, in numbers."""

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
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            discard(entry)
            return None
        if any(array_fingerprint(array) != manifest["arrays"][name] for name, array in arrays.items()):
            discard(entry)
            return None
        _touch(entry / _MANIFEST)
        return Artifact(arrays, manifest["facts"])

    def put(
        self, key: str, identity: Mapping[str, Any], artifact: Artifact, seconds: float = 0.0
    ) -> bool:
        """Keep an artifact and what it cost; return whether the disk was neither full nor read-only."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with staging_folder(self.folder) as staging:
                self._write(staging, identity, artifact, seconds)
                # Also where another process was first; its result is the same.
                put_in_place(staging, self.folder / key)
            self._evict()
            return True
        return False

    def discard(self, key: str) -> None:
        """Remove what is kept under `key`, if anything."""
        discard(self.folder / key)

    def seconds(self, key: str) -> float:
        """Seconds that computing the artifact under `key` took; 0 if unknown."""
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
        """Remove every entry, and nothing that is not one; return what there was."""
        before = self.info()
        clear_leftovers(self.folder)
        for entry in self._entries():
            discard(entry)
        locks = self.folder / _LOCKS
        if not locks.is_symlink():
            for lock in locks.glob("*"):
                if _KEY.fullmatch(lock.name):
                    lock.unlink(missing_ok=True)
            with suppress(OSError):
                locks.rmdir()
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
        """The folders that `put` made, links to others left out."""
        if not self.folder.is_dir():
            return []
        return [
            path
            for path in self.folder.iterdir()
            if _KEY.fullmatch(path.name) and not path.is_symlink() and (path / _MANIFEST).is_file()
        ]

    def _evict(self) -> None:
        entries = {entry: _size(entry) for entry in self._entries()}
        total = sum(entries.values())
        for entry in sorted(entries, key=_last_used):
            if total <= self.limit:
                return
            discard(entry)
            total -= entries[entry]


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError:
        return


def _size(entry: Path) -> int:
    try:
        return sum(path.stat().st_size for path in entry.iterdir())
    except OSError:  # another process has just removed it
        return 0


def _last_used(entry: Path) -> float:
    try:
        return (entry / _MANIFEST).stat().st_mtime
    except OSError:
        return 0.0


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
