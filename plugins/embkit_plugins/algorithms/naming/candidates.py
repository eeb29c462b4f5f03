"""The terms that could name a group: phrases of one to three words that several texts share."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit_plugins.algorithms.naming.folding import fold, is_number, spelling
from embkit_plugins.algorithms.naming.function_words import function_words
from embkit_plugins.algorithms.naming.tokens import Tokens
from embkit_plugins.algorithms.naming.types import IntArray

__all__ = ["MIN_DF", "Terms", "find_terms"]

MIN_DF = 2
"""A term has to be in this many texts: what a single text says names no group."""

_WORDS, _CHARACTERS = 3, 4  # the longest phrase; of a script without spaces, where one is too short
_READ = 200  # occurrences of a term that are looked at to find how it is written


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms, and the texts that hold each.

    Parameters
    ----------
    texts : ndarray of int, shape (n_pairs,)
        The texts of all terms, one term after the other, ascending within a term.
    starts : ndarray of int, shape (n_terms + 1,)
        Term t is in the texts ``texts[starts[t]:starts[t + 1]]``.
    parts : ndarray of int, shape (n_terms, 4)
        The base forms that a term consists of, -1 beyond its end.
    bases : tuple of str
        All base forms.
    content : ndarray of bool, shape (n_bases,)
        Whether a base form is neither a function word nor a number.
    numeric : ndarray of bool, shape (n_terms,)
        Whether a term is a number or a date.
    tokens : Tokens
        The texts.
    occurrences : ndarray of int, shape (n_occurrences,)
        Places in `tokens` where the terms begin, one term after the other.
    occurrence_starts : ndarray of int, shape (n_terms + 1,)
        As `starts`, for `occurrences`.
    """

    texts: IntArray
    starts: IntArray
    parts: IntArray
    bases: tuple[str, ...]
    content: NDArray[np.bool_]
    numeric: NDArray[np.bool_]
    tokens: Tokens
    occurrences: IntArray
    occurrence_starts: IntArray

    def __len__(self) -> int:
        return len(self.numeric)

    @property
    def frequencies(self) -> IntArray:
        """The number of texts that hold each term."""
        return np.diff(self.starts)

    def surface(self, term: int) -> str:
        """Return a term as it is written most often, where possible not at the start of a sentence."""
        begin, end = self.occurrence_starts[term : term + 2]
        places = self.occurrences[begin : min(end, begin + _READ)]
        inside = places[~self.tokens.opening[places]]
        length = int((self.parts[term] >= 0).sum())
        chosen = (inside if len(inside) else places)[:, None] + np.arange(length)
        (best, _), *_ = Counter(map(tuple, self.tokens.ids[chosen].tolist())).most_common(1)
        glue = "" if self.tokens.unspaced[best[0]] else " "
        written = glue.join(self.tokens.words[word].strip("\u200c\u200d") for word in best)
        return written if len(inside) else written.lower()

    def words(self, term: int) -> frozenset[str]:
        """Return the content words of a term, in their base forms."""
        return frozenset(
            self.bases[part] for part in self.parts[term] if part >= 0 and self.content[part]
        )


def find_terms(tokens: Tokens) -> Terms:
    """Collect the phrases that at least two texts share; cost O(n log n) in the words.

    Function words and numbers may stand inside a phrase, not at its ends. A
    phrase whose every text holds one longer phrase around it is left to that.
    """
    bases, base_of, content, numeric = _bases(tokens)
    ids = np.where(tokens.ids >= 0, base_of[tokens.ids] if len(base_of) else -1, -1)
    unspaced = (tokens.ids >= 0) & (tokens.unspaced[tokens.ids] if len(base_of) else False)
    grams = _grams(ids, tokens.texts, unspaced)
    ends = content[ids] & (ids >= 0) if len(bases) else ids >= 0
    levels = []
    for length, gram in enumerate(grams, start=1):
        places = np.flatnonzero(gram >= 0)
        single = unspaced[places] & (length == 1)
        allowed = ends[places] & ends[places + length - 1] & ~single
        if length == 1:
            allowed |= (numeric[ids[places]] if len(bases) else False) & ~single
        places = places[allowed]
        places = places[np.argsort(gram[places], kind="stable")]
        levels.append((length, places, gram[places]))
    return _joined(tokens, ids, levels, (bases, content, numeric), grams)


def _bases(tokens: Tokens) -> tuple[tuple[str, ...], IntArray, NDArray[np.bool_], NDArray[np.bool_]]:
    """Fold the words: base forms, the base of each word, which bases say something, which are numbers."""
    spelled = [spelling(word) for word in tokens.words]
    frequency = np.bincount(tokens.ids[tokens.ids >= 0], minlength=len(spelled))
    counts: dict[str, int] = {}
    for word, count in zip(spelled, frequency.tolist(), strict=True):
        counts[word] = counts.get(word, 0) + count
    barred = function_words(counts)
    folded = fold({word: count for word, count in counts.items() if word not in barred})
    names = {
        word: number for number, word in enumerate(sorted({folded.get(word, word) for word in counts}))
    }
    base_of = np.array([names[folded.get(word, word)] for word in spelled], dtype=np.int64)
    numeric = np.array([is_number(name) for name in names], dtype=bool)
    character = np.zeros(len(names), dtype=bool)
    character[base_of[tokens.unspaced]] = True
    short = np.array([len(name) < 2 for name in names], dtype=bool) & ~character
    function = np.array([name in barred for name in names], dtype=bool)
    return tuple(names), base_of, ~(function | numeric | short), numeric


def _grams(ids: IntArray, texts: IntArray, unspaced: NDArray[np.bool_]) -> list[IntArray]:
    """Number the phrases of each length by where they begin; -1 where there is none in two texts."""
    n_texts = int(texts[-1]) + 1 if len(texts) else 1
    first = _frequent(ids, texts, n_texts)
    grams = [first]
    for length in range(2, _CHARACTERS + 1):
        shorter, last = grams[-1], np.full(len(ids), -1)
        last[: len(ids) - length + 1] = first[length - 1 :]
        kind = np.zeros(len(ids), dtype=bool)
        kind[: len(ids) - length + 1] = unspaced[length - 1 :] == unspaced[: len(ids) - length + 1]
        together = (shorter >= 0) & (last >= 0) & kind
        if length > _WORDS:
            together &= unspaced
        keys = np.where(together, shorter * (int(first.max(initial=0)) + 1) + last, -1)
        numbered = np.full(len(ids), -1)
        numbered[together] = np.unique(keys[together], return_inverse=True)[1]
        grams.append(_frequent(numbered, texts, n_texts))
    return grams


def _frequent(grams: IntArray, texts: IntArray, n_texts: int) -> IntArray:
    """Keep the phrases that are in several texts."""
    present = grams >= 0
    pairs = np.unique(grams[present].astype(np.int64) * n_texts + texts[present])
    frequency = np.bincount(pairs // n_texts, minlength=int(grams.max(initial=-1)) + 1)
    kept: IntArray = np.where(
        present & (frequency[grams] >= MIN_DF if len(frequency) else False), grams, -1
    )
    return kept


def _joined(
    tokens: Tokens,
    ids: IntArray,
    levels: list[tuple[int, IntArray, IntArray]],
    words: tuple[tuple[str, ...], NDArray[np.bool_], NDArray[np.bool_]],
    grams: list[IntArray],
) -> Terms:
    """Number the terms of all lengths in one sequence, shortest first, leaving out what a longer one covers."""
    bases, content, numeric = words
    offset, terms, places, firsts, lengths = 0, [], [], [], []
    numbers: list[IntArray] = []  # of each level: phrase -> term
    for length, starts, gram in levels:
        found, first, inverse = np.unique(gram, return_index=True, return_inverse=True)
        number = np.full(int(grams[length - 1].max(initial=-1)) + 1, -1)
        number[found] = offset + np.arange(len(found))
        numbers.append(number)
        terms.append(offset + inverse)
        places.append(starts)
        firsts.append(starts[first])
        lengths.append(np.full(len(found), length))
        offset += len(found)
    term, place = np.concatenate(terms), np.concatenate(places)
    first, length = np.concatenate(firsts), np.concatenate(lengths)
    n_texts = int(tokens.texts[-1]) + 1 if len(tokens.texts) else 1
    pairs = np.unique(term * n_texts + tokens.texts[place])
    frequency = np.bincount(pairs // n_texts, minlength=offset)
    kept = ~_covered(first, length, frequency, grams, numbers)
    renumbered = np.cumsum(kept) - 1
    pairs = pairs[kept[pairs // n_texts]]
    term, place = renumbered[term[kept[term]]], place[kept[term]]
    first, length = first[kept], length[kept]
    reach = np.arange(_CHARACTERS)
    parts = (
        np.where(
            reach < length[:, None], ids[np.minimum(first[:, None] + reach, max(len(ids) - 1, 0))], -1
        )
        if len(ids)
        else np.empty((0, _CHARACTERS), dtype=np.int64)
    )
    frequency = frequency[kept]
    return Terms(
        texts=pairs % n_texts,
        starts=np.concatenate([[0], np.cumsum(frequency)]),
        parts=parts,
        bases=bases,
        content=content,
        numeric=numeric[parts[:, 0]] if len(parts) else np.empty(0, dtype=bool),
        tokens=tokens,
        occurrences=place,
        occurrence_starts=np.concatenate([[0], np.cumsum(np.bincount(term, minlength=len(first)))]),
    )


def _covered(
    first: IntArray,
    length: IntArray,
    frequency: IntArray,
    grams: list[IntArray],
    numbers: list[IntArray],
) -> NDArray[np.bool_]:
    """Mark the terms that are in as many texts as a longer term that holds them."""
    covered = np.zeros(len(first), dtype=bool)
    for longer in range(2, _CHARACTERS + 1):
        whole = np.flatnonzero(length == longer)
        for shorter in range(1, longer):
            number = numbers[shorter - 1]
            for shift in range(longer - shorter + 1):
                gram = grams[shorter - 1][first[whole] + shift]
                inner = number[gram] if len(number) else np.full(len(whole), -1)
                same = (inner >= 0) & (gram >= 0)
                same[same] = frequency[inner[same]] == frequency[whole[same]]
                covered[inner[same]] = True
    return covered
