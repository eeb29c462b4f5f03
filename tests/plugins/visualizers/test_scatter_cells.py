"""Maps of very many rows: what is counted in cells, and what is drawn of it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.drawing.sheet import Look, styled
from embkit_plugins.visualizers.scatter.cells import counted, full_count, shades, strengths
from embkit_plugins.visualizers.scatter.drawing import AGGREGATED, MapWords, draw_map
from fixture_types import CheckLayout, FindArtist, Words

WORDS = MapWords("title", "The caption.")


def majority(labels: list[int]) -> int:
    """The most frequent label; of equally frequent ones the lowest, noise last."""
    return min(set(labels), key=lambda label: (-labels.count(label), label < 0, label))


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 4), st.integers(1, 5))
def test_cells_are_those_of_a_loop(seed: int, n_samples: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform([-1, 2], [1, 5], size=(n_samples, 2))
    labels = rng.integers(-1, 3, n_samples)
    lower, upper = np.array([-1.0, 2.0]), np.array([1.0, 5.0])
    cells = counted(points, labels, lower, upper, (height, width))
    held: dict[tuple[int, int], list[int]] = {}
    for (x, y), label in zip(points, labels.tolist(), strict=True):
        place = int((y - 2) / 3 * height), int((x + 1) / 2 * width)
        held.setdefault(place, []).append(label)
    assert cells.counts.sum() == n_samples
    for place in np.ndindex(height, width):
        here = held.get(place, [])
        assert cells.counts[place] == len(here)
        assert cells.labels[place] == (majority(here) if here else -1)


def test_rows_on_the_upper_bounds_are_counted() -> None:
    bounds = np.array([0.0, 0.0]), np.array([1.0, 1.0])
    cells = counted(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1]), *bounds, (2, 2))
    assert cells.counts.tolist() == [[1, 0], [0, 1]]
    assert cells.labels.tolist() == [[0, -1], [-1, 1]]


def test_strength_rises_with_the_logarithm_of_the_count() -> None:
    found = strengths(np.array([0, 1, 3, 9, 100]), 9)
    assert found[0] == 0
    assert found[3] == found[4] == 1
    assert 0.3 < found[1] < found[2] < 1
    assert found[2] == pytest.approx((found[1] + found[3]) / 2)


def test_the_few_fullest_cells_do_not_make_the_others_faint() -> None:
    counts = np.append(np.full(999, 10), 10_000)
    assert full_count(counts) == 10
    assert full_count(np.array([0, 1, 1])) == 4


def test_colours_are_those_of_the_clusters_and_empty_cells_clear() -> None:
    points = np.array([[0.5, 0.5], [1.5, 0.5], [1.5, 0.6]])
    cells = counted(points, np.array([1, -1, -1]), np.zeros(2), np.array([3.0, 1.0]), (1, 3))
    image = shades(cells, 4)[0]
    assert np.allclose(image[0, :3] / 255, cluster_colors(2)[1])
    assert image[1, :3].tolist() == [0xCF] * 3
    assert image[0, 3] < image[1, 3] < 255
    assert image[2, 3] == 0


def drawn(n_samples: int, n_clusters: int = 3, look: Look = Look()) -> tuple[Any, Any]:  # noqa: B008
    rng = np.random.default_rng(0)
    labels = np.sort(rng.integers(0, n_clusters, n_samples))
    labels[-n_samples // 10 :] = -1
    angles = 2 * np.pi * np.where(labels < 0, rng.uniform(size=n_samples), labels / n_clusters)
    points = np.column_stack([np.cos(angles), np.sin(angles)]) * 4
    points += rng.normal(scale=0.3, size=points.shape)
    clustering = Clustering(Dataset(np.ones((n_samples, 2), dtype=np.float32)), labels)
    with styled():
        return clustering, draw_map(clustering, points, WORDS, 0, look)


def image_of(figure: Any) -> Any:
    return next((image for image in figure.axes[0].images if image.get_gid() == "cells"), None)


def test_many_rows_are_drawn_as_one_image(artist: FindArtist, words: Words) -> None:
    _, figure = drawn(AGGREGATED + 1)
    image = image_of(figure)
    assert not figure.axes[0].collections
    axes = figure.axes[0]
    assert image.get_extent() == [*axes.get_xlim(), *axes.get_ylim()]
    pixels = image.get_array()
    inches = axes.get_window_extent().size / figure.dpi
    assert pixels.shape[:2] == (round(75 * inches[1]), round(75 * inches[0]))
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    for cluster, color in enumerate(cluster_colors(3)):
        angle = 2 * np.pi * cluster / 3
        x, y = 4 * np.cos(angle), 4 * np.sin(angle)
        spot = (
            int((y - low) / (high - low) * pixels.shape[0]),
            int((x - left) / (right - left) * pixels.shape[1]),
        )
        assert np.allclose(pixels[spot][:3] / 255, color, atol=0.01)
    said = words(figure)
    assert any(
        "50,001 rows, counted in cells of 1/75 inch: each has the colour" in text for text in said
    )
    assert any("its most frequent cluster" in " ".join(text.split()) for text in said)
    assert {"rows in a cell", "or more"} <= set(said)


def test_as_many_rows_as_points_can_show_stay_points(artist: FindArtist, words: Words) -> None:
    _, figure = drawn(AGGREGATED)
    assert image_of(figure) is None
    assert len(artist(figure, "noise").get_offsets()) == AGGREGATED // 10
    assert "rows in a cell" not in words(figure)


@pytest.mark.parametrize("n_clusters", [1, 30])
@pytest.mark.parametrize("width", [None, 5.0])
def test_the_words_have_room(n_clusters: int, width: float | None, check_layout: CheckLayout) -> None:
    _, figure = drawn(AGGREGATED + 1, n_clusters, Look(width=width))
    check_layout(figure)


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_vector_formats_hold_one_image_whatever_the_rows(kind: str, tmp_path: Any) -> None:
    _, figure = drawn(AGGREGATED + 1)
    path = tmp_path / f"map.{kind}"
    figure.savefig(path)
    content = path.read_bytes()
    assert content.count(b"<image" if kind == "svg" else b"/Subtype /Image") in (1, 2)  # and its mask
    assert len(content) < 400_000
