"""Open every page of the built site in Chromium, from disk and offline, and report what is wrong.

    python docs/check.py [docs/_build] [--shots FOLDER]

On a wide and on a narrow screen: console errors, requests that fail or leave the folder, links that
lead nowhere, content wider than the screen; then two searches. Needs chromium and playwright. The
exit code is 1 if anything was found.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
WIDTHS = (1280, 390)
SEARCHES = {"silhouette": "howto/silhouette.html", "EMBKIT_CACHE_DIR": "reference/settings.html"}
LINKS = "elements => elements.map(element => element.href)"
EXCESS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
FINISHED = "() => !document.querySelector('#search-results > p')?.textContent.includes('Searching')"


def main() -> int:
    """Check the site, and print a line for each finding."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path, nargs="?", default=Path(__file__).with_name("_build"))
    parser.add_argument("--shots", type=Path, help="where to leave a screenshot of every page")
    options = parser.parse_args()
    site = options.site.resolve()
    pages = [path for path in sorted(site.rglob("*.html")) if not _is_part_of_theme(path)]
    if options.shots is not None:
        options.shots.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        findings = [text for width in WIDTHS for text in visit(chromium, pages, width, options.shots)]
        findings += search(chromium, site)
    findings += dead_links(site, pages)
    print(*findings, f"{len(pages)} pages, {len(findings)} findings", sep="\n")
    return 1 if findings or not pages else 0


def _is_part_of_theme(path: Path) -> bool:
    return "_static" in path.parts and path.name != "sample-page.html"


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without a network, as Playwright drives it."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("needs chromium, as in: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


def _window(chromium: Any, width: int) -> tuple[Any, list[str]]:
    """A window, and the list in which its errors will stand."""
    window = chromium.new_page(viewport={"width": width, "height": 900}, offline=True)
    errors: list[str] = []
    window.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.on("requestfailed", lambda request: errors.append(f"cannot load {request.url}"))
    return window, errors


def visit(chromium: Any, pages: list[Path], width: int, shots: Path | None) -> Iterator[str]:
    """What is wrong with each page at this width."""
    window, errors = _window(chromium, width)
    for page in pages:
        window.goto(page.as_uri(), wait_until="load")
        if (excess := window.evaluate(EXCESS)) > 0:
            errors.append(f"{excess} pixels wider than the screen")
        if shots is not None:
            name = f"{page.parent.name}-{page.stem}-{width}.png"
            window.screenshot(path=shots / name, full_page=True)
        yield from (f"{page}, {width} pixels: {text}" for text in errors)
        errors.clear()
    window.close()


def search(chromium: Any, site: Path) -> Iterator[str]:
    """Searches that do not find the page they should."""
    window, errors = _window(chromium, WIDTHS[0])
    for words, page in SEARCHES.items():
        window.goto(f"{(site / 'search.html').as_uri()}?q={words}")
        window.wait_for_function(FINISHED)
        hits = window.locator("#search-results li a").evaluate_all(LINKS)
        if not any(hit.startswith((site / page).as_uri()) for hit in hits):
            yield f"a search for {words} does not find {page}"
        yield from (f"search for {words}: {text}" for text in errors)
        errors.clear()
    window.close()


class Anchors(HTMLParser):
    """The links of a page, and the places in it that links can lead to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what this element links to, and what it is called."""
        values = {name: value for name, value in attrs if value}
        self.links |= {values[name] for name in ("href", "src") if name in values}
        self.places |= {values[name] for name in ("id", "name") if name in values}


def dead_links(site: Path, pages: list[Path]) -> Iterator[str]:
    """Links within the site to a file, or to a place in a page, that is not there."""
    anchors = {page: Anchors(page) for page in pages}
    for page, found in anchors.items():
        for link in sorted(found.links):
            target, place = urldefrag(link)
            if re.match(r"[a-z]+:|//", target):
                continue
            path = (page.parent / unquote(target.partition("?")[0])).resolve() if target else page
            if not path.is_file() or not path.is_relative_to(site):
                yield f"{page}: a link to {target}, which is not there"
            elif place and path in anchors and unquote(place) not in anchors[path].places:
                yield f"{page}: a link to {link}, a place that is not there"


if __name__ == "__main__":
    sys.exit(main())
