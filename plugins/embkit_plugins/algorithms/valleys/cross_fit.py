"""Find a division of the rows on some of them, and count it on the others."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embkit import Floats
from embkit_plugins.algorithms.valleys.divisions import Cut, Evidence, best_cut, partition_sizes

_N_COMPONENTS, _N_WHITENED = 64, 16


@dataclass(frozen=True)
class Division:
    """A cut found on some of the rows, and what the others say of it."""

    view: str
    cut: Cut
    n_groups: int
    n_tried: int
    evidence: Evidence


def leading_components(vectors: Floats) -> Floats:
    """Coordinates along the directions of greatest variance, 64 at most, without the constant ones."""
    centred = vectors - vectors.mean(axis=0)
    wide = centred.shape[1] > centred.shape[0]
    gram = centred @ centred.T if wide else centred.T @ centred
    values, directions = np.linalg.eigh(gram)
    values, directions = values[::-1][:_N_COMPONENTS], directions[:, ::-1][:, :_N_COMPONENTS]
    # What centring leaves of equal values is rounding, some units in the last place of each.
    rounding = vectors.size * (4 * np.finfo(np.float64).eps * np.abs(vectors).max(initial=0)) ** 2
    varying = values > max(1e-12 * float(np.trace(gram)), rounding)
    values, directions = values[varying], directions[:, varying]
    return np.asarray(directions * np.sqrt(values) if wide else centred @ directions)


def cross_fit(points: Floats, n_folds: int, rng: np.random.Generator) -> Iterator[Division]:
    """Find a cut on all folds but one, count that one, for each."""
    spread = points.std(axis=0)
    reference = rng.standard_normal(points.shape) * spread
    views = {name: (view(points, spread), view(reference, spread)) for name, view in _VIEWS.items()}
    fold = rng.permutation(len(points)) % n_folds
    for held in range(n_folds):
        sizes = partition_sizes(int((fold != held).sum()))
        found = {
            name: cut
            for name, (seen, without) in views.items()
            if (cut := best_cut(seen[fold != held], without, _SIZES.get(name, sizes), rng)) is not None
        }
        if found:
            view = max(found, key=lambda name: found[name].strength)
            n_groups = max(cut.n_groups for cut in found.values())
            n_tried = max(cut.n_tried for cut in found.values())
            evidence = found[view].held_out(views[view][0][fold == held])
            yield Division(view, found[view], n_groups, n_tried, evidence)


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
