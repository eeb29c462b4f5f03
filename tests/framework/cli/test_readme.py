"""Every command of the README, in the order in which it stands there."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import embkit
from fixture_types import Embkit

ROOT = Path(__file__).parents[3]
N_ROWS = 70


def commands(document: str) -> list[list[str]]:
    """The arguments of every command of embkit in the blocks of a console."""
    blocks = re.findall(r"```console\n(.*?)```", document, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = [line.removeprefix("$ ").partition("    #")[0].partition("   #")[0] for line in lines]
    inner = [re.sub(r'^eval "\$\((.*)\)"', r"\1", line) for line in found]
    return [shlex.split(line)[1:] for line in inner if line.startswith("embkit ")]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What the commands read: vectors and texts of the bundled sentences, rows that come later."""
    sample = embkit.load(loader="sample")
    np.save(tmp_path / "vectors.npy", sample.vectors[:N_ROWS])
    np.save(tmp_path / "new.npy", sample.vectors[N_ROWS : N_ROWS + 10])
    texts = sample.texts or []
    rows = (f"{row}\t{text}\n" for row, text in enumerate(texts[:N_ROWS]))
    (tmp_path / "texts.tsv").write_text("id\ttext\n" + "".join(rows), "utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def test_the_commands_of_the_readme(embkit: Embkit, files: Path) -> None:
    """The study is planned only, as its trials take a minute."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) <= 120
    found = commands(readme)
    assert len(found) >= 12
    other = ("--table", "texts.tsv", "--clusterer", "kmeans:n_clusters=9", "--out", "other-results")
    embkit("run", "vectors.npy", *other)
    for arguments in found:
        embkit(*arguments, *(("--dry-run",) if arguments[0] == "study" else ()))
    assert (files / "results" / "page.html").exists()
    assert len((files / "new.csv").read_text().splitlines()) == 11
