"""Scores of a term as the name of a group: by the texts' words and by their vectors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import IntArray
from embkit_plugins.algorithms.naming.chance import discoveries, log_tail, n_testable
from embkit_plugins.algorithms.naming.evidence import Evidence
from embkit_plugins.algorithms.rows.grouping import by_group

__all__ = ["Scores", "score", "significance"]

LEAST_RATIO = 2.0  # a term has to be this many times as frequent in the group as beside it,
LEAST_SHARE = 0.03  # in this share of the group's rows,
LEAST_FIT = 0.25  # and within 75 degrees of its direction
_CHUNK = 8192
FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Scores:
    """Pairs of a group and a term with how well they fit.

    Parameters
    ----------
    groups, terms : ndarray of int, shape (n_pairs,)
        The pairs, by group.
    counts : ndarray of int, shape (n_pairs,)
        Rows of the group that hold the term.
    fits : ndarray of float, shape (n_pairs,)
        Cosine between the term's vector and the direction of the group.
    titles, details : ndarray of float, shape (n_pairs,)
        How good the term is as a title, which says what a group is about, and as
        a detail beside it, which says what is in no other group; 0 if unfit.
    known : ndarray of int, shape (n_known,)
        The distinct terms, ascending.
    vectors : ndarray of float32, shape (n_known, n_features)
        The unit vectors of the `known` terms.
    """

    groups: IntArray
    terms: IntArray
    counts: IntArray
    fits: FloatArray
    titles: FloatArray
    details: FloatArray
    known: IntArray
    vectors: FloatArray

    def vector(self, term: int) -> FloatArray:
        """Return the unit vector of a term."""
        found: FloatArray = self.vectors[np.searchsorted(self.known, term)]
        return found


def significance(
    evidence: Evidence,
    groups: IntArray,
    terms: IntArray,
    counts: IntArray,
    frequencies: IntArray,
    alpha: float,
) -> FloatArray:
    """Compute the p-value of each pair, corrected for all terms and all groups.

    The chance that a random group of the same size holds the term as often
    (hypergeometric) is multiplied by the number of terms that could pass at all
    (`n_testable`), and then by the number of groups over the number of groups in
    which some term passes (`discoveries`).

    Parameters
    ----------
    evidence : Evidence
        All rows.
    groups, terms, counts : ndarray of int, shape (n_pairs,)
        The pairs, and in how many rows of the group the term is.
    frequencies : ndarray of int, shape (n_terms,)
        In how many rows each of all terms is.
    alpha : float
        The level at which a term passes.
    """
    n_groups, sizes = len(evidence.starts), evidence.sizes
    tested = n_testable(sizes, frequencies, evidence.n_rows, alpha)
    log_p = log_tail(counts, sizes[groups], frequencies[terms], evidence.n_rows) + np.log(tested[groups])
    smallest = np.zeros(n_groups)
    np.minimum.at(smallest, groups, log_p)
    passing = discoveries(np.exp(smallest), alpha)
    p_values: FloatArray = np.exp(np.minimum(log_p + np.log(n_groups / max(passing, 1)), 0.0))
    return p_values


def score(evidence: Evidence, groups: IntArray, terms: IntArray) -> Scores:
    """Score pairs of a group and a term.

    A term's vector is the mean of the vectors of the rows that hold it, and a
    group lies in the direction of its centre from the parent's plus that from
    the whole dataset's. The cosine of the two is the fit. For a term in f rows, r
    times as frequent in the group of s rows as among its siblings,

    - a title is worth fit * f / (f + max(0.15 s - 3, 0)) * sqrt(1 - 1 / r): rare
      terms name large groups badly, however exclusive they are;
    - a detail is worth fit * f / (f + 0.05 s) * log(r)^0.3,

    both times how evenly the parts of the group share it. The constants were
    chosen by ``benchmarks/names.py``.

    Cost: O((n_distinct_occurrences + n_pairs) n_features).
    """
    starts, stops = evidence.around
    counts, frequencies = evidence.counts(groups, terms), evidence.totals(terms)
    around = evidence.count(terms, starts[groups], stops[groups])
    sizes = evidence.sizes[groups]
    beside = (stops - starts)[groups] - sizes
    known, index = np.unique(terms, return_inverse=True)
    vectors = _unit(evidence.term_sums(known)).astype(np.float32)
    fits = np.round(_cosines(_directions(evidence), vectors, groups, index), 6)
    # Few siblings say little: rows of the rest of the dataset, a tenth of the group's size, join them.
    added = 1 + 0.1 * sizes
    outside = (frequencies - counts + 0.5) / (evidence.n_rows - sizes + 1)
    ratio = counts / np.maximum(sizes, 1) / ((around - counts + added * outside) / (beside + added))
    speaks = (ratio >= LEAST_RATIO) & (counts >= LEAST_SHARE * sizes) & (fits >= LEAST_FIT)
    worth = np.where(speaks, fits, 0.0) * _evenness(evidence, groups, terms, counts)
    ratio = np.maximum(ratio, 1.0)
    trust = frequencies / np.maximum(frequencies + np.maximum(0.15 * sizes - 3, 0), 1)
    titles = np.round(worth * trust * np.sqrt(1 - 1 / ratio), 6)
    trust = frequencies / np.maximum(frequencies + 0.05 * sizes, 1)
    details = np.round(worth * trust * np.log(ratio) ** 0.3, 6)
    return Scores(groups, terms, counts, fits, titles, details, known, vectors)


def _evenness(evidence: Evidence, groups: IntArray, terms: IntArray, counts: IntArray) -> FloatArray:
    """Measure how evenly the parts of each group share a term.

    1 where the term is as frequent in every part, w where it is in a single part
    with the share w of the rows; rows of no part are one more part.
    """
    parts, bounds = by_group(evidence.parents, len(evidence.parents))
    repeats = np.diff(bounds)[groups]
    pair = np.repeat(np.arange(len(groups)), repeats)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    part = parts[bounds[groups[pair]] + offset]
    held, size = evidence.counts(part, terms[pair]), evidence.sizes[part]
    expected = counts / np.maximum(evidence.sizes[groups], 1)
    # What is held by no part, in rows of no part.
    rest = evidence.sizes[groups] - np.bincount(pair, size, minlength=len(groups))
    held_there = counts - np.bincount(pair, held, minlength=len(groups))
    density = np.maximum(expected, 1e-12)
    covered = np.bincount(pair, np.minimum(held / density[pair], size), minlength=len(groups))
    covered = covered + np.minimum(held_there / density, rest)
    even: FloatArray = covered / np.maximum(evidence.sizes[groups], 1)
    return even


def _directions(evidence: Evidence) -> FloatArray:
    """Return the direction in which each group lies; the mean of all rows is the origin."""
    centres = evidence.centres()
    above = np.where(evidence.parents[:, None] >= 0, centres[evidence.parents], 0.0)
    return _unit(2 * centres - above)


def _cosines(
    directions: FloatArray, vectors: FloatArray, groups: IntArray, index: IntArray
) -> FloatArray:
    """Multiply pairs of unit vectors, some at a time."""
    cosines = np.empty(len(groups))
    directions = directions.astype(np.float32)
    for begin in range(0, len(groups), _CHUNK):
        now = slice(begin, begin + _CHUNK)
        cosines[now] = np.einsum("ij,ij->i", directions[groups[now]], vectors[index[now]])
    return cosines


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    unit: FloatArray = vectors / np.where(lengths > 1e-9, lengths, 1.0)
    return unit
