"""Labelled sets that defaults are compared on: chosen on, and held out."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = ["CHOSEN_ON", "HELD_OUT", "Labelled"]

Labelled = tuple[NDArray[Any], NDArray[Any]]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
N_GLOSSES = 1500
_N_PARTS = 3  # of the smaller file
_IN_SMALLER = 4312


def glosses(part: int) -> Labelled | None:
    """Definitions of WordNet by the file they come from, where they are at hand.

    Parts 0 to 2 are of the smaller file, part 3 of what only the larger one has.
    """
    name = "glosses-4k" if part < _N_PARTS else "glosses-20k"
    if not (DATA / f"{name}.npy").exists():
        return None
    vectors = np.load(DATA / f"{name}.npy").astype(np.float32)
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as stream:
        labels = np.array([row["label"] for row in csv.DictReader(stream, delimiter="\t")])
    order = np.random.default_rng(0).permutation(len(vectors))
    if part >= _N_PARTS:  # the larger file begins with the smaller one
        order, part = order[order >= _IN_SMALLER], part - _N_PARTS
    rows = order[part * N_GLOSSES : (part + 1) * N_GLOSSES]
    return vectors[rows], labels[rows]


def sample() -> Labelled:
    import embkit

    dataset = embkit.load(loader="sample")
    return dataset.vectors, np.array(dataset.reference)


def of_scikit_learn(name: str, *, standard: bool = False) -> Labelled:
    from sklearn import datasets

    found = getattr(datasets, name)()
    X = (found.data - found.data.mean(axis=0)) / found.data.std(axis=0) if standard else found.data
    return X, found.target


def made(name: str, *args: Any, **params: Any) -> Labelled:
    from sklearn import datasets

    X, y = getattr(datasets, name)(*args, **params)
    return X, y


def stretched(seed: int) -> Labelled:
    X, y = made("make_blobs", 600, random_state=seed)
    return X @ np.array([[0.6, -0.6], [-0.4, 0.8]]), y


def blobs(rng: Generator, k: int, n: int, d: int, std: float) -> Labelled:
    y = np.arange(n) % k
    return rng.random((k, d))[y] + std * rng.normal(size=(n, d)), y


def unequal(rng: Generator) -> Labelled:
    y = np.repeat(np.arange(6), [300, 150, 80, 40, 20, 10])
    return 5 * rng.normal(size=(6, 24))[y] / np.sqrt(3) + rng.normal(size=(600, 24)), y


def rings(rng: Generator) -> Labelled:
    y, angle = np.arange(900) % 3, rng.uniform(0, 2 * np.pi, 900)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + 1.5 * y[:, None])
    turn = np.linalg.qr(rng.normal(size=(16, 2)))[0]
    return circle @ turn.T + 0.05 * rng.normal(size=(900, 16)), y


def arms(rng: Generator) -> Labelled:
    y, t = np.arange(600) % 4, rng.random(600)
    way = np.linalg.qr(rng.normal(size=(12, 12)))[0][:4]
    return (0.5 + 2 * t[:, None]) * way[y] + 0.08 * rng.normal(size=(600, 12)), y


def directions(rng: Generator, k: int, n: int, d: int, spread: float) -> Labelled:
    y = np.arange(n) % k
    rows = rng.normal(size=(k, d))[y] + spread * rng.normal(size=(n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), y


def spirals(rng: Generator, k: int, n: int) -> Labelled:
    y, t = np.arange(n) % k, np.pi * (0.5 + 3.5 * np.sqrt(rng.random(n)))
    turn = t + 2 * np.pi / k * y
    rows = np.stack([np.cos(turn), np.sin(turn)], axis=1) * t[:, None]
    return rows + 0.5 / k * rng.normal(size=(n, 2)), y


def target(rng: Generator) -> Labelled:
    """A disc in a ring, and four groups of ten rows in the corners."""
    y = np.repeat(np.arange(6), [300, 300, 10, 10, 10, 10])
    angle = rng.uniform(0, 2 * np.pi, 640)
    radius = np.where(y == 0, np.sqrt(rng.random(640)), np.where(y == 1, 2.5, 0.0))
    rows = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
    rows += 4 * np.array([[0, 0], [0, 0], [1, 1], [1, -1], [-1, 1], [-1, -1]])[y]
    return rows + 0.12 * rng.normal(size=(640, 2)), y


def atom(rng: Generator) -> Labelled:
    """A dense ball in the middle of a sphere."""
    y = np.arange(800) % 2
    rows = rng.normal(size=(800, 3))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows * np.where(y == 0, rng.random(800) ** (1 / 3), 5 + 0.3 * rng.normal(size=800))[
        :, None
    ], y


def hepta(rng: Generator) -> Labelled:
    y = np.arange(420) % 7
    centres = 4 * np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)])
    return centres[y] + 0.8 * rng.normal(size=(420, 3)), y


def sizes(rng: Generator) -> Labelled:
    y = np.repeat(np.arange(5), [480, 240, 120, 60, 30])
    return 4 * rng.normal(size=(5, 12))[y] / np.sqrt(2) + rng.normal(size=(930, 12)), y


def cigars(rng: Generator) -> Labelled:
    y = np.arange(600) % 3
    rows = rng.normal(size=(600, 6)) * [6, 0.5, 0.5, 0.5, 0.5, 0.5]
    rows[:, 1] += 3.5 * y
    return rows, y


def curves(rng: Generator) -> Labelled:
    """Two sine waves beside one another."""
    y, t = np.arange(800) % 2, rng.uniform(0, 4 * np.pi, 800)
    turn = np.linalg.qr(rng.normal(size=(30, 3)))[0]
    rows = np.stack([t, 2 * np.sin(t), 1.5 * y], axis=1)
    return rows @ turn.T + 0.08 * rng.normal(size=(800, 30)), y


def spreads(rng: Generator) -> Labelled:
    y = np.arange(800) % 4
    spread = np.array([0.5, 1.0, 2.0, 3.0])[y, None]
    return 4 * rng.normal(size=(4, 10))[y] + spread * rng.normal(size=(800, 10)), y


def helices(rng: Generator) -> Labelled:
    """Two that wind around one another, as in DNA."""
    y, t = np.arange(800) % 2, rng.uniform(0, 6 * np.pi, 800)
    rows = np.stack([np.cos(t + np.pi * y), np.sin(t + np.pi * y), t / 3], axis=1)
    return rows + 0.1 * rng.normal(size=(800, 3)), y


def links(rng: Generator) -> Labelled:
    """Two rings, each through the other."""
    y, angle = np.arange(800) % 2, rng.uniform(0, 2 * np.pi, 800)
    across, along = np.cos(angle), np.sin(angle)
    rows = np.where(
        y[:, None] == 0,
        np.stack([across, along, np.zeros(800)], axis=1),
        np.stack([across + 1, np.zeros(800), along], axis=1),
    )
    return rows + 0.08 * rng.normal(size=(800, 3)), y


def lsun(rng: Generator) -> Labelled:
    """Two bars at a right angle, and a ball in the corner between them."""
    y = np.repeat(np.arange(3), [200, 100, 100])
    rows = rng.random((400, 2)) * np.array([[4.0, 0.8], [0.8, 2.5], [0, 0]])[y]
    rows += np.array([[0, 0], [0, 1.3], [3.0, 3.0]])[y]
    return rows + np.where(y == 2, 0.4, 0.0)[:, None] * rng.normal(size=(400, 2)), y


def diamonds(rng: Generator) -> Labelled:
    """Two squares that touch at a corner."""
    y = np.arange(800) % 2
    square = rng.random((800, 2)) @ np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    return square + 1.45 * y[:, None] * np.array([1, 0]), y


def wings(rng: Generator) -> Labelled:
    """Two rectangles side by side, dense at opposite ends."""
    y = np.arange(900) % 2
    along, across = rng.random(900) ** 2, rng.random(900)
    return np.stack([np.where(y == 0, along, 1 - along) * 3, across + 1.25 * y], axis=1), y


def balls(rng: Generator) -> Labelled:
    y, rows = np.arange(400) % 4, rng.normal(size=(400, 3))
    rows *= rng.random((400, 1)) ** (1 / 3) / np.linalg.norm(rows, axis=1, keepdims=True)
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) * 0.8
    return rows + corners[y], y


def sheets(rng: Generator) -> Labelled:
    """A Swiss roll of which three strips were cut out."""
    y, t, z = np.arange(1000) % 4, rng.random(1000), rng.random(1000)
    angle = 1.5 * np.pi * (1 + (2 * y + 1.5 * t) / 7)
    rows = np.stack([angle * np.cos(angle), 12 * z, angle * np.sin(angle)], axis=1)
    return rows + 0.2 * rng.normal(size=(1000, 3)), y


def many_sizes(rng: Generator) -> Labelled:
    y = np.repeat(np.arange(18), np.arange(10, 100, 5))
    return rng.random((18, 40))[y] + 0.3 * rng.normal(size=(len(y), 40)), y


def seeded(draw: Callable[..., Labelled], seed: int, *args: Any) -> Callable[[], Labelled]:
    return lambda: draw(np.random.default_rng(seed), *args)


CHOSEN_ON: dict[str, Callable[[], Labelled | None]] = {
    "glosses": lambda: glosses(0),
    "sample": sample,
    "digits": lambda: of_scikit_learn("load_digits"),
    "iris": lambda: of_scikit_learn("load_iris"),
    "wine, standardised": lambda: of_scikit_learn("load_wine", standard=True),
    "moons": lambda: made("make_moons", 600, noise=0.06, random_state=0),
    "circles": lambda: made("make_circles", 600, noise=0.05, factor=0.5, random_state=0),
    "stretched blobs": lambda: stretched(170),
    "varied blobs": lambda: made("make_blobs", 600, cluster_std=[1, 2.5, 0.5], random_state=170),
    "10 blobs, 32d": seeded(blobs, 1, 10, 600, 32, 0.4),
    "20 blobs, 16d": seeded(blobs, 2, 20, 600, 16, 0.15),
    "5 blobs, 128d": seeded(blobs, 3, 5, 600, 128, 0.7),
    "other glosses": lambda: glosses(1),
    "breast cancer": lambda: of_scikit_learn("load_breast_cancer", standard=True),
    "25 directions, 96d": seeded(directions, 11, 25, 800, 96, 1.2),
    "unequal blobs, 24d": seeded(unequal, 12),
    "3 rings, 16d": seeded(rings, 13),
    "4 arms, 12d": seeded(arms, 14),
    "noisy moons": lambda: made("make_moons", 800, noise=0.12, random_state=5),
    "other stretched": lambda: stretched(7),
    "8 blobs, 3d": seeded(blobs, 15, 8, 500, 3, 0.06),
    "40 blobs, 48d": seeded(blobs, 16, 40, 1200, 48, 0.25),
    "last glosses": lambda: glosses(2),
    "2 spirals, 2d": seeded(spirals, 21, 2, 700),
    "target, 2d": seeded(target, 22),
    "atom, 3d": seeded(atom, 23),
    "hepta, 3d": seeded(hepta, 24),
    "sizes 30 to 480, 12d": seeded(sizes, 25),
    "15 directions, 200d": seeded(directions, 26, 15, 900, 200, 1.6),
    "3 cigars, 6d": seeded(cigars, 27),
    "12 blobs, 64d": seeded(blobs, 28, 12, 720, 64, 0.45),
    "2 curves, 30d": seeded(curves, 29),
    "spreads .5 to 3, 10d": seeded(spreads, 30),
    "30 blobs, 24d": seeded(blobs, 31, 30, 900, 24, 0.3),
}
HELD_OUT: dict[str, Callable[[], Labelled | None]] = {
    "more glosses": lambda: glosses(3),
    "3 spirals, 2d": seeded(spirals, 41, 3, 900),
    "2 helices, 3d": seeded(helices, 42),
    "chain links, 3d": seeded(links, 43),
    "lsun, 2d": seeded(lsun, 44),
    "2 diamonds, 2d": seeded(diamonds, 45),
    "wing nut, 2d": seeded(wings, 46),
    "4 touching balls, 3d": seeded(balls, 47),
    "4 sheets of a roll, 3d": seeded(sheets, 48),
    "50 blobs, 20d": seeded(blobs, 49, 50, 1000, 20, 0.25),
    "18 unequal blobs, 40d": seeded(many_sizes, 50),
    "30 directions, 64d": seeded(directions, 51, 30, 900, 64, 0.9),
}
