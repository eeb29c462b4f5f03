"""The tanglegram: two trees with a line for each row."""

from pathlib import Path

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

import embkit
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.algorithms.trees.comparing import entanglement, untangled
from embkit_plugins.algorithms.trees.nodes import layout
from embkit_plugins.visualizers.tanglegram import Tanglegram
from fixture_types import CheckLayout, FindArtist, MakeContext
from narrowing import present


@pytest.fixture
def runs(blobs: Dataset, tmp_path: Path) -> list[embkit.Run]:
    return [
        embkit.run(
            blobs, f"agglomerative:linkage={method},n_clusters=3", out=tmp_path / method, cache=False
        )
        for method in ("average", "single")
    ]


def test_every_row_has_a_line_in_its_clusters_colour(
    runs: list[embkit.Run], artist: FindArtist, check_layout: CheckLayout, make_context: MakeContext
) -> None:
    run, other = runs
    clustering = present(run.clustering)
    figure = Tanglegram(other=str(other.folder)).draw(clustering, make_context(run.dataset))
    check_layout(figure)
    lines = artist(figure, "rows")
    segments, colors = lines.get_segments(), lines.get_colors()
    assert len(segments) == 90
    for label in range(3):
        assert len(np.unique(colors[clustering.labels == label], axis=0)) == 1
    here, there = (np.array([segment[end][1] for segment in segments]) for end in (0, 1))
    assert sorted(here) == sorted(there) == list(range(90))
    np.testing.assert_array_equal(np.argsort(here), layout(present(clustering.linkage)).order)


def test_untangling_keeps_the_tree_and_leaves_less_entangled(runs: list[embkit.Run]) -> None:
    first, second = (present(present(run.clustering).linkage) for run in runs)
    places = np.empty(90)
    places[layout(first).order] = np.arange(90)
    turned = untangled(second, places)
    np.testing.assert_array_equal(np.sort(turned[:, :2], axis=1), np.sort(second[:, :2], axis=1))
    assert entanglement(first, turned) < entanglement(first, second)
    assert entanglement(first, first) == 0
    mirrored = first.copy()
    mirrored[:, :2] = mirrored[:, 1::-1]
    assert entanglement(first, mirrored) == pytest.approx(1)


def test_what_cannot_be_drawn(
    runs: list[embkit.Run], blobs: Dataset, tmp_path: Path, make_context: MakeContext
) -> None:
    other = runs[1]
    picture = Tanglegram(other=str(other.folder))
    flat = Clustering(blobs, np.zeros(90, dtype=int), clusterer="kmeans")
    with pytest.raises(ParameterError, match="there is no tree to draw; kmeans makes none"):
        picture.draw(flat, make_context(blobs))
    rows = np.eye(4)
    few = Clustering(Dataset(rows), np.zeros(4, dtype=int), linkage=linkage(rows, "single"))
    with pytest.raises(DataError, match="is not of the same rows; it has 90 rows, this run has 4"):
        picture.draw(few, make_context(few.dataset))
    two = Clustering(Dataset(rows[:2]), np.zeros(2, dtype=int), linkage=np.array([[0.0, 1, 1, 2]]))
    with pytest.raises(DataError, match="there are 2 rows; their trees are equal"):
        picture.draw(two, make_context(two.dataset))
