"""Artifacts shared within a process and across processes: each is computed once."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from embkit.data.fingerprint import key_of
from embkit.data.results import Artifact
from embkit.runs.cache import DiskCache

__all__ = ["ArtifactUse", "SharedWork", "Unfinished"]

EVERY = 60.0  # seconds of work that an interruption may lose
SHARE = 0.02  # of the time may go into keeping
_SEEDS = frozenset(("seed", "random_state"))


@dataclass(frozen=True)
class ArtifactUse:
    """One request for an artifact, for the record.

    Parameters
    ----------
    name : str
        The artifact.
    params : mapping
        Its resolved parameters.
    origin : {"computed", "memory", "disk"}
        Where the result came from.
    seconds : float
        How long the request took, other artifacts it needed included.
    facts : mapping
        What the artifact says of how it came about.
    saved : float
        Seconds that computing it took when it was computed, beyond `seconds`.
    """

    name: str
    params: Mapping[str, Any]
    origin: str
    seconds: float
    facts: Mapping[str, Any]
    saved: float = 0.0


class Unfinished:
    """The part of an artifact that is done, in the disk cache under a key of its own.

    Parameters
    ----------
    cache : DiskCache, optional
        None keeps nothing.
    identity : mapping
        Of the artifact, see `embkit.runs.shared.SharedWork.obtain`.

    Attributes
    ----------
    is_kept : bool
        Whether a part of the artifact is kept.
    """

    def __init__(
        self, cache: DiskCache | None = None, identity: Mapping[str, Any] | None = None
    ) -> None:
        self._cache = cache
        self._identity = {**(identity or {}), "unfinished": True}
        self.is_kept = False
        self._due = time.monotonic() + EVERY

    @cached_property
    def _key(self) -> str:
        return key_of(self._identity)

    def found(self) -> Artifact | None:
        """What an interrupted computation kept, None if there was none."""
        found = self._cache.get(self._key) if self._cache else None
        self.is_kept = found is not None
        return found

    def keep(self, make: Callable[[], Artifact]) -> None:
        """Keep what `make` returns in place of what was kept before, about once a minute."""
        started = time.monotonic()
        if self._cache is None or started < self._due:
            return
        # What was kept before stays where it cannot be replaced.
        self.is_kept |= self._cache.put(self._key, self._identity, make())
        ended = time.monotonic()
        self._due = ended + max(EVERY, (ended - started) / SHARE)

    def forget(self) -> None:
        """Remove what is kept: the artifact is done."""
        if self._cache is not None and self.is_kept:
            self._cache.discard(self._key)
            self.is_kept = False


@dataclass
class SharedWork:
    """The artifacts of one process, with the disk cache behind them.

    Parameters
    ----------
    cache : DiskCache, optional
        None keeps everything in memory only.
    """

    cache: DiskCache | None = None
    uses: list[ArtifactUse] = field(default_factory=list)
    saved: float = 0.0
    """Seconds of computing that the disk cache has saved so far."""
    _memo: dict[str, Artifact] = field(default_factory=dict)
    _kept: list[Mapping[str, Any]] = field(default_factory=list)
    _begun: list[tuple[Mapping[str, Any], Unfinished]] = field(default_factory=list)

    def kept(self, *, seeded: bool) -> list[str]:
        """The artifacts computed here, in whole or in part, that the same run would find on disk.

        Parameters
        ----------
        seeded : bool
            Whether the next run has the seed of this one; if not, what depends on it is left out.

        Returns
        -------
        list of str
            Names, as ``["linkage", "neighbors (in part)"]``.
        """
        whole = [identity["name"] for identity in self._kept if seeded or not _is_random(identity)]
        parts = [
            f"{identity['name']} (in part)"
            for identity, unfinished in self._begun
            if unfinished.is_kept and (seeded or not _is_random(identity))
        ]
        return list(dict.fromkeys([*whole, *parts]))

    def obtain(
        self, identity: Mapping[str, Any], compute: Callable[[], Artifact], *, keep_on_disk: bool
    ) -> Artifact:
        """Return the artifact of that identity: from memory, from disk, or computed now.

        Parameters
        ----------
        identity : mapping
            ``name``, ``params`` and whatever else tells it from others.
        compute : callable
            Makes it.
        keep_on_disk : bool
            Whether the disk cache is asked and filled.
        """
        key = key_of(identity)
        started, saved = time.perf_counter(), self.saved
        artifact, origin = self._memo.get(key), "memory"
        if artifact is None:
            artifact, origin = self._from_disk(key, identity, compute, keep_on_disk=keep_on_disk)
        self._memo[key] = artifact
        seconds = time.perf_counter() - started
        if origin == "disk" and self.cache is not None:
            self.saved += max(0.0, self.cache.seconds(key) - seconds)
        self.uses.append(
            ArtifactUse(
                identity["name"],
                identity["params"],
                origin,
                seconds,
                artifact.facts,
                self.saved - saved,
            )
        )
        return artifact

    def unfinished(self, identity: Mapping[str, Any], *, keep_on_disk: bool) -> Unfinished:
        """Where a long computation of the artifact of that identity keeps what is done of it."""
        unfinished = Unfinished(self.cache if keep_on_disk else None, identity)
        self._begun.append((identity, unfinished))
        return unfinished

    def _from_disk(
        self,
        key: str,
        identity: Mapping[str, Any],
        compute: Callable[[], Artifact],
        *,
        keep_on_disk: bool,
    ) -> tuple[Artifact, str]:
        if self.cache is None or not keep_on_disk:
            return compute(), "computed"
        found = self.cache.get(key)
        if found is not None:
            return found, "disk"
        with self.cache.claimed(key):
            found = self.cache.get(key)  # another process may have been at it
            if found is not None:
                return found, "disk"
            started, saved = time.perf_counter(), self.saved
            artifact = compute()
            # As if nothing that it is made of had been there.
            seconds = time.perf_counter() - started + self.saved - saved
            if self.cache.put(key, identity, artifact, seconds):
                self._kept.append(identity)
            return artifact, "computed"


def _is_random(identity: Mapping[str, Any]) -> bool:
    """Whether it was computed with the seed of a run; 0 is the default that does without one."""
    return any(identity["params"].get(name) for name in _SEEDS)
