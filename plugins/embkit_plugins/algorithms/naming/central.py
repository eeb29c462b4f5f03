"""The rows that stand for a group."""

from collections.abc import Sequence

import numpy as np

from embkit_plugins.algorithms.naming.evidence import Evidence

__all__ = ["central_places"]

_LOOKED_AT = 256  # rows of a group, where looking at all rows of all groups would be too dear
_SHARE = 0.5  # examples come from the inner half of a group


def central_places(evidence: Evidence, texts: Sequence[int], n_rows: int = 3) -> list[tuple[int, ...]]:
    """Find for each group the medoid and further central rows that are unlike it.

    The medoid is the row nearest to the group's centre. Each further row is the
    one of the inner half that is farthest from those before, with another text.
    Where the groups together are larger than 50 times the dataset, as in a tree
    that is a chain, 256 evenly spaced rows of each stand for it.

    Parameters
    ----------
    evidence : Evidence
        Rows in the order of the groups.
    texts : sequence of int
        A number for the text at each place; equal texts have equal numbers.
    n_rows : int
        How many rows to return for a group, at most.

    Returns
    -------
    list of tuple of int
        Places, the medoid first.
    """
    limit = evidence.n_rows if evidence.sizes.sum() <= 50 * evidence.n_rows else _LOOKED_AT
    centres = evidence.centres()
    squares = np.einsum("ij,ij->i", evidence.vectors, evidence.vectors)
    known = np.asarray(texts)
    found = []
    for begin, end, centre in zip(
        evidence.starts.tolist(), evidence.stops.tolist(), centres.astype(np.float32), strict=True
    ):
        places = np.arange(begin, end)
        if end - begin > limit:
            places = begin + np.arange(limit) * (end - begin) // limit
        found.append(_examples(evidence.vectors, squares, places, centre, known, n_rows))
    return found


def _examples(
    vectors: np.ndarray,
    squares: np.ndarray,
    places: np.ndarray,
    centre: np.ndarray,
    texts: np.ndarray,
    n_rows: int,
) -> tuple[int, ...]:
    if not len(places):
        return ()
    distance = np.round(squares[places] - 2 * np.einsum("ij,j->i", vectors[places], centre), 5)
    places = places[np.argsort(distance, kind="stable")]
    places = places[: max(n_rows, int(np.ceil(_SHARE * len(places))))]
    chosen = [int(places[0])]
    nearest = np.full(len(places), np.inf)
    while len(chosen) < n_rows:
        last = chosen[-1]
        gap = squares[places] + squares[last] - 2 * np.einsum("ij,j->i", vectors[places], vectors[last])
        nearest = np.minimum(nearest, np.round(gap, 5))
        nearest[texts[places] == texts[last]] = -1
        if nearest.max() < 0:
            break
        chosen.append(int(places[int(np.argmax(nearest))]))
    return tuple(chosen)
