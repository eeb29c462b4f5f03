"""A small fixed-seed part of the table that benchmarks/structure.py prints."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embkit import Dataset, Validation
from embkit.runs.shared import SharedWork
from embkit_plugins.artifacts.structure import Divisions, divisions_of
from embkit_plugins.validators.structure import Structure, _report
from fixture_types import MakeContext
from narrowing import number, present


def judge(vectors: NDArray[np.float64], make_context: MakeContext, **parameters: Any) -> Validation:
    dataset = Dataset(vectors.astype(np.float32))
    return Structure(**parameters).validate(dataset, make_context(dataset))


def turned(rng: np.random.Generator, curve: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = np.linalg.qr(rng.normal(size=(32, curve.shape[1])))[0]
    return np.asarray(curve @ turn.T + 0.05 * rng.normal(size=(len(curve), 32)))


def ring(rng: np.random.Generator, n: int, radius: float = 1.0) -> NDArray[np.float64]:
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def helix(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    angle = 6 * np.pi * rng.random(n)
    return np.stack([np.cos(angle), np.sin(angle), angle / 4], axis=1)


def arms(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.random((n, 1)) * np.eye(3)[rng.integers(0, 3, n)]


def moved_bump(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    centre = rng.uniform(4, 60, (n, 1))
    return np.exp(-0.5 * ((np.arange(64) - centre) / 4) ** 2) + 0.02 * rng.normal(size=(n, 64))


def branching(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Three segments, one after the other, from the last two knots of which two more grow."""
    steps = np.linalg.qr(rng.normal(size=(32, 5)))[0].T
    knots = np.stack([0 * steps[0], steps[0], steps[0] + steps[1], steps[0], steps[0] + steps[1]])
    at = rng.integers(0, 5, n)
    return np.asarray(knots[at] + rng.random((n, 1)) * steps[at] + 0.05 * rng.normal(size=(n, 32)))


def scattered(rng: np.random.Generator) -> NDArray[np.float64]:
    rows = rng.normal(size=(1000, 8))
    rows[:20] *= 30 / np.linalg.norm(rows[:20], axis=1, keepdims=True)
    return rows


Shapes = dict[str, Callable[[np.random.Generator], NDArray[np.float64]]]

CONTINUA: Shapes = {
    "cube": lambda rng: rng.random((1000, 32)),
    "plane": lambda rng: rng.random((1000, 2)),
    "correlated normal": lambda rng: rng.normal(size=(1000, 32)) / np.arange(1, 33),
    "heavy tails": lambda rng: rng.standard_t(3, (1000, 32)),
    "ring": lambda rng: turned(rng, ring(rng, 1000)),
    "helix": lambda rng: turned(rng, helix(rng, 1000)),
    "scattered outliers": scattered,
}
BENT: Shapes = {
    "three arms": lambda rng: turned(rng, arms(rng, 1000)),
    "a bump moved over pixels": lambda rng: moved_bump(rng, 1000),
    "branches": lambda rng: branching(rng, 1000),
}
CLUSTERS: Shapes = {
    "ten blobs": lambda rng: rng.random((10, 32))[np.arange(1000) % 10] + 0.4 * rng.normal(size=(1000, 32)),
    "a tenth apart": lambda rng: rng.normal(size=(1000, 32)) + 6 * np.eye(1000, 32)[:1] * (np.arange(1000) < 100)[:, None],
    "one centre": lambda rng: np.array([0.1, 0.3, 1.0])[np.arange(999) % 3, None] * rng.normal(size=(999, 32)),
    "two rings": lambda rng: turned(rng, np.concatenate([ring(rng, 500), ring(rng, 500, 2.0)])),
    "two overlapping": lambda rng: rng.normal(size=(1000, 32)) + 5 * np.eye(1, 32) * (np.arange(1000) % 2)[:, None],
}  # fmt: skip


@pytest.mark.parametrize("shape", CONTINUA)
def test_a_continuum_has_no_clusters(shape: str, make_context: MakeContext) -> None:
    result = judge(CONTINUA[shape](np.random.default_rng(3)), make_context, n_repeats=1)
    assert result.scores["verdict"] == "continuum"
    assert number(result.scores["p_value"]) > 0.2
    assert result.scores["n_clusters_suggested"] is None
    assert result.notes[0].startswith("continuum: ")


@pytest.mark.parametrize("shape", CLUSTERS)
def test_clusters_are_seen(shape: str, make_context: MakeContext) -> None:
    result = judge(CLUSTERS[shape](np.random.default_rng(3)), make_context, n_repeats=1)
    assert result.scores["verdict"] == "clusters"
    assert number(result.scores["p_value"]) < 0.01
    assert number(result.scores["valley_density"]) < 0.5
    assert result.notes[0].startswith("clusters: ")


@pytest.mark.parametrize("shape", BENT)
def test_a_bend_is_no_gap(shape: str, make_context: MakeContext) -> None:
    result = judge(BENT[shape](np.random.default_rng(3)), make_context, n_repeats=1)
    assert result.scores["verdict"] != "clusters"
    assert number(result.scores["p_value"]) > 0.05
    assert number(result.scores["z_close"]) < 0.84


def test_a_valley_only_on_straight_lines_says_why(make_context: MakeContext) -> None:
    result = judge(BENT["a bump moved over pixels"](np.random.default_rng(3)), make_context)
    assert number(result.scores["z_straight"]) > 1.645
    assert result.notes[0].startswith(
        "continuum: the data bend or branch. On straight lines the density falls between two parts"
    )


def found_with(**changes: Any) -> Divisions:
    pairs = np.ones((1, 2))
    fields: dict[str, Any] = {
        "z": np.array([0.5]),
        "z_straight": np.array([3.0]),
        "z_close": np.array([-0.3]),
        "view": np.array(["as given"]),
        "n_cells": np.array([8]),
        "n_groups": np.array([3]),
        "n_tried": np.array([20]),
        "strength": np.array([3.0]),
        "smaller_side": np.array([0.3]),
        "deficit": pairs,
        "variance": pairs,
        "seen": pairs,
        "level": pairs,
        "n_samples": 1000,
        "n_far_out": 0,
        "order_correlation": 0.0,
        "order_z": 0.0,
    }
    return Divisions(**(fields | changes))


@pytest.mark.parametrize(
    ("z", "straight", "close", "verdict"),
    [
        (2.0, 2.0, 1.3, "clusters"),
        (1.5, 3.0, 0.7, "undecided"),
        (0.5, 3.0, -0.3, "undecided"),
        (-0.7, 3.0, -1.5, "continuum"),
        (0.5, 1.0, 0.0, "continuum"),
    ],
)
def test_verdicts(z: float, straight: float, close: float, verdict: str) -> None:
    found = found_with(z=np.array([z]), z_straight=np.array([straight]), z_close=np.array([close]))
    result = _report(found, 1000, 0.05)
    assert result.scores["verdict"] == verdict
    assert result.notes[0].startswith(f"{verdict}: ")


def test_a_bend_or_a_gap() -> None:
    note = _report(found_with(), 1000, 0.05).notes[0]
    assert note == (
        "undecided: cannot tell a bend from a gap. On straight lines the density falls between two "
        "parts of the data (p = 0.0013), close to where they meet it does not fall for certain "
        "(p = 0.62); among 1000 rows, groups of fewer than 50 rows, or less than 5 standard "
        "deviations apart, need not be seen"
    )


def test_remarks() -> None:
    found = found_with(z=np.array([4.0]), n_far_out=2, order_correlation=0.53, order_z=30.0)
    assert _report(found, 5000, 0.05).notes[1:] == (
        "judged on 1000 of 5000 rows, drawn at random",
        "left out 2 rows far from all others",
        (
            "the number of groups is a lower bound: groups that touch, or have fewer than 50 rows, are not "
            "told apart"
        ),
        (
            "consecutive rows are alike (correlation 0.53): if the rows follow one another in time or "
            "space, fewer of them are independent, and the p-value is too small"
        ),
    )
    found = found_with(z=np.array([4.0]), n_groups=np.array([20]))
    assert _report(found, 1000, 0.05).notes[1] == (
        "partitions of up to 20 cells were looked at: there may be more clusters"
    )


def test_a_series_is_noticed(make_context: MakeContext) -> None:
    walk = np.cumsum(np.random.default_rng(0).normal(size=(300, 5)), axis=0)
    notes = judge(walk, make_context, n_repeats=1).notes
    assert any("consecutive rows are alike" in note for note in notes)


def test_outliers_hide_no_group(make_context: MakeContext) -> None:
    rng = np.random.default_rng(3)
    rows = 10 * np.eye(3, 8)[np.arange(600) % 3] + rng.normal(size=(600, 8))
    rows[:5] *= 300
    result = judge(rows, make_context, n_repeats=1)
    assert result.scores["verdict"] == "clusters"
    assert result.scores["n_clusters_suggested"] == 3
    assert "left out 5 rows far from all others" in result.notes


def test_number_of_clusters(make_context: MakeContext) -> None:
    scores = judge(CLUSTERS["ten blobs"](np.random.default_rng(5)), make_context).scores
    assert abs(number(scores["n_clusters_suggested"]) - 10) <= 1
    assert (
        number(scores["n_clusters_low"])
        <= number(scores["n_clusters_suggested"])
        <= number(scores["n_clusters_high"])
    )


def test_a_shallow_valley_is_undecided(make_context: MakeContext) -> None:
    overlapping = np.random.default_rng(3).normal(size=(1000, 8))
    overlapping[:500, 0] += 4.5
    result = judge(overlapping, make_context, alpha=1e-12, n_repeats=2)
    assert result.scores["verdict"] == "undecided"
    assert result.notes[0].startswith("undecided: there is a shallow valley")


def test_one_row_a_fold_and_the_evidence_of_each(make_context: MakeContext) -> None:
    table = judge(CLUSTERS["two rings"](np.random.default_rng(1)), make_context, n_repeats=1).tables
    folds = table["structure_folds"]
    assert len(folds["fold"]) == 5
    assert set(folds["view"]) <= {"as given", "whitened", "radial"}
    assert min(folds["n_groups"]) >= 2


def test_same_seed_same_answer(make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(200, 5)))
    first, again, other = (
        # Nothing shared, or the second would be read and not computed.
        divisions_of(replace(make_context(dataset), shared=SharedWork()), n_repeats=2, random_state=seed)
        for seed in (1, 1, 2)
    )
    assert first.deficit.tolist() == again.deficit.tolist()
    assert first.deficit.tolist() != other.deficit.tolist()


def test_shift_scale_and_rotation_change_nothing_but_rounding(make_context: MakeContext) -> None:
    rng = np.random.default_rng(4)
    vectors = CLUSTERS["ten blobs"](rng)[:400]
    turn = np.linalg.qr(rng.normal(size=(32, 32)))[0]
    other = 3 * vectors @ turn + 1
    found, expected = (
        judge(rows, make_context, n_repeats=1).scores["verdict"] for rows in (other, vectors)
    )
    assert found == expected == "clusters"


def test_above_max_samples_a_sample_is_judged(make_context: MakeContext) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4))
    result = judge(rows, make_context, max_samples=150, n_repeats=1)
    assert result.scores["n_used"] == 150
    assert "judged on 150 of 300 rows" in result.notes[1]


@pytest.mark.parametrize("n_rows", [1, 2, 19])
def test_too_few_rows(n_rows: int, make_context: MakeContext) -> None:
    skipped = judge(np.ones((n_rows, 3)), make_context).skipped
    assert "no statement about clusters below 20" in present(skipped)


@pytest.mark.parametrize("value", [1.0, 0.1, 1e8, 1e-30])
def test_equal_rows(value: float, make_context: MakeContext) -> None:
    rows = np.repeat(value * np.random.default_rng(0).random((1, 8)), 60, axis=0)
    assert judge(rows, make_context).skipped == "all rows are equal"


def test_as_many_folds_as_rows(make_context: MakeContext) -> None:
    result = judge(np.random.default_rng(0).normal(size=(20, 3)), make_context, n_folds=20)
    assert result.scores["verdict"] == "continuum"
    assert "among 20 rows, groups of fewer than 15 rows" in result.notes[0]
    assert "or of another shape than a ball" in result.notes[0]


@pytest.mark.parametrize(
    "vectors",
    [
        np.repeat(np.eye(3), 20, axis=0),  # three points, twenty times each
        np.arange(40.0)[:, None],
        np.random.default_rng(0).normal(size=(25, 100)),  # more columns than rows
        np.r_[np.zeros((30, 2)), [[1e6, 1e6]]],  # one row far out
    ],
    ids=["repeats", "one column", "wide", "far out"],
)
def test_awkward_rows(vectors: NDArray[np.float64], make_context: MakeContext) -> None:
    scores = judge(vectors, make_context).scores
    assert scores["verdict"] in {"clusters", "continuum", "undecided"}
    assert all(value == value for value in scores.values())  # no NaN


def test_threads_change_nothing(make_context: MakeContext) -> None:
    rng = np.random.default_rng(0)
    dataset = Dataset(rng.normal(size=(300, 8)) + 4 * np.eye(3, 8)[np.arange(300) % 3])
    one, several = (
        divisions_of(make_context(dataset, threads=threads), n_repeats=2) for threads in (1, 4)
    )
    assert one.z.tolist() == several.z.tolist()
    assert one.deficit.tolist() == several.deficit.tolist()
