"""The distance of a clustering, by embkit's names."""

import math
from typing import Any

import numpy as np
import pytest

from embkit import Clustering, Dataset


@pytest.mark.parametrize(
    ("parameters", "metric"),
    [
        ({}, "euclidean"),
        ({"metric": "l1"}, "manhattan"),
        ({"metric": "cosine"}, "cosine"),
        ({"metric": "minkowski"}, "euclidean"),
        ({"metric": "minkowski", "p": None}, "euclidean"),
        ({"metric": "minkowski", "p": 2}, "euclidean"),
        ({"metric": "minkowski", "p": 1.0}, "manhattan"),
        ({"metric": "minkowski", "p": 3}, "minkowski"),
        ({"metric": "minkowski", "p": math.inf}, "chebyshev"),
        ({"metric": "minkowski", "p": 2, "metric_params": {"p": 3}}, "minkowski"),
        ({"metric": "euclidean", "p": 3}, "euclidean"),
    ],
)
def test_minkowski_is_the_distance_that_its_p_makes_it(parameters: dict[str, Any], metric: str) -> None:
    dataset = Dataset(np.eye(3))
    assert Clustering(dataset, np.array([0, 1, 2]), parameters).metric == metric
