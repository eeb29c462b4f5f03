"""A study's folder: trials that are whole, the mark that says so, and who works in it.

Results are files and the tables are derived from them. A trial's folder is
moved into place whole, with a completion mark that has a digest of every file; a
folder without a mark does not count.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from embkit.data.trial import Outcome, Status
from embkit.errors import LockedError, ParameterError
from embkit.files.folders import put_in_place, replaced_file, staging_folder
from embkit.files.owners import clear_leftovers, in_words, introduction
from embkit.files.writing import write_json
from embkit.runs.records.folder import write_run_files

if TYPE_CHECKING:
    from embkit.data.run import Run


__all__ = ["PLAN", "StudyFolder"]

_MARK = "complete.json"
_OUTCOME = "trial.json"
PLAN = "trials.json"
"""The plan of a study, written first."""

_OF_PLAN = {"schema_version", "trials"}
_HOLDER = ".holder.json"


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
        """The folder of the trials."""
        return self.path / "trials"

    def trial(self, key: str) -> Path:
        """The folder of a trial."""
        return self.trials / key

    def log(self, key: str) -> Path:
        """The log file of a trial's process."""
        return self.path / "logs" / f"{key}.txt"

    def check(self) -> None:
        """Make sure that the folder is new, or a study's.

        Raises
        ------
        ParameterError
            If something else is there.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ParameterError(f"{self.path} is a file", "", "choose another --out")
        if (self.path / "study.json").exists() or not self.path.is_dir():
            return
        # A study that was ended at once leaves its lock and holder only, which are hidden, and its plan.
        found = [entry.name for entry in self.path.iterdir() if not entry.name.startswith(".")]
        if found and not (found == [PLAN] and _read(self.path / PLAN).keys() == _OF_PLAN):
            raise ParameterError(
                f"{self.path} is not a folder of an embkit study",
                "nothing in it is touched",
                "choose another --out",
            )

    def place_run(self, key: str, outcome: Outcome, run: "Run") -> None:
        """Put the folder of a trial that is done in place, and mark it complete."""
        self._place(key, outcome, lambda staging: write_run_files(run, staging))

    def place_outcome(self, key: str, outcome: Outcome) -> None:
        """Record how a trial ended that left no results."""
        self._place(key, outcome, lambda _staging: None)

    def _place(self, key: str, outcome: Outcome, fill: Callable[[Path], None]) -> None:
        """Fill a folder beside the trial's place, mark it, and move it there.

        Everything has reached the disk before it is there.
        """
        self.trials.mkdir(parents=True, exist_ok=True)
        with staging_folder(self.trials) as staging:
            fill(staging)
            write_json(staging / _OUTCOME, vars(outcome))
            digests = {str(file.relative_to(staging)): _settled(file) for file in _files(staging)}
            write_json(staging / _MARK, {"files": digests})
            _settled(staging / _MARK)
            _sync(staging)
            put_in_place(staging, self.trial(key))
            _sync(self.trials)

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
        """Remove what an interrupted process left half-written, and what its trials printed."""
        for place in (self.path, self.trials):
            clear_leftovers(place)
        for log in self.path.glob("logs/*.txt"):
            log.unlink(missing_ok=True)

    def held_by(self, session: str) -> bool:
        """Whether that session of the study is the one that holds the folder."""
        return _read(self.path / _HOLDER).get("run") == session

    def damaged(self) -> list[str]:
        """Files of complete trials that are missing or differ from their digest."""
        wrong = []
        for mark in sorted(self.trials.glob(f"*/{_MARK}")):
            files = _read(mark).get("files")
            if not isinstance(files, dict):
                wrong.append(str(mark.relative_to(self.path)))
                continue
            for name, digest in files.items():
                file = mark.parent / name
                if not file.is_file() or _digest(file) != digest:
                    wrong.append(str(file.relative_to(self.path)))
        return wrong

    def count_complete(self) -> int:
        """Number of trials with a completion mark."""
        return len(list(self.trials.glob(f"*/{_MARK}")))

    @contextmanager
    def locked(self, *, wait: bool) -> Iterator[str]:
        """Hold the folder against other processes; the lock goes with the process.

        Yields
        ------
        str
            A name for this run of the study.

        Raises
        ------
        LockedError
            If another process holds it and `wait` is false, naming the holder.
        """
        from filelock import FileLock, Timeout

        self.path.mkdir(parents=True, exist_ok=True)
        holder = self.path / _HOLDER
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            raise LockedError(
                f"{self.path} is in use by {in_words(_read(holder))}",
                "one process works on a study",
                "use --wait, or --out",
            ) from None
        try:
            run = uuid4().hex
            with replaced_file(holder) as staged:
                write_json(staged, {"run": run, **introduction()})
            yield run
        finally:
            holder.unlink(missing_ok=True)
            lock.release()


def _read(path: Path) -> dict[str, Any]:
    """A JSON document, empty where it cannot be read."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _settled(file: Path) -> str:
    """The digest of a file that has reached the disk."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    """Let renames in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
