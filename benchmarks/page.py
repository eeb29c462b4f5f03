"""Size, time to write, time to interactive, frames while a line is dragged, and heap of the page.

    python benchmarks/page.py [--rows 4312 13000 20000 50000 200000]

Rows are synthetic: sentences of 61 characters on the average from a skewed
vocabulary, a balanced random tree and a map of its clusters. What needs vectors
(central rows, closest pairs) is timed on random vectors of 384 dimensions up to
20,000 rows. Needs chromium and playwright; without them only writing is timed.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from embkit_plugins.exporters.page.evidence import central_rows, closest_pairs
from embkit_plugins.exporters.page.payload import Clusters, MapLayout, Rows, RunPage, Tree
from embkit_plugins.exporters.page.write import to_html

DIMENSIONS = 384
MOST_WITH_VECTORS = 20_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-precise-memory-info",
]
COLUMNS = {
    "size": ".2f",  # MB
    "write": ".2f",  # seconds, as the next two
    "central": ".2f",
    "closest": ".2f",
    "ready": ".2f",  # seconds until it can be used
    "fps": ".0f",  # frames a second while a line is dragged, the median
    "slowest": ".0f",  # frame, in milliseconds
    "busy": ".1f",  # milliseconds of the page's own thread for a frame, whatever else runs
    "search": ".2f",  # seconds
    "heap": ".0f",  # MB
}


def texts(n: int, rng: np.random.Generator) -> list[str]:
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    words = ["".join(rng.choice(letters, rng.integers(2, 11))) for _ in range(20_000)]
    weights = 1 / np.arange(1, len(words) + 1)
    drawn = rng.choice(len(words), (n, 9), p=weights / weights.sum())
    return [" ".join(words[word] for word in row) for row in drawn]


def random_tree(n: int, rng: np.random.Generator) -> np.ndarray:
    """A tree that merges random clusters of about equal size, heights ascending to 1.3."""
    tree = np.empty((n - 1, 4))
    alive: list[tuple[int, int]] = [(row, 1) for row in range(n)]
    heights = np.sort(rng.beta(6, 3, n - 1)) * 1.3
    rng.shuffle(alive)
    place = 0
    for merge in range(n - 1):
        (first, a), (second, b) = alive[place], alive[place + 1]
        place += 2
        tree[merge] = min(first, second), max(first, second), heights[merge], a + b
        alive.append((n + merge, a + b))
    return tree


def payload(n: int) -> tuple[RunPage, dict[str, float]]:
    rng = np.random.default_rng(0)
    tree = random_tree(n, rng)
    threshold = float(tree[-max(n // 30, 2), 2])
    seconds = {}
    central = closest = None
    if n <= MOST_WITH_VECTORS:
        vectors = rng.normal(size=(n, DIMENSIONS)).astype(np.float32)
        central, seconds["central"] = timed(lambda: central_rows(vectors, tree, "cosine"))
        closest, seconds["closest"] = timed(lambda: closest_pairs(vectors, tree, "cosine"))
    centres = rng.normal(size=(200, 2)) * 4
    page = RunPage(
        title=f"{n:,} synthetic rows",
        rows=Rows(
            [str(row) for row in range(n)],
            texts(n, rng),
            {"group": [f"g{v}" for v in rng.integers(0, 30, n)]},
        ),
        clusters=Clusters(np.zeros(n, dtype=np.int64)),
        maps={"map": MapLayout(centres[rng.integers(0, 200, n)] + rng.normal(size=(n, 2)) * 0.4)},
        tree=Tree(
            tree, "cosine", "complete", (threshold * 0.95, threshold), central=central, closest=closest
        ),
    )
    return page, seconds


def timed(function: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    return function(), time.perf_counter() - start


def in_browser(browser: Any, file: Path) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(file.as_uri())
    page.wait_for_selector("#embkit[data-ready]", timeout=120_000)
    page.wait_for_timeout(500)
    found = {"ready": float(page.get_attribute("#embkit", "data-ready")) / 1000}
    box = page.locator(".line-to").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 100
    page.mouse.move(x, y)
    page.mouse.down()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy(devtools)
    frames = page.evaluate(
        """async () => {
            const line = document.querySelector(".line-to");
            const box = line.getBoundingClientRect();
            const times = [];
            let last = performance.now();
            for (let i = 0; i < 60; i++) {
                const clientX = box.x + 9 + 60 * Math.sin(i / 6);
                const where = { clientX, clientY: box.y + 90, pointerId: 1, buttons: 1, bubbles: true };
                line.dispatchEvent(new PointerEvent("pointermove", where));
                await new Promise((done) => requestAnimationFrame(done));
                await new Promise((done) => setTimeout(done, 0));
                const now = performance.now();
                times.push(now - last);
                last = now;
            }
            return times;
        }"""
    )
    found["busy"] = 1000 * (busy(devtools) - before) / len(frames)
    page.mouse.up()
    found["fps"] = 1000 / statistics.median(frames)
    found["slowest"] = max(frames)
    start = time.perf_counter()
    page.fill("input[type=search]", "ta")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
    found["search"] = time.perf_counter() - start
    found["heap"] = page.evaluate("() => performance.memory.usedJSHeapSize") / 1e6
    page.close()
    return found


def busy(devtools: Any) -> float:
    """Seconds of processor time that the page's thread has used."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[4312, 13_000, 20_000, 50_000, 200_000])
    rows = parser.parse_args().rows
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    print(
        "rows      size MB  write s  central s  closest s  ready s  fps  slowest ms  busy ms  search s  "
        "heap MB"
    )
    with tempfile.TemporaryDirectory() as folder:
        for n in rows:
            page, seconds = payload(n)
            html, writing = timed(lambda page=page: to_html(page))
            file = Path(folder) / f"{n}.html"
            file.write_text(html, "utf-8")
            found: dict[str, float] = {}
            if chromium:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
                    found = in_browser(browser, file)
                    browser.close()
            figures = {"size": len(html) / 1e6, "write": writing, **seconds, **found}
            shown = [
                f"{figures[key]:{form}}" if key in figures else "-" for key, form in COLUMNS.items()
            ]
            print(f"{n:<8,}", *(f"{value:>8}" for value in shown), flush=True)


if __name__ == "__main__":
    main()
