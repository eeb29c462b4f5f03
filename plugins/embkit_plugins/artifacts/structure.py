"""Divisions of a dataset into groups, found on one part of the rows and tested on another."""

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from embkit import Artifact, Context, Dataset, Floats
from embkit_plugins.algorithms.rows.prepare import sampled_rows
from embkit_plugins.algorithms.valleys.components import leading_components
from embkit_plugins.algorithms.valleys.cross_fit import Division, close_look, cross_fit, views_of
from embkit_plugins.algorithms.valleys.divisions import N_PAIRS
from embkit_plugins.algorithms.valleys.local import N_SCALES, combined_z, local_z
from embkit_plugins.algorithms.valleys.order import order_correlation
from embkit_plugins.algorithms.valleys.outliers import far_out

__all__ = [
    "DEFAULT_SAMPLES",
    "LEAST_SAMPLES",
    "Divisions",
    "Structure",
    "Verdict",
    "divisions_of",
    "p_value_of",
]

DEFAULT_SAMPLES = 5000
LEAST_SAMPLES = 20
"""Rows below which nothing is looked for."""
_LEAST_REPEATS = 2
_VIEW_TYPE = "<U8"
_UNDECIDED = 0.2
_NOT_FALLING = -0.84  # close to the border; below, the density is known not to fall (p > 0.8)
_NO, _YES = 0.25, 3.5  # a mean z outside of these is not going to cross a limit
_SHARED = 2_000  # rows from which the parts are worth threads: smaller ones wait for the interpreter
_COPIES = 4  # of all distances, that a close look makes
_HOPELESS = -0.5  # straight evidence below this is not looked at closely


class Structure:
    """The deepest valley of the density, found on most of the rows and counted on the rest, in turn.

    What it means, and its sources, are explained by validator ``structure``.

    Cost: O(n k d) with k up to 96 cells and d up to 64, O(n k^2) for the counts, and
    O(n^2 d) for the close look, 10 to 40 times; the parts of 2,000 rows and more in threads.

    Parameters
    ----------
    n_folds : int
        Parts of the rows that are held out in turn.
    n_repeats : int
        How often that is done with other parts, at most: twice are enough where the answer is clear.
    max_samples : int
        Rows to work on, drawn at random where there are more.
    seed : int
        Of the sample, the parts and the cells.
    """

    def __init__(
        self,
        *,
        n_folds: Annotated[int, Ge(2), Le(LEAST_SAMPLES)] = 5,
        n_repeats: Annotated[int, Ge(1), Le(1_000)] = 8,
        max_samples: Annotated[int, Ge(100)] = DEFAULT_SAMPLES,
        seed: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.n_folds = n_folds
        self.n_repeats = n_repeats
        self.max_samples = max_samples
        self.seed = seed

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Find and count divisions, in rounds.

        Returns
        -------
        Artifact
            ``z`` float64 (n_rounds,), held-out evidence of each round in standard
            deviations, none where rows are equal or fewer than 20; ``z_straight`` and
            ``z_close``, that on straight lines and that close to the border. A row for each division:
            ``view`` str, ``n_cells``, ``n_groups`` and ``n_tried`` int64,
            ``strength`` and ``smaller_side`` float64 (n_divisions,), and the
            counts ``deficit``, ``variance``, ``seen`` and ``level`` of
            `Evidence`, float64 (n_divisions, 2).
        """
        from threadpoolctl import threadpool_limits

        rng = np.random.default_rng(self.seed)
        rows = sampled_rows(dataset.n_samples, self.max_samples, rng)
        vectors = dataset.vectors[rows].astype(np.float64)
        points = leading_components(vectors)
        correlation, order_z = order_correlation(points)
        out = far_out(points)
        if out.any():
            points = leading_components(vectors[~out])
        rounds: list[dict[str, NDArray[Any]]] = []
        scores: list[tuple[float, float, float]] = []
        worth_it = points.shape[1] and len(points) >= LEAST_SAMPLES
        workers = _workers(context, len(points))
        for repeat in range(self.n_repeats if worth_it else 0):
            if repeat >= _LEAST_REPEATS and not _NO < np.mean(scores, axis=0)[0] < _YES:
                break
            with threadpool_limits(1):  # the products are too small to share
                columns, straight, close = _round(points, self.n_folds, rng, workers)
            rounds.append(columns)
            scores.append((combined_z(straight, close), straight, close))
            context.progress((repeat + 1) / self.n_repeats, "partitions tested")
        every = rounds or [_columns([])]
        z = np.array(scores).reshape(-1, 3).T
        arrays = {name: np.concatenate([each[name] for each in every]) for name in every[0]}
        arrays |= {"z": z[0], "z_straight": z[1], "z_close": z[2]}
        facts = {
            "n_samples": len(rows),
            "n_far_out": int(out.sum()),
            "order_correlation": correlation,
            "order_z": order_z,
        }
        return Artifact(arrays, facts)


def _workers(context: Context, n_points: int) -> int:
    """As many threads as are worth it, may run, and have room for all distances each."""
    if n_points < _SHARED:
        return 1
    room = context.memory // (_COPIES * 8 * n_points**2 + 1)
    return int(max(1, min(context.threads, room)))


def _round(
    points: Floats, n_folds: int, rng: np.random.Generator, workers: int
) -> tuple[dict[str, NDArray[Any]], float, float]:
    """Divide the rows fold by fold: the divisions, and the evidence on straight lines and at borders."""
    reference = rng.standard_normal(points.shape) * points.std(axis=0)
    views = views_of(points, reference)
    fold = rng.permutation(len(points)) % n_folds
    parts = [fold == held for held in range(n_folds)]
    own = [np.random.default_rng(seed) for seed in rng.integers(2**63, size=n_folds)]
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(lambda held, rng: cross_fit(views, held, rng), parts, own))
        divisions = [(held, each) for held, each in zip(parts, found, strict=True) if each is not None]
        columns = _columns(division for _, division in divisions)
        straight, close = _pooled(columns)[0], np.zeros((2, N_SCALES, 2))
        if straight > _HOPELESS:
            looks = pool.map(
                lambda held, each: close_look(each, (points, reference), views[each.view], held),
                *zip(*divisions, strict=True),
            )
            for near in looks:
                close += [near.deficit, near.variance]
    return columns, straight, local_z(close[0], close[1])


def _columns(divisions: Iterable[Division]) -> dict[str, NDArray[Any]]:
    """The divisions as arrays with a row for each."""
    some = list(divisions)
    counts = np.array([astuple(each.evidence) for each in some]).reshape(-1, 4, N_PAIRS)
    return {
        "view": np.array([each.view for each in some], dtype=_VIEW_TYPE),
        "n_cells": np.array([each.cut.n_cells for each in some], dtype=np.int64),
        "n_groups": np.array([each.n_groups for each in some], dtype=np.int64),
        "n_tried": np.array([each.n_tried for each in some], dtype=np.int64),
        "strength": np.array([each.cut.strength for each in some], dtype=np.float64),
        "smaller_side": np.array([each.cut.share for each in some], dtype=np.float64),
        "deficit": counts[:, 0],
        "variance": counts[:, 1],
        "seen": counts[:, 2],
        "level": counts[:, 3],
    }


def _pooled(columns: Mapping[str, NDArray[Any]]) -> tuple[float, float | None]:
    """The deficit of all held-out points in standard deviations, and the density left in the valley."""
    if not len(columns["deficit"]):
        return 0.0, None
    deficit, variance, seen, level = (
        columns[name].sum(axis=0) for name in ("deficit", "variance", "seen", "level")
    )
    z = deficit / np.sqrt(variance + 0.25)
    weakest = int(z.argmin())
    return float(z[weakest]), float(seen[weakest] / level[weakest]) if level[weakest] > 0 else None


@dataclass(frozen=True)
class Verdict:
    """Cluster or continuum, and how sure.

    Parameters
    ----------
    word : {"clusters", "continuum", "undecided"}
        Which.
    p_value : float
        Chance of such evidence without clusters, at most.
    suggested, low, high : int or None
        Median, fewest and most groups that stay apart, where there are clusters.
    """

    word: str
    p_value: float
    suggested: int | None = None
    low: int | None = None
    high: int | None = None


def p_value_of(z: float) -> float:
    """The chance that a normal deviate exceeds z."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


@dataclass(frozen=True, eq=False)
class Divisions:
    """The contents of the artifact ``structure``, and what follows from them.

    Parameters
    ----------
    z : ndarray of float64, shape (n_rounds,)
        Held-out evidence of each round, in standard deviations.
    z_straight, z_close : ndarray of float64, shape (n_rounds,)
        That on straight lines between cells, and that close to the border.
    view : ndarray of str, shape (n_divisions,)
        Of which coordinates: as given, whitened, or the distance from the mean (radial).
    n_cells, n_groups, n_tried : ndarray of int64, shape (n_divisions,)
        Cells of the divided partition, the most groups that stay apart in any
        partition of any coordinates, and the most cells of one.
    strength, smaller_side : ndarray of float64, shape (n_divisions,)
        Deficit where it was found, and the share of rows on the smaller side.
    deficit, variance, seen, level : ndarray of float64, shape (n_divisions, 2)
        Held-out counts at the two weakest places across the division.
    n_samples : int
        Rows that were looked at.
    n_far_out : int
        Rows of these that are far from all others and were left out.
    order_correlation, order_z : float
        Likeness of rows that follow one another, see `order_correlation`.
    """

    z: Floats
    z_straight: Floats
    z_close: Floats
    view: NDArray[np.str_]
    n_cells: NDArray[np.int64]
    n_groups: NDArray[np.int64]
    n_tried: NDArray[np.int64]
    strength: Floats
    smaller_side: Floats
    deficit: Floats
    variance: Floats
    seen: Floats
    level: Floats
    n_samples: int
    n_far_out: int
    order_correlation: float
    order_z: float

    @property
    def valley_density(self) -> float | None:
        """Density left in the weakest valley relative to the sparser side, over all rounds."""
        return _pooled(vars(self))[1]

    def verdict(self, alpha: float = 0.05) -> Verdict:
        """Clusters where p is at most alpha; undecided up to 0.2, and where a bend may be a gap."""
        z, straight, close = (float(each.mean()) for each in (self.z, self.z_straight, self.z_close))
        p_value = p_value_of(z)
        if p_value <= alpha:
            numbers = np.sort(self.n_groups).tolist()
            return Verdict("clusters", p_value, numbers[len(numbers) // 2], numbers[0], numbers[-1])
        doubtful = p_value_of(straight) <= alpha and close > _NOT_FALLING
        return Verdict("undecided" if p_value <= _UNDECIDED or doubtful else "continuum", p_value)

    @property
    def z_held_out(self) -> Floats:
        """Held-out deficit of each division at its weaker place, in standard deviations."""
        return np.asarray((self.deficit / np.sqrt(self.variance + 0.25)).min(axis=1))


def divisions_of(context: Context, *, random_state: int | None = None, **parameters: Any) -> Divisions:
    """The divisions of the context's dataset, computed once for the same parameters."""
    seed = context.seed if random_state is None else random_state
    found = context.artifact("structure", seed=seed % 2**32, **parameters)
    fields: dict[str, Any] = {**found.arrays, **found.facts}
    return Divisions(**fields)
