"""How faithful a map is to the neighbourhoods of the rows: trustworthiness and continuity."""

from dataclasses import dataclass

import numpy as np

from embkit import Dataset, FloatArray, Floats
from embkit_plugins.algorithms.distances.across import Vectors, across
from embkit_plugins.algorithms.rows.prepare import sampled_rows

__all__ = ["Faithfulness", "faithfulness"]

_NEIGHBORS = 15
_SAMPLE = 500
_LEAST = 5


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


def faithfulness(dataset: Dataset, points: FloatArray, metric: Vectors) -> Faithfulness | None:
    """Compare the neighbours of rows in the data and on a map.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    points : ndarray of shape (n_samples, n_components)
        Where the map has them.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan"}
        Distance between rows.

    Returns
    -------
    Faithfulness or None
        None for fewer than five rows. Above 500 rows a mean over 500 that are drawn
        at random, always the same ones: good to about 0.01. Cost: the distances of
        these to all rows.

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
    rows = across(dataset, dataset.take(drawn), metric)
    on_map = Dataset(np.asarray(points, dtype=np.float64))
    places = across(on_map, on_map.take(drawn), "euclidean")
    strayed = np.zeros(2)
    # The blocks of both hold the same rows: they depend on the numbers of rows alone.
    for (chosen, in_data), (_, in_map) in zip(rows.blocks(), places.blocks(), strict=True):
        itself = np.arange(len(in_data)), drawn[chosen]
        in_data[itself] = in_map[itself] = np.inf
        strayed += _strayed(in_map, in_data, n_neighbors), _strayed(in_data, in_map, n_neighbors)
    most = len(drawn) * n_neighbors * (2 * n_samples - 3 * n_neighbors - 1) / 2
    trustworthiness, continuity = 1 - strayed / most
    return Faithfulness(float(trustworthiness), float(continuity), n_neighbors, len(drawn))


def _strayed(here: Floats, there: Floats, n_neighbors: int) -> float:
    """By how much the ranks there of the nearest here exceed their number, summed."""
    nearest = np.argpartition(here, n_neighbors - 1, axis=1)[:, :n_neighbors]
    total = 0.0
    for column in nearest.T:
        ranks = (there < np.take_along_axis(there, column[:, None], axis=1)).sum(axis=1) + 1
        total += float(np.maximum(ranks - n_neighbors, 0).sum())
    return total
