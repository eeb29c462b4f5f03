"""The notebook of the docs, executed, converted to HTML, and opened in Chromium without a network."""

from pathlib import Path
from typing import Any

import pytest

import embkit
from fixture_types import Browser

TOUR = Path(__file__).parents[4] / "docs" / "tour.ipynb"


@pytest.fixture(scope="module")
def run() -> embkit.Run:
    return embkit.run(None, "kmeans:n_clusters=3", seed=0, cache=False)


def test_the_converted_notebook_has_its_pictures_and_its_page(browser: Browser, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat, from PyPI")
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient, from PyPI")
    nbconvert = pytest.importorskip("nbconvert", reason="needs nbconvert, from PyPI")
    pytest.importorskip("ipykernel", reason="needs ipykernel, from PyPI")
    book = nbformat.read(TOUR, as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells)
    nbclient.NotebookClient(book, timeout=120).execute()
    document, _ = nbconvert.HTMLExporter(embed_images=True).from_notebook_node(book)
    file = tmp_path / "tour.html"
    file.write_text(document, "utf-8")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    widths = page.locator("img").evaluate_all("(found) => found.map((image) => image.naturalWidth)")
    assert len(widths) == 3  # two of the run, one of a cell
    assert min(widths) > 500
    inner = page.frame_locator("iframe[title='embkit page']")
    inner.locator("#embkit[data-ready]").wait_for()
    inner.locator("#threshold-to").fill("0.8")
    inner.locator("#threshold-to").press("Enter")
    inner.locator("header .facts", has_text="710 rows").wait_for()
    inner.locator("input[type=search]").fill("password")
    inner.locator(".chip", has_text="found").wait_for()
    context.close()


def test_the_widget_holds_the_page_and_the_rows_selected(run: embkit.Run) -> None:
    pytest.importorskip("anywidget", reason="needs anywidget, from PyPI")
    widget: Any = run.widget(maps=["pca"])  # anywidget has no types
    assert "export default {" in widget._esm
    assert widget._css.startswith(":where(.embkit) {")
    assert len(widget.data) > 10_000
    heard: list[dict[str, Any]] = []
    widget.observe(heard.append, names="selected")
    widget.selected = ["1", "2"]
    assert [change["new"] for change in heard] == [["1", "2"]]
    assert {"data", "selected"} <= set(widget.get_state())


def test_without_anywidget_the_widget_says_what_to_install(
    run: embkit.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "anywidget", None)
    with pytest.raises(
        embkit.MissingExtraError, match=r"run.widget\(\) needs anywidget; .*embkit-framework\[notebook\]"
    ):
        run.widget()
