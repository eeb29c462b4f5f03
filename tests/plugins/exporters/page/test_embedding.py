"""The page inside other documents: in a frame, as nbconvert leaves it, and as a widget."""

import base64
import html
from pathlib import Path

import numpy as np

from embkit_plugins.exporters.page.payload import RunPage
from embkit_plugins.exporters.page.write import to_html, to_widget
from fixture_types import Browser, ReferenceCut
from narrowing import present


def test_the_page_works_in_a_frame_of_a_notebook(
    browser: Browser, run_payload: RunPage, tmp_path: Path
) -> None:
    file = tmp_path / "notebook.html"
    frame = f'<iframe srcdoc="{html.escape(to_html(run_payload))}" width="1000" height="700"></iframe>'
    file.write_text(f"<!doctype html><title>notebook</title>{frame}", "utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    inner = page.frame_locator("iframe")
    inner.locator("#embkit[data-ready]").wait_for()
    inner.locator("#threshold-to").fill("2.25")
    inner.locator("#threshold-to").press("Enter")
    inner.locator("input[type=search]").fill("subject3")
    inner.locator(".chip", has_text="found").wait_for()
    page.wait_for_timeout(250)
    assert page.evaluate("() => location.hash") == ""
    assert errors == []
    context.close()


def test_a_widget_gives_its_selection_back(
    browser: Browser, run_payload: RunPage, reference_cut: ReferenceCut
) -> None:
    module, style, data = to_widget(run_payload)
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.set_content(
        f"<!doctype html><style>{style}</style><p class='panel'>outside</p><div id='cell'></div>"
    )
    source = base64.b64encode(module.encode()).decode()
    page.evaluate(
        """async ([source, data]) => {
            const { default: widget } = await import(`data:text/javascript;base64,${source}`);
            window.model = { data, get(key) { return this[key]; }, set(key, value) { this[key] = value; }, save_changes() { this.saved = true; },
                on(event, listener) { this[event] = listener; }, off(event) { delete this[event]; }, selected: ["r003"] };
            await widget.render({ model: window.model, el: document.getElementById("cell") });
        }""",
        [source, data],
    )
    page.locator(".chip", has_text="1 selected").wait_for()
    look = """() => {
        const root = document.querySelector("#cell > .embkit");
        const style = getComputedStyle(root);
        const tree = root.querySelector(".plot.tree");
        tree.focus();
        const columns = getComputedStyle(root.querySelector(".layout")).gridTemplateColumns.split(" ").length;
        return [style.height, style.backgroundColor, getComputedStyle(root.querySelector(".panel")).backgroundColor,
            columns, tree.dataset.lmSuppressShortcuts];
    }"""
    colours = ["rgb(244, 244, 242)", "rgb(255, 255, 255)"]
    assert page.evaluate(look) == ["760px", *colours, 2, "true"]
    page.evaluate("() => (document.getElementById('cell').style.width = '600px')")
    assert page.evaluate(look)[1:] == [*colours, 1, "true"]
    page.evaluate("() => (document.getElementById('cell').style.width = '')")
    tree = present(page.locator(".plot.tree").bounding_box())
    page.mouse.move(tree["x"] + tree["width"] - 60, tree["y"] + 90)
    tip = present(page.locator(".tip").bounding_box())
    assert abs(tip["y"] - (tree["y"] + 90)) < 40
    page.evaluate(
        "() => { window.model.selected = ['r001', 'r002', 'none']; window.model['change:selected'](); }"
    )
    page.locator(".chip", has_text="2 selected").wait_for()
    page.click("#rows-tab-clusters")
    page.click(".clusters-grid .grid-body .grid-row >> nth=0")
    page.wait_for_timeout(100)
    labels = reference_cut(present(run_payload.tree).linkage, 1.6)
    expected = sorted(run_payload.rows.ids[row] for row in np.flatnonzero(labels == 0).tolist())
    assert sorted(page.evaluate("() => window.model.selected")) == expected
    assert page.evaluate("() => window.model.saved")
    assert page.evaluate("() => location.hash") == ""
    assert (
        page.evaluate("() => getComputedStyle(document.querySelector('p.panel')).borderTopWidth")
        == "0px"
    )
    context.close()
