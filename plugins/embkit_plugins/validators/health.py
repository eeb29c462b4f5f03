"""Health: what there is to know of a matrix of embeddings before anything is done with it."""

from collections import Counter
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Context, Dataset, Floats, Table, Validation
from embkit.text import plural
from embkit_plugins.algorithms.distances.random_pairs import pair_distances, sample_pairs
from embkit_plugins.algorithms.rows.prepare import first_equal, row_blocks
from embkit_plugins.artifacts.neighbors import nearest_neighbors

__all__ = ["Health", "intrinsic_dimension"]

_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_N_PAIRS = 20_000
_N_NEIGHBORS = 10
_NEAR = 0.01
_OFF_CENTRE, _HUBS = 0.1, 1.4


class Health:
    """Count what can go wrong in a matrix of embeddings, and measure its geometry.

    Scores, in this order:

    - ``n_samples``, ``n_features``, ``dtype``; ``n_dropped`` by the host as not
      finite or zero; ``n_zero_rows``, ``n_duplicates`` (rows equal to an earlier
      one), ``n_constant_columns``;
    - ``norm_min``, ``norm_median``, ``norm_max``;
    - ``mean_share``: squared length of the mean over the mean squared length, 0 to
      1. Embeddings far from centred (Ethayarajh, EMNLP 2019, calls them
      anisotropic) have small cosine distances between any two rows;
    - ``random_cosine_p05``, ``random_cosine_median``: cosine distances, 0 to 2,
      between random rows, the floor against which a threshold must be read; all
      quantiles, euclidean ones too, are in the table ``random_pairs``;
    - ``near_duplicates``: share of rows with another within a cosine distance of
      0.01, equal rows included;
    - ``hubness``: skewness of the number of times a row is among the ten nearest
      neighbours of others (Radovanović, Nanopoulos and Ivanović, JMLR 11, 2010);
      above 1.4, a few rows are neighbours of very many;
    - ``intrinsic_dimension`` by TwoNN; see `intrinsic_dimension`;
    - ``effective_rank``: exponential of the entropy of the shares of the squared
      singular values of the centred rows (after Roy and Vetterli, EUSIPCO 2007).

    Cost: O(n d) and O(d^2 n) on a sample for the spectrum; neighbours of at most
    `max_samples` rows among themselves, n^2 d.

    Parameters
    ----------
    max_samples : int
        Rows for neighbours and spectrum, drawn at random where there are more.
    """

    by_blocks = True

    def __init__(self, *, max_samples: Annotated[int, Ge(20)] = 5000) -> None:
        self.max_samples = max_samples

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the scores, the table ``random_pairs`` and what deserves attention."""
        moments = _Moments(dataset)
        sample, sampled = self._sample(dataset, context.seed, moments.norms > 0)
        scores: dict[str, Any] = {
            "n_samples": dataset.n_samples,
            "n_features": dataset.n_features,
            "dtype": str(dataset.vectors.dtype),
            "n_dropped": len(dataset.dropped),
            **moments.scores,
        }
        tables: dict[str, Table] = {}
        notes = list(_dropped_notes(dataset))
        if sample is not None:
            context.progress(0.3, "columns and norms read")
            tables["random_pairs"] = _random_pairs(sample, context.seed)
            scores |= _floor(tables["random_pairs"])
            scores |= _neighbourhoods(sample, context)
            scores["effective_rank"] = _effective_rank(sample.vectors)
            if sampled:
                notes.append(
                    f"distances, neighbours and effective rank from {sample.n_samples} of "
                    f"{dataset.n_samples} rows, drawn at random"
                )
        else:
            notes.append("fewer than three rows with a direction: no distances")
        return Validation(scores, tables, (*notes, *_attention(scores)))

    def _sample(
        self, dataset: Dataset, seed: int, usable: NDArray[np.bool_]
    ) -> tuple[Dataset | None, bool]:
        rows = np.flatnonzero(usable)
        if len(rows) < 3:
            return None, False
        if len(rows) > self.max_samples:
            rows = np.sort(np.random.default_rng(seed).choice(rows, self.max_samples, replace=False))
            return dataset.take(rows), True
        return (dataset if len(rows) == dataset.n_samples else dataset.take(rows)).in_memory, False


class _Moments:
    """Moments gathered in one pass over all rows."""

    def __init__(self, dataset: Dataset) -> None:
        vectors = dataset.vectors
        low, high = vectors[0], vectors[0]
        squares = np.empty(len(vectors))
        total = np.zeros(vectors.shape[1])
        for rows in row_blocks(vectors):
            block = vectors[rows].astype(np.float64)
            low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
            squares[rows] = np.einsum("ij,ij->i", block, block)
            total += block.sum(axis=0)
        self.norms = np.sqrt(squares)
        centre, mean_square = total / len(vectors), float(squares.mean())
        self.scores: dict[str, Any] = {
            "n_zero_rows": int(np.count_nonzero(self.norms == 0)),
            "n_duplicates": int(np.count_nonzero(first_equal(vectors) != np.arange(len(vectors)))),
            "n_constant_columns": int(np.count_nonzero(low == high)),
            "norm_min": float(self.norms.min()),
            "norm_median": float(np.median(self.norms)),
            "norm_max": float(self.norms.max()),
            "mean_share": float(centre @ centre) / mean_square if mean_square > 0 else None,
        }


def _random_pairs(sample: Dataset, seed: int) -> Table:
    pairs = sample_pairs(sample.n_samples, _N_PAIRS, seed)
    return {
        "quantile": list(_QUANTILES),
        "cosine": np.quantile(pair_distances(sample, "cosine", pairs), _QUANTILES),
        "euclidean": np.quantile(pair_distances(sample, "euclidean", pairs), _QUANTILES),
    }


def _floor(pairs: Table) -> dict[str, float]:
    cosine = pairs["cosine"]
    return {
        "random_cosine_p05": float(cosine[_QUANTILES.index(0.05)]),
        "random_cosine_median": float(cosine[_QUANTILES.index(0.5)]),
    }


def _neighbourhoods(sample: Dataset, context: Context) -> dict[str, float | None]:
    n_neighbors = min(_N_NEIGHBORS, sample.n_samples - 1)
    bound = context.on(sample)
    near = nearest_neighbors(bound, sample.n_samples, n_neighbors, "cosine")
    context.progress(0.6, "neighbours found")
    straight = nearest_neighbors(bound, sample.n_samples, n_neighbors, "euclidean")
    occurrence = np.bincount(near.indices.ravel(), minlength=sample.n_samples).astype(np.float64)
    spread = occurrence.std()
    skewness = float((((occurrence - occurrence.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
    return {
        "near_duplicates": float(np.mean(near.distances[:, 0] <= _NEAR)),
        "hubness": skewness,
        "intrinsic_dimension": intrinsic_dimension(straight.distances[:, :2].astype(np.float64)),
    }


def intrinsic_dimension(distances: Floats) -> float | None:
    """The number of dimensions that the rows fill locally, by TwoNN.

    The ratio of the distances to the second and to the first neighbour has a
    Pareto distribution whose exponent is the dimension; it is the slope of
    -log(1 - F) over the log ratio, through the origin, without the largest tenth
    (Facco, d'Errico, Rodriguez and Laio, Scientific Reports 7, 2017).

    Parameters
    ----------
    distances : ndarray of float64, shape (n_samples, 2)
        Euclidean distances to the two nearest other rows, ascending.

    Returns
    -------
    float or None
        None where fewer than ten rows have a first neighbour at a distance. Too
        low in many dimensions, where the rows are too few to be near each other.
    """
    if distances.shape[1] < 2:
        return None
    apart = distances[distances[:, 0] > 0]
    if len(apart) < 10:
        return None
    ratios = np.sort(np.log(apart[:, 1] / apart[:, 0]))
    kept = ratios[: int(0.9 * len(ratios))]
    above = -np.log1p(-np.arange(1, len(kept) + 1) / len(ratios))
    square = float(kept @ kept)
    return float(kept @ above) / square if square > 0 else None


def _effective_rank(vectors: NDArray[Any]) -> float | None:
    rows = vectors.astype(np.float64)
    rows -= rows.mean(axis=0)
    gram = rows.T @ rows if rows.shape[0] > rows.shape[1] else rows @ rows.T
    values = np.maximum(np.linalg.eigvalsh(gram), 0.0)
    if values.sum() <= 0:
        return None
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _dropped_notes(dataset: Dataset) -> tuple[str, ...]:
    reasons = Counter(dataset.dropped.values())
    return tuple(
        f"{plural(count, 'row')} dropped: {reason}" for reason, count in sorted(reasons.items())
    )


def _attention(scores: dict[str, Any]) -> list[str]:
    """Findings that need the user's attention, in sentences."""
    notes = []
    if scores["n_zero_rows"]:
        notes.append(f"{scores['n_zero_rows']} zero rows have no direction for cosine distance")
    if scores["n_duplicates"]:
        notes.append(f"{plural(scores['n_duplicates'], 'row')} the same as an earlier one")
    if (scores["mean_share"] or 0.0) > _OFF_CENTRE:
        notes.append(
            f"the mean vector carries {scores['mean_share']:.0%} of the squared length: cosine "
            "distances are small for that reason alone; reducer center removes it"
        )
    if scores.get("hubness", 0.0) > _HUBS:
        notes.append(f"hubness {scores['hubness']:.1f}: a few rows are neighbours of very many")
    if "random_cosine_p05" in scores:
        notes.append(
            f"half of random pairs are within {scores['random_cosine_median']:.3g} in cosine distance, "
            f"1 in 20 within {scores['random_cosine_p05']:.3g}: thresholds near it join strangers"
        )
    return notes
