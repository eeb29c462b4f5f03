"""Hostile texts do nothing, nothing is requested, and everybody can use the page."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit import Name
from embkit_plugins.exporters.page.parts import Clusters, Verdict
from embkit_plugins.exporters.page.payload import Change, DiffPage, RunPage, StudyPage, TrialPage
from embkit_plugins.exporters.page.write import to_html
from embkit_plugins.exporters.report.writing.document import to_html as report_html
from fixture_types import MakePayload, OpenPage
from narrowing import present

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "</script><img src=x onerror='window.hacked = 1'>",
    "<!-- <script>",
    "javascript:window.hacked=1",
    "\u202egnp.exe\u202c right to left override",
    "مرحبا بالعالم، هذا نص من اليمين إلى اليسار",
    "👩‍👩‍👧‍👦 family \U0001f600",
    "lone \ud800 surrogate",
    "nul \0 and escape \x1b[31m",
    "x" * 100_000,
    "İstanbul ΣΑΣ ﬁ",
    "\ufeffbyte order mark",
    "",
    "\n\n\t",
    "{{constructor.constructor('window.hacked=1')()}}",
    "__proto__",
]


@pytest.fixture
def hostile(run_payload: RunPage) -> RunPage:
    rows = run_payload.rows
    texts = [*HOSTILE, *present(rows.texts)[len(HOSTILE) :]]
    ids = [f"{text[:40]}{row}" for row, text in enumerate(texts)]
    columns: dict[str, list[Any]] = {
        "<b>subject</b>": [text[:50] for text in texts],
        "__proto__": list(range(150)),
        "constructor": texts,
    }
    tree = replace(present(run_payload.tree), names={148: Name(HOSTILE[0], tuple(HOSTILE[:2]))})
    return replace(
        run_payload,
        title=HOSTILE[1],
        rows=replace(rows, ids=ids, texts=texts, columns=columns),
        tree=tree,
        settings={HOSTILE[0]: HOSTILE[1]},
        warnings=[HOSTILE[1]],
    )


def test_hostile_texts_stay_texts(open_page: OpenPage, hostile: RunPage) -> None:
    page = open_page(hostile)
    assert page.inner_text("h1") == HOSTILE[1]
    for query in ("<script>", "window.hacked", "i̇stanbul", "family", "\\", "["):
        page.fill("input[type=search]", query)
        page.settle()
    page.fill("input[type=search]", "")
    for tab in ("Clusters", "About", "Texts"):
        page.click(f"[role=tab]:has-text('{tab}')")
        page.settle()
    page.focus(".texts-grid")
    for _ in range(150):
        page.keyboard.press("ArrowDown")
    for value in ("column:<b>subject</b>", "column:__proto__", "column:constructor"):
        page.select_option("[aria-label='Colour of the map']", value)
        page.settle()
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("img, main script").count() == 0
    found = page.evaluate(
        "() => { const {rows} = document.querySelector('#embkit').page; const texts = []; rows.texts.forEach((t, p) => (texts[rows.row[p]] = t)); return texts; }"
    )
    expected = [
        text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
        for text in present(hostile.rows.texts)
    ]
    assert found == expected


def test_hostile_names_in_pages_of_two_clusterings_and_of_studies(
    open_page: OpenPage, hostile: RunPage
) -> None:
    labels = present(hostile.clusters).labels
    names = [Name(text, (text[:30],), rows=(row,)) for row, text in enumerate(HOSTILE)]
    names += [Name("", rows=(row,)) for row in range(len(names), labels.max() + 1)]
    before = Clusters(labels, HOSTILE[0], names=names)
    after = Clusters(labels[::-1].copy(), HOSTILE[1], names=names)
    changes = [Change("merged", (0, 1, 2), (0,), 3)]
    page = open_page(DiffPage(HOSTILE[1], hostile.rows, before, after, hostile.maps, changes))
    for tab in ("shared", "texts", "about", "changes"):
        page.click(f"#rows-tab-{tab}")
        page.settle()
    assert [head.inner_text() for head in page.locator(".panel-map h2").all()] == [
        f"Before: {HOSTILE[0]}",
        f"After: {HOSTILE[1]}",
    ]
    trials = [
        TrialPage(HOSTILE[0], method, 0, {HOSTILE[1]: 0.5}, clusters)
        for method, clusters in ((HOSTILE[1], before), (HOSTILE[3], after))
    ]
    trials.append(TrialPage(HOSTILE[0], HOSTILE[2], 0, failure=HOSTILE[0]))
    study = StudyPage(
        HOSTILE[1],
        {HOSTILE[0]: hostile.rows},
        {HOSTILE[0]: hostile.maps},
        trials,
        agreement={HOSTILE[0]: np.full((3, 3), 0.5)},
        verdicts={HOSTILE[0]: Verdict("clusters", 0.01, HOSTILE[1])},
    )
    other = open_page(study)
    for tab in ("shared", "about", "texts"):
        other.click(f"#rows-tab-{tab}")
        other.settle()
    for each in (page, other):
        assert each.evaluate("() => window.hacked") is None
        assert each.locator("img, main script").count() == 0
        assert each.inner_text("h1") == HOSTILE[1]


def test_the_policy_forbids_requests_and_foreign_scripts(
    open_page: OpenPage, run_payload: RunPage
) -> None:
    page = open_page(run_payload)
    policy = present(page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    refused = page.evaluate(
        """async () => {
            const seen = [];
            document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
            await fetch("https://example.org/").catch(() => 0);
            const script = document.createElement("script");
            script.textContent = "window.hacked = 1";
            document.body.append(script);
            await new Promise((done) => setTimeout(done, 50));
            return [seen, window.hacked];
        }"""
    )
    assert sorted(refused[0]) == ["connect-src", "script-src-elem"]
    assert refused[1] is None
    page.errors.clear()


def test_the_file_refers_to_nothing(run_payload: RunPage) -> None:
    text = to_html(run_payload)
    assert re.findall(r"(?:src|href)\s*=", text) == []
    assert re.findall(r"https?://\S+", text) == []
    assert text.count("</script>") == 2
    assert "eval(" not in text
    assert "innerHTML" not in text
    assert "document.write" not in text


def test_the_same_payload_gives_the_same_bytes(run_payload: RunPage) -> None:
    assert to_html(run_payload) == to_html(run_payload)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(
    open_page: OpenPage, run_payload: RunPage, scheme: str, width: int
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, from PyPI"
    )
    page = open_page(
        run_payload, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    for tab in ("Texts", "Clusters", "About"):
        page.click(f"[role=tab]:has-text('{tab}')")
        page.settle()
        found = axe.Axe().run(page).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []


@pytest.mark.parametrize("kind", ["flat", "inspected", "diff", "report"])
def test_axe_finds_nothing_serious_elsewhere(
    open_page: OpenPage, run_payload: RunPage, flat_payload: RunPage, kind: str, tmp_path: Path
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, from PyPI"
    )
    clusters = present(flat_payload.clusters)
    changes = [Change("merged", (0, 1, 2), (0,), 3)]
    pages: dict[str, RunPage | DiffPage] = {
        "flat": flat_payload,
        "inspected": replace(flat_payload, clusters=None),
        "diff": DiffPage("Two", flat_payload.rows, clusters, clusters, flat_payload.maps, changes),
    }
    page = open_page(pages.get(kind, run_payload), bypass_csp=True)
    if kind == "report":
        blocks = ["# Title", "A **word**.", "## One", "| a | b |\n| :-- | --: |\n| x | 1 |", "### More"]
        blocks += ["- `a`\n- b", "![Words](figures/a.png)", "## Two", "Text."]
        file = tmp_path / "report.html"
        file.write_text(report_html(blocks), "utf-8")
        page.route("**/figures/*", lambda route: route.abort())
        page.set_content(file.read_text("utf-8"))
    for tab in page.locator("[role=tab]").all():
        tab.click()
        page.settle()
        found = axe.Axe().run(page).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []
    found = axe.Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []
    page.errors.clear()  # the figure that is not there


def test_nothing_is_wider_than_a_phone(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload, viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_forced_colours_and_reduced_motion_and_print(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload, forced_colors="active", reduced_motion="reduce")
    assert (
        page.locator(".grid-row").first.evaluate("(row) => getComputedStyle(row).transitionDuration")
        == "0s"
    )
    page.emulate_media(media="print", forced_colors="none")
    assert page.locator(".tools").is_hidden()
    assert page.locator(".plot.map").evaluate("(plot) => plot.clientHeight") == 380
    assert page.evaluate("() => getComputedStyle(document.querySelector('.layout')).display") == "block"


def test_one_row_and_all_alike(open_page: OpenPage, make_payload: MakePayload) -> None:
    from scipy.cluster.hierarchy import linkage

    points = np.zeros((5, 2), dtype=np.float32)
    page = open_page(
        make_payload(points, linkage(points.astype(float)), metric="euclidean", thresholds=(0.0, 0.0))
    )
    assert "5 rows in 5 clusters" in page.inner_text("header .facts")
    page.focus(".line-to")
    page.keyboard.press("ArrowRight")
    page.settle()
    assert "5 rows in 1 cluster " in page.inner_text("header .facts")
