"""Divide the rows on some of them, and count the division on the others: on lines and at its border."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.valleys.borders import LocalEvidence
from embkit_plugins.algorithms.valleys.cells import squared_distances
from embkit_plugins.algorithms.valleys.divisions import Cut, Evidence, best_cut, partition_sizes
from embkit_plugins.algorithms.valleys.local import local_evidence

__all__ = ["Division", "close_look", "cross_fit", "views_of"]

_N_WHITENED = 16


@dataclass(frozen=True)
class Division:
    """A cut found on some of the rows, and what the others say of it."""

    view: str
    cut: Cut
    n_groups: int
    n_tried: int
    evidence: Evidence


def views_of(points: Floats, reference: Floats) -> dict[str, tuple[Floats, Floats]]:
    """The coordinates in which divisions are looked for, of the rows and of a reference without any."""
    spread = points.std(axis=0)
    return {name: (view(points, spread), view(reference, spread)) for name, view in _VIEWS.items()}


def cross_fit(
    views: Mapping[str, tuple[Floats, Floats]], held: NDArray[np.bool_], rng: np.random.Generator
) -> Division | None:
    """Find a cut on the other rows and count those that are held out."""
    sizes = partition_sizes(int((~held).sum()))
    found = {
        name: cut
        for name, (seen, without) in views.items()
        if (cut := best_cut(seen[~held], without, _SIZES.get(name, sizes), rng)) is not None
    }
    if not found:
        return None
    view = max(found, key=lambda name: found[name].strength)
    n_groups = max(cut.n_groups for cut in found.values())
    n_tried = max(cut.n_tried for cut in found.values())
    return Division(view, found[view], n_groups, n_tried, found[view].held_out(views[view][0][held]))


def close_look(
    division: Division,
    points: tuple[Floats, Floats],
    views: tuple[Floats, Floats],
    held: NDArray[np.bool_],
) -> LocalEvidence:
    """The evidence at the border, in the coordinates as given, whatever view the division is from."""
    centres = division.cut.cells.centres
    cells = [squared_distances(view, centres).argmin(axis=1) for view in views]
    # Intervals of one value are as wide between their centres as anywhere: nothing to compare with.
    by_value = division.view == "radial"
    without = slice(0) if by_value else slice(None)
    return local_evidence(
        points[0],
        cells[0],
        division.cut.side,
        held,
        (points[1][without], cells[1][without]),
        views[0][:, 0] if by_value else None,
    )


def _as_given(points: Floats, spread: Floats) -> Floats:
    del spread
    return points


def _whitened(points: Floats, spread: Floats) -> Floats:
    return np.asarray(points[:, :_N_WHITENED] / spread[:_N_WHITENED])


def _radial(points: Floats, spread: Floats) -> Floats:
    """Logarithm of the distance from the mean, as one column."""
    squares = np.maximum((points**2).sum(axis=1), 1e-12 * float((spread**2).sum()))
    return np.asarray(0.5 * np.log(squares)[:, None])


_VIEWS = {"as given": _as_given, "whitened": _whitened, "radial": _radial}
_SIZES = {"radial": (2, 3, 4)}
