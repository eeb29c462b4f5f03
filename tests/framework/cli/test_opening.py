"""``--open``: the page in the user's browser, and nothing of it on standard output."""

import json
import os
import stat
import webbrowser
from pathlib import Path

import numpy as np
import pytest

from fixture_types import Embkit


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that prints, and writes down what it is to open."""
    # Python looks for browsers once in a process; here it looks again.
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    script = tmp_path / "browser"
    script.write_text('#!/bin/sh\necho "a browser prints"\necho "$1" >> "$(dirname "$0")/opened"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(40, 4)))
    return script


RUN = ("run", "vectors.npy", "--clusterer", "kmeans:n_clusters=3", "--out", "out dir", "--overwrite")
PAGE = 'page:maps=["pca"]'


def test_the_page_is_opened_and_stdout_stays_one_document(
    embkit: Embkit, browser: Path, tmp_path: Path
) -> None:
    command = f"{browser} %s"
    done = embkit(*RUN, "--export", PAGE, "--open", "--json", BROWSER=command)
    json.loads(done.stdout)
    page = (tmp_path / "out dir" / "page.html").as_uri()
    assert (tmp_path / "opened").read_text().split()[-1] == page
    assert "%20" in page
    (tmp_path / "opened").unlink()
    done = embkit("export", "out dir", PAGE, "--open", "--json", BROWSER=command)
    assert [Path(file).name for file in json.loads(done.stdout)["files"]] == ["page.html"]
    assert (tmp_path / "opened").read_text().split() == [page]
    assert "a browser prints" in done.stderr


def test_without_a_page_or_a_browser_that_is_said(embkit: Embkit, browser: Path, tmp_path: Path) -> None:
    done = embkit(*RUN, "--open", code=2)
    assert "error: --open has nothing to open; no exporter is named; add --export page" in done.stderr
    assert not (tmp_path / "out dir").exists()
    done = embkit(*RUN, "--export", PAGE, "--open", PATH=os.devnull, BROWSER=":")
    assert "warning: found no browser to open out dir/page.html with" in done.stderr


def test_what_inspect_found_is_a_page_too(embkit: Embkit, browser: Path, tmp_path: Path) -> None:
    done = embkit("inspect", "vectors.npy", "--export", PAGE, "--open", BROWSER=f"{browser} %s")
    (page,) = (tmp_path / "embkit-runs").glob("*inspect*/page.html")
    assert (tmp_path / "opened").read_text().split()[-1] == page.as_uri()
    assert f"folder    {page.parent.relative_to(tmp_path)}" in done.stdout
    assert (page.parent / "figures" / "k-sweep.png").exists()
