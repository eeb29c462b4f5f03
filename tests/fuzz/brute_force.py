"""Random small datasets of awkward kinds, every figure against brute force in float64.

``python tests/fuzz/brute_force.py 200`` draws 200 datasets of each metric and
prints how many figures were compared and what differed.

The references work on one matrix of distances, taken from differences in
float64 and, under cosine, of unit rows in float64. Neighbours, spanning trees
and HDBSCAN round these to multiples of 2**-42, so that ties under cosine are
ties (see `UNIT_GRID`), and so does their reference. Figures may differ by 1e-6
of themselves, and under cosine by what the last bits of the unit rows make of a
distance d: 4e-15 sqrt(d).
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from embkit import Clustering, Dataset, Validation, canonical_labels
from embkit.data.configuration.request import Request
from embkit.data.intake.admission import Policy, admit
from embkit.plugin.manager import Selection
from embkit.plugin.registry import Registry
from embkit.plugin.steps import make_step
from embkit.runs.context import RunContext
from embkit.runs.shared import SharedWork
from embkit_plugins.algorithms.distances.squares import UNIT_GRID
from embkit_plugins.artifacts.linkage import Linkage
from embkit_plugins.artifacts.linkage.routes import Route

Rng = np.random.Generator
REGISTRY = Registry.discover(Selection(only=("embkit-framework",)))
TOLERANCE = 1e-6
# The routes that many rows take; complete linkage under cosine has float32 heights there.
_ROUNDS: dict[str, dict[str, Any]] = {
    "cosine": {"average": "means in rounds"},
    "euclidean": {"ward": "means in rounds", "complete": "farthest in rounds"},
}


def _blobs(rng: Rng) -> np.ndarray:
    centres = rng.normal(size=(3, 6))
    return centres[rng.integers(0, 3, 40)] + 0.1 * rng.normal(size=(40, 6))


def _offset(rng: Rng) -> np.ndarray:
    return (10.0 ** rng.integers(2, 4) + _blobs(rng) * 10.0 ** -rng.integers(0, 3)).astype(np.float32)


def _tight_and_far(rng: Rng) -> np.ndarray:
    """Directions far apart, in each of them rows that are nearly parallel."""
    directions = rng.normal(size=(3, 8))
    rows = directions[rng.integers(0, 3, 36)] * 50 + 1e-3 * rng.normal(size=(36, 8))
    return rows.astype(np.float32)


def _grid(rng: Rng) -> np.ndarray:
    size = int(rng.integers(4, 7))
    return np.stack(np.meshgrid(*[np.arange(1.0, size + 1)] * 2), axis=-1).reshape(-1, 2)


def _circle(rng: Rng) -> np.ndarray:
    angles = np.arange(24) * 2 * np.pi / 24
    return np.column_stack([np.cos(angles), np.sin(angles)]) * rng.integers(1, 9)


def _repeats(rng: Rng) -> np.ndarray:
    return rng.normal(size=(12, 4))[rng.integers(0, 12, 40)]


KINDS: dict[str, Callable[[Rng], np.ndarray]] = {
    "blobs": _blobs,
    "float32": lambda rng: _blobs(rng).astype(np.float32),
    "float16": lambda rng: _blobs(rng).astype(np.float16),
    "offset": _offset,
    "offset float64": lambda rng: 1e4 + _blobs(rng),
    "tight and far": _tight_and_far,
    "grid": _grid,
    "circle": _circle,
    "repeats": _repeats,
    "collinear": lambda rng: np.outer(rng.integers(1, 30, 30), rng.normal(size=5)) + rng.normal(size=5),
    "multiples": lambda rng: (
        rng.normal(size=(5, 4))[rng.integers(0, 5, 30)] * rng.integers(1, 9, (30, 1))
    ),
    "one column": lambda rng: rng.normal(size=(30, 1)) + 10,
    "binary": lambda rng: np.hstack([rng.integers(0, 2, (36, 7)), np.ones((36, 1))]),
    "integers": lambda rng: 1_700_000_000 + rng.integers(0, 50, (30, 3)),
    "scales": lambda rng: rng.normal(size=(30, 5)) * 10.0 ** np.arange(-3, 2),
    "outlier": lambda rng: np.vstack([rng.normal(size=(29, 4)), 1e6 * np.ones((1, 4))]),
}


def distances(vectors: np.ndarray, metric: str, grid: float = 0.0) -> np.ndarray:
    """All distances by differences, in float64, shape (n, n)."""
    rows = vectors.astype(np.float64)
    if metric == "cosine":
        rows = rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    if metric == "manhattan":
        return np.asarray(np.abs(rows[:, None] - rows[None]).sum(axis=2))
    difference = rows[:, None] - rows[None]
    squares = np.einsum("ijk,ijk->ij", difference, difference)
    if metric == "euclidean":
        return np.asarray(np.sqrt(squares))
    return np.asarray((np.rint(np.sqrt(squares) / grid) * grid) ** 2 / 2 if grid else squares / 2)


def differs(found: Any, expected: Any, metric: str, scale: float = 0.0) -> bool:
    """Whether figures are farther from one another than the tolerance and the data's precision."""
    found, expected = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if found.shape != expected.shape:
        return True
    size = np.maximum(np.abs(expected), scale)
    allowed = TOLERANCE * size
    if metric == "cosine":
        allowed = allowed + 4e-15 * np.sqrt(size) + 1e-30  # the square of an ulp
    return bool((np.abs(found - expected) > allowed).any())


def spanning_weights(reach: np.ndarray) -> np.ndarray:
    """Sorted weights of a minimum spanning tree, by Prim's algorithm on a whole matrix."""
    best, weights = reach[0].copy(), []
    outside = np.ones(len(reach), dtype=bool)
    outside[0] = False
    while outside.any():
        row = np.flatnonzero(outside)[best[outside].argmin()]
        weights.append(best[row])
        outside[row] = False
        best = np.minimum(best, reach[row])
    return np.sort(weights)


def core_distances(matrix: np.ndarray, min_samples: int) -> np.ndarray:
    """Distance of every row to its min_samples-th other row."""
    others = matrix + np.diag(np.full(len(matrix), np.inf))
    return np.sort(others, axis=1)[:, min_samples - 1]


def tree_faults(
    tree: np.ndarray, matrix: np.ndarray, linkage: str, metric: str, scale: float = 0.0
) -> int:
    """Merges of a tree that are not at the distance of their clusters, or not the lowest there is."""
    squared = linkage in ("ward", "centroid", "median")
    between = matrix**2 if squared else matrix.copy()
    between[np.diag_indices(len(between))] = np.inf
    members = {row: row for row in range(len(matrix))}  # node to its place in the matrix
    sizes = np.ones(len(matrix))
    faults = 0
    for step, (left, right, height, _) in enumerate(tree):
        a, b = members.pop(int(left)), members.pop(int(right))
        value = between[a, b]
        shown, least = (np.sqrt(max(v, 0)) if squared else v for v in (value, between.min()))
        floor = max(scale, 1e-7 * np.sqrt(matrix.max()) if squared else 0.0)
        faults += differs(height, shown, metric, floor) or differs(shown, least, metric, floor)
        row = _updated(between, a, b, sizes, linkage)
        between[a], between[:, a] = row, row
        between[b], between[:, b], between[a, a] = np.inf, np.inf, np.inf
        sizes[a] += sizes[b]
        members[len(matrix) + step] = a
    return faults


def _updated(between: np.ndarray, a: int, b: int, sizes: np.ndarray, linkage: str) -> np.ndarray:
    """Distances of the union of two clusters to all others (Lance and Williams 1967)."""
    one, other, n, m = between[a], between[b], sizes[a], sizes[b]
    with np.errstate(invalid="ignore"):
        match linkage:
            case "single":
                updated = np.minimum(one, other)
            case "complete":
                updated = np.maximum(one, other)
            case "average":
                updated = (n * one + m * other) / (n + m)
            case "weighted":
                updated = (one + other) / 2
            case "ward":
                total = n + m + sizes
                updated = ((n + sizes) * one + (m + sizes) * other - sizes * between[a, b]) / total
            case "centroid":
                updated = (n * one + m * other) / (n + m) - n * m * between[a, b] / (n + m) ** 2
            case _:
                updated = (one + other) / 2 - between[a, b] / 4
    return np.asarray(updated)


class Bench:
    """The bundled components on one dataset."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.dataset = admit(Dataset(vectors), Policy())
        shared = SharedWork()
        self.context = RunContext(REGISTRY, self.dataset, seed=0, threads=1, memory=10**9, shared=shared)
        self.artifact = self.context.artifact

    def cluster(self, name: str, **params: Any) -> Clustering:
        """A clustering by a clusterer."""
        step = make_step(REGISTRY, "clusterer", Request(name, params))
        clustering: Clustering = step.instance.cluster(self.dataset, self.context)
        return clustering

    def validate(self, name: str, subject: Clustering | Dataset) -> Validation:
        """What a validator says."""
        step = make_step(REGISTRY, "validator", Request(name, {}))
        validation: Validation = step.instance.validate(subject, self.context)
        return validation


def compare(vectors: np.ndarray, metric: str, rng: Rng) -> Iterator[tuple[str, bool]]:
    """Every figure of one dataset: what it is, and whether it differs."""
    from scipy.cluster.hierarchy import cophenet
    from scipy.spatial.distance import squareform
    from sklearn.metrics import silhouette_samples

    subject = Bench(vectors)
    dataset = subject.dataset
    matrix = distances(dataset.vectors, metric)
    n_samples = len(matrix)
    pairs = squareform(matrix, checks=False)

    found = subject.artifact("distances", metric=metric)["distances"]
    # The artifact is float32.
    yield "distances", differs(found, pairs, metric)

    linkages = ["complete", "average", "single", "weighted"]
    linkages += ["ward", "centroid", "median"] if metric == "euclidean" else []
    for linkage in linkages:
        tree = subject.artifact("linkage", metric=metric, linkage=linkage)["linkage"]
        yield f"linkage {linkage}", bool(tree_faults(tree, matrix, linkage, metric))
        clustering = subject.cluster("agglomerative", metric=metric, linkage=linkage, n_clusters=2)
        if linkage in ("centroid", "median"):
            continue
        scores = subject.validate("cophenetic", clustering)
        if scores.skipped is None:
            expected = np.corrcoef(cophenet(tree), pairs)[0, 1]
            yield f"cophenetic {linkage}", differs(scores.scores["cophenetic"], expected, metric, 1)

    for linkage, route in _ROUNDS.get(metric, {}).items():
        method: Any = Linkage(linkage=linkage, metric=metric)  # type: ignore[arg-type]
        tree = method._tree(Route(route, 0, 4), subject.dataset, subject.context, np.inf)[0]
        yield f"linkage {linkage} {route}", bool(tree_faults(tree, matrix, linkage, metric))

    labels = rng.integers(0, 3, n_samples)
    labels[:3] = [0, 1, 2]
    clustering = Clustering(dataset, labels.astype(np.int64), {"metric": metric})
    found = subject.artifact("silhouettes", labels=clustering.labels, metric=metric)["values"]
    expected = silhouette_samples(matrix, labels, metric="precomputed")
    lost = 8e-15 / np.sqrt(matrix[matrix > 0].min(initial=1)) if metric == "cosine" else 0.0
    yield "silhouettes", differs(found, expected, metric, 1 + lost / TOLERANCE)
    matrix = distances(dataset.vectors, metric, UNIT_GRID)

    min_samples = int(rng.integers(1, 6))
    core = core_distances(matrix, min_samples)
    reach = np.maximum(matrix, np.maximum.outer(core, core))
    found = subject.artifact("spanning-tree", metric=metric, min_samples=min_samples)["weights"]
    yield "spanning tree", differs(found, spanning_weights(reach), metric)
    yield from _hdbscan(subject, matrix, metric, min_samples)

    if metric in ("cosine", "euclidean"):
        near = subject.artifact("neighbors", metric=metric, n_neighbors=min(7, n_samples - 1))
        indices = near["indices"]
        others = matrix + np.diag(np.full(n_samples, np.inf))
        expected = np.sort(others, axis=1)[:, : indices.shape[1]]
        squares = near["squares"] / 2 if metric == "cosine" else np.sqrt(near["squares"])
        yield "neighbours", differs(squares, expected, metric)
        yield "whose neighbours", differs(np.take_along_axis(others, indices, axis=1), expected, metric)
    if metric == "euclidean":
        for name, reference in (("calinski_harabasz", _calinski), ("davies_bouldin", _davies)):
            scores = subject.validate(name.replace("_", "-"), clustering)
            if scores.skipped is None:
                expected = reference(dataset.vectors.astype(np.longdouble), labels)
                yield name, differs(scores.scores[name], float(expected), metric)


def _hdbscan(
    subject: Bench, matrix: np.ndarray, metric: str, min_samples: int
) -> Iterator[tuple[str, bool]]:
    """Labels and strengths, against the hdbscan package on the whole matrix."""
    import hdbscan

    reference = hdbscan.HDBSCAN(
        metric="precomputed", min_cluster_size=4, min_samples=min_samples, approx_min_span_tree=False
    ).fit(matrix)
    found = subject.cluster("hdbscan", metric=metric, min_cluster_size=4, min_samples=min_samples)
    expected = canonical_labels(reference.labels_, len(matrix), "hdbscan")
    yield "hdbscan", not np.array_equal(_numbered(found.labels), _numbered(expected))


def _numbered(labels: np.ndarray) -> list[int]:
    """Labels numbered as they come, noise left as it is."""
    numbers: dict[int, int] = {-1: -1}
    return [numbers.setdefault(label, len(numbers)) for label in labels.tolist()]


def _calinski(rows: np.ndarray, labels: np.ndarray) -> Any:
    parts = [rows[labels == label] for label in np.unique(labels)]
    within = sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts)
    between = sum(len(part) * ((part.mean(axis=0) - rows.mean(axis=0)) ** 2).sum() for part in parts)
    return between / (len(parts) - 1) / (within / (len(rows) - len(parts)))


def _davies(rows: np.ndarray, labels: np.ndarray) -> Any:
    parts = [rows[labels == label] for label in np.unique(labels)]
    centres = [part.mean(axis=0) for part in parts]
    spread = [np.sqrt(((p - c) ** 2).sum(axis=1)).mean() for p, c in zip(parts, centres, strict=True)]
    worst = [
        max(
            (spread[i] + spread[j]) / np.sqrt(((centres[i] - centres[j]) ** 2).sum())
            for j in range(len(parts))
            if j != i
        )
        for i in range(len(parts))
    ]
    return sum(worst) / len(worst)


def mismatches(n_draws: int, first: int = 0) -> tuple[int, list[str]]:
    """Compare every figure of drawn datasets: how many there were, and those that differ."""
    n_compared, found = 0, []
    for draw in range(first, first + n_draws):
        kind = list(KINDS)[draw % len(KINDS)]
        for metric in ("cosine", "euclidean", "manhattan"):
            rng = np.random.default_rng(draw)
            vectors = KINDS[kind](rng)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for name, wrong in compare(vectors, metric, rng):
                    n_compared += 1
                    if wrong:
                        found.append(f"draw {draw} ({kind}, {metric}): {name}")
    return n_compared, found


if __name__ == "__main__":
    compared, wrong = mismatches(int(sys.argv[1]) if len(sys.argv) > 1 else 32)
    print(*wrong, sep="\n")
    print(f"{compared} figures compared, {len(wrong)} differ")
