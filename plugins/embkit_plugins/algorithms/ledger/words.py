"""The words of groups of texts: what each is about, what sets parts of one apart, what they share.

Class-based TF-IDF after Grootendorst, "BERTopic: Neural topic modeling with a
class-based TF-IDF procedure", arXiv 2203.05794 (2022): all texts of a group
count as one, and a word t of group c weighs

    tf(t, c) * log(1 + A / f(t))

with tf the share of t among the words of c, f(t) its number of occurrences in
all texts and A the mean number of words in a group. Nothing is downloaded and
no language is assumed: frequent words are damped by f, and a short list of
English function words is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["STOP_WORDS", "WordCounts", "contrast", "count_words", "keywords", "shared", "tokenize"]

_FUNCTION_WORDS = """
about after again all also am an and another any are aren around as at be because been before being
between both but by can cannot could couldn did didn do does doesn doing don done down during each
either else etc even ever every few for from get gets getting got had hadn has hasn have haven
having he her here hers him his how however if in into is isn it its itself just let like ll many
may me might more most much must my near no nor not now of off often on once one ones oneself only
onto or other others our out over own per rather re same shall she should shouldn so some someone
something still such than that the their them then there these they this those though through thus
till to together too toward under until up upon us used using usually ve very via was wasn we were
weren what when where whether which while who whom whose why will with within without won would
wouldn yet you your yours yourself
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English function words, which say nothing about a group."""

_LONGEST = 4000  # characters of a text that are read: keywords of a book are in its first page
_TOKEN = re.compile(
    # Runs of what is neither space nor punctuation, so that combining marks stay inside their word.
    r"[^\s\x00-/:-@\[-`{-\xbf\u2000-\u206f\u2190-\u2bff\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]{2,}"
)


@dataclass(frozen=True, eq=False)
class WordCounts:
    """How often each word occurs in each text.

    Parameters
    ----------
    counts : scipy.sparse.csr_array of int64, shape (n_texts, n_words)
        Occurrences.
    words : ndarray of str, shape (n_words,)
        The vocabulary, in alphabetical order.
    """

    counts: Any
    words: NDArray[np.object_]


def tokenize(text: str) -> list[str]:
    """Split a text into lower-case words of two or more characters.

    Numbers and English function words are left out; at most the first 4000
    characters are read.
    """
    tokens = _TOKEN.findall(text[:_LONGEST].lower())
    return [token for token in tokens if token not in STOP_WORDS and not token.isdigit()]


def count_words(texts: Sequence[str]) -> WordCounts:
    """Count the words of every text; cost O(total length)."""
    from scipy.sparse import csr_array

    vocabulary: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns.extend(vocabulary.setdefault(token, len(vocabulary)) for token in tokenize(text))
        ends.append(len(columns))
    words = np.array(sorted(vocabulary), dtype=object)
    # Alphabetical columns make every tie among scores fall the same way.
    place = np.empty(len(words), dtype=np.int64)
    place[[vocabulary[word] for word in words]] = np.arange(len(words))
    counts = csr_array(
        (
            np.ones(len(columns), dtype=np.int64),
            place[np.array(columns, dtype=np.int64)],
            np.array(ends),
        ),
        shape=(len(texts), len(words)),
    )
    counts.sum_duplicates()
    return WordCounts(counts, words)


def keywords(words: WordCounts, labels: NDArray[Any], n_words: int = 5) -> list[tuple[str, ...]]:
    """Give the words of highest c-TF-IDF in each group.

    Parameters
    ----------
    words : WordCounts
        Of all texts.
    labels : ndarray of int, shape (n_texts,)
        The group of each text, 0 to k-1; negative for none.
    n_words : int
        How many to give at most.

    Returns
    -------
    list of tuple of str
        One tuple a group, best first; empty for a group without words.
    """
    n_groups = int(labels.max(initial=-1)) + 1
    grouped = _pooled(words, labels, n_groups).tocoo()
    totals = _totals(grouped, n_groups)
    scores = grouped.data / totals[grouped.row] * _rarity(words, n_groups)[grouped.col]
    return _best(words, (grouped.row, grouped.col, scores), n_rows=n_groups, n_words=n_words)


def contrast(
    words: WordCounts, labels: NDArray[Any], family: NDArray[Any], n_groups: int, n_words: int = 4
) -> list[tuple[str, ...]]:
    """Give the words that set each part apart from the other parts of its family.

    A word's weight is (tf in the part - tf in the rest of the family) times the
    rarity factor of c-TF-IDF; only positive weights count.

    Parameters
    ----------
    words : WordCounts
        Of all texts.
    labels : ndarray of int, shape (n_texts,)
        The part of each text, 0 to n_parts-1; negative for none.
    family : ndarray of int, shape (n_parts,)
        The family of each part.
    n_groups : int
        In how many groups all the texts are, the A of c-TF-IDF.
    n_words : int
        How many to give at most.

    Returns
    -------
    list of tuple of str
        One tuple a part, best first.
    """
    n_parts, n_vocabulary = len(family), len(words.words)
    parts = _pooled(words, labels, n_parts).tocoo()
    totals = _totals(parts, n_parts)
    family_totals = np.bincount(family, weights=totals)
    keys, inverse = np.unique(
        family[parts.row].astype(np.int64) * max(n_vocabulary, 1) + parts.col, return_inverse=True
    )
    in_family = np.bincount(inverse, weights=parts.data, minlength=len(keys))[inverse]
    rest = np.maximum(family_totals[family] - totals, 1)[parts.row]
    difference = parts.data / totals[parts.row] - (in_family - parts.data) / rest
    scores = difference * _rarity(words, n_groups)[parts.col]
    return _best(words, (parts.row, parts.col, scores), n_rows=n_parts, n_words=n_words)


def shared(
    words: WordCounts, labels: NDArray[Any], family: NDArray[Any], n_groups: int, n_words: int = 4
) -> list[tuple[str, ...]]:
    """Give the words that the parts of each family have in common.

    A word counts when it is in more than half of the parts, and in two at
    least; its weight is its mean tf over the parts times the rarity factor of
    c-TF-IDF. Parameters as for `contrast`.

    Returns
    -------
    list of tuple of str
        One tuple a family, best first.
    """
    n_parts, n_vocabulary = len(family), max(len(words.words), 1)
    n_families = int(family.max(initial=-1)) + 1
    parts = _pooled(words, labels, n_parts).tocoo()
    totals = _totals(parts, n_parts)
    keys, inverse = np.unique(
        family[parts.row].astype(np.int64) * n_vocabulary + parts.col, return_inverse=True
    )
    frequency = np.bincount(inverse, weights=parts.data / totals[parts.row], minlength=len(keys))
    spread = np.bincount(inverse, minlength=len(keys))
    rows, columns = keys // n_vocabulary, keys % n_vocabulary
    n_members = np.bincount(family, minlength=n_families)[rows]
    common = (spread >= 2) & (2 * spread > n_members)
    scores = np.where(common, frequency / n_members * _rarity(words, n_groups)[columns], 0.0)
    return _best(words, (rows, columns, scores), n_rows=n_families, n_words=n_words)


def _pooled(words: WordCounts, labels: NDArray[Any], n_groups: int) -> Any:
    """Add up the occurrences in each group: sparse (n_groups, n_words)."""
    from scipy.sparse import csr_array

    rows = np.flatnonzero(labels >= 0)
    members = csr_array(
        (np.ones(len(rows), dtype=np.int64), (labels[rows], rows)), shape=(n_groups, len(labels))
    )
    return members @ words.counts


def _totals(grouped: Any, n_groups: int) -> NDArray[np.float64]:
    """Count the words in each group."""
    return np.bincount(grouped.row, grouped.data, minlength=n_groups).astype(np.float64)


def _rarity(words: WordCounts, n_groups: int) -> NDArray[np.float64]:
    """Compute the factor log(1 + A / f) of each word."""
    frequency = np.bincount(words.counts.indices, weights=words.counts.data, minlength=len(words.words))
    factor: NDArray[np.float64] = np.log1p(frequency.sum() / max(n_groups, 1) / frequency)
    return factor


def _best(
    words: WordCounts,
    entries: tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]],
    *,
    n_rows: int,
    n_words: int,
) -> list[tuple[str, ...]]:
    """Pick for each row the words of highest positive score, ties in alphabetical order."""
    rows, columns, scores = entries
    positive = np.flatnonzero(scores > 1e-12)
    order = positive[np.lexsort((columns[positive], -scores[positive], rows[positive]))]
    bounds = np.searchsorted(rows[order], np.arange(n_rows + 1))
    return [
        tuple(words.words[columns[order[begin : min(end, begin + n_words)]]])
        for begin, end in pairwise(bounds)
    ]
