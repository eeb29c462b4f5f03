"""What is said of HDBSCAN's clusters beside their labels."""

import numpy as np

from embkit import IntArray

__all__ = ["notes_on_copies", "notes_on_noise"]

_MANY = 20  # dimensions in which density is hard to see


def notes_on_copies(copies: IntArray, min_cluster_size: int) -> tuple[str, ...]:
    """A note where copies of one row are enough to be a cluster."""
    groups = copies[copies >= min_cluster_size]
    if not len(groups):
        return ()
    shown = f"{len(groups)} rows occur" if len(groups) > 1 else "1 row occurs"
    note = (
        f"{shown} {min_cluster_size} times or more, {groups.max()} at most: copies are infinitely "
        "dense, a cluster by themselves, and may turn their neighbours into noise; duplicates=once "
        "counts each row once"
    )
    return (note,)


def notes_on_noise(
    labels: IntArray, n_features: int, min_cluster_size: int, min_samples: int
) -> tuple[str, ...]:
    """Why all rows, or most of them in many dimensions, may be noise, and what to try.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_samples,)
        Noise is -1.
    n_features : int
        Dimensions; 0 for a matrix of distances.
    min_cluster_size, min_samples : int
        As HDBSCAN was given them.
    """
    share = float(np.mean(labels < 0))
    if share == 1:
        note = (
            f"every row is noise: no group of {min_cluster_size} rows stays together for long; try a "
            f"lower min_samples (now {min_samples}) or min_cluster_size, fewer dimensions (a reducer), "
            "or, if all may be one group, allow_single_cluster=true"
        )
        return (note,)
    if share > 0.5 and n_features > _MANY:
        note = (
            f"{share:.0%} of the rows are noise: density is hard to see in {n_features} dimensions; try "
            "fewer, for instance after the reducer umap:n_components=5,min_dist=0"
        )
        return (note,)
    return ()
