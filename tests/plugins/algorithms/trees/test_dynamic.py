"""The dynamic cut against labels recorded from PyPI's dynamicTreeCut 0.1.1."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

from embkit.data.dataset import IntArray
from embkit_plugins.algorithms.trees.dynamic import dynamic_cut

RECORDED = json.loads(Path(__file__).with_name("dynamic_tree_cut.json").read_text("utf-8"))


def rows(seed: int) -> np.ndarray:
    """Five groups of different sizes and widths."""
    rng = np.random.default_rng(seed)
    sizes, widths = [60, 45, 30, 12, 40], [0.4, 0.8, 0.5, 0.3, 1.6]
    centres = 4 * rng.normal(size=(5, 4))
    return np.vstack([centres[i] + widths[i] * rng.normal(size=(sizes[i], 4)) for i in range(5)])


def scatter_of(condensed: np.ndarray) -> Callable[[IntArray], float]:
    distances = squareform(condensed)
    return lambda rows: float(distances[np.ix_(rows, rows)].sum() / (len(rows) * (len(rows) - 1)))


@pytest.mark.parametrize("case", RECORDED, ids=str)
def test_is_the_packages(case: dict[str, Any]) -> None:
    """Made by ``cutreeHybrid(..., pamStage=False)``; - is outside all branches."""
    distances = pdist(rows(case["seed"]))
    found = dynamic_cut(
        linkage(distances, case["linkage"]),
        scatter_of(distances),
        min_cluster_size=case["min_cluster_size"],
        deep_split=case["deep_split"],
    )
    pairs = set(zip(found.labels.tolist(), case["labels"], strict=True))
    assert len(pairs) == len(set(found.labels.tolist())) == len(set(case["labels"]))
    assert all((ours < 0) == (theirs == "-") for ours, theirs in pairs)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(2, 12), st.integers(0, 4), st.booleans())
def test_clusters_are_large_enough_nodes_of_the_tree(
    seed: int, n_samples: int, least: int, deep_split: int, ties: bool
) -> None:
    points = np.random.default_rng(seed).normal(size=(n_samples, 2))
    distances = pdist(points.round(0) if ties else points)
    tree = linkage(distances, "average")
    found = dynamic_cut(tree, scatter_of(distances), min_cluster_size=least, deep_split=deep_split)
    members: list[frozenset[int]] = [frozenset([row]) for row in range(n_samples)]
    for left, right in tree[:, :2].astype(int):
        members.append(members[left] | members[right])
    for label in range(found.labels.max() + 1):
        cluster = frozenset(np.flatnonzero(found.labels == label).tolist())
        assert len(cluster) >= least
        assert cluster in members


def test_a_single_row_is_outside() -> None:
    assert dynamic_cut(np.empty((0, 4)), lambda rows: 0.0).labels.tolist() == [-1]
