"""The tree of merges: embkit beside scipy, scikit-learn and fastcluster.

python benchmarks/linkage.py --n 4312 --d 1024 --linkage complete
python benchmarks/linkage.py --n 30000 --linkage average --only embkit
"""

from collections.abc import Callable
from typing import Any

from _bench import embeddings, main


def embkit(n: int, d: int, linkage: str, metric: str) -> Callable[[], Any]:
    from embkit.data.dataset import Dataset
    from embkit.plugin.registry import Registry
    from embkit.resources import available_memory
    from embkit.runs.context import RunContext
    from embkit.runs.shared import SharedWork

    context = RunContext(
        Registry.discover(),
        Dataset(embeddings(n, d)),
        seed=0,
        threads=2,
        memory=available_memory(),
        shared=SharedWork(None),
    )
    return lambda: context.artifact("linkage", linkage=linkage, metric=metric)


def scipy(n: int, d: int, linkage: str, metric: str) -> Callable[[], Any]:
    from scipy.cluster import hierarchy

    X = embeddings(n, d)
    return lambda: hierarchy.linkage(X, linkage, metric)


def scikit_learn(n: int, d: int, linkage: str, metric: str) -> Callable[[], Any]:
    from sklearn.cluster import AgglomerativeClustering

    X = embeddings(n, d)
    model = AgglomerativeClustering(
        n_clusters=None, distance_threshold=0.25, linkage=linkage, metric=metric
    )
    return lambda: model.fit(X)


def fastcluster(n: int, d: int, linkage: str, metric: str) -> Callable[[], Any]:
    import fastcluster as module

    X = embeddings(n, d)
    return lambda: module.linkage(X, linkage, metric)


if __name__ == "__main__":
    main(
        {"scipy": scipy, "scikit-learn": scikit_learn, "fastcluster": fastcluster, "embkit": embkit},
        {"n": 4312, "d": 1024, "linkage": "complete", "metric": "cosine"},
        reference="scikit-learn",
    )
