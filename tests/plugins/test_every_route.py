"""Every route that rows can take, for every type of value and every sharding, against brute force.

The rows lie in an array, in one file or in shards of one row each. The references see the same
values in float64 and compare all pairs, see `brute_force`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brute_force import (
    REGISTRY,
    Bench,
    core_distances,
    differs,
    distances,
    spanning_weights,
    tree_faults,
)
from sklearn.metrics import silhouette_samples

from embkit.data.blocks import ArrayRows, Blocks, FileRows
from embkit.data.configuration.request import Request
from embkit.errors import EmbkitError
from embkit.plugin.steps import make_step
from embkit_plugins.algorithms.distances.squares import UNIT_GRID
from embkit_plugins.artifacts.linkage import routes

DTYPES = ("bool", "int8", "uint8", "int16", "int32", "int64", "float16", "float32", ">f4", "float64")
METRICS = ("cosine", "euclidean")
N_NEIGHBORS = 6
MIN_SAMPLES = 4

Rows = np.ndarray
Checks = Iterator[tuple[str, bool]]
Route = Callable[[Bench, str, Rows], Checks]
Sharding = Callable[[Rows, Path], Any]


def ordinary(dtype: str) -> Rows:
    """180 rows of four groups, whole numbers from 0 to 100 or halves of them, none of them zero."""
    rng = np.random.default_rng(7)
    centres = rng.integers(20, 80, size=(4, 9))
    rows = np.clip(np.rint(centres.repeat(45, axis=0) + 6 * rng.normal(size=(180, 9))), 1, 100)
    if dtype == "bool":
        rows = rows > 50
        rows[:, 0] = True
    return (rows / 2 if "f" in dtype else rows).astype(dtype)


SHAPES: dict[str, Callable[[str], Rows]] = {
    "ordinary": ordinary,
    "equal rows": lambda dtype: ordinary(dtype)[:1].repeat(180, axis=0),
    "one row": lambda dtype: ordinary(dtype)[:1],
    "two rows": lambda dtype: ordinary(dtype)[[0, 50]],
}


def in_one_file(rows: Rows, folder: Path) -> Any:
    (folder / "rows").write_bytes(rows.tobytes())
    return Blocks([FileRows(folder / "rows", 0, rows.shape, rows.dtype)])


def in_shards_of_one_row(rows: Rows, _: Path) -> Any:
    return Blocks([ArrayRows(rows[row : row + 1]) for row in range(len(rows))])


SHARDINGS = (in_one_file, in_shards_of_one_row)


@pytest.fixture
def _many(monkeypatch: pytest.MonkeyPatch, small_leaves: None) -> None:
    """A hundred rows take the routes of very many, and what is in files stays there."""
    for module in ("data.intake.admission", "data.blocks", "data.dataset"):
        monkeypatch.setattr(f"embkit.{module}.HELD_BYTES", 0)
    monkeypatch.setattr("embkit_plugins.reducers.pca.HELD_BYTES", 0)
    monkeypatch.setattr("embkit_plugins.algorithms.kmeans.parts.BLOCK_ROWS", 32)
    monkeypatch.setattr(routes, "_QUICK", dict.fromkeys(routes._QUICK, 50))


def others(rows: Rows, metric: str) -> Rows:
    """Distances to other rows; none to the row itself."""
    return distances(rows, metric, UNIT_GRID) + np.diag(np.full(len(rows), np.inf))


def exact_neighbors(bench: Bench, metric: str, rows: Rows) -> Checks:
    """The nearest rows."""
    k = min(N_NEIGHBORS, max(1, len(rows) - 1))
    found = bench.artifact("neighbors", metric=metric, n_neighbors=k)
    matrix = others(rows, metric)
    expected = np.sort(matrix, axis=1)[:, :k]
    own = np.take_along_axis(matrix, found["indices"], axis=1)
    yield "whose", differs(own, expected, metric, 1)
    yield "how far", differs(found["distances"], expected, metric, 1)


def neighbors_by_leaves(bench: Bench, metric: str, rows: Rows) -> Checks:
    """Other rows at their distances, most of them the nearest."""
    k = min(N_NEIGHBORS, max(1, len(rows) - 1))
    found = bench.artifact("neighbors", metric=metric, n_neighbors=k, method="leaves", recall=0.95)
    matrix = others(rows, metric)
    own = np.take_along_axis(matrix, found["indices"], axis=1)
    yield "how far", differs(found["distances"], own, metric, 1)
    farthest = np.sort(matrix, axis=1)[:, k - 1 : k]
    yield "recall", bool(np.mean(own <= farthest * (1 + 1e-9) + 1e-12) < 0.95)


def spanning_trees(bench: Bench, metric: str, rows: Rows) -> Checks:
    """The least total weight; by leaves, where not all neighbours are found, little more."""
    matrix = distances(rows, metric, UNIT_GRID)
    core = core_distances(matrix, min(MIN_SAMPLES, max(1, len(rows) - 1)))
    expected = spanning_weights(np.maximum(matrix, np.maximum.outer(core, core)))
    params: dict[str, Any] = {"metric": metric, "min_samples": min(MIN_SAMPLES, max(1, len(rows) - 1))}
    found = bench.artifact("spanning-tree", **params)["weights"]
    yield "weights", differs(found, expected, metric, 1)
    by_leaves = bench.artifact("spanning-tree", **params, neighbors="leaves", recall=0.98)["weights"]
    yield "edges by leaves", len(by_leaves) != len(rows) - 1
    total = expected.sum()  # one row has no edges
    yield "weight by leaves", not total * (1 - 1e-6) - 1e-6 <= by_leaves.sum() <= total * 1.1 + 1e-6


def trees_of_merges(bench: Bench, metric: str, rows: Rows) -> Checks:
    """Each merge is at the distance of its clusters, and the lowest that there is."""
    matrix = distances(rows, metric)
    for linkage in ("single", "complete", "average", *(["ward"] if metric == "euclidean" else [])):
        tree = bench.artifact("linkage", metric=metric, linkage=linkage)["linkage"]
        # Of many rows complete linkage under cosine has the distances of float32.
        scale = 1.0 if (linkage, metric) == ("complete", "cosine") else 0.0
        yield linkage, bool(tree_faults(tree, matrix, linkage, metric, scale))


def silhouettes(bench: Bench, metric: str, rows: Rows) -> Checks:
    """Those of scikit-learn on the matrix; 0 in a cluster of one row."""
    labels = np.arange(len(rows)) % 3
    found = bench.artifact("silhouettes", labels=labels, metric=metric)["values"]
    matrix = distances(rows, metric)
    several = len(rows) > 3
    expected = (
        silhouette_samples(matrix, labels, metric="precomputed") if several else np.zeros(len(rows))
    )
    yield "values", differs(found, expected, metric, 1)


def k_means(bench: Bench, metric: str, rows: Rows) -> Checks:
    """Every row is with the mean that is nearest to it, and the labels are those of an array."""
    k = min(4, len(np.unique(rows, axis=0)))
    params: dict[str, Any] = {"n_clusters": k, "tol": 0, "metric": metric}
    labels = bench.cluster("kmeans", **params).labels
    yield "sharding", not np.array_equal(labels, Bench(rows).cluster("kmeans", **params).labels)
    points = rows.astype(np.float64)
    if metric == "cosine":
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    means = np.stack([points[labels == label].mean(axis=0) for label in range(k)])
    if metric == "cosine":
        means /= np.linalg.norm(means, axis=1, keepdims=True)
    squares = ((points[:, None] - means) ** 2).sum(axis=2)
    own = squares[np.arange(len(points)), labels]
    yield "nearest", bool((own > squares.min(axis=1) * (1 + 1e-6) + 1e-9).any())


def principal_components(bench: Bench, metric: str, rows: Rows) -> Checks:
    """The projection on the first two directions of a decomposition in float64, up to signs."""
    step = make_step(REGISTRY, "reducer", Request("pca", {"n_components": min(2, len(rows))}))
    found = np.asarray(step.instance.reduce(bench.dataset, bench.context).vectors, dtype=np.float64)
    centred = rows.astype(np.float64) - rows.astype(np.float64).mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, : found.shape[1]] * values[: found.shape[1]]
    scale = 10 * max(1.0, float(values[0]))
    yield metric, differs(found @ found.T, expected @ expected.T, "euclidean", scale)


def health(bench: Bench, metric: str, rows: Rows) -> Checks:
    """Repeated rows are counted."""
    found = bench.validate("health", bench.dataset).scores["n_duplicates"]
    yield f"repeats, {metric}", found != len(rows) - len(np.unique(rows, axis=0))


ROUTES: tuple[Route, ...] = (
    exact_neighbors,
    neighbors_by_leaves,
    spanning_trees,
    trees_of_merges,
    silhouettes,
    k_means,
    principal_components,
    health,
)


def wrong(vectors: Any, rows: Rows) -> list[str]:
    """What differs from brute force, and what is refused though there are enough rows."""
    found = []
    for route in ROUTES:
        for metric in METRICS:
            try:
                checks = dict(route(Bench(vectors), metric, rows))
            except EmbkitError as error:
                checks = {str(error): len(np.unique(rows, axis=0)) > 3}
            found += [
                f"{route.__name__}, {metric}: {what}" for what, is_wrong in checks.items() if is_wrong
            ]
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.filterwarnings("ignore:.*repeat another row")
@pytest.mark.usefixtures("_many", "integers")
def test_every_type_of_value(dtype: str, shape: str) -> None:
    rows = SHAPES[shape](dtype)
    assert wrong(rows, rows) == []


@pytest.mark.parametrize("sharding", SHARDINGS)
@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.filterwarnings("ignore:.*repeat another row")
@pytest.mark.usefixtures("_many")
def test_every_sharding(sharding: Sharding, dtype: str, shape: str, tmp_path: Path) -> None:
    rows = SHAPES[shape](dtype)
    assert wrong(sharding(rows, tmp_path), rows) == []
