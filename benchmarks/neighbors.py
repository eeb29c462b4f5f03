"""Nearest neighbours: embkit beside faiss's flat index, scikit-learn and pynndescent.

All but pynndescent and leaves are exact; the peers ask for one neighbour more, the row itself.

python benchmarks/neighbors.py --n 13000 --k 15
"""

from collections.abc import Callable
from typing import Any

from _bench import embeddings, main
from _context import context_of


def embkit(n: int, d: int, k: int) -> Callable[[], Any]:
    context = context_of(embeddings(n, d))
    return lambda: context.artifact("neighbors", n_neighbors=k)


def integers(n: int, d: int, k: int) -> Callable[[], Any]:
    """The same neighbours by products of integers, also where these are no faster."""
    from embkit_plugins.algorithms.neighbors import exact

    exact.has_integer_products = lambda: True
    return embkit(n, d, k)


def floats(n: int, d: int, k: int) -> Callable[[], Any]:
    """The same neighbours without products of integers, as without the extra int8."""
    import sys

    sys.modules["numkong"] = None  # type: ignore[assignment]
    return embkit(n, d, k)


def leaves(n: int, d: int, k: int) -> Callable[[], Any]:
    context = context_of(embeddings(n, d))

    def work() -> str:
        found = context.artifact("neighbors", n_neighbors=k, method="leaves", recall=0.95)
        return f"recall {found.facts.get('recall', 1)}"

    return work


def faiss(n: int, d: int, k: int) -> Callable[[], Any]:
    import faiss as module

    X = embeddings(n, d)
    index = module.IndexFlatL2(d)
    index.add(X)
    return lambda: index.search(X, k + 1)


def scikit_learn(n: int, d: int, k: int) -> Callable[[], Any]:
    from sklearn.neighbors import NearestNeighbors

    X = embeddings(n, d)
    model = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(X)
    return model.kneighbors


def pynndescent(n: int, d: int, k: int) -> Callable[[], Any]:
    from pynndescent import NNDescent

    X = embeddings(n, d)
    return lambda: NNDescent(X, n_neighbors=k + 1, random_state=0).neighbor_graph


if __name__ == "__main__":
    main(
        {
            "faiss flat": faiss,
            "scikit-learn": scikit_learn,
            "pynndescent": pynndescent,
            "embkit": embkit,
            "embkit by integers": integers,
            "embkit without int8": floats,
            "embkit leaves": leaves,
        },
        {"n": 13000, "d": 384, "k": 15},
        reference="faiss flat",
    )
