from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.cluster.hierarchy import linkage

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import ParameterError
from embkit.runs.context import RunContext
from embkit_plugins.algorithms.silhouettes.labelings import silhouettes
from embkit_plugins.algorithms.trees.curve import threshold_curve
from embkit_plugins.artifacts.silhouettes import silhouettes_of
from embkit_plugins.artifacts.threshold_curve import curve_of
from embkit_plugins.validators.silhouette import Silhouette
from embkit_plugins.validators.trees.thresholds import Thresholds
from embkit_plugins.visualizers.silhouette import Silhouette as Knives
from embkit_plugins.visualizers.threshold_curve import ThresholdCurve as Curve
from fixture_types import MakeContext
from narrowing import present


@pytest.fixture
def clustering(blobs: Dataset) -> Clustering:
    tree = linkage(blobs.vectors.astype(np.float64), "average")
    labels = np.repeat([0, 1, 2], [40, 30, 20])
    parameters = {"metric": "euclidean", "linkage": "average", "distance_threshold": 2.0}
    return Clustering(blobs, labels, parameters, tree, clusterer="agglomerative")


def origins(context: RunContext) -> list[tuple[str, str]]:
    return [(use.name, use.origin) for use in context.shared.uses]


def test_table_and_picture_share_one_computation(
    clustering: Clustering, make_context: MakeContext
) -> None:
    context = make_context(clustering.dataset)
    parts: list[Any] = [Silhouette(), Thresholds()]
    for validator in parts:
        validator.validate(clustering, context)
    Knives().draw(clustering, context)
    Curve().draw(clustering, context)
    assert origins(context) == [
        ("silhouettes", "computed"),
        ("threshold-curve", "computed"),
        ("silhouettes", "memory"),
        ("threshold-curve", "memory"),
    ]
    Curve(to=1.0).draw(clustering, context)
    Silhouette(metric="cosine").validate(clustering, context)
    assert [origin for _, origin in origins(context)[4:]] == ["computed", "computed"]


def test_other_labels_are_scored_anew(blobs: Dataset, make_context: MakeContext) -> None:
    context = make_context(blobs)
    labelings = [np.arange(90) % 3, np.arange(90) % 2 - 1]
    for labels in labelings:
        found = silhouettes_of(Clustering(blobs, labels), "euclidean", context)
        expected = silhouettes(blobs.vectors, [labels], "euclidean")[0]
        assert_array_equal(found.values, expected.values)
        assert_array_equal(found.nearest, expected.nearest)
        assert found.mean == expected.mean
    assert [origin for _, origin in origins(context)] == ["computed", "computed"]


def test_silhouettes_are_not_kept_on_disk_and_curves_are(
    clustering: Clustering, make_context: MakeContext
) -> None:
    for expected in ("computed", "disk"):
        context = make_context(clustering.dataset)
        silhouettes_of(clustering, "euclidean", context)
        curve_of(present(clustering.linkage), "euclidean", context)
        assert [origin for _, origin in origins(context)] == ["computed", expected]


@pytest.mark.parametrize("rows", [1, 2, 90])
def test_a_curve_comes_back_whole(blobs: Dataset, make_context: MakeContext, rows: int) -> None:
    dataset = blobs.take(np.arange(rows))
    tree = linkage(dataset.vectors.astype(np.float64), "average") if rows > 1 else np.empty((0, 4))
    found = curve_of(tree, "euclidean", make_context(dataset, seed=4), marks=(0.5, 0.2), sample_size=50)
    expected = threshold_curve(tree, dataset, "euclidean", marks=(0.2, 0.5), sample_size=50, seed=4)
    for name in ("thresholds", "n_clusters", "largest", "singletons", "silhouette", "margin"):
        assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert found.plateaus == expected.plateaus
    assert found.random_pairs == expected.random_pairs
    assert found.n_scored == expected.n_scored
    assert found.table().keys() == expected.table().keys()


def test_what_belongs_to_other_rows_is_refused(
    clustering: Clustering, make_context: MakeContext
) -> None:
    context = make_context(clustering.dataset.take(np.arange(5)))
    with pytest.raises(ParameterError, match=r"labels of shape \(90,\) for 5 rows"):
        silhouettes_of(clustering, "euclidean", context)
    with pytest.raises(ParameterError, match=r"linkage of shape \(89, 4\) for 5 rows"):
        curve_of(present(clustering.linkage), "euclidean", context)
