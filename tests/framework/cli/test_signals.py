"""Signals to end, at the moments when they would do harm."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import atexit, gc, os, signal, time, weakref
from embkit.cli import app

for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.default_int_handler)  # ignored under nohup
TERM = signal.SIGTERM

class Watched:
    pass

def while_unwinding(_):
    try:
        signal.raise_signal(TERM)
    finally:
        signal.raise_signal(TERM)
        signal.raise_signal(signal.SIGHUP)
        open("cleaned", "w").close()

def in_a_callback(_):
    watched = Watched()
    kept = weakref.ref(watched, lambda _: signal.raise_signal(TERM))
    del watched
    while True:
        time.sleep(0.01)

def as_another_error(_):
    try:
        signal.raise_signal(TERM)
    except BaseException as error:
        raise ImportError("numpy.core.multiarray failed to import") from error

def while_saying_why(_):
    say = app.fail
    app.fail = lambda message: (signal.raise_signal(TERM), say(message))
    raise app.ResourceError("too large")

def at_the_end(_):
    atexit.register(lambda: (signal.raise_signal(TERM), open("cleaned", "w").close()))
    return 0

def twice_for_one_that_hangs(_):
    try:
        signal.raise_signal(TERM)
    finally:
        os.spawnlp(os.P_NOWAIT, "sh", "sh", "-c", f"sleep 1.2; kill -TERM {os.getpid()}")
        time.sleep(60)
"""


def ended(action: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = f"{PROGRAM}\napp._invoke = {action}\napp.main([])\n"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("action", "code", "said"),
    [
        ("while_unwinding", 143, "error: terminated\n"),
        ("in_a_callback", 143, "error: terminated\n"),
        ("as_another_error", 143, "error: terminated\n"),
        ("while_saying_why", 4, "error: too large\n"),
        ("at_the_end", 0, ""),
        ("twice_for_one_that_hangs", 143, "error: terminated\n"),
    ],
)
def test_a_signal_ends_the_program_once(action: str, code: int, said: str, tmp_path: Path) -> None:
    done = ended(action, tmp_path)
    assert (done.returncode, done.stderr) == (code, said)
    if action in ("while_unwinding", "at_the_end"):
        assert (tmp_path / "cleaned").exists()


def test_a_program_that_hangs_at_its_end_can_be_killed(tmp_path: Path) -> None:
    end = "signal.raise_signal(TERM), time.sleep(1.1), signal.raise_signal(TERM), time.sleep(60)"
    hang = f"lambda _: atexit.register(lambda: ({end})) and 0"
    assert ended(hang, tmp_path).returncode == -signal.SIGTERM
