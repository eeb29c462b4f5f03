"""From a configuration to a dataset that every component can use."""

from collections.abc import Iterable
from pathlib import Path

from embkit.data.admission import Policy, admit, sample_rows
from embkit.data.config import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.pairwise import asks_for_distances, asks_for_pairs, check_distances, warn_of_distances
from embkit.data.request import Request
from embkit.errors import PluginError
from embkit.files.sources import check_source
from embkit.files.tables.attach import attach_table
from embkit.plugin.calls import expect
from embkit.plugin.steps import Step
from embkit.resources import memory_budget

__all__ = ["admitted_rows", "read_source", "source_file"]


def source_file(config: RunConfig) -> Path | None:
    """The file to read, None for a generator.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    return None if config.source is None else check_source(config.source)


def read_source(config: RunConfig, step: Step | None) -> Dataset:
    """Load the source and attach the table; nothing is checked yet.

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
    file = source_file(config)
    with memory_budget(config.memory):
        dataset = expect(Dataset, step, step.instance.load(None if file is None else str(file)))
        return dataset if config.table is None else attach_table(dataset, config.table)


def admitted_rows(config: RunConfig, dataset: Dataset, others: Iterable[Request] = ()) -> Dataset:
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
    dataset = admit(dataset, Policy(config.nonfinite, config.zero_vectors), pairs=pairs)
    if asks_for_distances(requests):
        return check_distances(dataset)
    if not pairs:
        warn_of_distances(dataset)
    return dataset
