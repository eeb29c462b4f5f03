"""The tutorial of what comes after a run, executed as the site executes it."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "after-the-run.md"
CELL = re.compile(r"^```\{code-cell\} python\n(?::tags:[^\n]*\n+)?(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The cells with what they put out."""
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat, from PyPI")
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient, from PyPI")
    pytest.importorskip("ipykernel", reason="needs ipykernel, from PyPI")
    pytest.importorskip("pandas", reason="needs pandas, from PyPI")
    pytest.importorskip("anndata", reason="needs anndata, from PyPI")
    sources = CELL.findall(TUTORIAL.read_text("utf-8"))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    folder = tmp_path_factory.mktemp("tutorial")
    client = nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "EMBKIT_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))})
    assert not list(folder.iterdir())  # the last cell leaves nothing behind
    return list(book.cells)


def shown(cells: list[Any], source: str) -> str:
    """What the cell with this in its source printed or showed."""
    (cell,) = [cell for cell in cells if source in cell.source]
    texts = []
    for output in cell.outputs:
        data = output.get("data", {})
        texts.append(output.get("text") or data.get("text/html") or data.get("text/plain", ""))
    return "".join(texts)


def test_another_process_opens_the_run_with_its_data(cells: list[Any]) -> None:
    text = shown(cells, "open_run(")
    assert "<Run of spring.parquet: 210 rows, 8 clusters>" in text
    assert "Dataset('spring.parquet': 210 x 384 float32, ids, texts)" in text


def test_other_tools_read_the_exports(cells: list[Any]) -> None:
    assert shown(cells, "embkit.export(") == "['run.h5ad', 'rows.parquet']"
    assert "AnnData object with n_obs" in shown(cells, "read_h5ad")
    assert re.findall(r"^(\d) ", shown(cells, "read_parquet"), re.MULTILINE) == list("01234567")


def test_500_later_rows_are_assigned_and_uncertain_ones_shown(cells: list[Any]) -> None:
    text = shown(cells, "run.assign(")
    assert "predict of GaussianMixture" in text
    counts = re.search(r"by cluster: \[(.*)\]", text)
    assert counts is not None
    assert sum(map(int, counts[1].split())) == 500
    first = re.findall(
        r"^(0\.\d\d) in \d, (0\.\d\d) in \d: .", shown(cells, "run.memberships"), re.MULTILINE
    )
    assert len(first) == 3
    assert all(float(most) >= float(next_most) for most, next_most in first)


def test_diff_inspect_and_the_page(cells: list[Any]) -> None:
    assert "8 clusters before, 8 after: ARI 0." in shown(cells, "embkit.diff(")
    assert re.search(r"(continuum|undecided|clusters): ", shown(cells, "embkit.inspect("))
    page = shown(cells, "run.page(")
    assert "<iframe" in page
    assert "embkit page" in page
