"""What an artifact must do."""

import tempfile
from pathlib import Path

from embkit.data.dataset import Dataset
from embkit.runs.cache import DiskCache
from embkit.testing.checks import checks
from embkit.testing.examples import blobs
from embkit.testing.failures import require
from embkit.testing.subject import Subject

__all__ = ["ARTIFACTS"]


def pure(subject: Subject) -> None:
    """It depends on the vectors and its parameters alone: not on the seed, the texts or the name."""
    changed = subject.changes(subject.call(seed=1234))
    require(not changed, f"another seed of the run gave other {', '.join(changed)}; make it a parameter")
    bare = Dataset(blobs().vectors, name="other")
    changed = subject.changes(subject.call(bare))
    require(not changed, f"other texts, ids and name gave other {', '.join(changed)}")


def kept_on_disk(subject: Subject) -> None:
    """It is the same when read back from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        cache = DiskCache(Path(folder))
        cache.put("key", {"name": subject.component.name}, subject.baseline)
        back = cache.get("key")
    require(back is not None, "it cannot be kept in the cache")
    changed = subject.changes(back)
    require(not changed, f"the cache gave back other {', '.join(changed)}")


ARTIFACTS = checks(pure, kept_on_disk)
"""The checks of artifacts alone."""
