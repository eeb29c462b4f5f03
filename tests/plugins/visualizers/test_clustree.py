"""Clusterings one below the other: circles, lines, their order."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, linkage

import embkit
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError, ParameterError
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.visualizers.clustree import Clustree
from fixture_types import CheckLayout, FindArtist, MakeContext, Words
from narrowing import present


@pytest.fixture
def clustering(blobs: Dataset) -> Clustering:
    run = embkit.run(blobs, "agglomerative:linkage=average,n_clusters=3", cache=False)
    return present(run.clustering)


def circles(artist: FindArtist, figure: Any, level: int) -> np.ndarray:
    return np.asarray(artist(figure, f"level {level}").get_offsets())


def test_cuts_of_a_tree(
    clustering: Clustering,
    artist: FindArtist,
    words: Words,
    check_layout: CheckLayout,
    make_context: MakeContext,
) -> None:
    """Each cluster has one line from above, of all its rows, and no two lines cross."""
    picture = Clustree(n_clusters=(9, 2, 3))
    figure = picture.draw(clustering, make_context(clustering.dataset))
    check_layout(figure)
    drawn = [circles(artist, figure, level) for level in range(3)]
    assert [len(each) for each in drawn] == [2, 3, 9]
    colors = artist(figure, "level 1").get_facecolors()[:, :3]
    np.testing.assert_allclose(colors, cluster_colors(3))
    links = artist(figure, "links")
    segments = np.array(links.get_segments())
    assert len(segments) == 3 + 9
    assert set(np.round(links.get_colors()[:, 3], 6)) == {0.8}
    for level in (0, 1):
        here = segments[np.isclose(segments[:, 0, 1], drawn[level][0, 1])]
        here = here[np.argsort(here[:, 1, 0])]
        assert (np.diff(here[:, 0, 0]) >= 0).all()
    said = words(figure)
    assert "3 clusters\ntree" in said
    assert any("Lines of less than 10% are left out." in " ".join(text.split()) for text in said)


def test_areas_are_rows_and_thresholds_are_merges_below(
    clustering: Clustering, artist: FindArtist, words: Words, make_context: MakeContext
) -> None:
    tree = present(clustering.linkage)
    height = float(tree[-3:-1, 2].mean())
    figure = Clustree(thresholds=(height,)).draw(clustering, make_context(clustering.dataset))
    areas = artist(figure, "level 0").get_sizes()
    sizes = np.bincount(cut_tree(tree, 3).ravel())
    np.testing.assert_allclose(np.sort(areas / areas.sum()), np.sort(sizes / sizes.sum()))
    assert f"3 clusters\ntree below {height:.4g}" in words(figure)


def test_other_runs(
    blobs: Dataset,
    tmp_path: Path,
    artist: FindArtist,
    words: Words,
    check_layout: CheckLayout,
    make_context: MakeContext,
) -> None:
    """Shares of the rows of the lower cluster, noise and small clusters that are not drawn."""
    labels = np.repeat([0, 1, 2, -1], [40, 30, 15, 5])
    (tmp_path / "labels.csv").write_text(
        "row,id,label\n"
        + "\n".join(f"{row},{blobs.row_id(row)},{label}" for row, label in enumerate(labels))
    )
    own = Clustering(blobs, np.repeat([0, 1], [50, 40]), clusterer="any")
    picture = Clustree(runs=(str(tmp_path),), max_clusters=2, min_share=0)
    figure = picture.draw(own, make_context(blobs))
    check_layout(figure)
    assert [len(circles(artist, figure, level)) for level in (0, 1)] == [2, 3]
    shares = (artist(figure, "links").get_colors()[:, 3] - 0.1) / 0.7
    np.testing.assert_allclose(sorted(shares), [1 / 3, 2 / 3, 1, 1])
    np.testing.assert_allclose(artist(figure, "level 1").get_facecolors()[2, :3], [0xCF / 255] * 3)
    said = words(figure)
    assert "2 clusters\nthis run" in said
    assert f"3 clusters\n{tmp_path.name}" in said
    assert any("Not drawn: 1 small cluster." in " ".join(text.split()) for text in said)
    assert not any("are left out" in text for text in said)


def test_many_clusters_do_not_touch(artist: FindArtist, make_context: MakeContext) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 2))
    data = Dataset(rows)
    found = Clustering(data, np.zeros(60, dtype=int), linkage=linkage(rows, "ward"))
    figure = Clustree(n_clusters=(1, 40)).draw(found, make_context(data))
    drawn = artist(figure, "level 1")
    radii = np.sqrt(drawn.get_sizes()) / 144
    order = np.argsort(drawn.get_offsets()[:, 0])
    gaps = np.diff(drawn.get_offsets()[order, 0])
    assert (radii[order][:-1] + radii[order][1:] < gaps).all()


def test_what_cannot_be_drawn(blobs: Dataset, clustering: Clustering, make_context: MakeContext) -> None:
    flat = Clustering(blobs, np.zeros(90, dtype=int), clusterer="kmeans")
    with pytest.raises(ParameterError, match="there is no tree to draw; kmeans makes none"):
        Clustree().draw(flat, make_context(blobs))
    with pytest.raises(DataError, match="n_clusters=91 of 90 rows; .*; give at most 90"):
        Clustree(n_clusters=(2, 91)).draw(clustering, make_context(blobs))
