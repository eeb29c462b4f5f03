"""A payload as one HTML file that makes no request, now or ever."""

import base64
import hashlib
import html
import re

from embkit_plugins.exporters.page.documents import document_of
from embkit_plugins.exporters.page.join import join_modules, read_assets
from embkit_plugins.exporters.page.payload import DiffPage, RunPage, StudyPage

__all__ = ["to_html", "to_widget"]

_START = """
const block = document.getElementById("embkit-data");
$page.open(%s, document.getElementById("embkit"), block.textContent.trim());
block.remove();
"""
_PAGES = {RunPage: ("run", "RunPage"), DiffPage: ("diff", "DiffPage"), StudyPage: ("study", "StudyPage")}
"""The module and the class that show a payload."""


_ROOT = re.compile(r"\.embkit\b")
_WIDTH = re.compile(r"@media \((min|max)-width: ")
_WIDGET = """
export default {
  async render({ model, el }) {
    // The styles ask how wide the cell is, not the window.
    el.style.container = "embkit-cell / inline-size";
    const root = document.createElement("div");
    root.className = "embkit embedded";
    el.append(root);
    // Keys are for what has the focus: JupyterLab would take two d's for "delete this cell".
    root.addEventListener("focusin", ({ target }) => (target.dataset.lmSuppressShortcuts = "true"));
    const page = await $page.open(%s, root, model.get("data"));
    const select = () => page.select(model.get("selected"));
    select();
    model.on("change:selected", select);
    root.addEventListener("embkit-selected", ({ detail }) => {
      model.set("selected", detail.ids);
      model.save_changes();
    });
    return () => model.off("change:selected", select);
  },
};
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{script_hash}'; \
style-src '{style_hash}'; img-src data: blob:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="embkit">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="embkit" class="embkit"><p class="loading">Reading {size} of data…</p></div>
<noscript><p>This page draws itself with JavaScript, which is switched off here. \
It makes no request and sends nothing.</p></noscript>
<script type="text/plain" id="embkit-data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def to_html(payload: RunPage | DiffPage | StudyPage) -> str:
    """Write a page.

    The content security policy in it forbids every request, and any script and
    style but its own, which it knows by their hashes. Texts and names are in a
    compressed block and reach the page as text only.

    Parameters
    ----------
    payload : RunPage, DiffPage or StudyPage
        What to show.

    Returns
    -------
    str
        A whole HTML document.
    """
    data = document_of(payload)
    style = "\n" + "\n".join(read_assets("css").values())
    script = "\n" + _script(type(payload), _START)
    return _PAGE.format(
        title=html.escape(payload.title),
        script_hash=_hash(script),
        style_hash=_hash(style),
        style=style,
        script=script,
        data=data,
        size=f"{len(data) / 1e6:.1f} MB" if len(data) >= 100_000 else f"{len(data) / 1e3:.0f} kB",
    )


def to_widget(payload: RunPage | DiffPage | StudyPage) -> tuple[str, str, str]:
    """Make the same page as an anywidget.

    Returns
    -------
    module, style, data : str
        What anywidget calls ``_esm`` and ``_css``, and the value of the trait
        ``data``. The trait ``selected`` is the list of the ids selected, and
        changes the selection when it is changed.
    """
    return _script(type(payload), _WIDGET), _nested(read_assets("css")["page"]), document_of(payload)


def _nested(style: str) -> str:
    """The styles for ``.embkit`` and what is in it, each selector as specific as before.

    Nesting, and not ``@scope``, which Firefox learned years later and which leaves
    out the element itself. Widths are those of the cell.
    """
    nested = _WIDTH.sub(r"@container embkit-cell (\1-width: ", _ROOT.sub(".embkit:where(&)", style))
    return f":where(.embkit) {{\n{nested}\n}}"


def _script(kind: type, ending: str) -> str:
    module, page = _PAGES[kind]
    return join_modules(read_assets("js"), "page", module) + ending % f"${module}.{page}"


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
