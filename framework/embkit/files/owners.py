"""Whose a half-made file or folder is, so that what a killed process left can be removed.

Everything embkit makes on the way to a result is called ``.embkit-OWNER-RANDOM``,
where OWNER is host, boot, process namespace, process number and its start. Only
what certainly has no owner any more is ever touched.
"""

import hashlib
import os
import platform
import re
import secrets
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from getpass import getuser
from pathlib import Path
from typing import Any

__all__ = [
    "RETIRED",
    "Owner",
    "clear_leftovers",
    "in_words",
    "introduction",
    "process_start",
    "staging_name",
]

RETIRED = ".embkit-was"
"""In a folder that was moved aside: the name to move it back to."""

_NAME = re.compile(r"\.embkit-([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+)-[0-9a-f]{8}")


@dataclass(frozen=True)
class Owner:
    """A process, distinguishable from every other one.

    Parameters
    ----------
    host, boot : str
        Digests of the machine's name and of its boot.
    namespace : int
        The process namespace in which `pid` counts.
    pid, started : int
        Its number, and when it started.
    """

    host: str
    boot: str
    namespace: int
    pid: int
    started: int

    @classmethod
    def me(cls) -> "Owner":
        """The process that asks."""
        return _of(os.getpid())

    @classmethod
    def parse(cls, text: str) -> "Owner":
        """Read what `str` gives; ValueError if it is something else."""
        host, boot, *numbers = text.split("-")
        namespace, pid, started = (int(number, 16) for number in numbers)
        return cls(host, boot, namespace, pid, started)

    def __str__(self) -> str:
        return f"{self.host}-{self.boot}-{self.namespace:x}-{self.pid:x}-{self.started:x}"

    @property
    def is_gone(self) -> bool:
        """Whether the process has certainly ended; False where that cannot be known from here."""
        host, boot, namespace = _machine()
        if self.host != host:
            return False
        if self.boot != boot:
            return True
        return self.namespace == namespace and _started(self.pid) != self.started


@cache
def _of(pid: int) -> Owner:
    return Owner(*_machine(), pid, _started(pid) or 0)


@cache
def _machine() -> tuple[str, str, int]:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        import psutil

        boot, namespace = str(int(psutil.boot_time())), 0
    return _digest(platform.node()), _digest(boot), namespace


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _started(pid: int) -> int | None:
    """When a process started, in units of the system; None if there is none, or a zombie only."""
    try:
        # The name, in parentheses, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
        import psutil

        try:
            return int(psutil.Process(pid).create_time())
        except psutil.Error:
            return None
    return None if fields[0] in "ZX" else int(fields[19])


def process_start() -> float:
    """When this process started, in seconds since the epoch, to some hundredths."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - Owner.me().started / os.sysconf("SC_CLK_TCK")
        return time.time() - age
    import psutil

    return float(psutil.Process().create_time())


def staging_name() -> str:
    """A hidden name that is not taken and says whose it is."""
    return f".embkit-{Owner.me()}-{secrets.token_hex(4)}"


def clear_leftovers(place: Path) -> None:
    """Remove what processes that have ended left half-made in a folder.

    A folder that such a process had moved aside, and not replaced, is moved back.
    """
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found is not None and Owner.parse(found.group(1)).is_gone:
                _clear(Path(entry.path))


def _clear(leftover: Path) -> None:
    if leftover.is_symlink() or not leftover.is_dir():
        leftover.unlink(missing_ok=True)
        return
    note = leftover / RETIRED
    if note.exists():
        home = leftover.with_name(Path(note.read_text("utf-8")).name)
        if not os.path.lexists(home):
            leftover.rename(home)
            (home / RETIRED).unlink()
            return
    shutil.rmtree(leftover, ignore_errors=True)


def introduction() -> dict[str, Any]:
    """Who this process is, for others to read."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "user": _user(), "since": since}


def in_words(introduced: Mapping[str, Any]) -> str:
    """The process that an introduction is of."""
    try:
        return "process {pid} of {user} on {host} since {since}".format_map(introduced)
    except KeyError:
        return "another process"


def _user() -> str:
    try:
        return getuser()
    except (OSError, KeyError):  # a container may know no name for the user's number
        return str(os.getuid())
