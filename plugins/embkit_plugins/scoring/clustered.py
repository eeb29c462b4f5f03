"""The rows that an internal index is about: those in a cluster, noise left out."""

from embkit import Clustering
from embkit.text import plural

__all__ = ["coverage", "coverage_notes", "single_rows_note", "undefined_reason"]


def undefined_reason(clustering: Clustering) -> str | None:
    """Say why an index that compares clusters has no value here, or None where it has one."""
    n_clustered = len(clustering.labels) - clustering.n_noise
    if n_clustered == 0:
        return "every row is noise: there are no clusters to judge"
    if clustering.n_clusters == 1:
        return "there is one cluster, and the index compares clusters"
    if clustering.n_clusters == n_clustered:
        return "every row is a cluster of its own"
    return None


def coverage(clustering: Clustering) -> float:
    """Share of the rows that are in a cluster, 0 to 1."""
    return 1.0 - clustering.n_noise / len(clustering.labels)


def single_rows_note(count: int, verb: str) -> str:
    """What single rows count for: ``1 cluster is a single row, which scores 0``."""
    if count == 1:
        return f"1 cluster is a single row, which {verb}s 0"
    return f"{plural(count, 'cluster')} are single rows, which {verb} 0"


def coverage_notes(clustering: Clustering) -> tuple[str, ...]:
    """Say how many rows a score leaves out as noise; empty where none."""
    if not clustering.n_noise:
        return ()
    share = f"{coverage(clustering):.1%}"
    return (f"{clustering.n_noise} noise rows left out: the score covers {share} of the rows",)
