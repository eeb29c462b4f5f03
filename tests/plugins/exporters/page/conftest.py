"""Pages in Debian's Chromium: opened from a file, offline, and watched for requests and errors."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from embkit_plugins.exporters.page.evidence import central_rows, closest_pairs
from embkit_plugins.exporters.page.payload import (
    Clusters,
    DiffPage,
    Finding,
    MapLayout,
    Rows,
    RunPage,
    StudyPage,
    Tree,
    Verdict,
)
from embkit_plugins.exporters.page.write import to_html
from fixture_types import Browser, LabelsOf, MakePayload, OpenedPage, OpenPage, ReferenceCut
from narrowing import present

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; they are skipped where it or Playwright is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright, from PyPI")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("needs chromium, as in: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


SETTINGS: dict[str, Any] = {"viewport": {"width": 1000, "height": 640}, "offline": True}


class Windows:
    """Windows that tests share: one takes longer to start than most tests take.

    A window each, not tabs of one: what is not in front draws no frames.

    Parameters
    ----------
    browser : Browser
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.kept: list[Any] = []
        self.requests: list[str] = []
        self.errors: list[str] = []

    def shared(self, number: int) -> Any:
        """One of the shared windows."""
        if number == len(self.kept):
            self.kept.append(self.new())
        return self.kept[number]

    def new(self, **options: Any) -> Any:
        """A new window whose requests and errors are written down."""
        page = self.browser.new_context(**(SETTINGS | options)).new_page()
        page.set_default_timeout(20_000)  # on a machine that is busy
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def open_page(windows: Windows, tmp_path: Path) -> Iterator[OpenPage]:
    """``open_page(payload, hash="", **context)``: a page on the payload.

    After the test: nothing was requested beside the file, nothing went wrong.
    """
    windows.requests.clear()
    windows.errors.clear()
    shared: list[Any] = []
    own: list[Any] = []

    def open_page(
        payload: RunPage | DiffPage | StudyPage, address: str = "", **options: Any
    ) -> OpenedPage:
        file = tmp_path / "page.html"
        file.write_text(to_html(payload), "utf-8")
        page = windows.new(**options) if options else windows.shared(len(shared))
        page.mouse.move(0, 0)  # a window keeps the pointer where the last test left it
        (own if options else shared).append(page)
        page.goto(f"{file.as_uri()}{address}")
        page.wait_for_selector("#embkit[data-ready]")
        # The page's own policy forbids what `wait_for_function` does; two frames are enough for any change.
        page.settle = lambda: page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
        )
        page.settle()
        page.errors = windows.errors
        ready: OpenedPage = page
        return ready

    yield open_page
    for page in own:
        page.context.close()
    assert [url for url in windows.requests if not url.startswith(("file:", "blob:"))] == []
    assert len([url for url in windows.requests if url.startswith("file:")]) <= 2 * len(shared + own)
    assert windows.errors == []


@pytest.fixture(scope="session")
def run_payload() -> RunPage:
    """150 rows about 12 centres, average linkage, with texts, columns, two maps and all evidence."""
    rng = np.random.default_rng(3)
    group = np.sort(rng.integers(0, 12, 150))[rng.permutation(150)]
    vectors = (rng.normal(size=(12, 6))[group] + rng.normal(scale=0.35, size=(150, 6))).astype(
        np.float32
    )
    return payload_of(
        vectors,
        linkage(vectors.astype(np.float64), "average", metric="euclidean"),
        metric="euclidean",
        thresholds=(1.0, 1.6),
        texts=[f"sentence {row} about subject{group[row]}" for row in range(150)],
        columns={"subject": [f"s{value}" for value in group], "length": list(range(150))},
    )


@pytest.fixture(scope="session")
def grid_payload() -> RunPage:
    """A grid of 6 by 8 points: single linkage, where nearly all merges are ties."""
    vectors = np.array([[x * 1.0, y * 1.5] for x in range(6) for y in range(8)], dtype=np.float32)
    return payload_of(
        vectors,
        linkage(vectors.astype(np.float64), "complete"),
        metric="euclidean",
        thresholds=(1.0, 3.0),
    )


def payload_of(
    vectors: np.ndarray, tree: np.ndarray, *, metric: str, thresholds: tuple[float, float], **rows: Any
) -> RunPage:
    """A page of a tree over some vectors, its clusters those at the second threshold."""
    n_samples = len(vectors)
    labels = cut(tree, thresholds[1])
    ids = [f"r{row:03d}" for row in range(n_samples)]
    return RunPage(
        title="A run",
        rows=Rows(ids=ids, texts=rows.get("texts"), columns=rows.get("columns", {})),
        clusters=Clusters(labels, "agglomerative", silhouettes=np.linspace(-0.5, 0.9, n_samples)),
        maps={
            "UMAP": MapLayout(vectors[:, :2], 0.91, "15 neighbours."),
            "PCA": MapLayout(vectors[:, ::-1][:, :2]),
        },
        tree=Tree(
            tree,
            metric,
            "average",
            thresholds,
            central=central_rows(vectors, tree, metric),
            closest=closest_pairs(vectors, tree, metric),
        ),
        verdict=Verdict("clusters", 0.0003, "There are groups."),
        scores=[Finding("silhouette", "silhouette", 0.31, ("a note",))],
        settings={"clusterer": "agglomerative(linkage=average)", "seed": "1"},
    )


def cut(tree: np.ndarray, threshold: float) -> np.ndarray:
    """Labels by merging, one after the other, all that is strictly below a threshold."""
    n_samples = len(tree) + 1
    members = {row: [row] for row in range(n_samples)}
    for merge, (first, second, height, _) in enumerate(tree):
        if height < threshold:
            members[n_samples + merge] = members.pop(int(first)) + members.pop(int(second))
    ordered = sorted(members.values(), key=lambda rows: (-len(rows), min(rows)))
    labels = np.empty(n_samples, dtype=np.int64)
    for label, rows in enumerate(ordered):
        labels[rows] = label
    return labels


@pytest.fixture
def make_payload() -> MakePayload:
    return payload_of


@pytest.fixture
def reference_cut() -> ReferenceCut:
    return cut


@pytest.fixture
def labels_of() -> LabelsOf:
    """``labels_of(page, line="to")``: the label of each row at one of the lines, as the page has it."""

    def labels_of(page: OpenedPage, line: str = "to") -> np.ndarray:
        found = page.evaluate(
            """(line) => {
                const { model, store } = document.querySelector("#embkit").page;
                const cut = model.cut(store.state[line]);
                const labels = new Array(model.n);
                for (let p = 0; p < model.n; p++) labels[model.rows.row[p]] = cut.numbers[cut.at(p)];
                return labels;
            }""",
            line,
        )
        return np.array(found)

    return labels_of


@pytest.fixture
def flat_payload(run_payload: RunPage) -> RunPage:
    """The same rows without a tree, the last cluster called noise."""
    clusters = present(run_payload.clusters)
    labels = clusters.labels.copy()
    labels[labels == labels.max()] = -1
    return replace(run_payload, tree=None, clusters=replace(clusters, labels=labels))
