"""A study's folder: trials that are whole, the mark that says so, and who works in it.

Results are files and the tables are derived from them. A trial's folder is
renamed into place whole and gets its completion mark last, with a digest of
every file; a folder without a mark does not count.
"""

import hashlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path

from embkit.errors import LockedError, ParameterError
from embkit.store import write_json
from embkit.study.trial import Status

__all__ = ["Outcome", "StudyFolder"]

_MARK = "complete.json"
_OUTCOME = "trial.json"


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Parameters
    ----------
    status : Status
        The end.
    reason : str
        Why, unless it is done.
    stderr : str
        The last lines the trial's process wrote.
    seconds : float
        Wall-clock time of the process.
    """

    status: Status
    reason: str = ""
    stderr: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class StudyFolder:
    """The folder of a study.

    Parameters
    ----------
    path : Path
        Made when first written.
    """

    path: Path

    @property
    def trials(self) -> Path:
        """Where the trials are."""
        return self.path / "trials"

    def trial(self, key: str) -> Path:
        """The folder of a trial."""
        return self.trials / key

    def check(self) -> None:
        """Make sure that the folder is new, or a study's.

        Raises
        ------
        ParameterError
            If something else is there.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ParameterError(f"{self.path} is a file", "", "choose another --out")
        if self.path.is_dir() and any(self.path.iterdir()) and not (self.path / "study.json").exists():
            raise ParameterError(
                f"{self.path} is no folder of an embkit study",
                "nothing in it is touched",
                "choose another --out",
            )

    def place(self, key: str, fill: Callable[[Path], None]) -> None:
        """Fill a trial's folder beside its place, rename it there, then mark it complete."""
        self.trials.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=self.trials))
        try:
            fill(staging)
            digests = {str(file.relative_to(staging)): _digest(file) for file in _files(staging)}
            target = self.trial(key)
            shutil.rmtree(target, ignore_errors=True)
            staging.rename(target)
            self._mark(target, digests)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    @staticmethod
    def _mark(target: Path, digests: Mapping[str, str]) -> None:
        written = target / f".{_MARK}"
        write_json(written, {"files": digests})
        with written.open("rb") as file:
            os.fsync(file.fileno())
        written.rename(target / _MARK)

    def place_outcome(self, key: str, outcome: Outcome) -> None:
        """Record how a trial ended that left no results."""

        def fill(staging: Path) -> None:
            write_json(staging / _OUTCOME, vars(outcome))

        self.place(key, fill)

    def outcome(self, key: str) -> Outcome | None:
        """How a trial ended, or None where it did not, or is not whole."""
        folder = self.trial(key)
        if not (folder / _MARK).exists():
            return None
        try:
            values = json.loads((folder / _OUTCOME).read_text("utf-8"))
            return Outcome(**{**values, "status": Status(values["status"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def clean(self) -> None:
        """Remove what an interrupted process left half-written."""
        for leftover in self.trials.glob(".*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def damaged(self) -> list[str]:
        """Files of complete trials that are missing or differ from their digest."""
        wrong = []
        for mark in sorted(self.trials.glob(f"*/{_MARK}")):
            for name, digest in json.loads(mark.read_text("utf-8"))["files"].items():
                file = mark.parent / name
                if not file.is_file() or _digest(file) != digest:
                    wrong.append(str(file.relative_to(self.path)))
        return wrong

    def count_complete(self) -> int:
        """Number of trials with a completion mark."""
        return len(list(self.trials.glob(f"*/{_MARK}")))

    @contextmanager
    def locked(self, *, wait: bool) -> Iterator[None]:
        """Hold the folder against other processes; the lock goes with the process.

        Raises
        ------
        LockedError
            If another process holds it and `wait` is false, naming the holder.
        """
        from filelock import FileLock, Timeout

        self.path.mkdir(parents=True, exist_ok=True)
        holder = self.path / ".holder.json"
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            raise LockedError(
                f"{self.path} is in use by {_holder(holder)}",
                "one process works on a study",
                "use --wait, or --out",
            ) from None
        try:
            since = datetime.now(UTC).isoformat(timespec="seconds")
            me = {"pid": os.getpid(), "host": socket.gethostname(), "user": getuser(), "since": since}
            write_json(holder, me)
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return "another process"
    return f"process {held['pid']} of {held['user']} on {held['host']} since {held['since']}"


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
