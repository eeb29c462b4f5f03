"""Two clusterings side by side, and studies."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from embkit_plugins.exporters.page.payload import (
    Change,
    Clusters,
    DiffPage,
    Finding,
    MapLayout,
    Rows,
    StudyPage,
    TrialPage,
    Verdict,
)
from fixture_types import OpenedPage, OpenPage
from narrowing import present


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    before = canonical(rng.integers(0, 5, 80))
    after = canonical(np.where(rng.random(80) < 0.7, before, rng.integers(0, 4, 80)))
    after[:6] = -1
    return before, after


def canonical(labels: np.ndarray) -> np.ndarray:
    values, inverse = np.unique(labels, return_inverse=True)
    sizes = np.bincount(inverse)
    first = [int(np.flatnonzero(inverse == value)[0]) for value in range(len(values))]
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.lexsort((np.array(first), -sizes))] = np.arange(len(values))
    return rank[inverse]


def rows_and_maps(n: int) -> tuple[Rows, dict[str, MapLayout]]:
    points = np.random.default_rng(1).normal(size=(n, 2))
    rows = Rows([f"r{row}" for row in range(n)], [f"text {row}" for row in range(n)])
    return rows, {"PCA": MapLayout(points, 0.8, "12 neighbours.")}


def selected(page: OpenedPage) -> list[int]:
    page.settle()
    rows: list[int] = page.evaluate(
        """() => {
            const { store, rows } = document.querySelector("#embkit").page;
            return Array.from(store.state.selected.places, (p) => rows.row[p]).sort((a, b) => a - b);
        }"""
    )
    return rows


def test_a_diff_shows_both_clusterings_with_aligned_colours(
    open_page: OpenPage, two: tuple[np.ndarray, np.ndarray]
) -> None:
    before, after = two
    rows, maps = rows_and_maps(80)
    payload = DiffPage(
        "Two runs",
        rows,
        Clusters(before, "first"),
        Clusters(after, "second"),
        maps,
        [Change("merged", (0, 1), (0,), 7), Change("kept", (2,), (1,), 3)],
        [Finding("agreement", "adjusted_rand", 0.4)],
    )
    page = open_page(payload)
    facts = page.inner_text("header .facts")
    assert "5 clusters before" in facts
    assert "and 6 rows of noise after" in facts
    assert "adjusted Rand index 0.4" in facts
    assert [item.inner_text() for item in page.locator(".panel-map h2").all()] == [
        "Before: first",
        "After: second",
    ]
    assert page.inner_text(".summary") == "1 merged, 1 kept."
    page.click(".changes-grid .grid-body .grid-row >> nth=0")
    expected = np.flatnonzero(np.isin(before, (0, 1)) | (after == 0)).tolist()
    assert selected(page) == expected
    page.click("[aria-label='Clear the selection']") if page.locator(
        ".chip"
    ).first.is_visible() else page.keyboard.press("Escape")
    page.click("#rows-tab-shared")
    page.settle()
    cells = page.evaluate("() => document.querySelector('#embkit').page.sides.cells")
    table = contingency_matrix(before, after)
    found = {(cell["before"], cell["after"]): cell["rows"] for cell in cells}
    for i, j in np.argwhere(table):
        assert found.pop((int(i), int(j) - 1)) == table[i, j]
    assert found == {}
    colours = page.evaluate(
        "() => document.querySelector('#embkit').page.sides.cuts.map((cut) => Array.from(cut.colours).slice(0, cut.nClusters))"
    )
    best = max(
        ((i, j) for i in range(5) for j in range(after.max() + 1)),
        key=lambda cell: table[cell[0], cell[1] + 1],
    )
    assert colours[0][best[0]] == colours[1][best[1]]
    assert len(set(colours[0])) == 5
    page.click(".overlap-grid .grid-body .grid-row >> nth=0")
    first = cells[0]
    assert (
        selected(page)
        == np.flatnonzero((before == first["before"]) & (after == first["after"])).tolist()
    )


def test_a_diff_without_maps_and_texts(open_page: OpenPage, two: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = two
    page = open_page(
        DiffPage("Two runs", Rows([str(row) for row in range(80)]), Clusters(before), Clusters(after))
    )
    assert page.locator(".plot").count() == 0
    page.click("#rows-tab-texts")
    assert page.inner_text("#rows-tab-texts") == "Rows"


@pytest.fixture
def study(two: tuple[np.ndarray, np.ndarray]) -> StudyPage:
    before, after = two
    rows, maps = rows_and_maps(80)
    trials = [
        *(
            TrialPage(
                "d",
                "kmeans(n_clusters=5)",
                seed,
                {"silhouette": 0.2 + seed / 10, "seconds": 2.0},
                Clusters(before),
            )
            for seed in range(3)
        ),
        TrialPage("d", "hdbscan", 0, {"silhouette": 0.6}, Clusters(after)),
        TrialPage("d", "spectral", 0, failure="<b>out of memory</b>"),
        TrialPage("e", "kmeans(n_clusters=5)", 0, {"silhouette": 0.1}, Clusters(before)),
    ]
    agreement = np.array([[1, 0.5, np.nan], [0.5, 1, np.nan], [np.nan] * 3])
    return StudyPage(
        "A study",
        {"d": rows, "e": rows},
        {"d": maps, "e": maps},
        trials,
        {"silhouette": True, "seconds": False},
        {"d": agreement},
        {"d": Verdict("continuum", 0.4, "continuum: p = 0.4, over all trials")},
        {"file": "s.toml"},
    )


def test_a_study_shows_scores_agreement_and_two_trials(
    open_page: OpenPage, study: StudyPage, two: tuple[np.ndarray, np.ndarray]
) -> None:
    page = open_page(study)
    assert page.inner_text("header .facts") == "6 trials of 3 methods on 2 datasets"
    assert page.inner_text(".verdict") == "continuum · p = 0.4"
    assert page.locator("[aria-label=Dataset] option").all_inner_texts() == ["d: continuum", "e"]
    page.click("#rows-tab-about")
    assert "continuum: p = 0.4, over all trials" in page.inner_text(".about")
    methods = page.locator(".score-table tbody th")
    assert methods.nth(0).inner_text() == "hdbscan"
    assert "1 failed" in methods.nth(2).inner_text()
    title = page.locator(".score-table .value").nth(1).get_attribute("title")
    assert present(title).startswith("95 % interval")
    fact = page.inner_text(".panel-rows .panel-head .shown")
    assert fact.endswith(f"adjusted Rand index {adjusted_rand_score(*two):.3g}")
    page.click("[aria-label='Show hdbscan on the left']")
    page.settle()
    assert page.get_attribute("[aria-label='Show hdbscan on the left']", "aria-pressed") == "true"
    page.click(".score-table button:has-text('seconds')")
    page.settle()
    assert page.locator(".score-table [aria-sort=ascending]").inner_text().startswith("seconds")
    page.click(".agreement-table [aria-label='kmeans(n_clusters=5) and hdbscan: 0.5']")
    page.settle()
    assert page.get_attribute("[aria-label='Show hdbscan on the right']", "aria-pressed") == "true"
    page.select_option("[aria-label='Dataset']", "e")
    page.settle()
    assert page.locator(".score-table tbody tr").count() == 1
    assert page.locator(".verdict").count() == 0
    assert page.inner_text(".agreement") == "Agreement was not computed."
    page.wait_for_timeout(200)
    other = open_page(study, page.evaluate("() => location.hash"))
    assert other.input_value("[aria-label='Dataset']") == "e"


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_a_study(open_page: OpenPage, study: StudyPage, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, from PyPI"
    )
    page = open_page(study, viewport={"width": width, "height": 844}, bypass_csp=True)
    for tab in ("texts", "shared"):
        page.click(f"#rows-tab-{tab}")
        page.settle()
        found = axe.Axe().run(page).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
