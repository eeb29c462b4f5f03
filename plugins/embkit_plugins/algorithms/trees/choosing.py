"""Which cut of a tree to take, by silhouettes that copies and pairs cannot win.

Where rows come twice, and where few dimensions make nearest neighbours fit well, a cut
into pairs has the best silhouette of all: it is dust. Four things keep it away.

- Rows and their copies are one unit: equal rows, and nodes of fewer than ten rows that are
  twenty times as near to each other as to the rest.
- A row counts ``1 - 2^(1 - m)`` in a cluster of m units, the chance that another of them
  is left when each is dropped with probability one half; so a pair counts half. (Tibshirani and Walther,
  J. Comput. Graph. Stat. 14, 2005, ask of a cluster that it be found again in the other half.)
- More than sqrt(n) clusters, n the number of units, are taken only where the score has a
  peak: cuts with notably fewer and notably more clusters score less. Pieces of a curve or of a
  sheet score much the same however finely it is cut; groups that are there lose when divided.
  A peak is not believed where the density has valleys between fewer than half of sqrt(n) groups.
- A cut that scores 0.25 (below, there is no evidence of clusters: Kaufman and Rousseeuw,
  Finding Groups in Data, 1990, p. 88), but little more than finer ones, is doubtful: then
  the silhouette cannot tell groups from pieces, and the valleys of the density are asked.

Chains and rings have no silhouettes. Where all scores are weak but the tree has a gap, as single
linkage has between groups of any shape, the density is asked too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats, IntArray
from embkit_plugins.algorithms.trees.nodes import layout

__all__ = [
    "WEAK",
    "Choice",
    "Scores",
    "choose",
    "eligible",
    "fewest",
    "runner_up",
    "units",
    "weights",
    "within",
]

WEAK = 0.25
_PEAK = 0.85  # what coarser cuts may score, relative to a peak
_FINER = 0.75  # what finer cuts may score, relative to a cut that is beyond doubt
_NEAR = 1.5  # cuts whose numbers of clusters differ by a smaller factor belong to one peak
_GROUP = 4  # units that a cluster of more than sqrt(n) has on average
_COPIES = 0.05  # height at which copies merge, relative to that of their next merge
_MOST_COPIES = 10  # rows that are a group and no copies
_FEWEST_UNITS = 50  # if fewer are left when copies are one, they are small groups and no copies
_FEW_COPIES = 0.1  # a smaller share of rows than this comes that near to another by chance
_MOST = 0.9  # share of the rows in one cluster that leaves no cut worth the name
_SAME_CUT = 0.04  # cuts whose numbers of clusters differ by a smaller share are one answer
_MARKED, _MARGIN = 1.5, 0.005  # a weak score stands out where it is so much above the usual ones


@dataclass(frozen=True, eq=False)
class Scores:
    """The candidates, fewest clusters first, and how they score.

    Parameters
    ----------
    n_clusters : ndarray of int64, shape (n_cuts,)
        Of each cut, ascending.
    silhouette : ndarray of float64, shape (n_cuts,)
        Mean silhouette, -1 to 1.
    counted : ndarray of float64, shape (n_cuts,)
        The same with each row weighted by the size of its cluster, see `weights`.
    largest : ndarray of int64, shape (n_cuts,)
        Rows in the largest cluster.
    n_samples, n_units : int
        Rows, and rows when copies are counted once.
    """

    n_clusters: IntArray
    silhouette: Floats
    counted: Floats
    largest: IntArray
    n_samples: int
    n_units: int

    @property
    def few(self) -> NDArray[np.bool_]:
        """The cuts into at most sqrt(n_units) clusters, or the coarsest."""
        few = self.n_clusters <= np.ceil(np.sqrt(self.n_units))
        few[0] = True
        return np.asarray(few)

    def is_clear(self, cut: int) -> bool:
        """Whether all that are notably finer score notably less."""
        finer = self._best(self.n_clusters > _NEAR * self.n_clusters[cut])
        return bool(finer <= _FINER * self.counted[cut])

    def is_peak(self, cut: int) -> bool:
        """Whether all that are notably finer or coarser score less, and it is not dust."""
        coarser = self._best(_NEAR * self.n_clusters < self.n_clusters[cut])
        grouped = self.n_units >= _GROUP * self.n_clusters[cut]
        high = self.counted[cut] >= WEAK and coarser <= _PEAK * self.counted[cut]
        return bool(grouped and high and self.is_clear(cut))

    def _best(self, among: NDArray[np.bool_]) -> float:
        return float(self.counted[among].max(initial=0.0))


@dataclass(frozen=True)
class Choice:
    """The cut that the scores speak for.

    Parameters
    ----------
    cut : int
        Which it is.
    clear : bool
        Whether they do so without doubt; where not, it is the best of the readable cuts.
    weak : bool
        Whether no cut separates the rows well.
    fine : bool
        Whether it is a peak of more than sqrt(n_units) clusters.
    """

    cut: int
    clear: bool
    weak: bool = False
    fine: bool = False


def units(linkage: Floats) -> IntArray:
    """Number the rows so that copies have one number, shape (n_samples,).

    Copies are rows that merge at no height at all, or fewer than ten rows that merge at
    a twentieth of the height at which they meet another. Where that leaves few units, or
    takes few rows away, only equal rows are copies.
    """
    n_samples, heights = len(linkage) + 1, linkage[:, 2]
    above = np.full(len(linkage), np.inf)
    for child in (0, 1):
        merged = linkage[:, child] >= n_samples
        above[linkage[merged, child].astype(np.int64) - n_samples] = heights[merged]
    equal = heights <= 1e-6 * heights.max(initial=0.0)
    near = equal | ((heights <= _COPIES * above) & (linkage[:, 3] < _MOST_COPIES))
    found = _numbered(linkage, near)
    n_units = int(found.max()) + 1
    copied = _FEWEST_UNITS <= n_units <= (1 - _FEW_COPIES) * n_samples
    return found if copied else _numbered(linkage, equal)


def _numbered(linkage: Floats, as_one: NDArray[np.bool_]) -> IntArray:
    n_samples = len(linkage) + 1
    places = layout(linkage)
    labels = np.arange(n_samples)
    for merge in np.flatnonzero(as_one):  # ascending: what contains others comes after them
        members = places.members(n_samples + int(merge))
        labels[members] = members[0]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def weights(labels: IntArray, unit: IntArray) -> Floats:
    """What each row counts in its cluster, shape (n_samples,)."""
    first = np.unique(unit, return_index=True)[1]  # a cluster that divides a unit counts it once
    n_units = np.bincount(labels[first], minlength=int(labels.max()) + 1)
    return np.asarray(1.0 - np.exp2(1.0 - np.maximum(n_units, 1)))[labels]


def eligible(scores: Scores) -> NDArray[np.bool_]:
    """The cuts into few clusters that split off more than a few rows, if there are any."""
    return _balanced(scores, scores.few)


def choose(scores: Scores) -> Choice:
    """Choose a cut."""
    readable = eligible(scores)
    best = int(np.where(readable, scores.counted, -np.inf).argmax())
    fine = [int(cut) for cut in np.flatnonzero(~scores.few) if scores.is_peak(int(cut))]
    finest = max(fine, key=lambda cut: float(scores.counted[cut]), default=best)
    if scores.counted[finest] > scores.counted[best]:
        return Choice(finest, clear=False, fine=True)
    if scores.counted[best] < WEAK:
        return Choice(_of_weak(scores, readable), clear=True, weak=True)
    return Choice(best, clear=scores.is_clear(best))


def within(scores: Scores, low: int, high: int) -> int:
    """The best cut into `low` to `high` clusters; where there is none, the finest that is coarser.

    Unless the coarsest that is finer scores notably more: groups in the density are at least so
    many, as those that touch are not told apart, and to merge groups costs more than to merge pieces.
    """
    inside = (scores.n_clusters >= low) & (scores.n_clusters <= high)
    if inside.any():
        return int(np.where(inside, scores.counted, -np.inf).argmax())
    coarser = max(int(np.count_nonzero(scores.n_clusters < low)) - 1, 0)
    finer = np.flatnonzero(scores.few & (scores.n_clusters > high))[:1]
    notably = scores.counted[coarser] <= _PEAK * scores.counted[finer]
    return int(finer[0]) if notably.any() else coarser


def fewest(scores: Scores) -> int:
    """The coarsest of the cuts that score as clusters do."""
    return int(np.flatnonzero(_balanced(scores, scores.few & (scores.counted >= WEAK)))[0])


def runner_up(scores: Scores, chosen: int) -> int | None:
    """The best of the cuts that are not nearly the chosen one, None where there is none."""
    k = scores.n_clusters
    other = np.abs(k - k[chosen]) > _SAME_CUT * k[chosen]
    return int(np.where(other, scores.counted, -np.inf).argmax()) if other.any() else None


def _balanced(scores: Scores, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those that split off more than a few rows, if there are any."""
    kept = among & (scores.largest <= _MOST * scores.n_samples)
    return kept if kept.any() else among


def _of_weak(scores: Scores, readable: NDArray[np.bool_]) -> int:
    """The best of the finest of these cuts, unless a coarser one stands out.

    Data without evidence of clusters, texts above all, are described best by many groups;
    sqrt(n) of them can still be read.
    """
    k = scores.n_clusters
    finest = readable & (2 * k > k[readable].max())
    halves = finest & (2 * scores.largest <= scores.n_samples)
    usual = int(np.where(halves if halves.any() else finest, scores.silhouette, -np.inf).argmax())
    best = int(np.where(readable, scores.silhouette, -np.inf).argmax())
    marked = _MARKED * max(scores.silhouette[usual], 0.0) + _MARGIN
    return best if scores.silhouette[best] > marked else usual
