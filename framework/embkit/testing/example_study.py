"""A study that is over, for exporters."""

from pathlib import Path

import numpy as np

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.score import Score
from embkit.data.study import DatasetSource, StudyConfig, StudyRecord
from embkit.data.trial import Outcome, Status, Trial, TrialRecord
from embkit.testing.examples import blobs

__all__ = ["example_study"]

_METHODS = (
    Request("kmeans", {"n_clusters": 3}),
    Request("kmeans", {"n_clusters": 2}),
    Request("hdbscan", {}),
)
_SEEDS = (0, 1)


def example_study(folder: Path, *, failed: bool = False) -> StudyRecord:
    """Two datasets, three methods, two seeds; one trial of them failed, or all.

    Parameters
    ----------
    folder : Path
        What the record says is the study's folder.
    failed : bool
        Whether no trial was done.
    """
    datasets = {"blobs": blobs(), "more blobs": blobs((20, 20, 20), 6)}
    sources = tuple(DatasetSource(label, RunConfig(loader=Request("blobs", {}))) for label in datasets)
    study = StudyConfig("example", _SEEDS, sources, ((),), _METHODS, (Request("silhouette", {}),))
    cells = [(label, method, seed) for label in datasets for method in _METHODS for seed in _SEEDS]
    trials = tuple(
        _trial(number, datasets[label], label, method, seed, done=not failed and number > 0)
        for number, (label, method, seed) in enumerate(cells)
    )
    return StudyRecord(study, datasets, trials, folder, dict.fromkeys(datasets, 0))


def _trial(
    number: int, dataset: Dataset, label: str, method: Request, seed: int, *, done: bool
) -> TrialRecord:
    config = RunConfig(clusterer=method, seed=seed)
    trial = Trial(f"{number:016x}", label, "", method.name, method.params, seed, config)
    if not done:
        return TrialRecord(trial, Outcome(Status.FAILED, "error: made up", seconds=0.5))
    labels = np.unique(np.asarray(dataset.reference), return_inverse=True)[1].astype(np.int64)
    if method.params.get("n_clusters") == 2:
        labels[labels == 2] = 1
    labels[: number % 4] = 0
    scores = {("silhouette", "silhouette"): 0.7 - number / 50, ("silhouette", "n_scored"): 60.0}
    return TrialRecord(
        trial,
        Outcome(Status.DONE, seconds=1.5),
        labels,
        scores,
        {("silhouette", "silhouette"): Score("higher", low=-1.0, high=1.0)},
        cluster_seconds=0.1,
        peak_memory=10**8,
    )
