"""Colours of clusters: steady, distinct for every kind of vision, and picked as the module says."""

import numpy as np

from embkit import Floats
from embkit_plugins.drawing.palette import VIVID, cluster_colors, label_colors

# Machado, Oliveira and Fernandes 2009, severity 1.0.
PROTANOPE = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPE = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
# Ottosson 2020, "A perceptual color space for image processing".
RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def lab(linear: Floats) -> Floats:
    return np.asarray(np.cbrt(linear @ RGB_TO_LMS.T) @ LMS_TO_LAB.T)


def as_linear(rgb: Floats) -> Floats:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def as_seen(rgb: Floats) -> Floats:
    """OKLab coordinates under normal, protanope and deuteranope vision, shape (3, n, 3)."""
    linear = as_linear(rgb)
    views = [linear, linear @ PROTANOPE.T, linear @ DEUTERANOPE.T]
    return np.stack([lab(np.clip(view, 0.0, 1.0)) for view in views])


def candidates(lightness: tuple[float, float], chroma: tuple[float, float]) -> Floats:
    grid = np.linspace(0.0, 1.0, 20)
    colors = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    found = lab(as_linear(colors))
    light, colorful = found[:, 0], np.hypot(found[:, 1], found[:, 2])
    inside = (lightness[0] < light) & (light < lightness[1])
    return colors[inside & (chroma[0] < colorful) & (colorful < chroma[1])]


def extended(chosen: Floats, offered: Floats, count: int) -> Floats:
    """`chosen` and further colours up to `count`, each the one farthest from all so far."""
    seen, nearest, picked = as_seen(offered), np.full(len(offered), np.inf), list(chosen)
    for number in range(count):
        if number == len(picked):
            picked.append(offered[np.argmax(nearest)])
        apart = np.sqrt(((seen - as_seen(picked[number][None])) ** 2).sum(axis=-1))
        nearest = np.minimum(nearest, 0.25 * apart[0] + 0.75 * apart.min(axis=0))
    return np.array(picked)


def test_the_colours_are_picked_as_the_module_says() -> None:
    vivid = extended(cluster_colors(7), candidates((0.38, 0.80), (0.09, 0.21)), VIVID)
    all_colors = extended(vivid, candidates((0.68, 0.88), (0.035, 0.085)), 200)
    np.testing.assert_allclose(cluster_colors(200), all_colors, atol=0.5 / 255)


def test_the_first_colours_are_okabe_and_itos() -> None:
    names = "0072b2 e69f00 009e73 d55e00 cc79a7 56b4e9 f0e442"
    assert (cluster_colors(7) * 255).round().astype(np.uint8).tobytes() == bytes.fromhex(names)


def test_a_cluster_keeps_its_colour_whatever_their_number() -> None:
    many = cluster_colors(300)
    for n_clusters in (0, 1, 7, 20, 200):
        assert np.array_equal(cluster_colors(n_clusters), many[:n_clusters])
    assert np.array_equal(many[200:280], many[20:100])
    assert many.min() >= 0
    assert many.max() <= 1


def test_two_hundred_colours_differ() -> None:
    assert len(np.unique(cluster_colors(200), axis=0)) == 200


def test_strong_colours_differ_for_every_kind_of_vision() -> None:
    seen = as_seen(cluster_colors(VIVID))
    apart = np.sqrt(((seen[:, :, None] - seen[:, None]) ** 2).sum(axis=-1))
    off_diagonal = apart[:, ~np.eye(VIVID, dtype=bool)]
    assert off_diagonal.min() > 0.03  # in OKLab; 0.02 is just noticeable


def test_colours_of_rows_follow_labels_and_noise_is_grey() -> None:
    colors = label_colors(np.array([-1, 0, 1, 0]))
    assert len(set(colors[0])) == 1
    assert np.array_equal(colors[1:], cluster_colors(2)[[0, 1, 0]])
    assert np.array_equal(label_colors(np.array([-1, -1])), colors[[0, 0]])
