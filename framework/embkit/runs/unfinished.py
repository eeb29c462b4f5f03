"""What is kept of a long computation, so that an interruption does not lose it all."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from embkit.data.fingerprint import key_of
from embkit.data.results import Artifact
from embkit.runs.cache import DiskCache

__all__ = ["Unfinished"]

EVERY = 60.0  # seconds of work that an interruption may lose
SHARE = 0.02  # of the time may go into keeping


class Unfinished:
    """The part of an artifact that is done, in the disk cache under a key of its own.

    Parameters
    ----------
    cache : DiskCache, optional
        None keeps nothing.
    identity : mapping
        Of the artifact, see `embkit.runs.shared.SharedWork.obtain`.
    """

    def __init__(
        self, cache: DiskCache | None = None, identity: Mapping[str, Any] | None = None
    ) -> None:
        self._cache = cache
        self._identity = {**(identity or {}), "unfinished": True}
        self._key = key_of(self._identity)
        self._is_kept = False
        self._due = time.monotonic() + EVERY

    def found(self) -> Artifact | None:
        """What an interrupted computation kept, None if there was none."""
        found = self._cache.get(self._key) if self._cache else None
        self._is_kept = found is not None
        return found

    def keep(self, make: Callable[[], Artifact]) -> None:
        """Keep what `make` returns in place of what was kept before, about once a minute."""
        started = time.monotonic()
        if self._cache is None or started < self._due:
            return
        self._cache.put(self._key, self._identity, make())
        self._is_kept = True
        ended = time.monotonic()
        self._due = ended + max(EVERY, (ended - started) / SHARE)

    def forget(self) -> None:
        """Remove what is kept: the artifact is done."""
        if self._cache is not None and self._is_kept:
            self._cache.discard(self._key)
            self._is_kept = False
