"""Cluster or continuum: whether a dataset has clusters at all."""

import math
from collections import Counter
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le

from embkit import Context, Dataset, Table, Validation
from embkit.text import plural
from embkit_plugins.algorithms.valleys.divisions import partition_sizes
from embkit_plugins.artifacts.structure import (
    DEFAULT_SAMPLES,
    LEAST_SAMPLES,
    Divisions,
    divisions_of,
    p_value_of,
)

__all__ = ["Structure"]

_FEW_CELLS = 8  # below, a group has to be compact to be seen
_LEAST_VISIBLE = 15
_IN_ORDER, _IN_ORDER_Z = 0.2, 5.0  # a correlation of consecutive rows worth mentioning
_SEEN = {
    "as given": "as the rows are given",
    "whitened": "when all directions are stretched to one spread",
    "radial": "in their distances from the mean",
}


class Structure:
    """Say whether the rows form clusters, a continuum, or leave it undecided, before any clustering.

    The verdict is about valleys: rows form clusters where they fall into parts
    such that the density drops wherever two parts meet. A low silhouette does not
    speak against that, nor does an island on a t-SNE map speak for it.

    **The evidence.** The rows are divided into nested partitions of 2 to 48
    k-means cells. Between neighbouring cells (no third centre in the ball between
    theirs: Gabriel and Sokal, Syst. Zool. 18, 1969) the points of both are
    projected on the line between the centres, and counted in three windows: about
    both centres and where they meet. A unimodal density is never lower in the
    middle than on both sides, so that a deficit against the weaker side, a
    binomial count, is evidence of two modes (compare Hartigan and Hartigan, Ann.
    Stat. 13, 1985; dip-means of Kalogeratos and Likas, NIPS 2012). Cells are
    joined across their shallowest valleys; the last division that is left is the
    candidate, and its weakest two valleys decide, for one way without a valley is
    enough to make the two sides one. The same is done on the whitened leading
    components, and on the distances from the mean, where a tight group inside a
    wide one shows as a gap.

    **The close look.** A straight line leaves a continuum that bends or branches, and the
    empty space that it crosses is not a gap. Each division is therefore looked at
    where its sides come nearest to each other: between mutual nearest neighbours across
    the border, the means of the 16 (and of the 32) rows of either cell nearest to the place
    give a short way across, and held-out rows near it are counted in three windows
    again. Close means in number of rows, not in distance: 16 rows span little of a
    curve, a sheet or a branch, which is nearly straight there, and reach into the next
    group where there are many dimensions. In few dimensions, where such ways
    end before the density falls, balls at the border are compared with balls
    around the peaks that the way uphill on either side leads to (density peaks:
    Chaudhuri and Dasgupta, NIPS 2010; Chazal et al., J. ACM 60, 2013). The density between
    the sides has to be below 0.6 (balls: 0.5) of the sparser side, because it
    rises that much where branches meet or cross. ``z`` is at most that of the close
    look and 0.8.

    **Why the p-value means what it says.** All of that is chosen on four fifths of
    the rows and only counted on the other fifth, five times, so that the search
    does not inflate the count; the counts are added up, and ``z`` averaged over
    up to eight such rounds, which makes ``p_value`` conservative. The middle has to be
    below 0.8 of the weaker side on straight lines (0.65 where cells are fewer than
    eight), not only below it; and where cells are narrow between their centres,
    a normal sample of the same spectrum, cut by the same cells, is thinned there too,
    and the valley has to be deeper than that one. Rows whose fifth neighbour is six
    times as far away as that of 95 % of the rows are left out.

    **undecided** is said for ``alpha`` < p <= 0.2, a shallow valley or too few rows to
    tell, and where straight lines show a valley that the close look does not settle: it
    cannot tell a bend from a gap. **continuum** says that no valley was found, not that none
    could be: the note states how many rows a group needs (``n_visible``), and groups
    that touch, or are apart only beyond the first 64 principal components, are not seen;
    nor are long groups that wind closely around each other, like two interlocked
    spirals. How often each is said of known shapes is printed by
    ``benchmarks/structure.py``.

    **On real data.** Definitions of WordNet embedded by all-MiniLM-L6-v2 (4312 x
    384) are clusters (p < 1e-5, 7 to 13 groups, 25 to 34 % of the density left in
    the weakest valley): far fewer groups than the 45 files that the definitions
    come from, which touch one another. scikit-learn's digits are clusters too
    (p < 1e-9, 7 to 11 groups, 3 to 13 % left): about the ten that there are, but
    for some that are written alike. The bundled sample (710 x 384) is clusters or
    undecided by the seed (p from 0.007 to 0.15): one group of a seventh of the
    rows is nearly apart, its 42 subjects are of 17 rows each, fewer than can be
    distinguished from chance.

    Scores: ``verdict``, ``p_value``, ``z``; ``z_straight`` and ``z_close``, on straight lines
    and close to borders; ``valley_density``, the density in the
    weakest valley relative to the sparser side, 0 a gap and 1 no valley;
    ``n_clusters_suggested``, ``n_clusters_low`` and ``n_clusters_high``, groups
    that stay apart in most and in any of the subsamples (None unless clusters);
    ``smaller_side``, the share of rows on the smaller side of the deciding
    division; ``n_visible``, the rows a group needs in order to be seen; ``n_used``.
    Table: ``structure_folds``.

    Cost: O(n k d) with k up to 96 cells and d up to 64, O(n k^2) for the counts, and
    O(n^2 d) for the close look, 10 to 40 times; parts of 2,000 rows and more in threads.

    Parameters
    ----------
    alpha : float
        Say clusters where the p-value is at most this.
    n_folds : int
        Parts of the rows that are held out in turn.
    n_repeats : int
        How often that is done with other parts, at most: twice are enough where the answer is clear.
    max_samples : int
        Rows to work on, drawn at random where there are more.
    random_state : int, optional
        Seed of the parts and the cells; the run's seed if omitted.
    """

    def __init__(
        self,
        *,
        alpha: Annotated[float, Gt(0), Le(0.2)] = 0.05,
        n_folds: Annotated[int, Ge(2), Le(LEAST_SAMPLES)] = 5,
        n_repeats: Annotated[int, Ge(1), Le(1_000)] = 8,
        max_samples: Annotated[int, Ge(100)] = DEFAULT_SAMPLES,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.alpha = alpha
        self.n_folds = n_folds
        self.n_repeats = n_repeats
        self.max_samples = max_samples
        self.random_state = random_state

    def validate(self, dataset: Dataset, context: Context) -> Validation:
        """Return the verdict with its evidence, and the table ``structure_folds``."""
        if dataset.n_samples < LEAST_SAMPLES:
            return Validation.skip(
                f"{plural(dataset.n_samples, 'row')}; no statement about clusters below {LEAST_SAMPLES}"
            )
        found = divisions_of(
            context,
            n_folds=self.n_folds,
            n_repeats=self.n_repeats,
            max_samples=self.max_samples,
            random_state=self.random_state,
        )
        if not len(found.z):
            return Validation.skip("all rows are equal")
        return _report(found, dataset.n_samples, self.alpha)


def _report(found: Divisions, n_samples: int, alpha: float) -> Validation:
    z, straight, close = (float(each.mean()) for each in (found.z, found.z_straight, found.z_close))
    verdict = found.verdict(alpha)
    scores: dict[str, Any] = {
        "verdict": verdict.word,
        "p_value": verdict.p_value,
        "z": z,
        "z_straight": straight,
        "z_close": close,
        "valley_density": found.valley_density,
        "n_clusters_suggested": verdict.suggested,
        "n_clusters_low": verdict.low,
        "n_clusters_high": verdict.high,
        "smaller_side": float(np.median(found.smaller_side)) if len(found.view) else None,
        "n_visible": _n_visible(found),
        "n_used": found.n_samples,
    }
    notes = [_EXPLANATION[verdict.word](scores, found, alpha), *_remarks(scores, found, n_samples)]
    return Validation(
        scores, {"structure_folds": _table(found)} if len(found.view) else {}, tuple(notes)
    )


def _n_cells(found: Divisions) -> int:
    """Cells of the finest partition that so many rows allow."""
    return max(partition_sizes(found.n_samples - found.n_samples // 5))


def _n_visible(found: Divisions) -> int:
    """Rows that a group needs in order to be seen: most of a cell, and enough to rule out chance."""
    return min(max(_LEAST_VISIBLE, math.ceil(found.n_samples / _n_cells(found))), found.n_samples)


def _remarks(scores: dict[str, Any], found: Divisions, n_samples: int) -> list[str]:
    notes = []
    if found.n_samples < n_samples:
        notes.append(f"judged on {found.n_samples} of {n_samples} rows, drawn at random")
    if found.n_far_out:
        notes.append(f"left out {plural(found.n_far_out, 'row')} far from all others")
    high = scores["n_clusters_high"]
    if high is not None and high >= found.n_tried.max():
        notes.append(
            f"partitions of up to {found.n_tried.max()} cells were looked at: there may be more clusters"
        )
    elif high is not None:
        notes.append(
            f"the number of groups is a lower bound: groups that touch, or have fewer than "
            f"{scores['n_visible']} rows, are not told apart"
        )
    if found.order_correlation > _IN_ORDER and found.order_z > _IN_ORDER_Z:
        notes.append(
            f"consecutive rows are alike (correlation {found.order_correlation:.2f}): if the rows "
            "follow one another in time or space, fewer of them are independent, and the p-value is "
            "too small"
        )
    return notes


def _clusters(scores: dict[str, Any], found: Divisions, alpha: float) -> str:
    del alpha
    low, high = scores["n_clusters_low"], scores["n_clusters_high"]
    number = f"{low}" if low == high else f"{low} to {high}"
    view = Counter(found.view.tolist()).most_common(1)[0][0]
    return (
        f"clusters: {number} groups, {_SEEN[view]}; where two of them meet, the density is "
        f"{scores['valley_density'] or 0:.0%} of that in the sparser one, in points that had no part "
        f"in finding the groups (p = {scores['p_value']:.2g})"
    )


def _undecided(scores: dict[str, Any], found: Divisions, alpha: float) -> str:
    p_straight = p_value_of(scores["z_straight"])
    if p_straight <= alpha:
        return (
            "undecided: cannot tell a bend from a gap. On straight lines the density falls between two "
            f"parts of the data (p = {p_straight:.2g}), close to where they meet it does not fall for "
            f"certain (p = {p_value_of(scores['z_close']):.2g}){_limits(scores, found)}"
        )
    return (
        "undecided: there is a shallow valley between two parts of the data, which so many rows "
        f"would show by chance once in {1 / scores['p_value']:.0f} times without clusters"
        f"{_limits(scores, found)}"
    )


def _continuum(scores: dict[str, Any], found: Divisions, alpha: float) -> str:
    p_straight = p_value_of(scores["z_straight"])
    if p_straight <= alpha:
        return (
            "continuum: the data bend or branch. On straight lines the density falls between two parts "
            f"(p = {p_straight:.2g}), but close to where they meet it does not{_limits(scores, found)}"
        )
    return (
        "continuum: however the data are divided, the density does not fall between the parts "
        f"(p = {scores['p_value']:.2g}){_limits(scores, found)}"
    )


def _limits(scores: dict[str, Any], found: Divisions) -> str:
    shape = "or less than 5 standard deviations apart"
    if _n_cells(found) < _FEW_CELLS:
        shape += ", or of another shape than a ball"
    return (
        f"; among {found.n_samples} rows, groups of fewer than {scores['n_visible']} rows, {shape}, "
        "need not be seen"
    )


_EXPLANATION = {"clusters": _clusters, "undecided": _undecided, "continuum": _continuum}


def _table(found: Divisions) -> Table:
    return {
        "fold": np.arange(len(found.view)),
        "view": found.view,
        "n_cells": found.n_cells,
        "smaller_side": found.smaller_side,
        "z_when_found": found.strength,
        "z_held_out": found.z_held_out,
        "n_groups": found.n_groups,
    }
