"""HDBSCAN: embkit beside the hdbscan package, fast-hdbscan (cold and warm) and scikit-learn.

"work" is the fit; "process" is what a user waits for, imports and compilation included.

python benchmarks/hdbscan.py --n 13000
python benchmarks/hdbscan.py --n 13000 --only embkit --only fast-hdbscan
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _bench import embeddings, main
from _context import context_of

sys.path.remove(str(Path(__file__).parent))  # this file must not stand in for the package


def embkit(n: int, d: int, min_cluster_size: int) -> Callable[[], Any]:
    from embkit_plugins.clusterers.hdbscan import HDBSCAN

    context = context_of(embeddings(n, d))
    return lambda: HDBSCAN(min_cluster_size=min_cluster_size).cluster(context.dataset, context)


def embkit_same_as_hdbscan(n: int, d: int, min_cluster_size: int) -> Callable[[], Any]:
    """Not a timing: ends in an error unless the partition is that of the hdbscan package."""
    import hdbscan as package
    from sklearn.metrics import adjusted_rand_score

    found = embkit(n, d, min_cluster_size)()
    model = package.HDBSCAN(min_cluster_size=min_cluster_size, approx_min_span_tree=False)
    expected = model.fit(embeddings(n, d))
    agreement = adjusted_rand_score(found.labels, expected.labels_)
    if agreement < 0.999:
        raise SystemExit(f"adjusted Rand index {agreement:.4f}")
    return lambda: None


def hdbscan(n: int, d: int, min_cluster_size: int) -> Callable[[], Any]:
    import hdbscan as package

    X = embeddings(n, d)
    return lambda: package.HDBSCAN(min_cluster_size=min_cluster_size).fit(X)


def fast_hdbscan(n: int, d: int, min_cluster_size: int) -> Callable[[], Any]:
    from fast_hdbscan import HDBSCAN

    X = embeddings(n, d)
    return lambda: HDBSCAN(min_cluster_size=min_cluster_size).fit(X)


def fast_hdbscan_warm(n: int, d: int, min_cluster_size: int) -> Callable[[], Any]:
    from fast_hdbscan import HDBSCAN

    X = embeddings(n, d)
    HDBSCAN(min_cluster_size=min_cluster_size).fit(X[:500])
    return lambda: HDBSCAN(min_cluster_size=min_cluster_size).fit(X)


def scikit_learn(n: int, d: int, min_cluster_size: int) -> Callable[[], Any]:
    from sklearn.cluster import HDBSCAN

    X = embeddings(n, d)
    return lambda: HDBSCAN(min_cluster_size=min_cluster_size, n_jobs=-1, copy=True).fit(X)


if __name__ == "__main__":
    main(
        {
            "hdbscan": hdbscan,
            "scikit-learn": scikit_learn,
            "fast-hdbscan": fast_hdbscan,
            "fast-hdbscan, warm": fast_hdbscan_warm,
            "embkit": embkit,
            "embkit = hdbscan": embkit_same_as_hdbscan,
        },
        {"n": 13000, "d": 384, "min_cluster_size": 10},
        reference="hdbscan",
    )
