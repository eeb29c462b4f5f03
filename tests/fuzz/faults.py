"""A fault at every file operation of a command, and afterwards the command again.

``python tests/fuzz/faults.py [run|study] [EVERY]`` injects each fault at every
(or every EVERY-th) operation of a run that fills the cache, or of a study, and
prints how many operations and faults there were, how many results differed from
those of an undisturbed command, and what was left behind.

An operation is an open, mkdir, rename, remove, rmdir, utime or listing in the
folder of work, as Python's audit events tell them, or the first write to a file.
A fault is a kill (in the middle of a write), a full disk, an input/output error,
or an interrupt. The command runs in a fork of this process, which has imported
what it needs; a study's trials run in processes of their own, undisturbed.
"""

import builtins
import errno
import hashlib
import importlib
import io
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

FAULTS = ("kill", "full", "broken", "interrupt")
_EVENTS = {
    "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "os.listdir", "os.scandir"
}  # fmt: skip
_ADDS = {"open", "os.mkdir", "os.rename", "write"}  # what a full disk refuses
# What no two runs have the same: times, memory, processes.
_VOLATILE = (
    "run.json", "study.json", "trials.json", "trial.json", "complete.json", "manifest.json", "timings.csv",
    "results.csv", "report", "log",
)  # fmt: skip
RUN = ["run", "v.npy", "--clusterer", "hdbscan", "--validator", "silhouette", "--viz", "sizes",
       "--export", "csv", "--seed", "0", "--out", "out", "--overwrite"]  # fmt: skip
SHORT = ["run", "v.npy", "--clusterer", "agglomerative:n_clusters=3", "--validator", "sizes", "--seed", "0",
         "--out", "out", "--overwrite"]  # fmt: skip
STUDY = ["study", "s.toml", "--out", "out", "--jobs", "1"]
_STUDY = """
seeds = [0]
[[datasets]]
source = "v.npy"
[[clusterers]]
name = "kmeans"
n_clusters = 3
[[clusterers]]
name = "kmeans"
n_clusters = 2
[[validators]]
name = "sizes"
"""


@dataclass
class Injector:
    """Counts the operations in a folder, and does harm at one of them."""

    folder: str
    at: int
    fault: str
    count: int = 0
    names: list[str] = field(default_factory=list)

    def install(self) -> None:
        """Watch this process from now on; it cannot be undone."""
        sys.addaudithook(self._audit)
        plain = io.open

        def watched(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            opened = plain(file, mode, *rest, **options)
            is_ours = isinstance(file, str | os.PathLike) and self._is_inside(file)
            return _Watched(opened, self) if is_ours and set(mode) & set("wax") else opened

        opener: Any = watched
        builtins.open = io.open = opener

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and self._is_inside(arguments[0]):
            self.operation(event)

    def _is_inside(self, path: Any) -> bool:
        if not isinstance(path, str | os.PathLike):
            return False
        return str(Path(path).absolute()).startswith(self.folder)

    def operation(self, name: str, in_the_middle: Callable[[], object] = int) -> None:
        """Count an operation; at the chosen one, do harm."""
        self.count += 1
        self.names.append(name)
        if self.count != self.at:
            return
        if self.fault == "kill":
            in_the_middle()
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.fault == "interrupt":
            signal.raise_signal(signal.SIGINT)
        elif self.fault == "broken":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        elif name in _ADDS:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Watched:
    """A file whose first write is an operation."""

    def __init__(self, file: Any, injector: Injector) -> None:
        self._file, self._injector, self._written = file, injector, False

    def write(self, data: Any) -> Any:
        if not self._written:
            self._written = True
            self._injector.operation("write", lambda: self._half(data))
        return self._file.write(data)

    def _half(self, data: Any) -> None:
        self._file.write(data[: len(data) // 2])
        self._file.flush()

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (negative for a signal), what it said, its operations."""

    code: int
    said: str
    count: int


def call(command: Sequence[str], folder: Path, at: int = 0, fault: str = "") -> Ended:
    """Run a command in a fork that stands in `folder`, with a fault at one operation."""
    said, counted = folder.parent / "said", folder.parent / "counted"
    child = os.fork()
    if child == 0:
        _child(command, folder, Injector(str(folder) + os.sep, at, fault), said, counted)
    status = os.waitpid(child, 0)[1]
    count = int(counted.read_text() or 0) if counted.exists() else 0
    counted.unlink(missing_ok=True)
    return Ended(os.waitstatus_to_exitcode(status), said.read_text(errors="replace"), count)


def _child(command: Sequence[str], folder: Path, injector: Injector, said: Path, counted: Path) -> None:
    from embkit.cli import main

    code = 1
    try:
        os.chdir(folder)
        os.environ |= {"EMBKIT_CACHE_DIR": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        injector.install()
        try:
            main(list(command))
        except SystemExit as end:
            code = int(end.code or 0)
        counted.write_text(str(injector.count))
        counted.with_name("imported").write_text("\n".join(sys.modules))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def prepare(folder: Path) -> None:
    """The files that the commands read."""
    import numpy as np

    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = np.repeat(3 * rng.normal(size=(3, 4)), 20, axis=0)
    np.save(folder / "v.npy", rows + 0.1 * rng.normal(size=rows.shape))
    (folder / "s.toml").write_text(_STUDY)


def state(folder: Path) -> dict[str, str]:
    """The files of a folder with their digests; where times are written, their names only."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            found[name] = "folder"
        elif any(part in name for part in _VOLATILE) or "_locks" in name or name.startswith("cache"):
            found[name] = "volatile"
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@dataclass
class Tally:
    """What a loop found."""

    operations: int = 0
    faults: int = 0
    differences: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return [*self.differences, *self.leftovers, *self.ends]

    def __str__(self) -> str:
        counts = (
            f"{self.operations} operations, {self.faults} faults, {len(self.differences)} differences, "
            f"{len(self.leftovers)} leftovers, {len(self.ends)} wrong ends"
        )
        return "\n".join([*self.wrong, counts])


def loop(
    command: Sequence[str], every: int = 1, faults: Sequence[str] = FAULTS, *, show: bool = False
) -> Tally:
    """Each fault at every so many-th operation of a command, then the command again."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        base = Path(place)
        prepare(base / "plain")
        first = call(command, base / "plain")
        assert first.code == 0, first.said
        _import((base / "imported").read_text().split())
        tally.operations = first.count
        expected = state(base / "plain")
        for number, fault in enumerate(faults):
            # Each fault starts at another operation, so that a coarse loop still meets many.
            for at in range(1 + number * every // len(faults), first.count + 1, every):
                tally.faults += 1
                known = len(tally.wrong)
                _once(command, base / f"{fault}-{at}", at, fault, expected, tally)
                if show:
                    print(
                        f"{fault} at {at} of {first.count}", *tally.wrong[known:], sep="\n", flush=True
                    )
    return tally


def _import(names: Sequence[str]) -> None:
    """Import what a command has imported, so that later forks start at once."""
    for name in names:
        if not name.startswith("__"):
            with suppress(ImportError):
                importlib.import_module(name)


def _once(
    command: Sequence[str], folder: Path, at: int, fault: str, expected: dict[str, str], tally: Tally
) -> None:
    prepare(folder)
    ended = call(command, folder, at, fault)
    allowed = {"kill": {-9, 0}, "interrupt": {130, 0}}.get(fault, {0, 2, 3, 4, 6})
    what = f"{fault} at {at}"
    if ended.code not in allowed or "bug of embkit" in ended.said or "Traceback" in ended.said:
        tally.ends.append(f"{what}: exit {ended.code}: {ended.said.strip()[-300:]}")
    again = call(command, folder)
    found = state(folder)
    if again.code != 0:
        tally.differences.append(f"{what}: again: exit {again.code}: {again.said.strip()[-300:]}")
    # What could not be kept in the cache is only not there; the next command may not need it.
    results = [name for name in expected if not name.startswith("cache/")]
    changed = [name for name in results if found.get(name) != expected[name]]
    if changed:
        tally.differences.append(f"{what}: {', '.join(changed)}")
    left = sorted(set(found) - set(expected))
    if left:
        tally.leftovers.append(f"{what}: {', '.join(left)}")
    shutil.rmtree(folder)


def preload() -> None:
    """Import what the commands need, so that forks start at once."""
    import hdbscan  # noqa: F401
    import matplotlib.figure  # noqa: F401
    import sklearn.cluster  # noqa: F401

    import embkit.cli  # noqa: F401


if __name__ == "__main__":
    preload()
    which = sys.argv[1] if len(sys.argv) > 1 else "run"
    stride = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    print(loop(RUN if which == "run" else STUDY, stride, show=True))
