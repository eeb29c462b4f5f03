"""Names of clusters in the trials of a study."""

from pathlib import Path

import embkit
from embkit.data.configuration.request import as_request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.trial import Outcome, Status, Trial
from embkit.plugin.registry import Registry
from embkit.studies.folder import StudyFolder
from embkit.studies.records import trial_records
from embkit.studies.results import read_results
from narrowing import present


def test_a_trial_is_read_back_with_the_names_of_its_clusters(
    blobs: Dataset, registry: Registry, tmp_path: Path
) -> None:
    folder = StudyFolder(tmp_path / "study")
    config = RunConfig(clusterer=as_request("kmeans:n_clusters=3", ""), seed=0)
    outcome = Outcome(Status.DONE)
    runs = {
        namer: embkit.run(blobs, "kmeans:n_clusters=3", namer=namer, seed=0, cache=False)
        for namer in ("words", "none")
    }
    trials = [Trial(namer, "blobs", "", "kmeans", {}, 0, config) for namer in runs]
    for trial in trials:
        folder.place_run(trial.key, outcome, runs[trial.key])
    results = read_results(folder, [(trial, outcome) for trial in trials])
    found = trial_records(results, folder, {"blobs": blobs}, registry)
    assert found[0].names == runs["words"].names
    assert present(found[0].names).namer == "words"
    assert found[1].names is None
