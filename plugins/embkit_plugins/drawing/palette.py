"""Colours of clusters: the same number has the same colour in every picture.

The first seven are Okabe and Ito's (2008, https://jfly.uni-koeln.de/color/)
without black, which is the colour of text. The rest is picked greedily, each
colour as far as possible from all before it, in OKLab (Ottosson 2020), the
distance being a quarter of what normal vision sees and three quarters of the
least of what normal, protanope and deuteranope vision see (Machado, Oliveira
and Fernandes 2009). Nobody can tell two hundred
colours apart, so only the `VIVID` largest clusters get strong ones; smaller
clusters get pale ones, enough to see where one ends and the next begins.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["INK", "NOISE", "NOTE", "RULE", "VIVID", "cluster_colors", "label_colors"]

INK = "#333333"
NOTE = "#6b6b6b"
RULE = "#d9d9d9"
NOISE = "#cfcfcf"
VIVID = 20
"""How many of the largest clusters have a strong colour."""

_PALE = 180
_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442")

_PROTANOPE = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
_DEUTERANOPE = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

Colors = NDArray[np.float64]
Range = tuple[float, float]


def cluster_colors(n_clusters: int) -> Colors:
    """Colours of clusters 0 to `n_clusters` - 1 as sRGB, shape (n_clusters, 3), each 0 to 1.

    A cluster's colour does not depend on how many clusters there are. Beyond
    200 the pale ones repeat.
    """
    numbers = np.arange(n_clusters)
    repeated = np.where(numbers < VIVID + _PALE, numbers, VIVID + (numbers - VIVID) % _PALE)
    return (_vivid() if n_clusters <= VIVID else _palette())[repeated]


def label_colors(labels: NDArray[np.int64]) -> Colors:
    """The colour of each row by its label, shape (n_samples, 3); noise is light grey."""
    colors = np.vstack([_from_hex([NOISE]), cluster_colors(int(labels.max(initial=-1)) + 1)])
    return colors[labels + 1]


@lru_cache(maxsize=1)
def _palette() -> Colors:
    return _spread(_vivid(), _candidates((0.68, 0.88), (0.035, 0.085)), VIVID + _PALE)


@lru_cache(maxsize=1)
def _vivid() -> Colors:
    return _spread(_from_hex(list(_OKABE_ITO)), _candidates((0.38, 0.80), (0.09, 0.21)), VIVID)


def _candidates(lightness: Range, chroma: Range) -> Colors:
    """Colours of a grid within these ranges of OKLab's lightness and chroma."""
    grid = np.linspace(0.0, 1.0, 20)
    candidates = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = _oklab(candidates)
    light, colorful = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    return candidates[
        (lightness[0] < light) & (light < lightness[1]) & (chroma[0] < colorful) & (colorful < chroma[1])
    ]


def _spread(chosen: Colors, candidates: Colors, count: int) -> Colors:
    """Extend `chosen` to `count` colours, each the candidate farthest from all so far."""
    seen = _as_seen(candidates)
    nearest = np.full(len(candidates), np.inf)
    picked = list(chosen)
    for color in chosen:
        nearest = np.minimum(nearest, _distance(seen, _as_seen(color[None])))
    while len(picked) < count:
        best = int(np.argmax(nearest))
        picked.append(candidates[best])
        nearest = np.minimum(nearest, _distance(seen, seen[:, best : best + 1]))
    return np.array(picked)


def _distance(many: Colors, one: Colors) -> Colors:
    """Distance in normal vision, and mostly the least over all kinds, shape (n,)."""
    apart = np.sqrt(((many - one) ** 2).sum(axis=-1))
    return np.asarray(0.25 * apart[0] + 0.75 * apart.min(axis=0))


def _as_seen(rgb: Colors) -> Colors:
    """OKLab coordinates under normal, protanope and deuteranope vision, shape (3, n, 3)."""
    linear = _linear(rgb)
    views = [linear, linear @ _PROTANOPE.T, linear @ _DEUTERANOPE.T]
    return np.stack([_lab_of_linear(np.clip(view, 0.0, 1.0)) for view in views])


def _oklab(rgb: Colors) -> Colors:
    return _lab_of_linear(_linear(rgb))


def _linear(rgb: Colors) -> Colors:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _lab_of_linear(linear: Colors) -> Colors:
    return np.asarray(np.cbrt(linear @ _RGB_TO_LMS.T) @ _LMS_TO_LAB.T)


def _from_hex(names: list[str]) -> Colors:
    return np.array([[int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)] for name in names])
