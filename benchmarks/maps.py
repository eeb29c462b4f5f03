"""Maps of very many rows by UMAP, neighbours in leaves: from the layout of a sample, and all at once.

The rows are those of scale.py, read from their file. Each case says how long the search for
neighbours took, how well the map keeps them (trustworthiness and continuity of 500 rows, and the
share of the 15 nearest that are so on the map), and how much memory the process had.

python benchmarks/maps.py --n 50000 --repeats 1
python benchmarks/maps.py --n 1000000 --repeats 1 --only sample
"""

from collections.abc import Callable
from typing import Any

from _bench import main
from _context import context_of
from scale import mixed_file


def from_a_sample(n: int, d: int) -> Callable[[], Any]:
    """A map from the layout of a sample, by neighbours in leaves; of few rows from a fifth of them."""
    from embkit_plugins.artifacts import projection

    projection.AT_ONCE = min(n - 1, projection.AT_ONCE)
    projection.FIRST_ROWS = min(n // 5, projection.FIRST_ROWS)
    return _laid_out(n, d)


def at_once(n: int, d: int) -> Callable[[], Any]:
    """A map whose rows all start from the modes of the graph, or from principal components."""
    from embkit_plugins.artifacts import projection

    projection.AT_ONCE = n
    return _laid_out(n, d)


def _laid_out(n: int, d: int) -> Callable[[], Any]:
    import time

    import numpy as np

    from embkit import FileRows, stacked
    from embkit_plugins.algorithms.neighbors.faithfulness import faithfulness

    path = mixed_file(n, d)
    mapped = np.load(path, mmap_mode="r")
    context = context_of(stacked([FileRows(path, mapped.offset, mapped.shape, mapped.dtype)]))

    def work() -> str:
        started = time.perf_counter()
        found = context.artifact("projection", neighbors="leaves")
        seconds = time.perf_counter() - started
        searches = [use for use in context.shared.uses if use.name == "neighbors"]
        kept = faithfulness(context.dataset, found["embedding"], "euclidean")
        nearest = context.artifact("neighbors", metric="euclidean", method="leaves")["indices"]
        return (
            f"neighbours {sum(use.seconds for use in searches):.0f} s of {seconds:.0f} s, "
            f"recall {found.facts['recall']:.3f}; {kept} {_kept(nearest, found['embedding'])}"
        )

    return work


def _kept(nearest: Any, points: Any) -> str:
    """The share of the nearest rows that are as many nearest ones on the map, of 2,000 rows."""
    import numpy as np
    from scipy.spatial import cKDTree

    rows = np.random.default_rng(0).choice(len(points), min(2000, len(points)), replace=False)
    k = nearest.shape[1]
    on_map = cKDTree(points).query(points[rows], k + 1)[1]
    shared = [len(np.intersect1d(*pair)) / k for pair in zip(on_map, nearest[rows], strict=True)]
    return f"{np.mean(shared):.1%} of {k} neighbours kept."


if __name__ == "__main__":
    main(
        {"at once": at_once, "sample": from_a_sample},
        {"n": 50_000, "d": 384},
        reference="at once",
        floor=False,
    )
