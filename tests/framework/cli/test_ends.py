"""However a command ends: the right code and a reason, on the terminal and as JSON."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embkit.cli import main
from embkit.errors import ExitCode
from fixture_types import Embkit, Install

RUN = (
    "run",
    "--loader",
    "blobs:n_samples=30",
    "--clusterer",
    "agglomerative:n_clusters=3",
    "--no-cache",
)


def shell(command: str, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run ``embkit`` in place of ``"$@"`` of a line of bash."""
    line = ["bash", "-c", command, "bash", sys.executable, "-m", "embkit", *arguments]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("redirection", "reason"),
    [
        (">&-", "standard output is closed"),
        ("> /dev/full", "standard output cannot be written; No space"),
    ],
)
@pytest.mark.parametrize("arguments", [("plugins", "list"), (*RUN, "--out", "out"), ("--version",)])
def test_without_standard_output(
    redirection: str, reason: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = shell(f'"$@" {redirection}', *arguments, cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert reason in done.stderr
    assert "bug of embkit" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    closed = redirection == ">&-"
    assert (tmp_path / "out" / "run.json").exists() == (not closed and "--out" in arguments)


@pytest.mark.parametrize("redirection", ["2>&-", "2> /dev/full", "<&-"])
def test_the_other_streams_are_not_needed(redirection: str, tmp_path: Path) -> None:
    done = shell(f'"$@" {redirection}', "plugins", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert "agglomerative" in done.stdout


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    done = shell('"$@" | head -n 1; exit ${PIPESTATUS[0]}', "plugins", "list", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("limit", [5, 6, 7])
def test_without_open_files_it_is_the_machine(limit: int, tmp_path: Path) -> None:
    done = shell(f'ulimit -n {limit}; exec "$@"', *RUN, "--out", "out", cwd=tmp_path)
    assert done.returncode in (0, 4)
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert "Too many open files" in done.stderr
        assert "bug of embkit" not in done.stderr
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("run", "--clusterer", "kmaens", "--json"), 2, "there is no clusterer 'kmaens'"),
        (("run", "gone.npy", "--clusterer", "kmeans", "--json"), 3, "gone.npy"),
        (("run", "--cluster", "kmeans", "--json"), 2, "--cluster"),
    ],
)
def test_json_prints_errors_as_a_document(
    arguments: tuple[str, ...], code: int, what: str, embkit: Embkit
) -> None:
    done = embkit(*arguments, code=code)
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"code", "what", "why", "fix"}
    assert error["code"] == code
    assert what in error["what"]
    assert done.stderr.splitlines()[-1].startswith("error: ")


def raising(
    error: BaseException,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
) -> tuple[str | int | None, str, str]:
    def main_of_typer(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("typer.main.get_command", lambda _: type("Any", (), {"main": main_of_typer}))
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MemoryError(), 4, "error: out of memory; use --sample N"),
        (OSError(28, "No space left on device"), 4, "error: the system refused a file; No space left"),
        (OSError(36, "File name too long", "x"), 4, "error: the system refused x; File name too long"),
        (
            RuntimeError("odd"),
            1,
            "error: RuntimeError: odd; this is a bug of embkit; --debug shows where",
        ),
        (KeyboardInterrupt(), 130, "error: interrupted"),
    ],
)
def test_whatever_is_raised(
    error: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, output, errors = raising(error, monkeypatch, capsys, "plugins", "list", "--json")
    assert found == code
    assert errors.startswith(message)
    assert json.loads(output)["error"]["code"] == code


STOPPING = """
    import embkit
    class Stopping:
        def validate(self, dataset, context):
            context.artifact("neighbors", n_neighbors=3)
            raise KeyboardInterrupt
    @embkit.hookimpl
    def embkit_register_validators():
        yield embkit.ValidatorSpec("stopping", Stopping, summary="Stops.", subject="dataset")
"""


@pytest.mark.parametrize("command", ["run", "inspect"])
def test_an_interrupted_command_says_what_is_kept(
    command: str, embkit: Embkit, install: Install
) -> None:
    install("stopping", STOPPING)
    arguments = (command, "--loader", "blobs:n_samples=30", "--validator", "stopping")
    done = embkit(*arguments, code=130)
    said = "kept in the cache: neighbors; the same command continues from there\n"
    assert done.stderr.endswith(f"{said}error: interrupted\n")
    assert "kept" not in embkit(*arguments, code=130).stderr  # it was kept before
    assert embkit(*arguments, "--no-cache", code=130).stderr.endswith("error: interrupted\n")
    assert "kept" not in embkit(*arguments, "--no-cache", code=130).stderr


def test_windows_is_refused_with_a_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit) as ended:
        main(["plugins", "list"])
    assert ended.value.code == ExitCode.RESOURCES
    assert "embkit does not run on Windows" in capsys.readouterr().err


def test_everything_can_be_imported_without_the_modules_of_posix() -> None:
    code = """
import sys
sys.modules |= {"resource": None, "fcntl": None}
import embkit
for name in embkit.__all__:
    getattr(embkit, name)
import embkit.cli.app
embkit.cli.app.program()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_leaves_nothing(number: int, tmp_path: Path) -> None:
    slow = (
        "run",
        "--loader",
        "blobs:n_samples=4000",
        "--clusterer",
        "affinity-propagation",
        "--out",
        "out",
    )
    signal.signal(number, signal.SIG_DFL)  # not ignored, as under nohup
    process = subprocess.Popen(
        [sys.executable, "-m", "embkit", *slow], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "out").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 143, messages
    assert "error: terminated" in messages
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_while_a_string_is_executed(number: signal.Signals, code: int, tmp_path: Path) -> None:
    """As while a dataclass is made: ``python -m`` would die of SIGINT afterwards, though it was caught."""
    program = f"""
import signal
signal.signal({number:d}, signal.default_int_handler)  # ignored under nohup
from embkit.cli import app
app._invoke = lambda arguments: exec("signal.raise_signal({number:d})", globals())
app.main([])
"""
    (tmp_path / "executing.py").write_text(program)
    done = subprocess.run([sys.executable, "-m", "executing"], cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == code


def test_nothing_is_imported_from_the_folder_one_is_in(tmp_path: Path, embkit: Embkit) -> None:
    for name in (
        "typing",
        "json",
        "numpy",
        "signal",
        "typer",
        "pydantic",
        "collections",
        "multiprocessing",
    ):
        (tmp_path / f"{name}.py").write_text(f"open('imported-{name}', 'w')\nraise SystemExit(77)\n")
    embkit(*RUN, "--out", "out")
    assert not list(tmp_path.glob("imported-*"))
