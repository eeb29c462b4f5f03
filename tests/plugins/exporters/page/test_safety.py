"""Hostile texts do nothing, nothing is requested, and everybody can use the page."""

import re
from dataclasses import replace

import numpy as np
import pytest

from embkit import Name
from embkit_plugins.exporters.page.payload import RunPage
from embkit_plugins.exporters.page.write import to_html

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
def hostile(run_payload) -> RunPage:
    rows = run_payload.rows
    texts = [*HOSTILE, *rows.texts[len(HOSTILE) :]]
    ids = [f"{text[:40]}{row}" for row, text in enumerate(texts)]
    columns = {
        "<b>subject</b>": [text[:50] for text in texts],
        "__proto__": list(range(150)),
        "constructor": texts,
    }
    tree = replace(run_payload.tree, names={148: Name(HOSTILE[0], tuple(HOSTILE[:2]))})
    return replace(
        run_payload,
        title=HOSTILE[1],
        rows=replace(rows, ids=ids, texts=texts, columns=columns),
        tree=tree,
        settings={HOSTILE[0]: HOSTILE[1]},
        warnings=[HOSTILE[1]],
    )


def test_hostile_texts_stay_texts(open_page, hostile):
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
        text.replace("\0", "\ufffd").encode("utf-8", "replace").decode() for text in hostile.rows.texts
    ]
    assert found == expected


def test_the_policy_forbids_requests_and_foreign_scripts(open_page, run_payload):
    page = open_page(run_payload)
    policy = page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
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


def test_the_file_refers_to_nothing(run_payload):
    text = to_html(run_payload)
    assert re.findall(r"(?:src|href)\s*=", text) == []
    assert re.findall(r"https?://\S+", text) == []
    assert text.count("</script>") == 2
    assert "eval(" not in text
    assert "innerHTML" not in text
    assert "document.write" not in text


def test_the_same_payload_gives_the_same_bytes(run_payload):
    assert to_html(run_payload) == to_html(run_payload)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(open_page, run_payload, scheme, width):
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


def test_nothing_is_wider_than_a_phone(open_page, run_payload):
    page = open_page(run_payload, viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_forced_colours_and_reduced_motion_and_print(open_page, run_payload):
    page = open_page(run_payload, forced_colors="active", reduced_motion="reduce")
    assert (
        page.locator(".grid-row").first.evaluate("(row) => getComputedStyle(row).transitionDuration")
        == "0s"
    )
    page.emulate_media(media="print", forced_colors="none")
    assert page.locator(".tools").is_hidden()
    assert page.evaluate("() => getComputedStyle(document.querySelector('.layout')).display") == "block"


def test_one_row_and_all_alike(open_page, make_payload):
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
