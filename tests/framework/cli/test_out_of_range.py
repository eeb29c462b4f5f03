"""Amounts, names and paths that nobody means: a message with the right exit code."""

from pathlib import Path

import pytest

from fixture_types import Embkit

RUN = (
    "run",
    "--loader",
    "blobs:n_samples=24",
    "--clusterer",
    "agglomerative:n_clusters=3",
    "--no-cache",
)
STUDY = 'seeds = [0]\n[[datasets]]\nloader = "blobs"\n[[clusterers]]\nname = "kmeans"\n'
NINES = "9" * 5000
LONG = "x" * 5000


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*RUN, "--memory", "1e400GB"), 2),
        ((*RUN, "--threads", "9" * 25), 2),
        ((*RUN, "--threads", "1000000"), 2),
        ((*RUN, "--seed", NINES), 2),
        (("study", "study.toml", "--timeout", "inf"), 2),
        (("study", "study.toml", "--timeout", "1e300"), 2),
        (("study", "study.toml", "--jobs", "9" * 25), 2),
        ((*RUN, "--out", LONG), 4),
        (("replay", LONG), 4),
        (("run", "--config", "nul.toml"), 2),
        (("run", "--config", "deep.toml"), 2),
        (("run", "--loader", "blobs", "--clusterer", "../../../outside"), 2),
    ],
)
def test_the_command_line(arguments: tuple[str, ...], code: int, embkit: Embkit, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "nul.toml").write_text('loader = "blobs"\nclusterer = "km\\u0000eans"\n')
    (tmp_path / "deep.toml").write_text(f"x = {'[' * 1000}{']' * 1000}\n")
    (line,) = embkit(*arguments, code=code).stderr.splitlines()[-1:]
    assert line.startswith("error: ")
    assert len(line) < 1000
    assert "bug of embkit" not in line
    assert not list(tmp_path.glob("**/run.json"))


@pytest.mark.parametrize("limit", ["1e999", "9" * 400, "0"])
def test_the_limit_of_the_cache(limit: str, embkit: Embkit) -> None:
    assert "invalid memory size" in embkit("cache", "info", code=2, EMBKIT_CACHE_LIMIT=limit).stderr


@pytest.mark.parametrize("timeout", [float("inf"), 1e300])
def test_a_study_waits_no_longer_than_clocks_go(timeout: float) -> None:
    import multiprocessing

    from embkit.studies.executors.local import _ended

    process = multiprocessing.get_context("fork").Process(target=int)
    process.start()
    assert _ended(process, timeout)
    process.join()
