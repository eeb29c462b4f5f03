"""The cut of a tree that its own plateaus and the silhouette speak for.

Between two successive heights of a tree the clusters do not change. Such a
plateau is a candidate where it is wider than the plateaus around it (those with
half to twice as many clusters) are on average; of each doubling of the number of
clusters the three that stand out most are scored by the mean silhouette (Rousseeuw
1987) and chosen from as `choosing` explains.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Dataset, IntArray
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.algorithms.silhouettes.nested import nested_order, nested_silhouettes, pairs_in_order
from embkit_plugins.algorithms.trees.choosing import (
    WEAK,
    Choice,
    Scores,
    choose,
    eligible,
    fewest,
    runner_up,
    units,
    weights,
    within,
)
from embkit_plugins.algorithms.trees.cuts import Plateau, cut_into, short_number

__all__ = ["BestCut", "Groups", "best_cut", "candidate_plateaus", "memory_of_choice"]

_PER_DOUBLING = 3
_MOST_SCORED = 5000
_GAP = 1.5  # heights of merges that differ by more leave a gap
_ROUNDING = 1e-6  # of the tree's height; narrower plateaus are ties


@dataclass(frozen=True)
class Groups:
    """What is known of the groups of a dataset before it is clustered.

    Parameters
    ----------
    word : str
        In a word: clusters, continuum, undecided.
    low, high : int
        Fewest and most groups; 1 where it is none or not known.
    """

    word: str
    low: int = 1
    high: int = 1


@dataclass(frozen=True)
class BestCut:
    """A chosen threshold and why.

    Parameters
    ----------
    threshold : float
        Inside the chosen plateau, as few digits as that allows.
    notes : tuple of str
        The reason, the runner-up, and how strong the evidence is.
    """

    threshold: float
    notes: tuple[str, ...]


def best_cut(
    linkage: NDArray[np.float64],
    dataset: Dataset,
    metric: Metric,
    seed: int,
    groups: Callable[[], Groups | None] = lambda: None,
) -> BestCut:
    """Choose a threshold for a whole tree without inversions.

    Cost: silhouettes of at most 5000 rows at some 3 log2(n) cuts, from one pass; and that
    of `groups`, which is called only where silhouettes leave a doubt.

    Parameters
    ----------
    linkage : ndarray of shape (n_samples - 1, 4)
        scipy's format.
    dataset : Dataset
        The rows of the tree.
    metric : {"cosine", "correlation", "euclidean", "hamming", "manhattan", "precomputed"}
        Distance between rows.
    seed : int
        Of the sample of rows that are scored, where there are more.
    groups : callable
        Looks for groups in the density; None where nothing can be said.
    """
    plateaus = candidate_plateaus(linkage)
    if not plateaus:
        top = float(linkage[-1, 2]) if len(linkage) else 0.0
        reason = "no height stands apart from the others" if top > 0 else "all rows are equal"
        return BestCut(float(np.nextafter(top, np.inf)), (f"all rows in one cluster: {reason}",))
    rows = _scored_rows(dataset.n_samples, seed)
    scores = _scores(linkage, plateaus, dataset, metric, rows)
    choice = choose(scores)
    chosen: int = choice.cut
    reasons: tuple[str, ...] = ()
    if not choice.clear:
        chosen, reasons = _by_groups(scores, choice, groups())
    elif choice.weak:
        chosen, reasons = _by_gaps(plateaus, scores, choice, groups)
    threshold, reason = _describe(plateaus[chosen], scores.silhouette[chosen])
    sample = f" (of {len(rows)} rows drawn at random)" if len(rows) < dataset.n_samples else ""
    notes = [f"chosen: {reason}{sample}"]
    if (second := runner_up(scores, chosen)) is not None:
        notes.append(f"runner-up: {_describe(plateaus[second], scores.silhouette[second])[1]}")
    if choice.weak and chosen == choice.cut:
        notes.append(
            f"no cut separates the rows well: all mean silhouettes up to {np.sqrt(scores.n_units):.0f} "
            f"clusters, the square root of the number of rows, are below {WEAK}"
        )
    if scores.n_units < dataset.n_samples:
        notes.append(
            f"{dataset.n_samples - scores.n_units} rows are copies of others, or nearly so, and made no "
            "cluster count for more"
        )
    return BestCut(threshold, (*notes, *reasons))


def _by_groups(scores: Scores, choice: Choice, groups: Groups | None) -> tuple[int, tuple[str, ...]]:
    """The cut that agrees with the groups in the density, where silhouettes leave a doubt."""
    n_clusters = scores.n_clusters[choice.cut]
    doubt = f"finer cuts have silhouettes as good as that into {n_clusters} clusters"
    if choice.fine:
        doubt = f"a cut into {n_clusters} clusters has the best silhouette"
        if groups is None or groups.high == 1 or 2 * groups.high > np.sqrt(scores.n_units):
            return choice.cut, ()
    if groups is not None and groups.high > 1:
        number = f"{groups.low}" if groups.low == groups.high else f"{groups.low} to {groups.high}"
        reason = f"{doubt}, but the density has valleys between {number} groups (validator structure)"
        cut = within(scores, groups.low, groups.high)
        if scores.n_clusters[cut] > groups.high:
            reason += "; no cut into as many stands out, and coarser ones score notably less"
        return cut, (reason,)
    asked = "nothing else is known" if groups is None else f"the density says {groups.word}"
    reason = f"{doubt}, and {asked}: the fewest were taken, pieces of what may not fall apart at all"
    return fewest(scores), (reason,)


def _by_gaps(
    plateaus: list[Plateau], scores: Scores, choice: Choice, groups: Callable[[], Groups | None]
) -> tuple[int, tuple[str, ...]]:
    """The cut across a gap of the tree, if the density has as many groups; silhouettes see no chains."""
    ratios = np.array([each.high / each.low if each.low > 0 else np.inf for each in plateaus])
    gaps = eligible(scores) & (ratios >= _GAP)
    found = groups() if gaps.any() else None
    if found is None or found.high == 1:
        return choice.cut, ()
    gaps &= (scores.n_clusters >= found.low) & (scores.n_clusters <= found.high)
    if not gaps.any():
        return choice.cut, ()
    cut = int(np.where(gaps, ratios, 0.0).argmax())
    reason = (
        f"no cut has a good silhouette, but the tree has a gap at {scores.n_clusters[cut]} clusters, "
        "and the density valleys between as many groups (validator structure)"
    )
    return cut, (reason,)


def memory_of_choice(n_samples: int, n_features: int) -> int:
    """Bytes that `best_cut` may need: copies of the rows, labels of all cuts, and blocks."""
    blocks = min(5 * 10**6 + 200 * n_samples**2, 400 * 10**6)
    return 20 * n_samples * n_features + 1000 * n_samples + blocks


def _describe(plateau: Plateau, score: float) -> tuple[float, str]:
    threshold = short_number(plateau.low, plateau.high)
    return threshold, (
        f"distance_threshold={threshold:.10g}, {plateau.n_clusters} clusters that stand from "
        f"{plateau.low:.4g} to {plateau.high:.4g}, mean silhouette {score:.3f}"
    )


def candidate_plateaus(linkage: NDArray[np.float64]) -> list[Plateau]:
    """The plateaus worth scoring, fewest clusters first.

    They have 2 clusters at least and half as many as rows at most (in small
    trees up to 10), and are wider than the plateaus around them on average.
    """
    n_samples = len(linkage) + 1
    most = max(n_samples // 2, min(n_samples - 1, 10))
    if most < 2:
        return []
    heights = linkage[::-1, 2]  # the merge that leaves k clusters is at k - 1
    n_clusters = np.arange(2, most + 1)
    widths = heights[n_clusters - 2] - heights[n_clusters - 1]
    fewest = np.maximum(n_clusters // 2 - 1, 2)
    furthest = np.minimum(2 * n_clusters + 2, n_samples - 1)
    usual = (heights[fewest - 2] - heights[furthest - 1]) / (furthest - fewest + 1)
    stands_out = np.divide(widths, usual, out=np.zeros(len(widths)), where=usual > 0)
    wide = (stands_out >= 1) & (widths > _ROUNDING * heights[0])
    doubling = np.log2(n_clusters).astype(np.int64)
    chosen: list[int] = []
    for octave in range(int(doubling[-1]) + 1):
        found = np.flatnonzero(wide & (doubling == octave))
        chosen += found[np.argsort(-stands_out[found], kind="stable")[:_PER_DOUBLING]].tolist()
    return [
        Plateau(float(heights[k - 1]), float(heights[k - 2]), int(k)) for k in n_clusters[sorted(chosen)]
    ]


def _scored_rows(n_samples: int, seed: int) -> IntArray:
    if n_samples <= _MOST_SCORED:
        return np.arange(n_samples)
    return np.sort(np.random.default_rng(seed).choice(n_samples, _MOST_SCORED, replace=False))


def _scores(
    linkage: NDArray[np.float64],
    plateaus: list[Plateau],
    dataset: Dataset,
    metric: Metric,
    scored: IntArray,
) -> Scores:
    """Silhouettes of the scored rows at each cut."""
    finest_first = [cut_into(linkage, plateau.n_clusters) for plateau in reversed(plateaus)]
    order = nested_order(finest_first)
    members = slice(0, len(order))
    if len(scored) == len(order):
        rows, own, places = order, members, np.arange(len(order))
    else:
        rows, own = np.concatenate([order, scored]), slice(len(order), len(order) + len(scored))
        places = np.argsort(order)[scored]
    pairs = pairs_in_order(dataset, metric, rows)
    cuts = [labels[order] for labels in finest_first]
    values = nested_silhouettes(pairs, cuts, metric=metric, members=members, scored=own, places=places)
    unit = units(linkage)
    counts = np.array([weights(labels, unit)[order[places]] for labels in finest_first])
    return Scores(
        np.array([plateau.n_clusters for plateau in plateaus]),
        values.mean(axis=1)[::-1],
        (values * counts).mean(axis=1)[::-1],
        np.array([np.bincount(labels).max() for labels in finest_first[::-1]]),
        dataset.n_samples,
        int(unit.max()) + 1,
    )
