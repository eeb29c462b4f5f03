import numpy as np

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit_plugins.validators.sizes import Sizes
from fixture_types import MakeContext


def test_clusters_by_falling_size_with_an_example(make_context: MakeContext) -> None:
    vectors = np.array([[0.0], [1.0], [2.0], [9.0], [50.0]])
    dataset = Dataset(vectors, ids=list("abcde"), texts=["one", "two", "three", "", "noise"])
    result = Sizes().validate(Clustering(dataset, np.array([1, 1, 1, 0, -1])), make_context(dataset))
    table = {name: list(column) for name, column in result.tables["sizes"].items()}
    assert table == {
        "cluster": [1, 0],
        "size": [3, 1],
        "share": [0.6, 0.2],
        "representative": ["b", "d"],
        "example": ["two", "d"],
    }
    assert result.scores == {
        "n_clusters": 2,
        "n_noise": 1,
        "largest": 3,
        "median_size": 2.0,
        "singletons": 1,
    }


def test_all_noise_is_a_valid_outcome(blobs: Dataset, make_context: MakeContext) -> None:
    result = Sizes().validate(Clustering(blobs, np.full(90, -1)), make_context(blobs))
    assert result.scores["n_clusters"] == 0
    assert result.scores["largest"] == 0
    assert result.scores["median_size"] is None
    assert result.notes == ("every row is noise: there are no clusters",)
