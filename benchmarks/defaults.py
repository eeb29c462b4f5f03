"""What is found when nothing is said: the default, the advice of ``inspect`` and others' defaults.

Run it as ``python benchmarks/defaults.py`` or with ``--only moons``. Every set has reference labels;
cells are ARI / AMI and the number of clusters. ``ward`` is ``--clusterer agglomerative``; ``best cut``
the cut of its tree with the best ARI, which nobody knows beforehand; ``advice`` what ``embkit run``
takes without a clusterer, and ``embkit inspect`` ends with; ``genie k`` and ``kmeans k`` know the
true number of clusters.

The rules of the advice were chosen on the first sets, in two steps: on the first twelve, and on
ten that had been held out in the first step. The sets that are held out now were written down
after that and drawn once: generators with other shapes and seeds, some after Ultsch's
fundamental clustering problems (2005), and the glosses that the others left out. Published
collections are not fetched.
"""

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

sys.path.remove(str(Path(__file__).parent))  # hdbscan.py beside this must not stand in for the package

Labelled = tuple[NDArray[Any], NDArray[Any]]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
N_GLOSSES = 1500


def glosses(part: int) -> Labelled | None:
    """Definitions of WordNet by the file they come from, where they are at hand."""
    if not (DATA / "glosses-4k.npy").exists():
        return None
    vectors = np.load(DATA / "glosses-4k.npy").astype(np.float32)
    with (DATA / "glosses-4k.tsv").open(encoding="utf-8", newline="") as stream:
        labels = np.array([row["label"] for row in csv.DictReader(stream, delimiter="\t")])
    order = np.random.default_rng(0).permutation(len(vectors))
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


def spirals(rng: Generator) -> Labelled:
    y, t = np.arange(700) % 2, np.pi * (0.5 + 3.5 * np.sqrt(rng.random(700)))
    rows = np.stack([np.cos(t + np.pi * y), np.sin(t + np.pi * y)], axis=1) * t[:, None]
    return rows + 0.25 * rng.normal(size=(700, 2)), y


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
}
HELD_OUT: dict[str, Callable[[], Labelled | None]] = {
    "last glosses": lambda: glosses(2),
    "2 spirals, 2d": seeded(spirals, 21),
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


def labels_of(X: NDArray[Any], clusterer: str) -> NDArray[Any]:
    import embkit

    return np.asarray(embkit.run(X, clusterer=clusterer, seed=0).labels)


def ways(X: NDArray[Any], y: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The labels of every column."""
    from sklearn.metrics import adjusted_rand_score

    k = len(np.unique(y))
    default = labels_of(X, "agglomerative")
    cuts = [labels_of(X, f"agglomerative:n_clusters={n}") for n in sorted({*range(2, 51), k, 2 * k})]
    return {
        "ward": default,
        "best cut": max([default, *cuts], key=lambda labels: float(adjusted_rand_score(y, labels))),
        "advice": labels_of(X, "auto"),
        "hdbscan": labels_of(X, "hdbscan"),
        "kmeans 8": labels_of(X, "kmeans"),
        "kmeans k": labels_of(X, f"kmeans:n_clusters={k}"),
        "genie k": labels_of(X, f"agglomerative:linkage=genie,n_clusters={k}"),
    }


def print_half(title: str, sets: dict[str, Callable[[], Labelled | None]], only: str) -> None:
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    scores: dict[str, list[tuple[float, float]]] = {}
    print(f"\n{title}")
    for name, draw in sets.items():
        drawn = draw() if only in name else None
        if drawn is None:
            continue
        X, y = drawn
        found = ways(X, y)
        if not scores:
            print(f"{'':20}" + "".join(f"{way:16}" for way in found))
        cells = []
        for way, labels in found.items():
            pair = (float(adjusted_rand_score(y, labels)), float(adjusted_mutual_info_score(y, labels)))
            scores.setdefault(way, []).append(pair)
            cells.append(f"{pair[0]:.2f}/{pair[1]:.2f} {labels.max() + 1:<6}")
        print(f"{name:20}" + "".join(f"{cell:16}" for cell in cells), flush=True)
    for what, place, of in (("mean ARI / AMI", np.mean, scores), ("median", np.median, scores)):
        pairs = [place(np.array(pair), axis=0) for pair in of.values()]
        print(f"{what:20}" + "".join(f"{f'{ari:.2f}/{ami:.2f}':16}" for ari, ami in pairs))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="sets whose name has this in it")
    parser.add_argument("--half", choices=["chosen", "held-out", "both"], default="both")
    given = parser.parse_args()
    if given.half != "held-out":
        print_half("On these the rules of the advice were chosen", CHOSEN_ON, given.only)
    if given.half != "chosen":
        print_half("Held out", HELD_OUT, given.only)
