import warnings

import hdbscan
import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit_plugins.clusterers.hdbscan import HDBSCAN
from embkit_plugins.validators.outliers import Outliers
from fixture_types import MakeContext


def test_scores_of_the_hdbscan_package(blobs: Dataset, make_context: MakeContext) -> None:
    context = make_context(blobs)
    clustering = HDBSCAN(min_cluster_size=8).cluster(blobs, context)
    found = Outliers().validate(clustering, context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = hdbscan.HDBSCAN(min_cluster_size=8, algorithm="generic")
        expected = model.fit(blobs.vectors.astype(np.float64)).outlier_scores_
    table = found.tables["outliers"]
    by_row = np.empty(90)
    by_row[table["row"]] = table["outlier_score"]
    assert by_row == pytest.approx(expected, abs=1e-6)
    assert np.all(np.diff(table["outlier_score"]) <= 0)
    assert found.scores["share_above_90"] == np.mean(expected > 0.9)


@pytest.mark.parametrize("parameters", [{}, {"min_cluster_size": 5}])
def test_other_clusterings_are_skipped_with_the_reason(
    blobs: Dataset, make_context: MakeContext, parameters: dict[str, int]
) -> None:
    clustering = Clustering(blobs, np.zeros(90, dtype=np.int64), parameters)
    skipped = Outliers().validate(clustering, make_context(blobs)).skipped
    assert skipped is not None
    assert "clusterer hdbscan" in skipped


def test_beside_equal_rows_everything_is_an_outlier(make_context: MakeContext) -> None:
    piles = np.repeat([[0.0, 0.0], [5.0, 5.0], [0.0, 5.0]], 8, axis=0)
    dataset = Dataset(np.vstack([piles, [[40.0, 40.0]]]))
    context = make_context(dataset)
    found = Outliers().validate(HDBSCAN().cluster(dataset, context), context)
    assert found.tables["outliers"]["row"][0] == 24
    assert list(found.tables["outliers"]["outlier_score"]) == [1.0] + 24 * [0.0]
    assert found.scores["share_above_90"] == 1 / 25


def test_of_those_beside_equal_rows_the_farthest_is_first(make_context: MakeContext) -> None:
    dataset = Dataset(np.array([*[[0.0]] * 9, [1.0], [2.0], [50.0], *[[5.0]] * 9, [6.5]]))
    context = make_context(dataset)
    table = Outliers().validate(HDBSCAN().cluster(dataset, context), context).tables["outliers"]
    assert table["row"][0] == 11
    assert (np.asarray(table["outlier_score"])[:4] == 1).all()
