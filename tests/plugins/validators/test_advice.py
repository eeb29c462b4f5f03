"""The advice is a command that runs, with its reason."""

import shlex

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import embkit
from embkit.data.dataset import Dataset
from embkit_plugins.validators.advice import Advice
from fixture_types import MakeContext
from narrowing import present


def advised(rows: np.ndarray, make_context: MakeContext) -> embkit.Validation:
    dataset = Dataset(rows)
    return Advice().validate(dataset, make_context(dataset))


def test_advice_by_kind_of_data(make_context: MakeContext) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(144, 16))
    found = advised(rows, make_context)
    assert found.scores["advice"] == (
        "--reducer umap:n_components=5,min_dist=0 --clusterer agglomerative:linkage=genie"
    )
    assert "clusters may be regions of one whole" in found.notes[0]
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = advised(units, make_context)
    assert "metric=cosine --clusterer agglomerative:n_clusters=12" in str(found.scores["advice"])
    assert found.notes[0].startswith("all rows have length 1")
    few = advised(rows[:50], make_context)
    assert few.scores["advice"] == "--clusterer agglomerative"
    assert few.notes[0].startswith("50 rows are few")
    assert advised(rows[:2], make_context).scores["advice"] == "--clusterer agglomerative"


def test_gaps_are_left_to_hdbscan_and_copies_count_once(make_context: MakeContext) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(120, 4)) * 0.1 + 9 * np.eye(3, 4)[np.arange(120) % 3]
    found = advised(rows, make_context)
    assert found.scores["advice"] == "--clusterer hdbscan"
    assert found.notes[0].startswith("there are gaps between groups: HDBSCAN leaves 0.0% of the rows")
    found = advised(np.concatenate([rows, rows[:30]]), make_context)
    assert found.scores["advice"] == "--clusterer hdbscan:duplicates=once"


@pytest.mark.parametrize("n_features", [3, 12])
def test_groups_that_touch_are_left_to_a_layout(make_context: MakeContext, n_features: int) -> None:
    """How many they are the density does not tell: its number is a lower bound."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, n_features)) + 3.6 * np.eye(2, n_features)[np.arange(600) % 2]
    found = advised(rows, make_context)
    assert found.scores["advice"] == (
        "--reducer umap:n_components=5,min_dist=0 --clusterer agglomerative:linkage=genie"
    )
    assert found.notes[0].startswith("the density has valleys between groups; UMAP makes")


def test_long_groups_of_uneven_density_are_found_at_a_coarser_size(make_context: MakeContext) -> None:
    """Two spirals, one in the other: at 5 rows HDBSCAN finds pieces of them, and a tenth is noise."""
    rng = np.random.default_rng(21)
    truth, t = np.arange(700) % 2, np.pi * (0.5 + 3.5 * np.sqrt(rng.random(700)))
    turn = t + np.pi * truth
    rows = np.stack([np.cos(turn), np.sin(turn)], axis=1) * t[:, None] + 0.25 * rng.normal(size=(700, 2))
    found = advised(rows, make_context)
    assert found.scores["advice"] == "--clusterer hdbscan:min_cluster_size=80,min_samples=5"
    assert found.notes[0].endswith("as noise, and finds as many clusters with min_cluster_size=160")
    labels = embkit.run(rows, clusterer="hdbscan:min_cluster_size=80,min_samples=5", seed=0).labels
    assert adjusted_rand_score(truth, labels) > 0.95


def test_many_rows_are_neither_laid_out_nor_joined(make_context: MakeContext) -> None:
    rows = np.random.default_rng(0).normal(size=(40_000, 11)).astype(np.float32)
    found = advised(rows, make_context)
    assert found.scores["advice"] == "--clusterer kmeans:n_clusters=200"
    assert found.notes == (
        "40,000 rows are many for a layout and a tree; 200 clusters are the square root of their number",
    )
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = advised(units, make_context)
    assert found.scores["advice"] == "--clusterer kmeans:n_clusters=200,metric=cosine"


@pytest.mark.parametrize("n_samples", [60, 120])
def test_advice_can_be_followed(make_context: MakeContext, n_samples: int) -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(n_samples) % 3
    rows = rng.normal(size=(n_samples, 12)) + 9 * np.eye(3, 12)[truth]
    words = shlex.split(str(advised(rows, make_context).scores["advice"]))
    asked = dict(zip(words[::2], words[1::2], strict=True))
    reducers = [asked["--reducer"]] if "--reducer" in asked else []
    run = embkit.run(rows, clusterer=asked["--clusterer"], reducers=reducers, seed=0)
    assert present(run.clustering).n_clusters == 3
