"""From a configuration to a dataset that every component can use."""

import warnings
from collections.abc import Iterable, Sequence
from functools import partial

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.intake.admission import Policy, admit, sample_rows
from embkit.data.intake.joining import joined_datasets
from embkit.data.intake.pairwise import (
    asks_for_distances,
    asks_for_pairs,
    check_distances,
    warn_of_distances,
)
from embkit.errors import EmbkitWarning, PluginError, ResourceError
from embkit.files.several import SourceFiles, files_of
from embkit.files.tables.attach import attach_table
from embkit.plugin.calls import expect
from embkit.plugin.specs import LoaderSpec
from embkit.plugin.steps import Step
from embkit.resources import available_memory, memory_budget
from embkit.runs.records.provenance import FileStamp
from embkit.runs.records.recorder import Observer, Unobserved
from embkit.runs.sources.fetching import is_on_disk
from embkit.text import format_bytes

__all__ = ["admitted_rows", "read_source", "source_files", "source_stamps", "warn_of_other_data"]


def source_files(config: RunConfig, step: Step | None) -> SourceFiles | None:
    """The files to read, None for a generator.

    Raises
    ------
    DataError
        If they cannot be read.
    """
    if config.source is None:
        return None
    spec = None if step is None else step.component.spec
    if not isinstance(spec, LoaderSpec):
        return files_of(config.source)
    return files_of(config.source, spec.suffixes, folders=spec.folders)


def source_stamps(config: RunConfig, step: Step | None) -> tuple[FileStamp, ...]:
    """The files of the source as they are now; none of a generator, and none from elsewhere."""
    found = source_files(config, step) if is_on_disk(config) else None
    return () if found is None else tuple(map(FileStamp.of, found.files))


def read_source(config: RunConfig, step: Step | None) -> Dataset:
    """Load the source and attach the table; nothing is checked yet.

    The files of a source that has several are read one after the other and joined.
    The loader and the readers below it may use the memory that the run may.

    Raises
    ------
    DataError
        If the source or the table cannot be read, or they do not match.
    PluginError
        If there is no loader, or it returns something else.
    """
    if step is None:
        raise PluginError("the run has no loader", "no dataset was given either", "")
    found = source_files(config, step)
    with memory_budget(config.memory):
        files = [None] if found is None else list(map(str, found.files))
        parts = [expect(Dataset, step, step.instance.load(file)) for file in files]
        dataset = parts[0] if found is None or not found.name else _joined(parts, found)
        return dataset if config.table is None else attach_table(dataset, config.table)


def _joined(parts: Sequence[Dataset], found: SourceFiles) -> Dataset:
    if found.unread:
        shown = ", ".join(found.unread[:5]) + (" and others" if len(found.unread) > 5 else "")
        warnings.warn(
            f"{found.name}: not read: {shown}; what describes the rows can be given with --table",
            EmbkitWarning,
            stacklevel=3,
        )
    return joined_datasets(parts, found.name, found.notes, partial(_check_room, found.name))


def _check_room(name: str, n_bytes: int) -> None:
    room = available_memory()
    if n_bytes > room:
        raise ResourceError(
            f"{name}: its files together take {format_bytes(n_bytes)}",
            f"{format_bytes(room)} of memory are available",
            "give fewer files, or save the matrix as one .npy, which is mapped and not read",
        )


def admitted_rows(
    config: RunConfig,
    dataset: Dataset,
    others: Iterable[Request] = (),
    observer: Observer | None = None,
) -> Dataset:
    """The rows to work on, converted and checked as the configuration says.

    Where a component of the configuration, or one of the others, takes the
    vectors as distances, they are a matrix: its columns go with its rows.

    Raises
    ------
    DataError
        If values cannot be used.
    """
    requests = [*config.all_requests(), *others]
    pairs = asks_for_pairs(requests)
    if asks_for_distances(requests) and dataset.n_samples != dataset.n_features:
        check_distances(dataset)
    if config.sample is not None:
        seed = config.seed if config.sample_seed is None else config.sample_seed
        dataset = sample_rows(dataset, config.sample, seed or 0, pairs=pairs)
    policy = Policy(config.nonfinite, config.zero_vectors)
    progress = (observer or Unobserved()).progressed
    dataset = admit(dataset, policy, pairs=pairs, progress=progress)
    if asks_for_distances(requests):
        return check_distances(dataset)
    if not pairs:
        warn_of_distances(dataset)
    return dataset


def warn_of_other_data(dataset: Dataset, recorded: str | None) -> None:
    """Warn if the rows are not those whose fingerprint a configuration recorded."""
    if recorded not in (None, dataset.fingerprint):
        warnings.warn(
            "the data is not what it was when the configuration was recorded: "
            f"its fingerprint is {dataset.fingerprint}, and was {recorded}",
            EmbkitWarning,
            stacklevel=3,
        )
