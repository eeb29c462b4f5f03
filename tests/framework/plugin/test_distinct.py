"""``duplicates=once`` for every clusterer: distinct rows, and copies with their original."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage
from sklearn.metrics import adjusted_rand_score

import embkit
from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit.plugin.calls import clustered
from embkit.plugin.distinct import distinct_rows
from embkit.plugin.registry import Registry
from embkit.plugin.steps import make_step
from embkit.runs.context import context_of
from narrowing import present

RNG = np.random.default_rng(0)
GROUP = np.arange(60) % 3
ROWS = (RNG.normal(size=(60, 4)) + 12 * np.eye(3, 4)[GROUP]).astype(np.float32)
COPIED = np.concatenate([ROWS, np.repeat(ROWS[GROUP == 2][:4], 20, axis=0)])
TRUTH = np.concatenate([GROUP, np.full(80, 2)])
MANY = [
    "kmeans:n_clusters=3",
    "minibatch-kmeans:n_clusters=3",
    "bisecting-kmeans:n_clusters=3",
    "gaussian-mixture:n_components=3,covariance_type=diag",
    "birch:n_clusters=3",
    "dbscan:eps=4",
    "agglomerative:n_clusters=3",
    "hdbscan",
]


def test_distinct_rows_are_in_the_order_of_their_first_occurrence() -> None:
    rows, copy_of = distinct_rows(Dataset(np.array([[2.0, 1], [0, 1], [2, 1], [-0.0, 1], [1, 1]])))
    assert rows.tolist() == [0, 1, 4]
    assert copy_of.tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("clusterer", MANY)
def test_copies_go_with_their_original(clusterer: str) -> None:
    once = f"{clusterer}{',' if ':' in clusterer else ':'}duplicates=once"
    run = embkit.run(COPIED, once, seed=0, cache=False)
    assert adjusted_rand_score(TRUTH, run.labels) == 1
    clustering = present(run.clustering)
    assert clustering.parameters["duplicates"] == "once"
    assert "60 distinct rows clustered, 80 copies with them" in clustering.notes
    assert np.bincount(present(run.labels)).tolist() == [100, 20, 20]
    if clustering.memberships is not None:
        assert (clustering.memberships.argmax(axis=1) == run.labels).all()
    if clustering.linkage is not None:
        assert len(clustering.linkage) == len(COPIED) - 1
    assert present(run.config.clusterer).params["duplicates"] == "once"


@pytest.mark.parametrize("estimator", ["minibatch-kmeans", "bisecting-kmeans"])
def test_copies_are_weights_where_an_estimator_takes_some(estimator: str) -> None:
    step = make_step(
        Registry.discover(), "clusterer", Request(estimator, {"n_clusters": 2, "duplicates": "once"})
    )
    rows = np.array([[0.0, 0], [1, 0], [10, 0], [11, 0]]).repeat([1, 9, 1, 9], axis=0)
    dataset = Dataset(rows)
    found = clustered(step, dataset, context_of(dataset, RunConfig(seed=0), Registry.discover(), None))
    assert found.labels.tolist() == [0] * 10 + [1] * 10
    means = np.sort(step.instance.estimator.cluster_centers_[:, 0])
    assert means.tolist() == pytest.approx([0.9, 10.9], abs=0.1)


def test_a_tree_without_the_weight_of_copies() -> None:
    rows = np.array([[0.0], [4.0], [9.0]]).repeat([1, 9, 1], axis=0)
    tree = present(
        present(embkit.run(rows, "agglomerative:n_clusters=2,duplicates=once").clustering).linkage
    )
    assert is_valid_linkage(tree)
    assert tree[:8, 2].tolist() == [0.0] * 8
    assert tree[-2:, 2].tolist() == pytest.approx([4.0, np.sqrt(4 / 3) * 7])
    assert tree[-2:, 3].tolist() == [10, 11]


@pytest.mark.parametrize(
    ("clusterer", "message"),
    [
        (
            "kmeans:duplicates=twice",
            "duplicates='twice' is unknown; give duplicates=all or duplicates=once",
        ),
        ("dbscan:metric=precomputed,duplicates=once", "rows of distances are no rows to compare"),
    ],
)
def test_what_cannot_be_done_once(clusterer: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        embkit.run(ROWS, clusterer)
