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
