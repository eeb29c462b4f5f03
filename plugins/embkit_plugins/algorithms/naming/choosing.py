"""The terms of each name: the best ones that differ, from the top of the tree downwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.naming.candidates import Terms
from embkit_plugins.algorithms.naming.folding import related
from embkit_plugins.algorithms.naming.scoring import Scores
from embkit_plugins.algorithms.naming.shortlist import depths
from embkit_plugins.algorithms.naming.types import IntArray

__all__ = ["Chooser"]

_DIVERSITY = 0.3  # the weight of likeness to the terms already chosen, in maximal marginal relevance
_WHOLE = 0.5  # a phrase speaks for its word where it has more than this share of its rows and merit
_CONSIDERED = 12
_MUCH_LARGER = 2  # titles of ancestors come back in parts of half their size
_LEAST = 0.3  # what is left when those are barred has to be this good beside the best


class Chooser:
    """Chooses the terms of groups among scored pairs.

    Parameters
    ----------
    terms : Terms
        All terms.
    n_terms : int
        How many to choose for a group, at most.
    """

    def __init__(self, terms: Terms, n_terms: int) -> None:
        self._terms = terms
        self._n_terms = n_terms
        self._words = lru_cache(maxsize=None)(terms.words)
        self._prefixes = lru_cache(maxsize=None)(self._find_prefixes)
        self._parts = lru_cache(maxsize=None)(self._find_parts)

    def choose(
        self,
        scores: Scores,
        parents: IntArray,
        sizes: IntArray,
        *,
        titles: Sequence[int] = (),
        leading: NDArray[np.bool_] | None = None,
    ) -> list[tuple[int, ...]]:
        """Choose the terms of each group, none of them the first term of its parent.

        Parameters
        ----------
        scores : Scores
            What may be chosen.
        parents : ndarray of int, shape (n_groups,)
            The parent of each group or -1.
        sizes : ndarray of int, shape (n_groups,)
            The number of rows in each group.
        titles : sequence of int, optional
            The first term of every group as chosen before, -1 for none: the terms
            of a parent are taken from these instead.
        leading : ndarray of bool, shape (n_pairs,), optional
            Whether a pair may come first; by default each may.

        Returns
        -------
        list of tuple of int
            The terms of each group, best first.
        """
        chosen: list[tuple[int, ...]] = [()] * len(parents)
        firsts = list(titles) or [-1] * len(parents)
        ranking, bounds = self._rank(scores, len(parents))
        terms, merits = scores.terms[ranking].tolist(), scores.titles[ranking].tolist()
        details = scores.details[ranking].tolist()
        may_lead = (np.ones(len(ranking), dtype=bool) if leading is None else leading[ranking]).tolist()
        above, rows = parents.tolist(), sizes.tolist()
        for group in np.argsort(depths(parents), kind="stable").tolist():
            places = range(bounds[group], min(bounds[group + 1], bounds[group] + 2 * _CONSIDERED))
            if not places:
                continue
            barred = _barred(group, above, rows, firsts)
            allowed = [place for place in places if not self._repeats(terms[place], barred)]
            first = next((place for place in allowed if may_lead[place]), None)
            if first is None or merits[first] < _LEAST * merits[places[0]]:
                continue
            others = sorted(allowed, key=lambda place: (-details[place], place))
            kept = [first, *(place for place in others if place != first)][:_CONSIDERED]
            options = _Options(
                [terms[place] for place in kept],
                scores.counts[ranking[kept]].tolist(),
                [details[place] for place in kept],
                [may_lead[place] for place in kept],
            )
            chosen[group] = tuple(self._differing(options, scores))
            if not titles:
                firsts[group] = chosen[group][0]
        return chosen

    def _rank(self, scores: Scores, n_groups: int) -> tuple[IntArray, list[int]]:
        """Order the pairs of each group by worth; numbers only where there is nothing else."""
        numeric = self._terms.numeric[scores.terms]
        good = scores.titles > 0
        worded = np.bincount(scores.groups[good & ~numeric], minlength=n_groups) > 0
        kept = np.flatnonzero(good & ~(numeric & worded[scores.groups]))
        order = kept[np.lexsort((scores.terms[kept], -scores.titles[kept], scores.groups[kept]))]
        return order, np.searchsorted(scores.groups[order], np.arange(n_groups + 1)).tolist()

    def _repeats(self, term: int, barred: Sequence[int]) -> bool:
        """Whether a term says no more than one that is barred: cancel or an order, cancel an order."""
        return any(
            other == term
            or (
                self._prefixes(term) <= self._prefixes(other)
                and all(
                    any(related(word, one) for one in self._words(other)) for word in self._words(term)
                )
            )
            for other in barred
        )

    def _differing(self, options: "_Options", scores: Scores) -> Iterator[int]:
        """Yield terms by maximal marginal relevance, no two with words of one family.

        Source: J. Carbonell and J. Goldstein, "The use of MMR, diversity-based
        reranking for reordering documents and producing summaries", SIGIR 1998.
        """
        vectors = scores.vectors[np.searchsorted(scores.known, options.terms)]
        alike = np.einsum("ik,jk->ij", vectors, vectors).round(4).tolist()
        left, likeness = list(range(len(options.terms))), [0.0] * len(options.terms)
        taken: list[int] = []
        while left and len(taken) < self._n_terms:
            most = max(options.merits[place] for place in left)
            worth = [
                (1 - _DIVERSITY) * options.merits[place] / most - _DIVERSITY * likeness[place]
                for place in left
            ]
            best = self._whole(options, left[worth.index(max(worth))] if taken else 0, taken)
            term = options.terms[best]
            taken.append(term)
            yield term
            left = [place for place in left if not self._alike(options.terms[place], term)]
            likeness = [max(pair) for pair in zip(likeness, alike[best], strict=True)]

    def _whole(self, options: "_Options", best: int, taken: list[int]) -> int:
        """Return the phrase that mostly stands around a word in this group, or the word."""
        parts = self._parts(options.terms[best])
        least, good = _WHOLE * options.counts[best], _WHOLE * options.merits[best]
        for place, longer in enumerate(options.terms):
            if (
                options.counts[place] > least
                and options.merits[place] > good
                and (taken or options.may_lead[place])
                and _holds(self._parts(longer), parts)
                and not any(self._alike(longer, one) for one in taken)
            ):
                return place
        return best

    def _alike(self, one: int, other: int) -> bool:
        """Whether two terms have words of one family."""
        if self._prefixes(one).isdisjoint(self._prefixes(other)):
            return False
        return any(related(left, right) for left in self._words(one) for right in self._words(other))

    def _find_prefixes(self, term: int) -> frozenset[str]:
        return frozenset(word[:4] for word in self._words(term))  # shared by all that are related

    def _find_parts(self, term: int) -> tuple[int, ...]:
        return tuple(part for part in self._terms.parts[term].tolist() if part >= 0)


@dataclass(frozen=True)
class _Options:
    """Terms of one group, the title first: rows that hold each, its worth, whether it may lead."""

    terms: list[int]
    counts: list[int]
    merits: list[float]
    may_lead: list[bool]


def _barred(group: int, parents: list[int], sizes: list[int], firsts: Sequence[int]) -> list[int]:
    """List the titles of the parent and of those ancestors that are little larger than the group."""
    found: list[int] = []
    ancestor = parents[group]
    while ancestor >= 0 and (not found or sizes[ancestor] <= _MUCH_LARGER * sizes[group]):
        found.append(firsts[ancestor])
        ancestor = parents[ancestor]
    return list({term for term in found if term >= 0})


def _holds(longer: tuple[int, ...], shorter: tuple[int, ...]) -> bool:
    width = len(shorter)
    return len(longer) > width and any(
        longer[begin : begin + width] == shorter for begin in range(len(longer) - width + 1)
    )
