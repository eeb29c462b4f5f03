"""What can be done on a page: search, select, narrow, save, go back, and all of it by keyboard."""

from pathlib import Path

import numpy as np
import pytest

from embkit_plugins.exporters.page.parts import Rows
from embkit_plugins.exporters.page.payload import RunPage
from fixture_types import LabelsOf, OpenedPage, OpenPage
from narrowing import present


def selected(page: OpenedPage) -> list[int] | None:
    page.settle()
    rows: list[int] | None = page.evaluate(
        """() => {
            const { store, rows } = document.querySelector("#embkit").page;
            return store.state.selected ? Array.from(store.state.selected.places, (p) => rows.row[p]).sort((a, b) => a - b) : null;
        }"""
    )
    return rows


def shown(page: OpenedPage) -> list[int]:
    page.settle()
    rows: list[int] = page.evaluate(
        "() => { const {texts, rows} = document.querySelector('#embkit').page; return Array.from(texts.places, (p) => rows.row[p]); }"
    )
    return rows


def heard(page: OpenedPage, text: str) -> None:
    page.locator("[role=status]", has_text=text).wait_for(state="attached")


def test_the_head_says_what_the_run_is(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    n_clusters = present(run_payload.clusters).labels.max() + 1
    assert page.inner_text("h1") == "A run"
    assert (
        page.inner_text("header .facts")
        == f"150 rows in {n_clusters} clusters · average linkage, euclidean"
    )
    assert page.inner_text(".verdict") == "clusters · p < 0.001"
    assert page.inner_text(".trust") == "Trustworthiness 0.910 of 1 · 15 neighbours."
    page.click("#rows-tab-about")
    page.settle()
    about = page.inner_text(".about")
    assert "There are groups." in about
    assert "agglomerative(linkage=average)" in about
    assert "silhouette\n\n0.31" in about or "silhouette\n0.31" in about


def test_search_narrows_the_table_and_counts_by_cluster(
    open_page: OpenPage, run_payload: RunPage
) -> None:
    page = open_page(run_payload)
    page.fill("input[type=search]", "SUBJECT3")
    expected = [row for row, text in enumerate(present(run_payload.rows.texts)) if "subject3" in text]
    assert sorted(shown(page)) == expected
    heard(page, f"{len(expected)} rows found")
    assert page.locator(".texts-grid mark").first.inner_text() == "subject3"
    page.click("#rows-tab-clusters")
    page.settle()
    labels = present(run_payload.clusters).labels[expected]
    counts = {str(label): int((labels == label).sum()) for label in np.unique(labels)}
    lines = page.locator(".clusters-grid .grid-body .grid-row:not([hidden])")
    found = {
        line.locator(".cell").nth(0).inner_text(): int(
            line.locator(".cell").nth(3).inner_text().split(" ")[0]
        )
        for line in lines.all()
    }
    assert found == counts
    page.fill("input[type=search]", "r017")
    page.click("#rows-tab-texts")
    assert shown(page) == [17]
    page.fill("input[type=search]", "")
    assert len(shown(page)) == 150


def test_a_lasso_selects_what_lies_inside(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    places = page.evaluate(
        """() => {
            const { map, rows } = document.querySelector("#embkit").page;
            const ratio = map.view.base.ratio;
            return Array.from(rows.row, (row, p) => [row, map.view.sx[p] / ratio, map.view.sy[p] / ratio]);
        }"""
    )
    box = present(page.locator(".plot.map").bounding_box())
    left, top, right, bottom = 40.5, 40.5, box["width"] * 0.55, box["height"] * 0.8
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + left, box["y"] + top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    inside = sorted(row for row, x, y in places if left < x < right and top < y < bottom)
    assert 0 < len(inside) < 150
    assert selected(page) == inside
    assert sorted(shown(page)) == inside
    page.click("[aria-label='Clear the selection']")
    assert selected(page) is None


def test_a_click_selects_a_cluster_and_a_branch(
    open_page: OpenPage, run_payload: RunPage, labels_of: LabelsOf
) -> None:
    page = open_page(run_payload)
    labels = labels_of(page)
    x, y, _row = page.evaluate(
        """() => {
            const { map, rows } = document.querySelector("#embkit").page;
            const ratio = map.view.base.ratio;
            return [map.view.sx[30] / ratio, map.view.sy[30] / ratio, rows.row[30]];
        }"""
    )
    box = present(page.locator(".plot.map").bounding_box())
    page.mouse.click(box["x"] + x, box["y"] + y)
    hit = present(selected(page))
    assert hit == np.flatnonzero(labels == labels[hit[0]]).tolist()
    tree = present(page.locator(".plot.tree").bounding_box())
    root = page.evaluate(
        "() => { const { dendrogram: { spread, tree }, dendrogram } = document.querySelector('#embkit').page; return dendrogram.yOf(spread.middle[tree.root]); }"
    )
    page.mouse.click(tree["x"] + tree["width"] - 4, tree["y"] + root)
    assert len(present(selected(page))) == 150  # right of the root is everything


def test_the_table_is_sorted(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    page.click(".texts-grid .grid-head button:has-text('Text')")
    texts = present(run_payload.rows.texts)
    assert shown(page) == sorted(range(150), key=lambda row: texts[row])
    page.click(".texts-grid .grid-head button:has-text('Text')")
    assert shown(page) == sorted(range(150), key=lambda row: texts[row], reverse=True)
    page.click(".texts-grid .grid-head button:has-text('Cluster')")
    labels = present(run_payload.clusters).labels[shown(page)]
    assert (np.diff(labels) >= 0).all()


def test_the_address_keeps_the_state(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    page.fill("#threshold-to", "2.25")
    page.press("#threshold-to", "Enter")
    page.fill("input[type=search]", "subject3")
    page.settle()
    page.click("#rows-tab-clusters")
    page.click(".clusters-grid .grid-body .grid-row >> nth=0")
    page.select_option("[aria-label='Colour of the map']", "column:length")
    chosen = selected(page)
    page.wait_for_timeout(250)
    address = page.evaluate("() => location.hash")
    assert "to=2.25" in address
    other = open_page(run_payload, address)
    assert selected(other) == chosen
    assert other.input_value("#threshold-to") == "2.25"
    assert other.input_value("input[type=search]") == "subject3"
    assert other.input_value("[aria-label='Colour of the map']") == "column:length"
    broken = open_page(run_payload, "#to=abc&sel=zz-zz.!&from=-&map=none&nothing=1")
    assert broken.input_value("#threshold-to") == "1.6"


def test_undo_goes_back_and_redo_forth(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    assert page.is_disabled("[aria-label^='Undo']")
    page.fill("#threshold-to", "2.25")
    page.press("#threshold-to", "Enter")
    page.click("#rows-tab-clusters")
    page.click(".clusters-grid .grid-body .grid-row >> nth=1")
    chosen = selected(page)
    page.click("[aria-label^='Undo']")
    assert selected(page) is None
    page.click("[aria-label^='Undo']")
    page.click("[aria-label^='Undo']")
    page.settle()
    assert page.input_value("#threshold-to") == "1.6"
    for _ in range(3):
        page.click("[aria-label^='Redo']")
    assert selected(page) == chosen
    assert page.input_value("#threshold-to") == "2.25"


def test_hovering_goes_through_tree_map_and_note(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    page.hover(".texts-grid .grid-body .grid-row >> nth=3")
    hovered = "() => { const {dendrogram, map} = document.querySelector('#embkit').page; return [dendrogram.hovered, map.view.hovered]; }"
    tree, map_ = page.evaluate(hovered)
    assert tree == map_ == [3, 4]
    page.hover(".ledger-grid .grid-body .grid-row >> nth=0")
    start, end = page.evaluate(hovered)[0]
    assert end - start == page.evaluate(
        "() => document.querySelector('#embkit').page.ledger.groups[0].size"
    )
    box = present(page.locator(".plot.tree").bounding_box())
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 100)
    assert "joined at" in page.inner_text(".tip")


def test_the_tour_without_a_mouse(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    page.keyboard.press("/")
    page.keyboard.type("subject5")
    heard(page, "rows found")
    page.keyboard.press("Escape")
    page.settle()
    assert page.input_value("input[type=search]") == ""
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "() => (document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).split('.')[0].split(':')[0]"
            )
        )
    assert {
        "Lower line",
        "Upper line",
        "Dendrogram",
        "Map",
        "Texts",
        "Merges between the two lines",
    } <= reached
    page.focus(".plot.tree")
    page.keyboard.press("ArrowDown")
    heard(page, "row")
    page.keyboard.press("ArrowRight")
    heard(page, "joined at")
    page.keyboard.press("Enter")
    assert len(present(selected(page))) > 1
    page.focus(".plot.map")
    page.keyboard.press("]")
    heard(page, "cluster of")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    chosen = selected(page)
    page.keyboard.press("Shift+Enter")  # a second time takes it away again
    assert selected(page) is None
    assert chosen
    page.focus(".ledger-grid")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert len(present(selected(page))) == page.evaluate(
        "() => document.querySelector('#embkit').page.ledger.all.at(-1).size"
    )
    page.keyboard.press("Escape")
    page.settle()
    page.focus(".texts-grid")
    page.keyboard.press("End")
    page.settle()
    assert present(page.get_attribute(".texts-grid", "aria-activedescendant")).endswith("-149")
    assert page.locator(".texts-grid .grid-row.active").get_attribute("aria-rowindex") == "151"
    page.focus("#rows-tab-texts")
    page.keyboard.press("ArrowRight")
    page.settle()
    assert page.get_attribute("#rows-tab-clusters", "aria-selected") == "true"
    page.focus(".line-to")
    page.keyboard.press("ArrowRight")
    heard(page, "merges between the lines")
    assert "cluster" in present(page.get_attribute(".line-to", "aria-valuetext"))


def test_colour_by_a_column_has_a_legend_that_selects(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    page.select_option("[aria-label='Colour of the map']", "column:subject")
    page.settle()
    subjects = run_payload.rows.columns["subject"]
    button = page.locator(".legend button").first
    name, number = (
        button.locator("span").nth(1).inner_text(),
        int(button.locator("span").nth(2).inner_text()),
    )
    assert number == max(subjects.count(value) for value in subjects)
    button.click()
    assert selected(page) == [row for row, value in enumerate(subjects) if value == name]
    page.select_option("[aria-label='Colour of the map']", "height")
    page.settle()
    assert page.locator(".legend canvas").is_visible()


def test_a_run_without_a_tree(open_page: OpenPage, flat_payload: RunPage) -> None:
    page = open_page(flat_payload)
    labels = present(flat_payload.clusters).labels
    assert f"{labels.max() + 1} clusters and {int((labels < 0).sum())} row" in page.inner_text(
        "header .facts"
    )
    assert page.locator(".plot.tree").count() == 0
    assert page.locator(".clusters-grid").is_visible()
    knives = "() => document.querySelectorAll('.clusters-grid .cell.knife canvas').length"
    assert page.evaluate(knives) > 0
    lines = page.locator(".clusters-grid .grid-body .grid-row:not([hidden])")
    page.click(".clusters-grid .grid-body .grid-row >> nth=0")
    assert selected(page) == np.flatnonzero(labels == 0).tolist()
    assert lines.count() > 1  # so that another can be chosen beside it
    lines.nth(1).click(modifiers=["Shift"])
    assert selected(page) == np.flatnonzero((labels == 0) | (labels == 1)).tolist()
    page.select_option("[aria-label='Colour of the map']", "column:subject")
    page.settle()
    lowest = page.evaluate(
        "() => { const { map: { view } } = document.querySelector('#embkit').page; return Math.max(...view.sy) / view.base.ratio; }"
    )
    legend = present(page.locator(".legend").bounding_box())
    assert present(page.locator(".plot.map").bounding_box())["y"] + lowest < legend["y"]


def test_clusters_that_are_nodes_at_different_heights(open_page: OpenPage, run_payload: RunPage) -> None:
    from dataclasses import replace

    labels = present(run_payload.clusters).labels.copy()
    labels[labels > 4] = -1
    payload = replace(
        run_payload,
        tree=replace(present(run_payload.tree), thresholds=None),
        clusters=replace(present(run_payload.clusters), labels=labels),
    )
    page = open_page(payload)
    assert page.locator(".plot.tree").is_visible()
    assert page.locator(".line").count() == 0
    assert "5 clusters and" in page.inner_text("header .facts")
    n_noise = int((labels < 0).sum())
    assert f"{n_noise} rows of noise left out of the picture." in page.inner_text(".panel-tree .trust")
    drawn = page.evaluate(
        """() => {
            const { dendrogram: { spread, tree }, model: { fixed } } = document.querySelector("#embkit").page;
            const widths = Array.from({ length: tree.n }, (_, p) => spread.at(p + 1) - spread.at(p));
            const back = Array.from({ length: spread.total }, (_, u) => spread.place(u + 0.5));
            return { total: spread.total, widths, back, noise: widths.map((_, p) => fixed.isNoise(fixed.at(p))) };
        }"""
    )
    assert drawn["total"] == 150 - n_noise
    assert drawn["widths"] == [0 if noise else 1 for noise in drawn["noise"]]
    assert drawn["back"] == [place for place, noise in enumerate(drawn["noise"]) if not noise]
    page.focus(".plot.tree")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert selected(page)


def test_clusters_that_are_no_nodes_leave_the_tree_out_and_say_so(
    open_page: OpenPage, run_payload: RunPage
) -> None:
    from dataclasses import replace

    labels = np.arange(150) % 3
    payload = replace(
        run_payload,
        tree=replace(present(run_payload.tree), thresholds=None),
        clusters=replace(present(run_payload.clusters), labels=labels),
    )
    page = open_page(payload)
    assert page.locator(".plot.tree").count() == 0
    assert "not nodes of the clusterer's tree" in page.inner_text(".warnings")


def test_the_tree_says_which_merges_are_supported(open_page: OpenPage, run_payload: RunPage) -> None:
    from dataclasses import replace

    p_values = np.full(149, np.nan)
    p_values[[148, 147]] = 0.31, 0.0004
    page = open_page(replace(run_payload, tree=replace(present(run_payload.tree), p_values=p_values)))
    assert page.inner_text(".panel-tree .trust") == (
        "Thick: the two sides of a merge are apart (p ≤ 0.05). Dashed: not shown to be."
    )
    bars = page.evaluate(
        """() => {
            const { dendrogram } = document.querySelector("#embkit").page;
            const drawn = [];
            dendrogram.drawBar({ fillRect: (...box) => drawn.push(box) }, 0, 0, 12, 0.2);
            dendrogram.drawBar({ fillRect: (...box) => drawn.push(box) }, 0, 0, 12, 0.05);
            dendrogram.drawBar({ fillRect: (...box) => drawn.push(box) }, 0, 0, 12, null);
            return drawn;
        }"""
    )
    assert bars == [
        [0, 0, 1.25, 2.5],
        [0, 5, 1.25, 2.5],
        [0, 10, 1.25, 2],
        [0, 0, 2.5, 12],
        [0, 0, 1.25, 12],
    ]
    page.focus(".plot.tree")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    heard(page, "its sides are not shown to be apart (p = 0.31)")
    box = present(page.locator(".plot.tree").bounding_box())
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 100)
    assert "not shown to be apart (p = 0.31)" in page.inner_text(".tip")


def test_a_cluster_is_renamed_and_the_name_is_kept_saved_and_undone(
    open_page: OpenPage, run_payload: RunPage
) -> None:
    page = open_page(run_payload)
    page.click("#rows-tab-clusters")
    page.focus(".clusters-grid")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    page.keyboard.type("Größtes <b>")
    page.keyboard.press("Enter")
    heard(page, "cluster 0 is called Größtes <b>")
    page.settle()
    first = ".clusters-grid .grid-body .grid-row >> nth=0"
    assert page.locator(first).locator(".cell").nth(1).inner_text() == "Größtes <b>"
    named = "() => { const {model, higher} = document.querySelector('#embkit').page; return model.name(higher, higher.order[0]); }"
    assert page.evaluate(named) == "Größtes <b>"
    assert page.evaluate("() => document.activeElement.classList.contains('clusters-grid')")
    with page.expect_download() as download:
        page.click("[aria-label='Save the clusters as CSV']")
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("cluster,name,")
    assert lines[1].startswith("0,Größtes <b>,")
    page.wait_for_timeout(250)
    address = page.evaluate("() => location.hash")
    page.click("[aria-label^='Undo']")
    page.settle()
    assert page.evaluate(named) != "Größtes <b>"
    page.click("[aria-label^='Redo']")
    page.settle()
    assert page.evaluate(named) == "Größtes <b>"
    page.focus(".clusters-grid")
    page.keyboard.press("F2")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.settle()
    assert page.evaluate(named) != "Größtes <b>"
    assert open_page(run_payload, address).evaluate(named) == "Größtes <b>"
    assert open_page(run_payload, "#names={broken").evaluate(named) != "Größtes <b>"


@pytest.mark.parametrize("first", [0, 7])  # from 7: as of rows that were drawn from more
def test_clusters_of_rows_without_texts_and_ids_have_numbers(
    first: int, open_page: OpenPage, flat_payload: RunPage
) -> None:
    from dataclasses import replace

    rows = Rows([str(first + row) for row in range(150)], named=False)
    page = open_page(replace(flat_payload, rows=rows))
    name = (
        page.locator(".clusters-grid .grid-body .grid-row >> nth=0").locator(".cell").nth(1).inner_text()
    )
    assert name == "cluster 0"
    assert page.locator(".texts-grid [role=columnheader]").all_inner_texts() == [
        "Cluster",
        "Row",
        "Silhouette",
    ]


def test_a_dataset_that_was_only_inspected(open_page: OpenPage, run_payload: RunPage) -> None:
    from dataclasses import replace

    page = open_page(replace(run_payload, clusters=None, tree=None))
    assert page.inner_text("header .facts") == "150 rows, not clustered"
    assert page.inner_text(".verdict") == "clusters · p < 0.001"
    assert "There are groups." in page.inner_text(".panel-ledger")
    assert page.locator(".plot.tree, .clusters-grid").count() == 0
    assert page.input_value("[aria-label='Colour of the map']") == "column:subject"
    assert page.locator(".texts-grid [role=columnheader]").first.inner_text() == "Text"
    page.fill("input[type=search]", "subject3")
    heard(page, "rows found")
    page.fill("input[type=search]", "")
    page.focus(".plot.map")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert len(present(selected(page))) == 1
    page.focus(".texts-grid")
    page.keyboard.press("ArrowDown")
    page.settle()
    assert page.inner_text(".reader .full-text").startswith("sentence ")


def test_nothing_unknown_is_shown_as_a_word(open_page: OpenPage, run_payload: RunPage) -> None:
    from dataclasses import replace

    tree = replace(present(run_payload.tree), central=None, closest=None)
    page = open_page(replace(run_payload, tree=tree, verdict=None, scores=(), settings={}))
    for tab in ("texts", "clusters", "about"):
        page.click(f"#rows-tab-{tab}")
        page.settle()
        text = page.inner_text("#embkit")
        assert not {"null", "undefined", "NaN"} & set(text.replace("\n", " ").split())
