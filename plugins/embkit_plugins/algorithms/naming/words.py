"""Names of groups from the words and vectors of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Groups, IntArray, Name, Names
from embkit_plugins.algorithms.naming.candidates import find_terms
from embkit_plugins.algorithms.naming.central import central_places
from embkit_plugins.algorithms.naming.chance import log_tail
from embkit_plugins.algorithms.naming.choosing import Chooser
from embkit_plugins.algorithms.naming.evidence import Evidence, gather, place_of
from embkit_plugins.algorithms.naming.quality import areas, hits, jaccard
from embkit_plugins.algorithms.naming.scoring import Scores, score, significance
from embkit_plugins.algorithms.naming.shortlist import depths, shortlist
from embkit_plugins.algorithms.naming.titles import NOTHING_STANDS_OUT, Titles
from embkit_plugins.algorithms.naming.tokens import LONGEST, tokenize

__all__ = ["name_groups"]

_LENIENT = 0.01  # uncorrected; for terms beside the title, and on halves, which have less power

Pairs = tuple[IntArray, IntArray]


def name_groups(
    texts: Sequence[str],
    vectors: NDArray[np.floating],
    groups: Groups,
    *,
    seed: int,
    metric: Literal["cosine", "euclidean"] = "cosine",
    n_terms: int = 3,
    alpha: float = 0.05,
    judged: bool = True,
) -> Names:
    """Name every group by the terms that set it apart, or say that no word stands out.

    Candidates are the phrases of one to three words that at least two texts
    share. One stands out in a group if a random group of the same size would
    hardly hold it as often (p-value of `alpha` or less, corrected for all terms
    and groups; see `significance`). The best of those by words and vectors (see
    `score`) is the title; terms beside it pass an uncorrected test at 0.01. No
    group has the title of its parent or of a sibling.

    Precision, recall and AUC are held out: the rows are split into halves, terms
    are chosen on each half (among those that pass an uncorrected test at 0.01
    there) and judged on the other.

    Parameters
    ----------
    texts : sequence of str, length n_rows
        The text of each row; the first 4000 characters are read. May be empty
        if there are none.
    vectors : ndarray, shape (n_rows, n_features)
        The vector of each row.
    groups : Groups
        What to name.
    seed : int
        Decides how the rows are split into halves.
    metric : {"cosine", "euclidean"}
        Whether vectors are compared by direction alone.
    n_terms : int
        The most terms in a name.
    alpha : float
        The level of the test that a title has to pass; 1 names every group that has a term.
    judged : bool
        Whether precision, recall, AUC and stability are measured, which takes a quarter of the time.

    Returns
    -------
    Names
        A name for each group, in the order of `groups`.

    Notes
    -----
    Cost: O(W log W + n d + P d) for W words in all texts, n rows of d features
    and P pairs of a group and a term that stands out in it, at most 32 a group.
    """
    if not len(groups):
        return Names(())
    texts = texts if len(texts) else [""] * len(vectors)
    terms = find_terms(tokenize(texts))
    evidence = gather(terms, vectors, groups, normalize=metric == "cosine")
    order, _ = place_of(groups, len(vectors))
    listed = shortlist(evidence, groups.parents)
    p_values = significance(evidence, *listed, terms.frequencies, alpha)
    kept = (p_values <= alpha) | _passing(evidence, *listed[:2])
    pairs = (listed[0][kept], listed[1][kept])
    scores = score(evidence, *pairs)
    of_pair = p_values[kept]
    chooser = Chooser(terms, n_terms)
    chosen = chooser.choose(scores, groups.parents, groups.sizes, leading=of_pair <= alpha)
    measured = _measure(evidence, chooser, groups, listed[:2], chosen, seed) if judged else None
    rows = _rows(evidence, texts, order)
    smallest = np.ones(len(groups))
    np.minimum.at(smallest, listed[0], p_values)
    place = {
        pair: index for index, pair in enumerate(zip(*(ids.tolist() for ids in pairs), strict=True))
    }
    best = [scores.titles[place[group, one[0]]] if one else 0.0 for group, one in enumerate(chosen)]
    written = lru_cache(maxsize=None)(terms.surface)
    titles = Titles(texts, written, groups)
    names: list[Name] = [Name("")] * len(groups)
    for group in np.lexsort((-np.array(best), depths(groups.parents))).tolist():
        title, own = titles.write(group, chosen[group], rows[group])
        pair = place[group, own[0]] if own else -1
        names[group] = Name(
            title,
            terms=tuple(map(written, own)),
            rows=rows[group],
            p_value=float(of_pair[pair] if own else smallest[group]),
            fit=float(scores.fits[pair]) if own else None,
            note="" if own else NOTHING_STANDS_OUT,
            **({} if measured is None else measured.of(group)),
        )
    return Names(tuple(names), _notes(texts, names))


def _rows(evidence: Evidence, texts: Sequence[str], order: IntArray) -> list[tuple[int, ...]]:
    numbers: dict[str, int] = {}
    known = [numbers.setdefault(texts[row][:LONGEST], len(numbers)) for row in order.tolist()]
    found = central_places(evidence, known)
    return [tuple(int(order[place]) for place in places) for places in found]


def _notes(texts: Sequence[str], names: Sequence[Name]) -> tuple[str, ...]:
    notes = []
    if names and not any(text.strip() for text in texts):
        notes.append("the rows have no texts, so the groups have no names")
    silent = sum(name.note == NOTHING_STANDS_OUT for name in names)
    if silent and not notes:
        notes.append(f"{NOTHING_STANDS_OUT} in {silent} of {len(names)} groups")
    long = sum(len(text) > LONGEST for text in texts)
    if long:
        which, rest = ("text is", "its rest") if long == 1 else ("texts are", "their rest")
        notes.append(f"{long} {which} longer than {LONGEST:,} characters; {rest} was not read")
    return tuple(notes)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Precision, recall, AUC and stability of each group's name, NaN where there is none."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    auc: NDArray[np.float64]
    stability: NDArray[np.float64]

    def of(self, group: int) -> dict[str, float | None]:
        """Return the figures of one group by name, None where there is none."""
        values = {key: float(values[group]) for key, values in vars(self).items()}
        return {key: None if np.isnan(value) else value for key, value in values.items()}


def _measure(
    evidence: Evidence,
    chooser: Chooser,
    groups: Groups,
    listed: Pairs,
    chosen: Sequence[tuple[int, ...]],
    seed: int,
) -> _Measured:
    """Choose terms on each half of the rows and judge them on the other."""
    halves = [evidence.subset(places) for places in _halves(evidence.n_rows, seed)]
    titles = [names[0] if names else -1 for names in chosen]
    inside, around, size = (np.zeros(len(groups)) for _ in range(3))
    auc, stability = np.full((2, len(groups)), np.nan), np.zeros(len(groups))
    for number, (half, other) in enumerate([halves, halves[::-1]]):
        named = np.array([bool(one) for one in chosen], dtype=bool)
        scores = _scores_of_half(half, listed, named)
        again = chooser.choose(scores, groups.parents, groups.sizes, titles=titles)
        held = hits(other, again)
        inside, around = inside + held[0], around + held[1]
        size += np.where([bool(one) for one in again], other.sizes, 0)
        auc[number] = areas(other, scores, again)
        stability += [jaccard(one, two) / 2 for one, two in zip(chosen, again, strict=True)]
    counted = (~np.isnan(auc)).sum(axis=0)
    stability[[not one for one in chosen]] = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_auc = np.where(counted > 0, np.nansum(auc, axis=0) / counted, np.nan)
        return _Measured(inside / around, inside / size, mean_auc, stability)


def _scores_of_half(half: Evidence, listed: Pairs, named: NDArray[np.bool_]) -> Scores:
    groups, terms = (column[named[listed[0]]] for column in listed)
    passing = _passing(half, groups, terms)
    return score(half, groups[passing], terms[passing])


def _passing(evidence: Evidence, groups: IntArray, terms: IntArray) -> NDArray[np.bool_]:
    """Tell which terms pass an uncorrected test."""
    counts, totals = evidence.counts(groups, terms), evidence.totals(terms)
    log_p = log_tail(counts, evidence.sizes[groups], totals, evidence.n_rows)
    passed: NDArray[np.bool_] = log_p <= np.log(_LENIENT)
    return passed


def _halves(n_rows: int, seed: int) -> tuple[IntArray, IntArray]:
    """Split neighbouring places at random, so that every group is halved."""
    first = np.random.default_rng(seed).integers(0, 2, size=(n_rows + 1) // 2)
    place = 2 * np.arange(len(first)) + first
    inside = np.zeros(2 * len(first), dtype=bool)
    inside[place] = True
    inside = inside[:n_rows]
    return np.flatnonzero(inside), np.flatnonzero(~inside)
