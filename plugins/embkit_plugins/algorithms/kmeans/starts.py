"""The best of several starts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from embkit_plugins.algorithms.kmeans.lloyd import GROUP_SIZE, Fit, lloyd
from embkit_plugins.algorithms.kmeans.parts import Parts
from embkit_plugins.algorithms.kmeans.points import Points
from embkit_plugins.algorithms.kmeans.seeding import starting_rows

__all__ = ["best_of_starts"]


def best_of_starts(
    vectors: NDArray[Any],
    n_clusters: int,
    *,
    spherical: bool = False,
    init: str = "k-means++",
    n_init: int = 1,
    init_size: int = 20_000,
    max_iter: int = 300,
    tol: float = 1e-4,
    group_size: int = GROUP_SIZE,
    threads: int = 1,
    parts: Parts | None = None,
    seed: int = 0,
    progress: Callable[[float, str], Any] = lambda _done, _note: None,
) -> Fit:
    """Lloyd's iteration from some starts; the one of least inertia, the first of equals.

    Parameters
    ----------
    vectors : array_like of shape (n_samples, n_features)
        Of any real dtype, finite; read by slices and by lists of rows, never whole.
    n_clusters : int
        At most n_samples.
    spherical : bool
        Whether rows and centres are scaled to length 1; no row may be zero then.
    init : {"k-means++", "random"}
        See `embkit_plugins.algorithms.kmeans.seeding.starting_rows`.
    n_init : int
        Number of starts.
    init_size : int
        Rows that k-means++ chooses from.
    max_iter, tol, group_size, threads, parts
        See `embkit_plugins.algorithms.kmeans.lloyd.lloyd`.
    seed : int
        Of the first start; those after it take the next numbers.
    progress : callable
        Told the share of the work done at most, and a note.

    Returns
    -------
    Fit
        Its ``n_distances`` are those of all starts.
    """
    from threadpoolctl import threadpool_limits

    # Blocks are small, and go to threads of ours: BLAS threads of their own would only wait.
    with threadpool_limits(1, user_api="blas"):
        points = Points.of(vectors, spherical=spherical, threads=threads, parts=parts)

        def fitted(number: int) -> Fit:
            rows = starting_rows(points, n_clusters, init, init_size, seed + number)
            return lloyd(
                points,
                points.double(rows),
                max_iter=max_iter,
                tol=tol,
                group_size=group_size,
                threads=threads,
                parts=parts,
                progress=lambda done, note: progress((number + done) / n_init, note),
            )

        best = fitted(0)
        n_distances = best.n_distances
        for number in range(1, n_init):
            fit = fitted(number)
            n_distances += fit.n_distances
            best = fit if fit.inertia < best.inertia else best
    return replace(best, n_distances=n_distances)
