"""What a study leaves when it is killed, and what it needs of the system to start at all."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixture_types import Embkit, WriteStudy

PARENT = """
    [[clusterers]]
    name = "parent"
    file = "{file}"
    entry = {{ grid = [0, 1] }}
"""
SMALL = """
    [[clusterers]]
    name = "diary"
    file = "{file}"
"""


def children(marker: str) -> list[str]:
    """Processes that carry a marker in their environment and are not zombies."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            alive = folder.joinpath("stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            if alive and marker.encode() in folder.joinpath("environ").read_bytes():
                found.append(folder.joinpath("cmdline").read_text().replace("\0", " "))
        except (OSError, IndexError):
            continue
    return found


@pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel ends what belongs to a study on Linux only"
)
@pytest.mark.parametrize("executor", ["local", "dask"])
def test_a_killed_study_takes_its_trials_and_theirs_along(
    executor: str, write_study: WriteStudy, environment: dict[str, str], tmp_path: Path
) -> None:
    """The trials hold the interpreter's lock in native code, and each has a process of its own."""
    pytest.importorskip("distributed")
    diary, place = tmp_path / "diary.txt", tmp_path / "tmp"
    place.mkdir()
    study = write_study(PARENT.format(file=diary))
    command = [
        sys.executable,
        "-m",
        "embkit",
        "study",
        str(study),
        "--jobs",
        "2",
        "--executor",
        executor,
    ]
    environment |= {"MARKER": f"marker-{tmp_path}", "TMPDIR": str(place)}
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "out")],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not diary.exists() or len(diary.read_text().splitlines()) < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert sum("sleep" in command for command in children(f"marker-{tmp_path}")) == 2
    process.kill()
    process.wait()
    deadline = time.monotonic() + 15
    while children(f"marker-{tmp_path}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children(f"marker-{tmp_path}") == []


def test_the_next_study_removes_the_temporary_folder_of_a_killed_one_and_imports_nothing_from_where_it_is(
    write_study: WriteStudy, environment: dict[str, str], tmp_path: Path
) -> None:
    place, here = tmp_path / "t", tmp_path / "here"
    place.mkdir()
    here.mkdir()
    dead = subprocess.run(
        [
            sys.executable,
            "-c",
            "import tempfile\nfrom embkit.files.owners import staging_name\nprint(staging_name())",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (place / dead).mkdir()
    (place / "other").mkdir()
    for name in ("json", "numpy", "signal", "selectors", "scipy", "pydantic", "tempfile", "threading"):
        mark = here / f"imported-{name}"
        (here / f"{name}.py").write_text(f"open({str(mark)!r}, 'w').close()\nraise ImportError\n")
    study = write_study(SMALL.format(file=tmp_path / "d"))
    command = [sys.executable, "-m", "embkit", "study", str(study), "--out", str(tmp_path / "o")]
    environment["TMPDIR"] = str(place)
    done = subprocess.run(
        command, cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in place.iterdir()] == ["other"]
    assert not list(here.glob("imported-*"))


def test_logs_of_a_killed_study_go(write_study: WriteStudy, embkit: Embkit, tmp_path: Path) -> None:
    out = tmp_path / "out"
    study = write_study(SMALL.format(file=tmp_path / "diary.txt"))
    assert embkit("study", study, "--out", out).returncode == 0
    (trial,) = (out / "trials").iterdir()
    (out / "logs" / f"{trial.name}.txt").write_text("printed before the mark was seen")
    assert embkit("study", study, "--out", out).returncode == 0
    assert not list((out / "logs").iterdir())


def test_a_long_temporary_path_is_no_obstacle(
    write_study: WriteStudy, environment: dict[str, str], embkit: Embkit, tmp_path: Path
) -> None:
    place = tmp_path / ("long" * 30)
    place.mkdir()
    environment["TMPDIR"] = str(place)
    done = embkit("study", write_study(SMALL.format(file=tmp_path / "d")), "--out", tmp_path / "o")
    assert done.returncode == 0, done.stderr


def test_few_open_files_are_refused_at_once(
    write_study: WriteStudy, environment: dict[str, str], tmp_path: Path
) -> None:
    study = write_study(SMALL.format(file=tmp_path / "d"))
    command = [
        sys.executable,
        "-m",
        "embkit",
        "study",
        str(study),
        "--out",
        str(tmp_path / "o"),
        "--jobs",
        "2",
    ]
    line = ["bash", "-c", 'ulimit -n 16; exec "$@"', "bash", *command]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert done.stderr.startswith(
        "error: a study with 2 trials at a time needs 28 open files, 16 are allowed"
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "o").exists()


def test_nor_from_where_python_starts_it(
    write_study: WriteStudy, environment: dict[str, str], tmp_path: Path
) -> None:
    """The caller's own process looks where Python looks; those that it starts do not."""
    here = tmp_path / "here"
    here.mkdir()
    study, out = write_study(SMALL.format(file=tmp_path / "d")), tmp_path / "o"
    code = f"""
import sys
from pathlib import Path
import embkit.api, scipy.stats, matplotlib.figure
for name in ("json", "selectors", "tempfile"):
    Path(f"{{name}}.py").write_text("open('imported', 'w').close()")
embkit.study({str(study)!r}, out={str(out)!r}, jobs=1)
assert "" in sys.path
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (here / "imported").exists()
