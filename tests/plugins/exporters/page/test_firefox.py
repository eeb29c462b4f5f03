"""The same page in Firefox: from a file, without a network, and exact."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit_plugins.exporters.page.payload import RunPage
from embkit_plugins.exporters.page.write import to_html
from fixture_types import ReferenceCut
from narrowing import present

from ._firefox import firefox, found

LABELS = """
const { model, store } = document.querySelector("#embkit").page;
const cut = model.cut(store.state.to);
const labels = new Array(model.n);
for (let p = 0; p < model.n; p++) labels[model.rows.row[p]] = cut.numbers[cut.at(p)];
return labels;
"""
SET = "document.querySelector('#embkit').page.store.set({ from: 0, to: arguments[0] })"
WATCH = """
window.troubles = [];
for (const kind of ["error", "unhandledrejection", "securitypolicyviolation"]) {
  addEventListener(kind, (event) => window.troubles.push(kind + ": " + (event.message || event.blockedURI || event.reason)), true);
}
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    program = found()
    if program is None:
        pytest.skip("needs firefox, as in: apt-get install firefox-esr")
    with firefox(program, tmp_path_factory.mktemp("profile")) as session:
        yield session


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[[RunPage], Any]]:
    def open_page(payload: RunPage) -> Any:
        file = tmp_path / "page.html"
        file.write_text(to_html(payload), "utf-8")
        browser.open(file)
        browser.run(WATCH)
        return browser

    yield open_page
    assert browser.run("return window.troubles") == []
    assert browser.run("return performance.getEntriesByType('resource').map(({ name }) => name)") == []


def test_it_cuts_as_python_does_at_random_heights_and_by_typing(
    opened: Callable[[RunPage], Any], run_payload: RunPage, reference_cut: ReferenceCut
) -> None:
    page = opened(run_payload)
    tree = present(run_payload.tree).linkage
    assert "150 rows in" in page.run("return document.querySelector('header .facts').textContent")
    for value in np.random.default_rng(1).uniform(0, tree[-1, 2] * 1.1, 20).tolist():
        page.run(SET, value)
        np.testing.assert_array_equal(page.run(LABELS), reference_cut(tree, value))
    page.type("#threshold-to", "2.25\ue007")
    page.until("return document.querySelector('#embkit').page.store.state.to === 2.25")
    np.testing.assert_array_equal(page.run(LABELS), reference_cut(tree, 2.25))


def test_it_cuts_every_tie_of_a_grid(
    opened: Callable[[RunPage], Any], grid_payload: RunPage, reference_cut: ReferenceCut
) -> None:
    page = opened(grid_payload)
    tree = present(grid_payload.tree).linkage
    for height in np.unique(tree[:, 2]):
        for value in (np.nextafter(height, 0), height, np.nextafter(height, 9)):
            page.run(SET, float(value))
            np.testing.assert_array_equal(page.run(LABELS), reference_cut(tree, value))


def test_search_keys_selection_and_undo(opened: Callable[[RunPage], Any], run_payload: RunPage) -> None:
    page = opened(run_payload)
    page.type("input[type=search]", "subject3")
    n_found = sum("subject3" in text for text in present(run_payload.rows.texts))
    page.until(
        "return document.querySelector('.chip')?.textContent.startsWith(arguments[0])",
        f"{n_found} found",
    )
    page.type("input[type=search]", "\ue00c")  # Escape
    page.until("return document.querySelectorAll('.chip').length === 0")
    before = page.run("return document.querySelector('#embkit').page.store.state.to")
    page.type(".line-to", "\ue014")  # ArrowRight: the next merge
    page.until("return document.querySelector('#embkit').page.store.state.to > arguments[0]", before)
    page.type(".plot.tree", "\ue015\ue007")  # ArrowDown, Enter
    page.until("return document.querySelector('#embkit').page.store.state.selected !== null")
    page.run("document.querySelector(\"[aria-label^='Undo']\").click()")
    page.until("return document.querySelector('#embkit').page.store.state.selected === null")
    drawn = page.run(
        """return Array.from(document.querySelectorAll(".plot canvas"), (canvas) => {
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return new Set(new Uint32Array(pixels.buffer)).size;
        })"""
    )
    assert min(drawn[::2]) > 10  # tree and map have their colours
