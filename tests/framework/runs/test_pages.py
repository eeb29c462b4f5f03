"""`Run.page`: made when asked for, written where told, shown in a notebook."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.data.shown import page
from embkit.errors import ParameterError, ResourceError
from embkit.resources import limit_threads


@pytest.fixture(scope="module")
def run() -> embkit.Run:
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    return embkit.run(vectors, "kmeans:n_clusters=3", visualizers=["sizes"], seed=0, cache=False)


def test_a_page_is_made_written_and_replaced(run: embkit.Run, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    first = run.page(target, maps=["pca"], title="One")
    assert first.path == target
    assert target.read_text("utf-8") == first.html
    assert "<title>One</title>" in first.html
    assert first.n_bytes == target.stat().st_size
    assert first._repr_html_().startswith('<iframe title="embkit page" sandbox="allow-scripts ')
    assert repr(first) == f"Page(path={target!r})"
    run.page(str(target), maps=["pca"], title="Two")
    assert "<title>Two</title>" in target.read_text("utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_without_a_path_nothing_is_written(
    run: embkit.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run.page(maps=["pca"]).path is None
    assert not list(tmp_path.iterdir())


def test_a_page_is_made_with_the_threads_of_its_run(
    run: embkit.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def limit(threads: int) -> AbstractContextManager[None]:
        seen.append(threads)
        return limit_threads(threads)

    monkeypatch.setattr("embkit.runs.exporting.limit_threads", limit)
    replace(run, config=replace(run.config, threads=1)).page(maps=["pca"])
    assert seen == [1]


def test_an_exported_page_is_taken_as_it_is(run: embkit.Run) -> None:
    exported = replace(run, exports={"page": {"page.html": "<p>done</p>"}})
    assert exported.page().html == "<p>done</p>"
    assert "<p>done</p>" not in exported.page(maps=["pca"]).html


def test_a_large_page_has_a_picture(run: embkit.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    large = replace(run, exports={"page": {"page.html": "x" * (page.INLINE_BYTES + 1)}})
    assert large.page().picture is not None
    assert replace(large, figures={}).page().picture is None


@pytest.mark.parametrize("content", ["precious", None])
def test_only_pages_are_replaced(run: embkit.Run, tmp_path: Path, content: str | None) -> None:
    target = tmp_path / "page.html"
    target.mkdir() if content is None else target.write_text(content)
    with pytest.raises(
        ParameterError, match="exists, and is not a page of embkit; only pages are replaced; choose"
    ):
        run.page(target)


def test_errors(run: embkit.Run, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="exporter page has no parameter 'mapps'"):
        run.page(mapps=["pca"])
    with pytest.raises(ResourceError, match="cannot be written; No such file"):
        run.page(tmp_path / "missing" / "page.html", maps=["pca"])
    with pytest.raises(ParameterError, match="cannot make its page; it does not come from embkit.run"):
        replace(run, page_maker=None).page()
