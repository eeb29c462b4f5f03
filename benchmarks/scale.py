"""A million rows: k-means of vectors that stay on disk, neighbours by leaves, and HDBSCAN on them.

Rows are mixtures of two glosses, ``w a + (1 - w) b`` with w uniform in [0.6, 1],
scaled to length 1 and kept as float16; they have no more structure than their
sources. Each case reads the same file in a process of its own.

python benchmarks/scale.py kmeans --n 200000 --k 100 --iterations 25 --repeats 1
python benchmarks/scale.py neighbors --n 200000 --recall 0.95 --repeats 1
python benchmarks/scale.py hdbscan --n 1000000 --only "embkit leaves" --only agreement
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from _bench import DATA, Case, main
from _context import context_of

sys.path.remove(str(Path(__file__).parent))  # hdbscan.py must not stand in for the package


def mixed_file(n: int, d: int) -> Path:
    """Where the rows are, as float16; written once for each shape."""
    import numpy as np

    path = Path(tempfile.gettempdir()) / f"embkit-mixed-{n}x{d}.npy"
    if path.exists():
        return path
    rng = np.random.default_rng(0)
    source = DATA / "glosses-20k.npy"
    known = np.load(source)[:, :d] if source.exists() else rng.normal(size=(20_000, d))
    known = known.astype(np.float32)
    partial = path.with_suffix(".part.npy")
    out = np.lib.format.open_memmap(partial, "w+", np.float16, (n, known.shape[1]))
    for start in range(0, n, 8192):
        size = min(8192, n - start)
        weight = rng.uniform(0.6, 1, (size, 1)).astype(np.float32)
        rows = weight * known[rng.integers(len(known), size=size)]
        rows += (1 - weight) * known[rng.integers(len(known), size=size)]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        out[start : start + size] = rows
    out.flush()
    partial.replace(path)
    return path


def mixed(n: int, d: int) -> Any:
    """The rows in memory, as float32."""
    import numpy as np

    return np.load(mixed_file(n, d), mmap_mode="r").astype(np.float32)


# k-means


def kmeans(n: int, d: int, k: int, iterations: int) -> Callable[[], Any]:
    """The clusterer's own work: start, iterations, inertia."""
    import numpy as np

    from embkit import FileRows, stacked
    from embkit_plugins.algorithms.kmeans.parts import Parts
    from embkit_plugins.algorithms.kmeans.starts import best_of_starts

    path = mixed_file(n, d)

    def work() -> str:
        mapped = np.load(path, mmap_mode="r")
        vectors = stacked([FileRows(path, mapped.offset, mapped.shape, mapped.dtype)])
        parts = Parts.of(vectors, context_of(vectors))
        fit = best_of_starts(vectors, k, max_iter=iterations, tol=0, parts=parts, seed=0)
        share = fit.n_distances / (n * k * (fit.n_iter + 1))
        return f"inertia {fit.inertia:.6g} after {fit.n_iter} iterations, {share:.2f} of n k distances"

    return work


def scikit_learn(n: int, d: int, k: int, iterations: int, dtype: str = "float32") -> Callable[[], Any]:
    """Its Lloyd iteration, on the whole file as float32."""
    import warnings

    import numpy as np
    from sklearn.cluster import KMeans

    path = mixed_file(n, d)

    def work() -> str:
        warnings.simplefilter("ignore")
        vectors = np.load(path, mmap_mode="r").astype(dtype)
        model = KMeans(k, max_iter=iterations, tol=0, random_state=0).fit(vectors)
        return f"inertia {model.inertia_:.6g} after {model.n_iter_} iterations"

    return work


def scikit_learn_as_is(n: int, d: int, k: int, iterations: int) -> Callable[[], Any]:
    """The same given float16, which it makes float64."""
    return scikit_learn(n, d, k, iterations, "float16")


# Neighbours, all with the recall of the rows' k nearest that they reached


def recall_of(rows: Any, found: Any, k: int) -> float:
    """Share of the exact neighbours of 2,000 rows that are among the first k others found."""
    import numpy as np

    chosen = np.linspace(0, len(rows) - 1, min(2000, len(rows))).astype(int)
    halves = np.einsum("ij,ij->i", rows, rows) / 2
    shares = []
    for part in np.array_split(chosen, 20):
        products = rows[part] @ rows.T - halves  # largest where the distance is least
        products[np.arange(len(part)), part] = -np.inf
        exact = np.argpartition(products, -k, axis=1)[:, -k:]
        for row, expected in zip(part, exact, strict=True):
            others = found[row][found[row] != row][:k]
            shares.append(len(np.intersect1d(others, expected)) / k)
    return float(np.mean(shares))


def leaves(n: int, d: int, k: int, recall: float) -> Callable[[], Any]:
    context = context_of(mixed(n, d))

    def work() -> str:
        found = context.artifact("neighbors", n_neighbors=k, method="leaves", recall=recall)
        return f"recall {found.facts['recall']:.3f}"

    return work


def faiss_ivf(n: int, d: int, k: int, recall: float) -> Callable[[], Any]:
    """With as many probes as 2,000 rows need for the recall, found before the clock runs."""
    import faiss
    import numpy as np

    rows = mixed(n, d)

    def index_of() -> Any:
        flat = faiss.IndexFlatL2(d)
        index = faiss.IndexIVFFlat(flat, d, round(4 * n**0.5))
        index.train(rows)
        index.add(rows)
        return index

    index = index_of()
    sample = np.linspace(0, n - 1, 2000).astype(int)
    nearest = np.full((n, k + 1), -1)
    for n_probes in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256):
        index.nprobe = n_probes
        nearest[sample] = index.search(rows[sample], k + 1)[1]
        reached = recall_of(rows, nearest, k)
        if reached >= recall:
            break
    del index

    def work() -> str:
        index = index_of()
        index.nprobe = n_probes
        index.search(rows, k + 1)
        return f"recall {reached:.3f} by {n_probes} of {index.nlist} cells"

    return work


def pynndescent(n: int, d: int, k: int, recall: float) -> Callable[[], Any]:
    """With as many neighbours sought as reach the recall, found before the clock runs."""
    from pynndescent import NNDescent

    rows = mixed(n, d)

    def found(sought: int) -> Any:
        return NNDescent(rows, n_neighbors=sought, random_state=0).neighbor_graph[0]

    for sought in (k + 1, 2 * k, 3 * k, 5 * k):
        reached = recall_of(rows, found(sought), k)
        if reached >= recall:
            break

    def work() -> str:
        found(sought)
        return f"recall {reached:.3f}, of {sought} sought"

    return work


# HDBSCAN


def clustered(rows: Any, **params: Any) -> Any:
    from embkit_plugins.clusterers.hdbscan import HDBSCAN

    context = context_of(rows)
    return HDBSCAN(metric="cosine", **params).cluster(context.dataset, context)


def hdbscan_leaves(n: int, d: int, min_cluster_size: int, recall: float, sample: int) -> Any:  # noqa: ARG001
    rows = mixed(n, d)

    def work() -> str:
        found = clustered(rows, min_cluster_size=min_cluster_size, neighbors="leaves", recall=recall)
        noise = (found.labels < 0).mean()
        return f"{found.n_clusters} clusters, {noise:.1%} noise; {'; '.join(found.notes)}"

    return work


def hdbscan_exact(n: int, d: int, min_cluster_size: int, recall: float, sample: int) -> Any:  # noqa: ARG001
    rows = mixed(n, d)

    def work() -> str:
        found = clustered(rows, min_cluster_size=min_cluster_size)
        return f"{found.n_clusters} clusters, {(found.labels < 0).mean():.1%} noise"

    return work


def agreement(n: int, d: int, min_cluster_size: int, recall: float, sample: int) -> Any:
    """Not a timing: the adjusted Rand index of exact and approximate labels of the first rows."""
    from sklearn.metrics import adjusted_rand_score

    from embkit_plugins.algorithms.density.selection import selected_clusters

    rows = mixed(n, d)[:sample]

    def work() -> str:
        exact, found = (
            clustered(rows, min_cluster_size=min_cluster_size, neighbors=how, recall=recall)
            for how in ("exact", "leaves")
        )
        said = []
        for method in ("eom", "leaf"):
            one, other = (
                selected_clusters(tree.linkage, min_cluster_size, method=method)[0]
                for tree in (exact, found)
            )
            said.append(f"{method} {adjusted_rand_score(one, other):.3f}")
        return f"adjusted Rand index of {len(rows)} rows: {', '.join(said)}; {found.notes[-1]}"

    return work


class Work(NamedTuple):
    """Cases, their parameters, and the one whose time the others are divided by."""

    cases: Mapping[str, Case]
    defaults: Mapping[str, Any]
    reference: str


WORKS = {
    "kmeans": Work(
        {
            "scikit-learn float32": scikit_learn,
            "scikit-learn float16": scikit_learn_as_is,
            "embkit k-means": kmeans,
        },
        {"n": 200_000, "d": 384, "k": 100, "iterations": 25},
        "scikit-learn float32",
    ),
    "neighbors": Work(
        {"faiss IVF": faiss_ivf, "pynndescent": pynndescent, "embkit neighbors": leaves},
        {"n": 200_000, "d": 384, "k": 15, "recall": 0.95},
        "faiss IVF",
    ),
    "hdbscan": Work(
        {"embkit exact": hdbscan_exact, "embkit leaves": hdbscan_leaves, "agreement": agreement},
        {"n": 50_000, "d": 384, "min_cluster_size": 10, "recall": 0.95, "sample": 50_000},
        "embkit exact",
    ),
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:  # which knows a case by its name
        main({name: case for cases, _, _ in WORKS.values() for name, case in cases.items()}, {})
    else:
        work = sys.argv.pop(1) if sys.argv[1:2] and sys.argv[1] in WORKS else "kmeans"
        main(WORKS[work].cases, WORKS[work].defaults, reference=WORKS[work].reference, floor=False)
