"""The tutorial of what comes after a run, executed cell by cell as the site does, but in this process."""

import ast
import io
import re
import warnings
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "after-the-run.md"
CELL = re.compile(r"^```\{code-cell\} python\n(?::tags:[^\n]*\n+)?(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """A cell, and what it printed or showed."""

    source: str
    shown: str


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """The cells with what they put out."""
    formatters = pytest.importorskip("IPython.core.formatters", reason="needs IPython, from PyPI")
    pytest.importorskip("pandas", reason="needs pandas, from PyPI")
    pytest.importorskip("anndata", reason="needs anndata, from PyPI")
    folder = tmp_path_factory.mktemp("tutorial")
    names: dict[str, Any] = {}
    sources = CELL.findall(TUTORIAL.read_text("utf-8"))
    with chdir(folder), warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("default")
        patch.setenv("EMBKIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        found = [
            Cell(source, executed(source, names, formatters.DisplayFormatter())) for source in sources
        ]
    assert not list(folder.iterdir())  # the last cell leaves nothing behind
    return found


def executed(source: str, names: dict[str, Any], formatter: Any) -> str:
    """What a cell prints, and how a notebook shows the value of its last line."""
    lines = ast.parse(source)
    last = lines.body.pop() if isinstance(lines.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(lines, "<cell>", "exec"), names)
        value = None
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    if value is None:
        return printed.getvalue()
    data, _ = formatter.format(value)
    return printed.getvalue() + str(data.get("text/html") or data["text/plain"])


def shown(cells: list[Cell], source: str) -> str:
    """What the cell with this in its source printed or showed."""
    (cell,) = [cell for cell in cells if source in cell.source]
    return cell.shown


def test_another_process_opens_the_run_with_its_data(cells: list[Cell]) -> None:
    text = shown(cells, "open_run(")
    assert "<Run of spring.parquet: 210 rows, 8 clusters>" in text
    assert "Dataset('spring.parquet': 210 x 384 float32, ids, texts)" in text


def test_other_tools_read_the_exports(cells: list[Cell]) -> None:
    assert shown(cells, "embkit.export(") == "['run.h5ad', 'rows.parquet']"
    assert "AnnData object with n_obs" in shown(cells, "read_h5ad")
    assert re.findall(r"^(\d) ", shown(cells, "read_parquet"), re.MULTILINE) == list("01234567")


def test_500_later_rows_are_assigned_and_uncertain_ones_shown(cells: list[Cell]) -> None:
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


def test_diff_inspect_and_the_page(cells: list[Cell]) -> None:
    assert "8 clusters before, 8 after: ARI 0." in shown(cells, "embkit.diff(")
    assert re.search(r"(continuum|undecided|clusters): ", shown(cells, "embkit.inspect("))
    page = shown(cells, "run.page(")
    assert "<iframe" in page
    assert "embkit page" in page
