"""The subject of a figure in one line."""

import numpy as np

from embkit import Clustering, Dataset
from embkit_plugins.drawing.subject import headline


def described(**parameters: object) -> str:
    dataset = Dataset(np.arange(12.0).reshape(6, 2))
    return headline(Clustering(dataset, np.repeat([0, 1], 3), parameters, clusterer="some"))


def test_what_says_nothing_of_the_clusters_is_left_out() -> None:
    line = described(linkage="average", compute_full_tree=True, neighbors="exact", recall=0.95)
    assert "some(linkage=average)" in line
    assert "some(neighbors=leaves, recall=0.9)" in described(neighbors="leaves", recall=0.9)


def test_it_has_the_parameters_that_the_summary_has() -> None:
    parameters: dict[str, object] = {
        "compute_full_tree": True, "distance_threshold": 2.43219, "linkage": "average", "max_iter": 300,
        "metric": "cosine", "min_samples": 7, "n_clusters": None, "optimal_ordering": False,
        "max_cluster_size": 0, "recall": None,
    }  # fmt: skip
    settings = "metric=cosine, linkage=average, distance_threshold=2.432, min_samples=7"
    assert f"some({settings})" in described(**parameters)
