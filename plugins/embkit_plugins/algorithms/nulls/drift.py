"""Whether rows that came later are like those that a run saw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embkit import Floats

__all__ = ["ALPHA", "Drift", "NoiseDrift", "drift_of", "noise_drift_of"]

ALPHA = 1e-3
"""The chance of a false alarm."""

_TOLERATED = 0.05  # share of rows more in the noise: what the rows of a run themselves have less


@dataclass(frozen=True)
class Drift:
    """How rows that came later compare to those of a run.

    Parameters
    ----------
    distance, usual_distance : float
        Median distance to the nearest row of the run, of the later rows and of the
        run's own.
    p_value : float
        Chance of distances so much greater among rows of one distribution.
    """

    distance: float
    usual_distance: float
    p_value: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence if the later rows fail the test."""
        if self.p_value >= ALPHA:
            return ()
        found = (
            "drift: the rows are farther from the run's rows than these are from one another "
            f"(median distance to the nearest {self.distance:.4g}, usual {self.usual_distance:.4g}; "
            f"p = {self.p_value:.1g} by Mann-Whitney)"
        )
        return (found,)


def drift_of(later: Floats, own: Floats) -> Drift:
    """Test whether later rows are farther from a run's rows than these are from one another.

    By the one-sided Mann-Whitney test of the distances to the nearest row. Both
    samples are treated alike, each row being compared to all rows of the run but
    itself, so that rows of one distribution differ by chance alone. (The run's own
    rows have one row less to be near to.)

    Parameters
    ----------
    later, own : ndarray of float64, shape (n_rows,)
        Distances of the later rows, and of all or some of the run's, to the nearest
        row of the run that is not the row itself.

    References
    ----------
    Mann and Whitney, Annals of Mathematical Statistics 18 (1947).
    """
    from scipy.stats import mannwhitneyu

    chance = 1.0
    if np.ptp(np.concatenate([later, own])) > 0:  # else there is nothing to rank
        found = mannwhitneyu(later, own, alternative="greater", method="asymptotic")
        chance = float(found.pvalue)
    return Drift(float(np.median(later)), float(np.median(own)), chance)


@dataclass(frozen=True)
class NoiseDrift:
    """How often rows that came later lie in the noise of a run.

    Parameters
    ----------
    near_noise, usual_near_noise : float
        Share of the later rows, and of the run's own, whose nearest row of the run is noise.
    noise_p_value : float
        Chance of so many more if the shares differ by five points.
    """

    near_noise: float
    usual_near_noise: float
    noise_p_value: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence if the later rows fail the test."""
        if self.noise_p_value >= ALPHA:
            return ()
        found = (
            f"drift: noise is nearest to {self.near_noise:.1%} of the rows, and to "
            f"{self.usual_near_noise:.1%} of the run's own "
            f"(p = {self.noise_p_value:.1g} beyond five points)"
        )
        return (found,)


def noise_drift_of(later: NDArray[np.bool_], own: NDArray[np.bool_]) -> NoiseDrift:
    """Test whether later rows lie in the noise of a run more often than its own rows do.

    By the label of the nearest row of the run that is not the row itself. A row makes its
    surroundings denser, so that a run's own rows are noise less often than others of the same
    distribution, and so are the rows next to them: on real texts by five points in a hundred.
    The test is whether the later rows have more than those five points more, one-sided, by the
    normal approximation with a success and a failure added to both (Agresti and Caffo 2000).

    Parameters
    ----------
    later, own : ndarray of bool, shape (n_rows,)
        Whether the nearest row of the run is noise.
    """
    from scipy.stats import norm

    counts = np.array([later.sum(), own.sum()]) + 1.0
    sizes = np.array([len(later), len(own)]) + 2.0
    shares = counts / sizes
    spread = np.sqrt((shares * (1 - shares) / sizes).sum())
    chance = norm.sf((shares[0] - shares[1] - _TOLERATED) / spread)
    return NoiseDrift(float(later.mean()), float(own.mean()), float(chance))
