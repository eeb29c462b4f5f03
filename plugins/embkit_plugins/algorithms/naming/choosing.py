"""The terms of each name: the best ones that differ, from the top of the tree downwards."""

from collections.abc import Iterator, Sequence
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
_WHOLE = 0.6  # a phrase speaks for its word where it covers this share of the word's rows
_CONSIDERED = 24


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
        self._parts = lru_cache(maxsize=None)(self._find_parts)

    def choose(
        self,
        scores: Scores,
        parents: IntArray,
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
        bounds = np.searchsorted(scores.groups, np.arange(len(parents) + 1))
        depth = depths(parents)
        for level in range(int(depth.max(initial=-1)) + 1):
            for group in np.flatnonzero(depth == level).tolist():
                parent = int(parents[group])
                above = -1
                if parent >= 0:
                    above = titles[parent] if titles else (*chosen[parent], -1)[0]
                pairs = np.arange(bounds[group], bounds[group + 1])
                pairs = pairs[(scores.scores[pairs] > 0) & (scores.terms[pairs] != above)]
                chosen[group] = tuple(self._differing(scores, self._ranked(scores, pairs, leading)))
        return chosen

    def _ranked(self, scores: Scores, pairs: IntArray, leading: NDArray[np.bool_] | None) -> list[int]:
        """Order pairs by score, the best that may lead first; numbers only where there is nothing else."""
        numeric = self._terms.numeric[scores.terms[pairs]]
        pairs = pairs[~numeric] if not numeric.all() else pairs
        ranked: list[int] = pairs[np.lexsort((scores.terms[pairs], -scores.scores[pairs]))].tolist()
        if leading is None:
            return ranked
        first = next((pair for pair in ranked if leading[pair]), None)
        return [] if first is None else [first, *(pair for pair in ranked if pair != first)]

    def _differing(self, scores: Scores, ranked: list[int]) -> Iterator[int]:
        """Yield terms by maximal marginal relevance, no two with words of one family.

        Source: J. Carbonell and J. Goldstein, "The use of MMR", SIGIR 1998.
        """
        taken: list[int] = []
        left = ranked[:_CONSIDERED]
        while left and len(taken) < self._n_terms:
            pair = self._next(scores, left, taken)
            term = self._whole(scores, pair, ranked, taken)
            taken.append(term)
            yield term
            left = [other for other in left if not self._alike(int(scores.terms[other]), term)]

    def _next(self, scores: Scores, left: list[int], taken: list[int]) -> int:
        if not taken:
            return left[0]
        vectors = scores.vectors[np.searchsorted(scores.known, scores.terms[left])]
        others = scores.vectors[np.searchsorted(scores.known, taken)]
        likeness = np.round(np.einsum("ij,kj->ik", vectors, others), 5).max(axis=1)
        relevance = scores.scores[left] / scores.scores[left].max()
        return left[int(np.argmax((1 - _DIVERSITY) * relevance - _DIVERSITY * likeness))]

    def _whole(self, scores: Scores, pair: int, ranked: list[int], taken: list[int]) -> int:
        """Return the phrase that mostly stands around a word in this group, or the word."""
        term, count = int(scores.terms[pair]), int(scores.counts[pair])
        for other in ranked:
            longer = int(scores.terms[other])
            if longer != term and scores.counts[other] >= _WHOLE * count:
                if _holds(self._parts(longer), self._parts(term)) and not any(
                    self._alike(longer, one) for one in taken
                ):
                    return longer
        return term

    def _alike(self, one: int, other: int) -> bool:
        return any(related(left, right) for left in self._words(one) for right in self._words(other))

    def _find_parts(self, term: int) -> tuple[int, ...]:
        return tuple(part for part in self._terms.parts[term].tolist() if part >= 0)


def _holds(longer: tuple[int, ...], shorter: tuple[int, ...]) -> bool:
    width = len(shorter)
    return len(longer) > width and any(
        longer[begin : begin + width] == shorter for begin in range(len(longer) - width + 1)
    )
