"""The contract of loaders."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit
from embkit.errors import DataError, EmbkitError, ParameterError
from embkit.plugin.calls import expect
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.failures import CheckFailed, NotApplicable, require
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


def call(subject: Subject, step: Step, given: Any, seed: int) -> Dataset:  # noqa: ARG001
    """Load the example, or another source."""
    source = given if given is not None else subject.source
    return expect(Dataset, step, step.instance.load(None if source is None else str(source)))


def admitted(subject: Subject) -> None:
    """Its dataset passes the host's intake: real, finite, within range."""
    dataset: Dataset = subject.baseline
    try:
        admit(dataset, Policy())
    except DataError as error:
        raise CheckFailed(f"its example is refused: {error}") from error
    require(dataset.name.strip(), "the dataset has no name")


def aligned(subject: Subject) -> None:
    """Every row keeps its id, text and place from one load to the next; all of them are strings."""
    dataset: Dataset = subject.baseline
    again: Dataset = subject.call()
    for row in {0, dataset.n_samples // 2, dataset.n_samples - 1}:
        part = again.take(np.array([row]))
        require(np.array_equal(part.vectors[0], dataset.vectors[row]), f"row {row} moved between loads")
        require(part.row_id(0) == dataset.row_id(row), f"the id of row {row} moved between loads")
        require(part.describe_row(0) == dataset.describe_row(row), f"the text of row {row} moved")
    for column in ("ids", "texts", "reference"):
        values = getattr(dataset, column)
        plain = values is None or all(isinstance(value, str) for value in values)
        require(plain, f"{column} are not all strings")
    require(
        dataset.texts is None or "nan" not in set(dataset.texts),
        "a missing text is 'nan'; leave it empty",
    )


def source_kept(subject: Subject) -> None:
    """The file it reads is unchanged afterwards, and none is left beside it."""
    source = _file(subject)
    before, beside = _digest(source), set(source.parent.iterdir())
    subject.call(source)
    require(_digest(source) == before, "changed the file it read")
    left = sorted(path.name for path in set(source.parent.iterdir()) - beside)
    require(not left, f"left {', '.join(left)} beside the file it read")


def missing_file(subject: Subject) -> None:
    """A file that is not there is a DataError."""
    source = _file(subject)
    _require_refused(subject, source.with_name(f"no-such-{source.name}"), "a missing file")


def empty_file(subject: Subject) -> None:
    """A file of no bytes is a DataError."""
    source = _file(subject)
    source.write_bytes(b"")
    _require_refused(subject, source, "an empty file")


def foreign_file(subject: Subject) -> None:
    """A file of random bytes is a DataError."""
    source = _file(subject)
    source.write_bytes(b"\x00\xff\xfe" + np.random.default_rng(25).bytes(4000))
    _require_refused(subject, source, "a file of random bytes")


def truncated_file(subject: Subject) -> None:
    """A file cut short is a DataError, or gives no more rows than the whole one."""
    n_samples = subject.baseline.n_samples  # before the file is cut short
    source = _file(subject)
    whole = source.read_bytes()
    for share in (0.3, 0.6, 0.95):
        source.write_bytes(whole[: int(share * len(whole))])
        try:
            part: Dataset = subject.call(source)
        except EmbkitError as error:
            _require_data_error(error, "a file cut short")
            continue
        require(part.n_samples <= n_samples, "a file cut short gave more rows")


def _file(subject: Subject) -> Path:
    source = subject.source
    if source is None:
        raise NotApplicable("it reads no file")
    if not source.is_file():
        raise NotApplicable("its source is not a single file")
    return source


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _require_refused(subject: Subject, source: Path, what: str) -> None:
    try:
        subject.call(source)
    except EmbkitError as error:
        _require_data_error(error, what)
        return
    raise CheckFailed(f"loaded {what}")


def _require_data_error(error: EmbkitError, what: str) -> None:
    fitting = isinstance(error, DataError | ParameterError)
    require(fitting, f"{what} is a {type(error).__name__}, not a DataError: {error}")


CHECKS = COMMON + checks(
    admitted, aligned, source_kept, missing_file, empty_file, foreign_file, truncated_file
)
"""Checks that every loader must pass, in this order."""
