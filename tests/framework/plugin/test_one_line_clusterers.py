"""Clusterers of other libraries, each registered in one line, run through ``embkit run``."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.utils import all_estimators

from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.plugin.registry import Registry
from embkit.runs.runner import execute
from fixture_types import Embkit, Install
from narrowing import present

PEERS = {
    name: f"{estimator.__module__.split('._')[0]}:{name}"
    for name, estimator in all_estimators("cluster")
    if hasattr(estimator, "fit_predict") and name != "FeatureAgglomeration"
}
PEERS["Package-HDBSCAN"] = "hdbscan:HDBSCAN"
PARAMETERS: dict[str, dict[str, Any]] = {
    "AgglomerativeClustering": {"n_clusters": 3},
    "Birch": {"n_clusters": 3},
    "BisectingKMeans": {"n_clusters": 3},
    "DBSCAN": {"eps": 2.0},
    "KMeans": {"n_clusters": 3},
    "MiniBatchKMeans": {"n_clusters": 3},
    "SpectralClustering": {"n_clusters": 3, "affinity": "nearest_neighbors"},
}


def _source() -> str:
    lines = [
        f'    yield embkit.ClustererSpec("peer-{name.lower()}", "{path}", summary="As it is.")'
        for name, path in PEERS.items()
    ]
    return "\n".join(
        ["import embkit", "@embkit.hookimpl", "def embkit_register_clusterers():", *lines, ""]
    )


@pytest.mark.parametrize("name", PEERS)
def test_a_clusterer_of_another_library_finds_the_groups(
    name: str, blobs: Dataset, install: Install
) -> None:
    install("peers", _source())
    config = RunConfig.from_mapping(
        {
            "clusterer": {"name": f"peer-{name.lower()}", **PARAMETERS.get(name, {})},
            "reducers": ["center"],
            "seed": 1,
            "threads": 1,
        },
        "test",
    )
    run = execute(config, Registry.discover(), dataset=blobs)
    labels = present(run.labels)
    assert adjusted_rand_score(blobs.reference, labels) > 0.9
    assert run.record["plugins"][-1]["distribution"] == "peers"
    assert run.clustering is not None
    sizes = np.bincount(labels[labels >= 0])
    assert (np.diff(sizes) <= 0).all()


@pytest.mark.parametrize(
    "clusterer", ["peer-package-hdbscan:min_cluster_size=20", "peer-kmeans:n_clusters=3"]
)
def test_on_the_command_line(clusterer: str, embkit: Embkit, install: Install) -> None:
    install("peers", _source())
    done = embkit(
        "run", "--loader", "blobs:std=0.01,centers=3", "--json",
        "--clusterer", clusterer, "--validator", "external", "--seed", "1",
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert document["clustering"]["n_clusters"] == 3
    assert document["plugins"][-1] == {"plugin": "peers", "distribution": "peers", "version": "1.2"}
