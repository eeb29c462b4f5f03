"""Texts that mean harm, in every place that users fill, do nothing in any output."""

import csv
import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown_it import MarkdownIt

from fixture_types import Embkit

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b2J\x9d8;;http://evil.example\x9c",
    "back\b\b\b\bspace and \rreturn",
    "\u202egnp.exe\u202c",
    "\u2066isolate\u2069 \u200bzero width\ufeff",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "'=1+1",
    "| a | b |\n|---|---|\n| c | d |",
    "`code` *bold* [link](http://evil.example) ![image](http://evil.example/x.png)",
    "<http://evil.example> www.evil.example https://evil.example",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<b onmouseover=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}} {% raw %} ${7*7} $x^2$",
    "# heading\n\n- item\n\n    code",
    "a,b;c\td\"e",
    "NaN",
    "../../etc/passwd",
]  # fmt: skip
ODD_NAME = "\x1b[31mred\u202e <b> =1 [x](y) | &"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Vectors, and a table beside them with these texts as ids, texts, labels and other columns."""
    n_samples = 3 * len(HOSTILE)
    rng = np.random.default_rng(0)
    vectors = np.repeat(4 * rng.normal(size=(3, 4)), len(HOSTILE), axis=0)
    np.save(tmp_path / "v.npy", vectors + 0.1 * rng.normal(size=vectors.shape))
    texts = [HOSTILE[row % len(HOSTILE)] for row in range(n_samples)]
    records = [
        {"id": f"{text}{row}", "text": text, "label": text, "<b>=1|\x1b[31m": text}
        for row, text in enumerate(texts)
    ]
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return "t.jsonl"


def check_terminal(done: subprocess.CompletedProcess[str]) -> None:
    for stream in (done.stdout, done.stderr):
        wrong = {char for char in stream if unicodedata.category(char) in {"Cc", "Cf", "Cs"}} - {"\n"}
        assert not wrong, stream


def check_csv(file: Path) -> None:
    with file.open(newline="", encoding="utf-8") as stream:
        for cells in csv.reader(stream):
            for cell in cells:
                assert not cell.startswith(FORMULAS) or _is_number(cell), (file, cell)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", cell) is not None


class _Tags(HTMLParser):
    """What a page would do: its elements, and attributes that act."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.wrong: list[tuple[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            acts = name.startswith("on") or "javascript:" in (value or "")
            if acts or (name in ("src", "href") and not _is_inside(value or "")):
                self.wrong.append((tag, attrs))
        if tag in ("iframe", "object", "embed", "form", "base"):
            self.wrong.append((tag, attrs))


def _is_inside(address: str) -> bool:
    return address.startswith(("#", "data:", "figures/")) or "evil" not in address


def check_html(text: str) -> None:
    tags = _Tags()
    tags.feed(text)
    assert tags.wrong == []
    for script in re.findall(r"<script[^>]*>(.*?)</script>", text, flags=re.DOTALL):
        assert "alert(1)</" not in script
    assert "<b onmouseover" not in text
    assert "<script>alert" not in text


def check_markdown(file: Path) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    for token in _flat(parser.parse(file.read_text())):
        assert token.type not in ("html_block", "html_inline"), (file, token.content)
        for name in ("href", "src"):
            target = str(token.attrGet(name) or "figures/")
            assert target.startswith(("figures/", "trials/", "#")), (file, target)
    check_html(parser.render(file.read_text()))


def _flat(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def check_files(folder: Path) -> None:
    for file in folder.rglob("*"):
        match file.suffix:
            case ".csv":
                check_csv(file)
            case ".md":
                check_markdown(file)
            case ".html":
                check_html(file.read_text())
            case ".json":
                json.loads(file.read_text())
            case ".svg":
                check_html(file.read_text())


def test_every_output_of_a_run(embkit: Embkit, table: str, tmp_path: Path) -> None:
    chain = ["v.npy", "--table", table, "--clusterer", "agglomerative:n_clusters=3", "--seed", "0"]
    pictures = ["--viz", "dendrogram", "--viz", "sizes", "--viz", "pca:color=reference"]
    checks = ["--validator", "sizes", "--validator", "external", "--validator", "nodes"]
    exports = ["--export", "page", "--export", "csv", "--export", "newick"]
    vector = ["--figure-format", "svg"]
    done = embkit("run", *chain, *pictures, *vector, *checks, *exports, "--out", ODD_NAME)
    assert "folder" in done.stdout
    check_terminal(done)
    check_files(tmp_path / ODD_NAME)
    run = str(tmp_path / ODD_NAME)
    document = embkit("run", *chain, *checks, "--json", "--out", "second")
    assert document.stdout.isascii()
    json.loads(document.stdout)
    for command in (
        ["replay", run],
        ["diff", run, "second", "--out", "d"],
        ["diff", "v.npy", "--table", table, "--from", "0.1", "--to", "1.2", "--out", "e"],
        ["export", run, "csv", "--out", f"{ODD_NAME}-files"],
        ["inspect", "v.npy", "--table", table],
        ["run", "v.npy", "--clusterer", f"recorded:labels={run}", "--out", "third"],
    ):
        check_terminal(embkit(*command, code=None))
    check_files(tmp_path)


def test_ids_come_back_as_they_were(embkit: Embkit, table: str, tmp_path: Path) -> None:
    given = ["v.npy", "--table", table]
    embkit("run", *given, "--clusterer", "kmeans:n_clusters=3", "--seed", "0", "--out", "a")
    done = embkit("run", *given, "--clusterer", "recorded:labels=a", "--validator", "agreement:other=a",
                  "--out", "b")  # fmt: skip
    assert re.search(r"ari +1\n", done.stdout)


@pytest.mark.parametrize("name", HOSTILE)
def test_errors_and_names_of_files(embkit: Embkit, tmp_path: Path, name: str) -> None:
    for command in (
        ["run", name],
        ["run", "digits.npy", "--clusterer", name],
        ["run", "--clusterer", f"kmeans:{name}=1"],
        ["plugins", "show", name],
        ["study", name],
        ["study", "report", name],
        ["replay", name],
        [name],
    ):
        check_terminal(embkit(*command, code=None))


def test_places_with_such_names(embkit: Embkit, tmp_path: Path) -> None:
    check_terminal(embkit("cache", "info", EMBKIT_CACHE_DIR=str(tmp_path / ODD_NAME)))
    (tmp_path / ODD_NAME).mkdir(exist_ok=True)
    check_terminal(embkit("plugins", "new", "fine", "--folder", str(tmp_path / ODD_NAME), code=None))


def test_every_output_of_a_study(embkit: Embkit, table: str, tmp_path: Path) -> None:
    study = {
        "name": ODD_NAME.replace("\x1b", ""),
        "datasets": [{"label": HOSTILE[16], "source": "v.npy", "table": table}],
        "clusterers": [{"name": "kmeans", "n_clusters": 3}, {"name": "kmeans", "n_clusters": 2}],
        "validators": [{"name": "sizes"}, {"name": "external"}],
    }
    file = tmp_path / "s.toml"
    file.write_text(_toml(study))
    done = embkit("study", "s.toml", "--out", ODD_NAME, "--jobs", "1", code=None)
    assert done.returncode == 0, done.stderr
    check_terminal(done)
    check_terminal(embkit("study", "s.toml", "--dry-run"))
    check_terminal(embkit("study", "report", ODD_NAME))
    check_terminal(embkit("study", "verify", ODD_NAME))
    check_files(tmp_path / ODD_NAME)


def _toml(document: dict[str, Any]) -> str:
    tables = {key: value for key, value in document.items() if isinstance(value, list)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in document.items() if key not in tables]
    for key, items in tables.items():
        for item in items:
            lines.append(f"[[{key}]]")
            lines += [f"{name} = {json.dumps(value)}" for name, value in item.items()]
    return "\n".join(lines)
