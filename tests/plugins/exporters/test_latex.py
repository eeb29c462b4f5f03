"""Tables for a paper: what is in them, and that no text of a user's is taken for a command."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import embkit
from embkit.data.dataset import Dataset
from embkit.testing.example_study import example_study
from embkit_plugins.exporters.latex import Latex, latex_escape
from fixture_types import MakeContext
from narrowing import present


@pytest.fixture
def study() -> embkit.StudyRecord:
    return example_study(Path())


def tables(text: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Caption and lines of cells of each table."""
    for body in re.findall(r"\\begin\{table\}.*?\\end\{table\}", text, re.DOTALL):
        caption = present(re.search(r"\\caption\{(.*)\}\n", body)).group(1)
        rows = present(re.search(r"\\midrule\n(.*)\\bottomrule", body, re.DOTALL)).group(1)
        yield (
            caption,
            [
                [cell.strip() for cell in line.removesuffix(r" \\").split(" & ")]
                for line in rows.splitlines()
            ],
        )


def test_means_deviations_and_the_best(
    study: embkit.StudyRecord, make_context: MakeContext, blobs: Dataset
) -> None:
    text = Latex().export(study, make_context(blobs))["tables.tex"]
    found = list(tables(text))
    assert len(found) == 4
    caption, rows = found[0]
    assert caption == (
        r"blobs: best setting of each clusterer. Mean $\pm$ standard deviation over 1 to 2 seeds."
    )
    deviation = np.std([0.7 - 4 / 50, 0.7 - 5 / 50], ddof=1)
    assert rows == [
        ["kmeans:n\\_clusters=3", r"$\mathbf{0.680}$"],
        ["hdbscan", rf"$0.610$ $\pm\,{deviation:.3f}$"],
    ]
    assert found[1][0].startswith("blobs: all settings.")
    assert [row[0] for row in found[1][1]] == [
        "kmeans:n\\_clusters=3",
        "kmeans:n\\_clusters=2",
        "hdbscan",
    ]
    assert r"\label{tab:more-blobs-settings}" in text
    assert "silhouette $\\uparrow$" in text


def test_digits_and_without_settings(
    study: embkit.StudyRecord, make_context: MakeContext, blobs: Dataset
) -> None:
    text = Latex(digits=1, settings=False).export(study, make_context(blobs))["tables.tex"]
    found = list(tables(text))
    assert len(found) == 2
    assert found[0][1][0][1] == r"$\mathbf{0.7}$"


def test_nothing_done(make_context: MakeContext, blobs: Dataset) -> None:
    text = Latex().export(example_study(Path(), failed=True), make_context(blobs))["tables.tex"]
    assert "% blobs: no trial has a score that can be ranked." in text
    assert r"\begin" not in text


def test_texts_of_users_are_no_commands(
    study: embkit.StudyRecord, make_context: MakeContext, blobs: Dataset
) -> None:
    label = "a_b & 50% $x$ {y} #1 ~^\\input{z}\n% c"
    trials = tuple(
        replace(record, trial=replace(record.trial, dataset=label)) for record in study.trials[:6]
    )
    odd = replace(study, datasets={label: blobs}, trials=trials)
    text = Latex().export(odd, make_context(blobs))["tables.tex"]
    shown = latex_escape(label)
    assert shown in text
    rest = re.sub(r"\\text\w+\{\}|\\[&%$#_{}]", "", shown)
    assert not set(rest) & set("\\&%$#_~^")
    assert "\n" not in shown
    assert latex_escape("V-a---b") == "V-a-{}-{}-b"
