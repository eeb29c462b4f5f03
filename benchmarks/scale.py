"""A million rows: k-means of vectors that stay on disk, beside scikit-learn.

Rows are mixtures of two glosses, ``w a + (1 - w) b`` with w uniform in [0.6, 1],
scaled to length 1 and kept as float16; they have no more structure than their
sources. Each case reads the same file in a process of its own.

python benchmarks/scale.py --n 200000 --k 100 --iterations 25 --repeats 1
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _bench import DATA, main


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


def embkit(n: int, d: int, k: int, iterations: int) -> Callable[[], Any]:
    """The clusterer's own work: start, iterations, inertia."""
    import os

    import numpy as np

    from embkit import FileRows, stacked
    from embkit_plugins.algorithms.kmeans.starts import best_of_starts

    threads = int(os.environ["OPENBLAS_NUM_THREADS"])
    path = mixed_file(n, d)

    def work() -> str:
        mapped = np.load(path, mmap_mode="r")
        vectors = stacked([FileRows(path, mapped.offset, mapped.shape, mapped.dtype)])
        fit = best_of_starts(vectors, k, max_iter=iterations, tol=0, threads=threads, seed=0)
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


if __name__ == "__main__":
    main(
        {
            "scikit-learn float32": scikit_learn,
            "scikit-learn float16": scikit_learn_as_is,
            "embkit": embkit,
        },
        {"n": 200_000, "d": 384, "k": 100, "iterations": 25},
        reference="scikit-learn float32",
        floor=False,
    )
