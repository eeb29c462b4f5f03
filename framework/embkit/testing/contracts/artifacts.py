"""The contract of artifacts."""

import tempfile
from pathlib import Path
from typing import Any

from embkit.data.dataset import Dataset
from embkit.data.results import Artifact
from embkit.plugin.calls import expect
from embkit.plugin.steps import Step
from embkit.runs.cache import DiskCache
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from embkit.testing.examples import blobs
from embkit.testing.failures import CheckFailed, require
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


def call(subject: Subject, step: Step, given: Any, seed: int) -> Artifact:
    """Compute the artifact of the example rows, or of others."""
    dataset = subject.dataset(given)
    return expect(Artifact, step, step.instance.compute(dataset, subject.context(dataset, seed)))


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
        try:
            cache.put("key", {"name": subject.component.name}, subject.baseline)
        except (TypeError, ValueError) as error:
            raise CheckFailed(f"it cannot be kept in the cache: {error}") from error
        back = cache.get("key")
    require(back is not None, "it cannot be kept in the cache")
    changed = subject.changes(back)
    require(not changed, f"the cache gave back other {', '.join(changed)}")


CHECKS = COMMON + ROWS + checks(pure, kept_on_disk)
"""Checks that every artifact must pass, in this order."""
