"""Twenty invented kinds of data, for ``structure.py --kinds structure_invented.py``.

Judge them with ``python benchmarks/structure.py --kinds benchmarks/structure_invented.py``.
``K`` maps a name to its truth (C for one connected piece, K for clusters), a function that
draws it, and the number of rows.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Draw = Callable[[Generator, int], Matrix]


def turned(rng: Generator, points: Matrix, noise: float, d: int) -> Matrix:
    turn = np.linalg.qr(rng.normal(size=(d, points.shape[1])))[0]
    return np.asarray(points @ turn.T + noise * rng.normal(size=(len(points), d)))


def cone(rng: Generator, n: int) -> Matrix:
    height, angle = np.sqrt(rng.random(n)), rng.uniform(0, 2 * np.pi, n)
    return turned(
        rng, np.stack([height * np.cos(angle), height * np.sin(angle), 2 * height], 1), 0.03, 16
    )


def lollipop(rng: Generator, n: int) -> Matrix:
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.sqrt(rng.random(n))
    disc = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    disc[: n // 4] = np.stack([1 + 3 * rng.random(n // 4), np.zeros(n // 4)], 1)
    return turned(rng, disc, 0.03, 8)


def twigs(rng: Generator, n: int) -> Matrix:
    """A path of eight steps, from each of which a twig of random length grows."""
    steps = rng.normal(size=(8, 48))
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    knots = np.cumsum(steps, axis=0)
    twig = rng.normal(size=(8, 48))
    twig *= rng.uniform(0.3, 1.5, (8, 1)) / np.linalg.norm(twig, axis=1, keepdims=True)
    starts = np.concatenate([knots - steps, knots])
    ways = np.concatenate([steps, twig])
    length = np.linalg.norm(ways, axis=1)
    at = rng.choice(16, n, p=length / length.sum())
    return np.asarray(starts[at] + rng.random((n, 1)) * ways[at] + 0.06 * rng.normal(size=(n, 48)))


def ellipses(rng: Generator, n: int) -> Matrix:
    """An ellipse moved and turned in an image of 14 x 14."""
    x, y = np.meshgrid(np.arange(14), np.arange(14))
    centre, angle = rng.uniform(5, 9, (n, 2)), rng.uniform(0, np.pi, n)
    dx, dy = x.ravel() - centre[:, :1], y.ravel() - centre[:, 1:]
    along = dx * np.cos(angle)[:, None] + dy * np.sin(angle)[:, None]
    across = dy * np.cos(angle)[:, None] - dx * np.sin(angle)[:, None]
    return np.exp(-((along / 4) ** 2) - (across / 1.5) ** 2) + 0.02 * rng.normal(size=(n, 196))


def lorenz(rng: Generator, n: int) -> Matrix:
    state, path = rng.normal(size=3) + np.array([0, 0, 25]), []
    for step in range(20 * n + 2000):
        x, y, z = state
        state = state + 0.005 * np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        if step >= 2000 and step % 20 == 0:
            path.append(state)
    return rng.permutation(np.array(path))


def saddle(rng: Generator, n: int) -> Matrix:
    u = rng.uniform(-1, 1, (n, 2))
    return turned(rng, np.stack([u[:, 0], u[:, 1], u[:, 0] ** 2 - u[:, 1] ** 2], 1), 0.05, 24)


def views(rng: Generator, n: int) -> Matrix:
    """Twelve points in space seen from a turning camera."""
    solid, angle = rng.normal(size=(12, 3)), rng.uniform(0, 2 * np.pi, n)
    seen = np.cos(angle)[:, None] * solid[:, 0] + np.sin(angle)[:, None] * solid[:, 1]
    return np.hstack([seen, np.broadcast_to(solid[:, 2], (n, 12))]) + 0.03 * rng.normal(size=(n, 24))


def log_spiral(rng: Generator, n: int) -> Matrix:
    t = rng.uniform(0, 1, n)
    radius, angle = np.exp(1.5 * t), 4 * np.pi * t
    curve = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return curve + 0.03 * radius[:, None] * rng.normal(size=(n, 2))


def drifting_words(rng: Generator, n: int) -> Matrix:
    words = rng.dirichlet(np.full(300, 0.05), 3)
    t = rng.random((n, 1))
    mix = np.hstack([(1 - t) ** 2, 2 * t * (1 - t), t**2]) @ words
    counts = np.array([rng.multinomial(120, row / row.sum()) for row in mix])
    return np.sqrt(counts / 120)


def holes(rng: Generator, n: int) -> Matrix:
    points = rng.random((4 * n, 2)) * 4
    away = np.linalg.norm(points % 2 - 1, axis=1)
    return np.asarray(points[away > 0.7][:n])


def ring_chain(rng: Generator, n: int) -> Matrix:
    angle, ring = rng.uniform(0, 2 * np.pi, n), rng.integers(0, 4, n)
    return turned(rng, np.stack([2 * ring + np.cos(angle), np.sin(angle)], 1), 0.04, 12)


def gammas(rng: Generator, n: int) -> Matrix:
    return rng.gamma(0.7, size=(n, 6))


def tilted_groups(rng: Generator, n: int) -> Matrix:
    shapes = rng.normal(size=(5, 10, 10)) / np.sqrt(10)
    group = np.arange(n) % 5
    centres = 4 * np.linalg.qr(rng.normal(size=(10, 10)))[0][:5]
    return np.asarray(centres[group] + np.einsum("nij,nj->ni", shapes[group], rng.normal(size=(n, 10))))


def shells(rng: Generator, n: int) -> Matrix:
    points = rng.normal(size=(n, 3))
    points *= (1 + np.arange(n) % 2)[:, None] / np.linalg.norm(points, axis=1, keepdims=True)
    return turned(rng, points, 0.05, 12)


def parallel_lines(rng: Generator, n: int) -> Matrix:
    return turned(rng, np.stack([3 * rng.random(n), 0.6 * (np.arange(n) % 3)], 1), 0.05, 20)


def power_law(rng: Generator, n: int) -> Matrix:
    weight = 1 / np.arange(1, 11)
    group = rng.choice(10, n, p=weight / weight.sum())
    return 1.2 * rng.normal(size=(10, 24))[group] + 0.5 * rng.normal(size=(n, 24))


def hooks(rng: Generator, n: int) -> Matrix:
    angle, side = rng.uniform(0, np.pi, n), np.arange(n) % 2
    flip = 1 - 2 * side
    return np.stack(
        [flip * np.cos(angle) + side, flip * np.sin(angle) + 0.4 * side], 1
    ) + 0.06 * rng.normal(size=(n, 2))


def topics(rng: Generator, n: int) -> Matrix:
    topic = np.arange(n) % 6
    chance = np.full((6, 200), 0.03)
    for each in range(6):
        chance[each, 20 * each : 20 * each + 20] = 0.4
    return (rng.random((n, 200)) < chance[topic]).astype(float)


def waves(rng: Generator, n: int) -> Matrix:
    t = np.linspace(0, 4 * np.pi, 50)
    shape = np.stack([np.sin(t), np.sign(np.sin(t)), (t / np.pi % 2) - 1, np.sin(2 * t)])
    return np.asarray(
        rng.uniform(0.8, 1.2, (n, 1)) * shape[np.arange(n) % 4] + 0.25 * rng.normal(size=(n, 50))
    )


def heavy_groups(rng: Generator, n: int) -> Matrix:
    return 7 * np.eye(4, 20)[np.arange(n) % 4] + rng.standard_t(5, (n, 20))


_CONTINUA: tuple[Draw, ...] = (
    cone, lollipop, twigs, ellipses, lorenz, saddle, views, log_spiral, drifting_words, holes,
    ring_chain, gammas,
)  # fmt: skip
_CLUSTERS: tuple[Draw, ...] = (
    tilted_groups, shells, parallel_lines, power_law, hooks, topics, waves, heavy_groups,
)  # fmt: skip
K: dict[str, tuple[str, Draw, int]] = {
    draw.__name__.replace("_", " "): (truth, draw, 1000)
    for truth, draws in (("C", _CONTINUA), ("K", _CLUSTERS))
    for draw in draws
}
