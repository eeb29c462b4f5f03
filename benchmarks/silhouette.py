"""Silhouettes: embkit beside scikit-learn, one labeling and five in one call.

python benchmarks/silhouette.py --n 13000 --k 20
python benchmarks/silhouette.py --metric euclidean
"""

from collections.abc import Callable
from typing import Any

from _bench import embeddings, main


def labelings(n: int, k: int) -> Any:
    import numpy as np

    rng = np.random.default_rng(0)
    return [rng.integers(0, clusters, n) for clusters in (k, k // 2 + 1, 2 * k, 3 * k, 5 * k)]


def embkit(n: int, d: int, k: int, metric: str) -> Callable[[], Any]:
    from embkit_plugins.algorithms.silhouettes.labelings import silhouettes

    X, labels = embeddings(n, d), labelings(n, k)
    return lambda: silhouettes(X, labels[:1], metric)


def embkit_five(n: int, d: int, k: int, metric: str) -> Callable[[], Any]:
    from embkit_plugins.algorithms.silhouettes.labelings import silhouettes

    X, labels = embeddings(n, d), labelings(n, k)
    return lambda: silhouettes(X, labels, metric)


def scikit_learn(n: int, d: int, k: int, metric: str) -> Callable[[], Any]:
    from sklearn.metrics import silhouette_samples

    X, labels = embeddings(n, d), labelings(n, k)
    return lambda: silhouette_samples(X, labels[0], metric=metric)


if __name__ == "__main__":
    main(
        {"scikit-learn": scikit_learn, "embkit": embkit, "embkit, five labelings": embkit_five},
        {"n": 13000, "d": 384, "k": 20, "metric": "cosine"},
        reference="scikit-learn",
    )
