"""The terms that could name a group: phrases of one to three words that several texts share."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.naming.folding import fold, is_number, spelling
from embkit_plugins.algorithms.naming.function_words import function_words
from embkit_plugins.algorithms.naming.tokens import Tokens

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
        """Return a term as it is written most often inside a sentence, or else in lower case."""
        begin, end = self.occurrence_starts[term : term + 2]
        places = self.occurrences[begin : min(end, begin + _READ)]
        inside = places[~self.tokens.opening[places]]
        length = int((self.parts[term] >= 0).sum())
        everywhere = Counter(map(tuple, self.tokens.ids[places[:, None] + np.arange(length)].tolist()))
        forms = Counter(map(tuple, self.tokens.ids[inside[:, None] + np.arange(length)].tolist()))
        best = max(forms or everywhere, key=lambda form: (forms[form], everywhere[form]))
        glue = "" if self.tokens.unspaced[best[0]] else " "
        written = glue.join(self.tokens.words[word].strip("\u200c\u200d") for word in best)
        return written if len(inside) else written.lower()

    def words(self, term: int) -> frozenset[str]:
        """Return the content words of a term in their base forms, or the number that it is."""
        parts = [part for part in self.parts[term].tolist() if part >= 0]
        said = [part for part in parts if self.content[part]]
        return frozenset(self.bases[part] for part in said or parts)


def find_terms(tokens: Tokens) -> Terms:
    """Collect the phrases that at least two texts share; cost O(n log n) in the words.

    Function words and numbers may stand inside a phrase that is as good as fixed,
    not at its ends. A phrase whose every text holds one longer phrase around it is left to that.
    """
    known = _vocabulary(tokens)
    ids = np.full(len(tokens.ids), -1)
    ids[tokens.ids >= 0] = known.base_of[tokens.ids[tokens.ids >= 0]]
    unspaced = np.zeros(len(ids), dtype=bool)
    unspaced[tokens.ids >= 0] = tokens.unspaced[tokens.ids[tokens.ids >= 0]]
    grams = _grams(ids, tokens.texts, unspaced)
    found = _phrases(grams, ids, unspaced, known)
    n_texts = int(tokens.texts[-1]) + 1 if len(tokens.texts) else 1
    pairs = np.unique(found.phrase * n_texts + tokens.texts[found.place])
    frequency = np.bincount(pairs // n_texts, minlength=len(found.first))
    kept = ~_covered(found, frequency, grams) & _coherent(found, frequency, ids, tokens.texts, known)
    number = np.cumsum(kept) - 1
    pairs, alive = pairs[kept[pairs // n_texts]], kept[found.phrase]
    reach = found.first[kept][:, None] + np.arange(_CHARACTERS)
    within = np.arange(_CHARACTERS) < found.length[kept][:, None]
    parts = np.where(within, np.concatenate([ids, np.full(_CHARACTERS, -1)])[reach], -1)
    occurring = np.bincount(number[found.phrase[alive]], minlength=int(kept.sum()))
    return Terms(
        texts=pairs % n_texts,
        starts=np.concatenate([[0], np.cumsum(frequency[kept])]),
        parts=parts,
        bases=known.bases,
        content=known.content,
        numeric=known.numeric[parts[:, 0]],
        tokens=tokens,
        occurrences=found.place[alive],
        occurrence_starts=np.concatenate([[0], np.cumsum(occurring)]),
    )


@dataclass(frozen=True, eq=False)
class _Vocabulary:
    """The base forms; of each word, its base; of each base, whether it says something or is a number."""

    bases: tuple[str, ...]
    base_of: IntArray
    content: NDArray[np.bool_]
    numeric: NDArray[np.bool_]


def _vocabulary(tokens: Tokens) -> _Vocabulary:
    spelled = [spelling(word) for word in tokens.words]
    frequency = np.bincount(tokens.ids[tokens.ids >= 0], minlength=len(spelled))
    counts: dict[str, int] = {}
    for word, count in zip(spelled, frequency.tolist(), strict=True):
        counts[word] = counts.get(word, 0) + count
    barred = function_words(counts)
    folded = fold({word: count for word, count in counts.items() if word not in barred})
    bases = sorted({folded.get(word, word) for word in counts})
    number = {base: index for index, base in enumerate(bases)}
    base_of = np.array([number[folded.get(word, word)] for word in spelled], dtype=np.int64)
    numeric = np.array([is_number(base) for base in bases], dtype=bool)
    character = np.zeros(len(bases), dtype=bool)
    character[base_of[tokens.unspaced]] = True
    silent = np.array([base in barred or len(base) < 2 for base in bases], dtype=bool)
    silent &= ~character | np.array([base in barred for base in bases], dtype=bool)
    return _Vocabulary(tuple(bases), base_of, ~(silent | numeric), numeric)


def _grams(ids: IntArray, texts: IntArray, unspaced: NDArray[np.bool_]) -> list[IntArray]:
    """Number the phrases of each length by where they begin; -1 where there is none in two texts."""
    n_texts = int(texts[-1]) + 1 if len(texts) else 1
    first = _frequent(ids, texts, n_texts)
    grams = [first]
    for length in range(2, _CHARACTERS + 1):
        shorter, last = grams[-1], _ahead(first, length - 1, -1)
        alike = unspaced == _ahead(unspaced, length - 1, 0)
        together = (shorter >= 0) & (last >= 0) & alike
        if length > _WORDS:
            together &= unspaced
        keys = np.where(together, shorter * (int(first.max(initial=0)) + 1) + last, -1)
        numbered = np.full(len(ids), -1)
        numbered[together] = np.unique(keys[together], return_inverse=True)[1]
        grams.append(_frequent(numbered, texts, n_texts))
    return grams


def _ahead(values: NDArray[Any], steps: int, beyond: int) -> NDArray[Any]:
    """Return what is some places further on."""
    padded = np.concatenate([values, np.full(steps, beyond, dtype=values.dtype)])
    return padded[steps:]


def _frequent(grams: IntArray, texts: IntArray, n_texts: int) -> IntArray:
    """Keep the phrases that are in several texts."""
    present = grams >= 0
    pairs = np.unique(grams[present].astype(np.int64) * n_texts + texts[present])
    frequency = np.bincount(pairs // n_texts, minlength=int(grams.max(initial=-1)) + 1)
    kept: IntArray = np.where(
        present & (frequency[grams] >= MIN_DF if len(frequency) else False), grams, -1
    )
    return kept


@dataclass(frozen=True, eq=False)
class _Phrases:
    """Phrases that may be terms, shortest first.

    The phrase at each place where one begins, and that place; of each phrase, the
    first place and the length; of each length, the phrase of each gram or -1.
    """

    phrase: IntArray
    place: IntArray
    first: IntArray
    length: IntArray
    of_gram: list[IntArray]


def _phrases(
    grams: list[IntArray], ids: IntArray, unspaced: NDArray[np.bool_], known: _Vocabulary
) -> _Phrases:
    """Leave out what begins or ends with a function word or a number, and single characters."""
    says = np.zeros(len(ids), dtype=bool)
    says[ids >= 0] = known.content[ids[ids >= 0]]
    number = np.zeros(len(ids), dtype=bool)
    number[ids >= 0] = known.numeric[ids[ids >= 0]]
    columns: list[tuple[IntArray, ...]] = []
    of_gram: list[IntArray] = []
    offset = 0
    for length, gram in enumerate(grams, start=1):
        places = np.flatnonzero(gram >= 0)
        allowed = says[places] & says[places + length - 1]
        if length == 1:
            allowed = (allowed | number[places]) & ~unspaced[places]
        places = places[allowed]
        places = places[np.argsort(gram[places], kind="stable")]
        found, first, inverse = np.unique(gram[places], return_index=True, return_inverse=True)
        of_gram.append(np.full(int(gram.max(initial=-1)) + 1, -1))
        of_gram[-1][found] = offset + np.arange(len(found))
        columns.append((offset + inverse, places, places[first], np.full(len(found), length)))
        offset += len(found)
    phrase, place, first, lengths = (np.concatenate(column) for column in zip(*columns, strict=True))
    return _Phrases(phrase, place, first, lengths, of_gram)


def _coherent(
    found: _Phrases, frequency: IntArray, ids: IntArray, texts: IntArray, known: _Vocabulary
) -> NDArray[np.bool_]:
    """Mark the phrases that are more than a passing encounter of their words.

    One with a function word or a number inside has to be in half of the texts of
    its rarer end: Brothers of Italy, but not the end of one clause and the next.
    """
    n_texts = int(texts[-1]) + 1 if len(texts) else 1
    pairs = np.unique(ids[ids >= 0] * n_texts + texts[ids >= 0])
    holding = np.bincount(pairs // n_texts, minlength=len(known.bases))
    last = found.first + found.length - 1
    says = np.zeros(len(ids), dtype=bool)
    says[ids >= 0] = known.content[ids[ids >= 0]]
    silent_before = np.concatenate([[0], np.cumsum(~says)])
    loose = (found.length > 1) & (silent_before[last + 1] > silent_before[found.first])
    rarer = np.minimum(holding[ids[found.first]], holding[ids[last]])
    coherent: NDArray[np.bool_] = ~loose | (2 * frequency >= rarer)
    return coherent


def _covered(found: _Phrases, frequency: IntArray, grams: list[IntArray]) -> NDArray[np.bool_]:
    """Mark the phrases that are in as many texts as a longer one that holds them."""
    covered = np.zeros(len(found.first), dtype=bool)
    for longer in range(2, _CHARACTERS + 1):
        whole = np.flatnonzero(found.length == longer)
        for shorter in range(1, longer):
            for shift in range(longer - shorter + 1):
                gram = grams[shorter - 1][found.first[whole] + shift]
                inner = found.of_gram[shorter - 1][gram]
                same = (inner >= 0) & (frequency[inner] == frequency[whole])
                covered[inner[same]] = True
    return covered
