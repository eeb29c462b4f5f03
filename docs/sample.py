"""Write the page of the bundled sentences anew, and its picture: what README and site show.

    python docs/sample.py

Needs chromium and playwright.
"""

from pathlib import Path

from check import browser

import embkit

DOCS = Path(__file__).parent
PAGE, PICTURE = DOCS / "sample-page.html", DOCS / "page.png"


def main() -> None:
    """Write ``sample-page.html`` and ``page.png``."""
    run = embkit.run(
        clusterer="agglomerative", validators=["silhouette", "structure"], seed=0, progress=False
    )
    run.page(PAGE)
    with browser() as chromium:
        window = chromium.new_page(viewport={"width": 1280, "height": 860}, offline=True)
        window.goto(PAGE.as_uri())
        window.wait_for_timeout(3000)  # until the views have settled
        window.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
