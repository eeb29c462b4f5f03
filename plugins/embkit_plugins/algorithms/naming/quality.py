"""Retrieval of groups by their names, on rows that had no part in choosing them."""

from collections.abc import Sequence

import numpy as np

from embkit import IntArray
from embkit_plugins.algorithms.naming.evidence import Evidence
from embkit_plugins.algorithms.naming.scoring import Scores

__all__ = ["areas", "hits", "jaccard"]

_ROWS = 128  # of a group and of its siblings: an AUC from 128 and 128 rows is within 0.04
_CHUNK = 2_000_000


def hits(evidence: Evidence, chosen: Sequence[tuple[int, ...]]) -> tuple[IntArray, IntArray]:
    """Count the rows of each group, and of its parent, that hold at least one of its terms."""
    groups = np.repeat(np.arange(len(chosen)), [len(terms) for terms in chosen])
    terms = np.array([term for one in chosen for term in one], dtype=np.int64)
    inside, around = np.zeros(len(chosen), dtype=np.int64), np.zeros(len(chosen), dtype=np.int64)
    n = max(evidence.n_rows, 1)
    starts, stops = evidence.around
    begin = np.searchsorted(evidence.keys, terms * n + starts[groups])
    end = np.searchsorted(evidence.keys, terms * n + stops[groups])
    lengths = end - begin
    # All terms of a group stay in one chunk.
    chunk = np.cumsum(np.bincount(groups, lengths, minlength=len(chosen))) // _CHUNK
    for number in np.unique(chunk):
        now = np.flatnonzero(chunk[groups] == number)
        places = np.repeat(
            begin[now] - np.concatenate([[0], np.cumsum(lengths[now])[:-1]]), lengths[now]
        )
        places = evidence.keys[places + np.arange(len(places))] % n
        pairs = np.unique(np.repeat(groups[now], lengths[now]) * n + places)
        group, place = pairs // n, pairs % n
        own = (place >= evidence.starts[group]) & (place < evidence.stops[group])
        around += np.bincount(group, minlength=len(chosen))
        inside += np.bincount(group[own], minlength=len(chosen))
    return inside, around


def areas(evidence: Evidence, scores: Scores, chosen: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Compute how well closeness to a name's vector tells a group from its siblings.

    The name's vector is the sum of the unit vectors of its terms. At most 128
    evenly spaced rows of the group and of the rest of its parent are compared.

    Returns
    -------
    ndarray of float, shape (n_groups,)
        The area under the ROC curve; NaN where the group has no name or no siblings.
    """
    result = np.full(len(chosen), np.nan)
    lengths = np.sqrt(np.einsum("ij,ij->i", evidence.vectors, evidence.vectors))
    bounds = (evidence.starts, evidence.stops, *evidence.around)
    for group, (terms, begin, end, low, high) in enumerate(
        zip(chosen, *(bound.tolist() for bound in bounds), strict=True)
    ):
        beside = high - low - (end - begin)
        if not terms or begin == end or not beside:
            continue
        name = scores.vectors[np.searchsorted(scores.known, terms)].sum(axis=0)
        own = begin + _spaced(end - begin)
        other = low + _spaced(beside)
        other = np.where(other >= begin, other + (end - begin), other)
        places = np.concatenate([own, other])
        length = np.where(lengths[places] > 0, lengths[places], 1)
        cosine = np.round(np.einsum("ij,j->i", evidence.vectors[places], name) / length, 5)
        result[group] = _area(cosine[: len(own)], cosine[len(own) :])
    return result


def _spaced(length: int) -> IntArray:
    count = min(length, _ROWS)
    return np.arange(count) * length // count


def _area(own: np.ndarray, other: np.ndarray) -> float:
    """Return the chance that one of the first is above one of the second, ties counting half."""
    ordered = np.sort(other)
    below, upto = np.searchsorted(ordered, own, "left"), np.searchsorted(ordered, own, "right")
    return float((below + upto).sum() / (2 * len(own) * len(other)))


def jaccard(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the size of the intersection over that of the union; 0 for two empty sets."""
    union = set(one) | set(other)
    return len(set(one) & set(other)) / len(union) if union else 0.0
