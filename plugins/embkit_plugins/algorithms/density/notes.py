"""What is said of HDBSCAN's clusters beside their labels."""

from embkit import IntArray

__all__ = ["note_on_noise", "notes_on_copies"]


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


def note_on_noise(min_cluster_size: int, min_samples: int) -> str:
    """Why all may be noise, and what to try."""
    return (
        f"every row is noise: no group of {min_cluster_size} rows stays together for long; try a lower "
        f"min_samples (now {min_samples}) or min_cluster_size, fewer dimensions (a reducer), or, if "
        "all may be one group, allow_single_cluster=true"
    )
