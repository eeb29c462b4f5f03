"""What a notebook shows of a run: pictures, tables, the page; escaped, and of a bounded size."""

import copy
import pickle
import re
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import embkit
from embkit.data.dataset import Dataset
from embkit.data.shown import notebook, page
from embkit.data.shown.page import Page
from embkit.data.shown.tables import ShownTable, html_table

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def run() -> embkit.Run:
    rng = np.random.default_rng(0)
    dataset = Dataset(rng.normal(size=(60, 4)), texts=[HOSTILE] * 60, name=HOSTILE)
    return embkit.run(
        dataset,
        "kmeans:n_clusters=25",
        validators=["sizes", "external"],
        visualizers=["pca", "sizes"],
        seed=0,
        cache=False,
    )


def test_a_figure_is_a_picture_of_the_size_it_was_drawn_for(run: embkit.Run) -> None:
    figure: Any = run.figures["pca"]
    data, shown = figure._repr_png_()
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    inches = figure.get_size_inches()
    assert (width, height) == pytest.approx(tuple(inches * 150), abs=1)
    assert (shown["width"], shown["height"]) == pytest.approx(tuple(inches * 96), abs=1)
    assert figure._repr_png_()[0] == data


def test_copies_of_a_figure_show_themselves(run: embkit.Run) -> None:
    figure: Any = run.figures["sizes"]
    for same in (copy.deepcopy(figure), pickle.loads(pickle.dumps(figure))):
        assert same._repr_png_.args[0] is same
        same.set_size_inches(1, 1)
        assert same._repr_png_()[1] == {"width": 96, "height": 96}
    assert figure._repr_png_()[1] != {"width": 96, "height": 96}


def test_the_run_shows_clusters_scores_and_pictures(run: embkit.Run) -> None:
    html = run._repr_html_()
    assert "60 rows x 4: 25 clusters by kmeans" in html
    assert html.count("data:image/png;base64,") == 2
    assert re.search(r"<td[^>]*>n_clusters</td><td>25</td>", html)
    assert "and 5 smaller clusters of" in html
    assert "external was skipped: " in html
    assert "<details><summary>Summary</summary><pre>" in html
    assert "<iframe" not in html


def test_the_run_says_where_its_clusters_and_scores_are_from_and_its_warnings(run: embkit.Run) -> None:
    record = {**run.record, "warnings": ["load: <b>odd</b>"]}
    of_space = replace(run.validations["sizes"], space="after umap (5 dimensions)")
    judged = embkit.Validation({"verdict": "clusters"}, notes=("clusters: <i>8</i> groups", "more"))
    assert run.clustering is not None
    reduced = replace(run.clustering, dataset=replace(run.clustering.dataset, space="center -> umap"))
    validations = {"sizes": of_space, "structure": judged}
    shown = replace(run, clustering=reduced, validations=validations, record=record)._repr_html_()
    assert "25 clusters by kmeans after center -&gt; umap</p>" in shown
    assert ">sizes, after umap (5 dimensions)</td>" in shown
    assert "<p><b>Warning</b>: load: &lt;b&gt;odd&lt;/b&gt;</p>" in shown
    assert "<p>clusters: &lt;i&gt;8&lt;/i&gt; groups</p>" in shown


def test_nothing_that_users_give_is_markup(run: embkit.Run) -> None:
    for html in (run._repr_html_(), run.tables["clusters"]._repr_html_()):
        assert "<img src=x" not in html
        assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in html


def test_pictures_beyond_the_limit_are_named(run: embkit.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_PICTURES", 10)
    html = run._repr_html_()
    assert "data:image" not in html
    assert "too large to show together: <code>run.figures[&#x27;pca&#x27;]</code>, <code>" in html


def test_an_exported_page_is_shown_inline(run: embkit.Run) -> None:
    html = replace(run, exports={"x": {"x.html": "<p>'a' & b</p>", "x.csv": "a"}})._repr_html_()
    assert html.count("<iframe") == 1
    assert 'srcdoc="&lt;p&gt;&#x27;a&#x27; &amp; b&lt;/p&gt;"' in html
    assert 'sandbox="allow-scripts allow-downloads"' in html


def test_a_large_page_is_a_link_and_a_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(page, "INLINE_BYTES", 10)
    large = Page("é" * 6, tmp_path / "a&b.html", b"PNG")
    html = large._repr_html_()
    assert "The page has 12 B, too much for a notebook" in html
    assert 'a&amp;b.html"' in html
    assert "base64,UE5H" in html
    assert "<iframe" not in html
    assert "run.page(&quot;page.html&quot;)" in Page("x" * 11)._repr_html_()


def test_tables_are_mappings_html_and_data_frames(run: embkit.Run) -> None:
    sizes = run.tables["sizes"]
    assert sizes["size"] is run.validations["sizes"].tables["sizes"]["size"]
    frame = sizes.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame["size"].tolist() == list(sizes["size"])
    assert sizes._repr_html_().count("<tr>") == 26


def test_long_and_wide_tables_are_cut() -> None:
    table = ShownTable({f"c{n}": np.arange(60) for n in range(22)})
    html = table._repr_html_()
    assert html.count("<tr>") == 51
    assert html.count("<th ") == 20
    assert html.endswith("<p>and 10 more rows and 2 more columns</p>")
    assert "<p>" not in html_table({"a": [1]})
    assert html_table({}) == "<table><thead><tr></tr></thead><tbody></tbody></table>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (np.float64(0.123456), "0.1235"),
        (np.int64(12345), "12,345"),
        (True, "True"),
        ("a\nb\x1b", "a b\N{REPLACEMENT CHARACTER}"),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_cells(value: object, shown: str) -> None:
    assert f">{shown}</td>" in html_table({"a": [value]})


def test_an_executed_notebook_has_pictures_and_tables() -> None:
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat, from PyPI")
    client = pytest.importorskip("nbclient", reason="needs nbclient, from PyPI")
    pytest.importorskip("ipykernel", reason="needs ipykernel, from PyPI")
    call = "embkit.run(None, 'kmeans:n_clusters=3', validators=['sizes'], visualizers=['sizes'])"
    cells = [
        f"import embkit\nrun = {call}\nrun",
        "run.figures['sizes']",
        "run.tables['sizes']",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client.NotebookClient(book, timeout=120).execute()
    shown = [set(cell.outputs[-1]["data"]) for cell in book.cells]
    assert shown == [
        {"text/plain", "text/html"},
        {"text/plain", "image/png"},
        {"text/plain", "text/html"},
    ]
