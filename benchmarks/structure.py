"""How often ``structure`` says clusters, on continua and on clusters, fresh draws by seed.

Run it as ``python benchmarks/structure.py --draws 200 --jobs 2``, or with
``--only ring --only blobs-0.5``. Each row draws 1000 points, in 32 dimensions
where the name says no other. The last rows are beyond the acceptance table:
continua that bend more, clusters that are harder, and std from 0.5 to 0.8, where
the power falls to half. ``--kinds FILE`` judges the kinds of data of another
file, and ``--only`` then takes parts of their names.
"""

import argparse
import runpy
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from _context import context_of
from numpy.random import Generator
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Draw = Callable[[Generator, int], Matrix]
MOST_FALSE, LEAST_TRUE = 0.05, 0.95
GLOSSES = Path(__file__).resolve().parents[2] / "shared" / "data" / "glosses-4k.npy"


def placed(rng: Generator, curve: Matrix, noise: float, d: int = 32) -> Matrix:
    """A low-dimensional shape, turned at random into d dimensions, with normal noise in all."""
    turn = np.linalg.qr(rng.normal(size=(d, curve.shape[1])))[0]
    return curve @ turn.T + noise * rng.normal(size=(len(curve), d))


def sphere(rng: Generator, n: int, d: int) -> Matrix:
    points = rng.normal(size=(n, d))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def circle(rng: Generator, n: int, radius: float = 1.0) -> Matrix:
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def swiss_roll(rng: Generator, n: int) -> Matrix:
    angle = 1.5 * np.pi * (1 + 2 * rng.random(n))
    return np.stack([angle * np.cos(angle), 21 * rng.random(n), angle * np.sin(angle)], axis=1)


def torus(rng: Generator, n: int) -> Matrix:
    """Uniform on the surface: tube of radius 0.7 around a circle of radius 2."""
    tube = rng.uniform(0, 2 * np.pi, 4 * n)
    tube = tube[rng.random(4 * n) < (2 + 0.7 * np.cos(tube)) / 2.7][:n]
    around, reach = rng.uniform(0, 2 * np.pi, n), 2 + 0.7 * np.cos(tube)
    return np.stack([reach * np.cos(around), reach * np.sin(around), 0.7 * np.sin(tube)], axis=1)


def von_mises_fisher(rng: Generator, n: int, d: int, concentration: float) -> Matrix:
    from scipy.stats import vonmises_fisher

    return np.asarray(vonmises_fisher(np.eye(d)[0], concentration).rvs(n, random_state=rng))


@cache
def gloss_components() -> Matrix:
    if not GLOSSES.exists():
        sys.exit(f"{GLOSSES} is not on this machine; leave out the row glosses-permuted")
    vectors = np.load(GLOSSES).astype(np.float64)
    left, values, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    return left * values


def permuted_glosses(rng: Generator, n: int) -> Matrix:
    components = gloss_components()
    rows = components[rng.choice(len(components), n, replace=False)]
    return rng.permuted(rows, axis=0)


def s_curve(rng: Generator, n: int) -> Matrix:
    angle = 3 * np.pi * (rng.random(n) - 0.5)
    return np.stack([np.sin(angle), 2 * rng.random(n), np.sign(angle) * (np.cos(angle) - 1)], axis=1)


def helix(rng: Generator, n: int) -> Matrix:
    angle = 6 * np.pi * rng.random(n)
    return np.stack([np.cos(angle), np.sin(angle), angle / 4], axis=1)


def spiral(rng: Generator, n: int) -> Matrix:
    angle = 4 * np.pi * np.sqrt(rng.random(n))
    return np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / 5


def trefoil(rng: Generator, n: int) -> Matrix:
    t = rng.uniform(0, 2 * np.pi, n)
    return np.stack(
        [np.sin(t) + 2 * np.sin(2 * t), np.cos(t) - 2 * np.cos(2 * t), -np.sin(3 * t)], axis=1
    )


def half_circle(rng: Generator, n: int) -> Matrix:
    points = circle(rng, n)
    points[:, 1] = np.abs(points[:, 1])
    return points


def blobs(std: float, k: int = 10, d: int = 32) -> Draw:
    """Normal clusters, centres uniform in the unit cube, equal sizes."""
    return lambda rng, n: rng.random((k, d))[np.arange(n) % k] + std * rng.normal(size=(n, d))


def two_blobs(rng: Generator, n: int) -> Matrix:
    points = rng.normal(size=(n, 32))
    points[: n // 10, 0] += 6
    return points


def densities(distance: float) -> Draw:
    """Three normal groups of std 0.1, 0.3 and 1.0, their centres on a line."""

    def draw(rng: Generator, n: int) -> Matrix:
        group = np.arange(n) % 3
        points = np.array([0.1, 0.3, 1.0])[group, None] * rng.normal(size=(n, 32))
        points[:, 0] += distance * np.array([0.0, 0.5, 1.5])[group]
        return points

    return draw


def blobs_on_sphere(rng: Generator, n: int) -> Matrix:
    """Ten groups around random directions; within a group the mean cosine is 0.7."""
    centres = sphere(rng, 10, 384)[np.arange(n) % 10]
    points = centres + np.sqrt(1 / 0.7 - 1) * sphere(rng, n, 384)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def two_rings(rng: Generator, n: int) -> Matrix:
    """Concentric, radius 1 and 2."""
    return placed(rng, np.concatenate([circle(rng, n // 2), circle(rng, n - n // 2, 2.0)]), 0.05)


def linked_rings(rng: Generator, n: int) -> Matrix:
    flat = np.pad(circle(rng, n), ((0, 0), (0, 1)))
    flat[n // 2 :] = flat[n // 2 :][:, [0, 2, 1]] + [1, 0, 0]
    return placed(rng, flat, 0.05)


def moons(rng: Generator, n: int) -> Matrix:
    angle, lower = np.pi * rng.random(n), np.arange(n) % 2
    flip = 1 - 2 * lower
    return placed(
        rng, np.stack([flip * np.cos(angle) + lower, flip * np.sin(angle) + lower / 2], axis=1), 0.05
    )


def two_normals(distance: float, d: int, stretch: float = 1.0) -> Draw:
    """Two equal groups so many std apart in one dimension; another is stretched."""

    def draw(rng: Generator, n: int) -> Matrix:
        points = rng.normal(size=(n, d))
        points[: n // 2, 0] += distance
        points[:, 1] *= stretch
        return points

    return draw


CONTINUA: dict[str, Draw] = {
    "cube-2": lambda rng, n: rng.random((n, 2)),
    "cube-8": lambda rng, n: rng.random((n, 8)),
    "cube-32": lambda rng, n: rng.random((n, 32)),
    "cube-384": lambda rng, n: rng.random((n, 384)),
    "normal": lambda rng, n: rng.normal(size=(n, 32)),
    "normal-1/i": lambda rng, n: rng.normal(size=(n, 32)) / np.sqrt(np.arange(1, 33)),
    "normal-1/i2": lambda rng, n: rng.normal(size=(n, 32)) / np.arange(1, 33),
    "student-t3": lambda rng, n: rng.normal(size=(n, 32)) / np.sqrt(rng.chisquare(3, (n, 1)) / 3),
    "student-t3-independent": lambda rng, n: rng.standard_t(3, (n, 32)),
    "laplace": lambda rng, n: rng.laplace(size=(n, 32)),
    "log-normal": lambda rng, n: rng.lognormal(size=(n, 32)),
    "sphere-3": lambda rng, n: sphere(rng, n, 3),
    "sphere-32": lambda rng, n: sphere(rng, n, 32),
    "sphere-384": lambda rng, n: sphere(rng, n, 384),
    "von-mises-fisher-3": lambda rng, n: von_mises_fisher(rng, n, 3, 5.0),
    "von-mises-fisher-32": lambda rng, n: von_mises_fisher(rng, n, 32, 20.0),
    "von-mises-fisher-384": lambda rng, n: von_mises_fisher(rng, n, 384, 200.0),
    "ring": lambda rng, n: placed(rng, circle(rng, n), 0.05),
    "swiss-roll": lambda rng, n: placed(rng, swiss_roll(rng, n), 0.1),
    "torus": lambda rng, n: placed(rng, torus(rng, n), 0.05),
    "glosses-permuted": permuted_glosses,
}
CLUSTERS: dict[str, Draw] = {
    "blobs-0.01": blobs(0.01),
    "blobs-0.3": blobs(0.3),
    "blobs-0.4": blobs(0.4),
    "blobs-0.5": blobs(0.5),
    "two-blobs-10%": two_blobs,
    "nested-same-centre": densities(0.0),
    "nested-apart": densities(6.0),
    "blobs-sphere-384": blobs_on_sphere,
    "two-rings": two_rings,
}
BEYOND: dict[str, Draw] = {
    "blobs-0.55": blobs(0.55),
    "blobs-0.6": blobs(0.6),
    "blobs-0.65": blobs(0.65),
    "blobs-0.7": blobs(0.7),
    "blobs-0.8": blobs(0.8),
    "blobs-50-0.1": blobs(0.1, k=50),
    "blobs-10-in-2-dims": lambda rng, n: 20 * blobs(0.03, d=2)(rng, n),
    "linked-rings": linked_rings,
    "moons": moons,
    "two-normals-4.5-in-8": two_normals(4.5, 8),
    "two-normals-4.5-in-2": two_normals(4.5, 2),
    "two-normals-3.5-in-8": two_normals(3.5, 8),
    "two-normals-5-stretched": two_normals(5.0, 8, stretch=6.0),
    "interval": lambda rng, n: placed(rng, rng.random((n, 1)), 0.01),
    "ring-thin": lambda rng, n: placed(rng, circle(rng, n), 0.01),
    "ring-thick": lambda rng, n: placed(rng, circle(rng, n), 0.1),
    "half-circle": lambda rng, n: placed(rng, half_circle(rng, n), 0.05),
    "annulus-2": lambda rng, n: circle(rng, n) * np.sqrt(rng.uniform(0.5, 1, n))[:, None],
    "s-curve": lambda rng, n: placed(rng, s_curve(rng, n), 0.05),
    "helix": lambda rng, n: placed(rng, helix(rng, n), 0.05),
    "spiral": lambda rng, n: placed(rng, spiral(rng, n), 0.05),
    "trefoil": lambda rng, n: placed(rng, trefoil(rng, n), 0.05),
    "exponential-2": lambda rng, n: rng.exponential(size=(n, 2)),
    "log-normal-2": lambda rng, n: rng.lognormal(size=(n, 2)),
    "poisson-1": lambda rng, n: rng.poisson(1.0, (n, 32)).astype(float),
}
GROUPS = {"continuum": CONTINUA, "clusters": CLUSTERS, "beyond": BEYOND}


@cache
def kinds(file: Path) -> dict[str, tuple[str, Draw, int]]:
    """Table ``K`` of a Python file: name -> (truth, draw(rng, n), n), the truth C, K or A."""
    return dict(runpy.run_path(str(file))["K"])


def one(row: str, seed: int, n: int, file: Path | None = None) -> dict[str, Any]:
    """The verdict on one draw, in one thread: others are drawn beside it."""
    from embkit_plugins.validators.structure import Structure

    if file is not None:
        _, draw, n = kinds(file)[row]
        vectors = np.asarray(draw(np.random.default_rng([seed, 77]), n), dtype=np.float32)
    else:
        draw = next(rows[row] for rows in GROUPS.values() if row in rows)
        vectors = draw(np.random.default_rng([seed, 5]), n).astype(np.float32)
    context = context_of(vectors, seed, threads=1)
    start = time.perf_counter()
    scores = Structure().validate(context.dataset, context).scores
    return {**scores, "seconds": time.perf_counter() - start}


def line(row: str, found: list[dict[str, Any]], width: int = 26) -> str:
    said = [each["verdict"] for each in found]
    share = {
        verdict: said.count(verdict) / len(said) for verdict in ("clusters", "undecided", "continuum")
    }
    numbers = [each["n_clusters_suggested"] for each in found if each["verdict"] == "clusters"]
    suggested = (
        f"{np.median(numbers):6.0f} {np.mean(np.abs(np.array(numbers) - 10) <= 1):7.1%}"
        if numbers
        else ""
    )
    return (
        f"{row:{width}s} {len(found):5d} {share['clusters']:8.1%} {share['undecided']:9.1%} "
        f"{share['continuum']:9.1%} {np.median([each['p_value'] for each in found]):9.2g} "
        f"{np.median([each['seconds'] for each in found]):6.2f} {suggested}"
    )


def judge_kinds(options: argparse.Namespace) -> None:
    """A line for each kind of a file, and at the end those that miss the line that is drawn for them."""
    missed = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for row, (truth, _, _) in kinds(options.kinds).items():
            if options.only and not any(part in row for part in options.only):
                continue
            seeds = range(options.first_seed, options.first_seed + options.draws)
            waiting = [pool.submit(one, row, seed, options.n, options.kinds) for seed in seeds]
            found = [each.result() for each in waiting]
            print(truth, line(row, found, 56), flush=True)
            share = np.mean([each["verdict"] == "clusters" for each in found])
            if (truth == "C" and share > MOST_FALSE) or (truth == "K" and share < LEAST_TRUE):
                missed.append(f"{truth} {row}: clusters in {share:.0%}")
    print(
        f"\n{len(missed)} kinds miss their line: C at most {MOST_FALSE:.0%}, K at least {LEAST_TRUE:.0%}"
    )
    print("\n".join(missed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", action="append", help="a row, or a group: continuum, clusters, beyond")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--kinds", type=Path, help="a file with a table K, see kinds(), instead")
    options = parser.parse_args()
    print(
        f"{'row':26s} {'draws':>5s} {'clusters':>8s} {'undecided':>9s} {'continuum':>9s} "
        f"{'median p':>9s} {'s':>6s} {'k':>6s} {'9 to 11':>7s}"
    )
    if options.kinds is not None:
        judge_kinds(options)
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        for group, rows in GROUPS.items():
            for row in rows:
                if options.only and row not in options.only and group not in options.only:
                    continue
                seeds = range(options.first_seed, options.first_seed + options.draws)
                waiting = [pool.submit(one, row, seed, options.n) for seed in seeds]
                print(line(row, [each.result() for each in waiting]), flush=True)


if __name__ == "__main__":
    main()
