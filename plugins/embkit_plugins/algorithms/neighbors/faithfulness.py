"""How faithful a map is to the neighbourhoods of the rows: trustworthiness and continuity."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from embkit import Dataset, FloatArray, Floats, IntArray
from embkit_plugins.algorithms.distances.across import Vectors, across
from embkit_plugins.algorithms.rows.prepare import sampled_rows
from embkit_plugins.algorithms.rows.threads import in_order, of_part

__all__ = ["Faithfulness", "faithfulness"]

_NEIGHBORS = 15
_SAMPLE = 500
_LEAST = 5
_WHOLE = 100_000
"""Rows up to which the distances of a sampled row to all are held at once."""
_BLOCK = 8192
_ROUNDING = 1e-7  # of a distance, by which it may differ from one block to another


@dataclass(frozen=True)
class Faithfulness:
    """How well neighbourhoods are kept by a map.

    Parameters
    ----------
    trustworthiness : float
        0 to 1; lower the farther neighbours on the map are in the data.
    continuity : float
        0 to 1; lower the farther neighbours in the data are on the map.
    n_neighbors : int
        How many neighbours are looked at.
    n_sampled : int
        For how many rows; each is compared to all.
    """

    trustworthiness: float
    continuity: float
    n_neighbors: int
    n_sampled: int

    def __str__(self) -> str:
        return (
            f"Trustworthiness {self.trustworthiness:.2f}, continuity {self.continuity:.2f} "
            f"({self.n_neighbors} neighbours)."
        )


def faithfulness(
    dataset: Dataset,
    points: FloatArray,
    metric: Vectors,
    threads: int = 1,
    progress: Callable[[float, str], Any] = lambda _done, _note: None,
) -> Faithfulness | None:
    """Compare the neighbours of rows in the data and on a map.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    points : ndarray of shape (n_samples, n_components)
        Where the map has them.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows.
    threads : int
        How many to work with where there are very many rows; the result is the same for any number.
    progress : callable
        Told the share of the work done and what it is, where there are very many rows.

    Returns
    -------
    Faithfulness or None
        None for fewer than five rows. Above 500 rows a mean over 500 that are drawn
        at random, always the same ones: good to about 0.01. Cost: the distances of
        these to all rows; above 100,000 rows by blocks, without a copy of the rows.

    References
    ----------
    Venna and Kaski, "Neighborhood preservation in nonlinear projection methods",
    ICANN 2001.
    """
    n_samples = dataset.n_samples
    if n_samples < _LEAST:
        return None
    n_neighbors = min(_NEIGHBORS, (n_samples - 1) // 2)
    drawn = sampled_rows(n_samples, _SAMPLE, np.random.default_rng(0))
    if n_samples > _WHOLE:
        strayed = _strayed_by_blocks(dataset, points, metric, drawn, threads, progress)
    else:
        strayed = _strayed_both_ways(dataset, points, metric, drawn, n_neighbors)
    most = len(drawn) * n_neighbors * (2 * n_samples - 3 * n_neighbors - 1) / 2
    trustworthiness, continuity = 1 - strayed / most
    return Faithfulness(float(trustworthiness), float(continuity), n_neighbors, len(drawn))


def _strayed_both_ways(
    dataset: Dataset, points: FloatArray, metric: Vectors, drawn: IntArray, n_neighbors: int
) -> Floats:
    """`_strayed` from the map to the data and back."""
    rows = across(dataset.in_memory, dataset.take(drawn).in_memory, metric)
    on_map = Dataset(np.asarray(points, dtype=np.float64))
    places = across(on_map, on_map.take(drawn), "euclidean")
    strayed = np.zeros(2)
    # The blocks of both hold the same rows: they depend on the numbers of rows alone.
    for (chosen, in_data), (_, in_map) in zip(rows.blocks(), places.blocks(), strict=True):
        itself = np.arange(len(in_data)), drawn[chosen]
        in_data[itself] = in_map[itself] = np.inf
        strayed += _strayed(in_map, in_data, n_neighbors), _strayed(in_data, in_map, n_neighbors)
    return strayed


def _strayed(here: Floats, there: Floats, n_neighbors: int) -> float:
    """By how much the ranks there of the nearest here exceed their number, summed."""
    nearest = np.argpartition(here, n_neighbors - 1, axis=1)[:, :n_neighbors]
    total = 0.0
    for column in nearest.T:
        ranks = (there < np.take_along_axis(there, column[:, None], axis=1)).sum(axis=1) + 1
        total += float(np.maximum(ranks - n_neighbors, 0).sum())
    return total


def _strayed_by_blocks(
    dataset: Dataset,
    points: FloatArray,
    metric: Vectors,
    drawn: IntArray,
    threads: int,
    progress: Callable[[float, str], Any],
) -> Floats:
    """The same in one pass over the rows, for so many that 15 neighbours are there."""
    from scipy.spatial import cKDTree
    from threadpoolctl import threadpool_limits

    places = np.asarray(points, dtype=np.float64)
    on_map = _others(cKDTree(places).query(places[drawn], _NEIGHBORS + 1)[1], drawn)
    report = of_part(progress, "how well neighbours are kept")
    with threadpool_limits(1, user_api="blas"):
        nearer, in_data = _looked_through(dataset, metric, drawn, on_map, threads, report)
        nearer_on_map, _ = _looked_through(
            Dataset(places), "euclidean", drawn, in_data, threads, lambda _: None
        )
    ranks = np.stack([nearer, nearer_on_map]) + 1
    strayed: Floats = np.maximum(ranks - _NEIGHBORS, 0).sum(axis=(1, 2)).astype(np.float64)
    return strayed


def _looked_through(
    dataset: Dataset,
    metric: Vectors,
    drawn: IntArray,
    others: IntArray,
    threads: int,
    progress: Callable[[float], Any],
) -> tuple[IntArray, IntArray]:
    """How many rows are nearer to each row drawn than each of its others, and its nearest rows."""
    limits = _distances_to(dataset, metric, drawn, others)

    def looked(start: int) -> tuple[IntArray, Floats, IntArray]:
        block = np.arange(start, min(start + _BLOCK, dataset.n_samples))
        away = _block(dataset, metric, drawn, block)
        inside = np.flatnonzero((drawn >= start) & (drawn < start + len(block)))
        away[inside, drawn[inside] - start] = np.inf
        counts = [np.count_nonzero(away < limit[:, None], axis=1) for limit in limits.T]
        return np.stack(counts, axis=1), *_nearest(away, np.broadcast_to(block, away.shape))

    nearer = np.zeros(others.shape, dtype=np.int64)
    best, rows = np.full(others.shape, np.inf), np.zeros(others.shape, dtype=np.int64)
    starts = range(0, dataset.n_samples, _BLOCK)
    for start, (counts, away, found) in zip(starts, in_order(looked, starts, threads), strict=True):
        nearer += counts
        best, rows = _nearest(np.hstack([best, away]), np.hstack([rows, found]))
        progress(start / dataset.n_samples)
    return nearer, rows


def _nearest(away: Floats, rows: IntArray) -> tuple[Floats, IntArray]:
    """The least 15 distances of each line and the rows that they are to; all if there are fewer."""
    if away.shape[1] <= _NEIGHBORS:
        return away, rows
    kept = np.argpartition(away, _NEIGHBORS - 1, axis=1)[:, :_NEIGHBORS]
    return np.take_along_axis(away, kept, axis=1), np.take_along_axis(rows, kept, axis=1)


def _others(found: IntArray, rows: IntArray) -> IntArray:
    """The neighbours of rows, but for themselves, or for the last where more lie on the same spot."""
    others = found != rows[:, None]
    others[others.all(axis=1), -1] = False
    neighbors: IntArray = found[others].reshape(len(rows), -1).astype(np.int64)
    return neighbors


def _block(dataset: Dataset, metric: Vectors, drawn: IntArray, block: IntArray) -> Floats:
    """Distances of the rows drawn to those of a block."""
    chosen, rows = (
        Dataset(dataset.vectors[part], name=dataset.name, rows=dataset.source_rows[part])
        for part in (drawn, block)
    )
    found = across(rows, chosen, metric)
    return found.measure(found.others, found.rows)


def _distances_to(dataset: Dataset, metric: Vectors, drawn: IntArray, others: IntArray) -> Floats:
    """The distance of each row drawn to its own others, less what rounding may add."""
    n_others = others.shape[1]
    every = _block(dataset, metric, drawn, others.ravel()).reshape(len(drawn), len(drawn), n_others)
    own = np.arange(len(drawn))
    return every[own, own] * (1 - _ROUNDING)
