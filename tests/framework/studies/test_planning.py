"""What a study says becomes trials; every mistake is reported at once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.data.trial import Trial
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit.plugin.steps import make_step
from embkit.studies.planning import dataset_seed
from embkit.studies.prepared import prepare
from embkit.studies.reading import parse_study, read_study
from embkit.studies.scheduling import running_order
from fixture_types import Embkit, WriteStudy

BLOBS = {"loader": {"name": "blobs", "n_samples": 30, "n_features": 3}}
KMEANS = {"name": "kmeans", "n_clusters": {"grid": [2, 3]}}


def plan(registry: Registry, **changes: Any) -> list[Trial]:
    mapping = {"datasets": [BLOBS], "clusterers": [KMEANS], "seeds": [0, 1], **changes}
    return list(prepare(parse_study(mapping, "study"), registry).trials)


def test_every_combination_is_a_trial(registry: Registry) -> None:
    trials = plan(
        registry,
        datasets=[BLOBS, {"loader": {"name": "uniform", "n_samples": {"grid": [20, 30]}}}],
        reducers=[{"name": "normalize"}, {"chain": [{"name": "center"}, {"name": "normalize"}]}],
    )
    assert len(trials) == 3 * 2 * 2 * 2
    assert len({trial.key for trial in trials}) == 24
    assert {trial.dataset for trial in trials} == {
        "blobs",
        "uniform n_samples=20",
        "uniform n_samples=30",
    }
    assert {trial.reducers for trial in trials} == {"normalize", "center -> normalize"}


def test_another_clusterer_validator_or_picture_changes_no_other_seed(registry: Registry) -> None:
    before = {trial.label: trial for trial in plan(registry)}
    more = plan(registry, clusterers=[{"name": "birch"}, KMEANS], seeds=[5, 1, 0])
    after = {trial.label: trial for trial in more}
    for label, trial in before.items():
        assert after[label].key == trial.key
        assert after[label].derived_seed == trial.derived_seed
    judged = {trial.label: trial for trial in plan(registry, validators=[{"name": "sizes"}])}
    for label, trial in before.items():
        assert judged[label].key != trial.key
        assert judged[label].derived_seed == trial.derived_seed
    assert len({trial.derived_seed for trial in before.values()}) == 4


def test_defaults_written_out_are_the_same_trial(registry: Registry) -> None:
    plain = plan(registry, clusterers=[{"name": "birch"}])
    stated = plan(registry, clusterers=[{"name": "birch", "n_clusters": 3}])
    assert [trial.key for trial in plain] == [trial.key for trial in stated]


def test_pictures_of_a_dataset_have_one_seed(registry: Registry, blobs: Dataset) -> None:
    trials = plan(registry, visualizers=[{"name": "tsne"}, {"name": "sizes"}])
    seeds = {trial.config.visualizers[0].params["random_state"] for trial in trials}
    assert len(seeds) == 1
    assert "random_state" not in trials[0].config.visualizers[1].params
    assert dataset_seed(blobs) == dataset_seed(blobs.take(np.arange(90)))


def test_verdicts_on_a_dataset_have_one_seed_and_scores_of_labels_none(registry: Registry) -> None:
    asked = [{"name": "structure"}, {"name": "k-sweep", "random_state": 3}, {"name": "stability"}]
    trials = plan(registry, validators=asked)
    verdicts, stated, of_labels = zip(*(trial.config.validators for trial in trials), strict=True)
    assert len({verdict.params["random_state"] for verdict in verdicts}) == 1
    assert {sweep.params["random_state"] for sweep in stated} == {3}
    assert not any(score.params for score in of_labels)


def test_a_trial_survives_being_written(registry: Registry) -> None:
    (trial, *_) = plan(registry, validators=[{"name": "silhouette"}])
    assert Trial.from_mapping(trial.to_mapping()) == trial


def test_a_study_survives_being_written(registry: Registry) -> None:
    mapping = {
        "datasets": [{**BLOBS, "sample": 20}],
        "clusterers": [KMEANS],
        "reducers": [{"name": "normalize"}],
        "exporters": [{"name": "report", "projection": "pca"}],
        "timeout": 3,
        "memory": "1GB",
        "threads": 2,
    }
    study = parse_study(mapping, "study")
    again = parse_study(study.to_mapping(), "study")
    assert again == study
    first, second = (prepare(item, registry) for item in (study, again))
    assert [trial.key for trial in first.trials] == [trial.key for trial in second.trials]
    assert first.datasets["blobs"].n_samples == 20


def test_mistakes_of_the_file_come_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("""
        sedes = [1]
        seeds = [-1]
        timeout = -3
        memory = "much"
        [[datasets]]
        sorce = "x.npy"
        [[clusterers]]
        n_clusters = 3
        [[validators]]
        name = "silhouette"
        metric = { grid = [] }
    """)
    with pytest.raises(ParameterError) as caught:
        read_study(path)
    message = str(caught.value)
    for part in (
        "unknown key 'sedes'; did you mean 'seeds'?",
        "seeds 1=-1 is not valid; it should be greater than or equal to 0",
        "timeout=-3 is not valid; it should be greater than 0",
        "memory: invalid memory size 'much'",
        "datasets 1: unknown key 'sorce'; did you mean 'source'?",
        "clusterers 1: { n_clusters = 3 } does not name a component",
        "validators 1: the grid of metric is empty",
    ):
        assert part in message
    assert message.startswith(f"{path}: 7 mistakes: ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("datasets = 5", "datasets is not a list; write [5]"),
        ("datasets = ['a.npy']", "datasets 1: 'a.npy' is not a table; write [[datasets]]"),
        ("datasets = [{ label = 3 }]", "datasets 1: label=3 is not valid; it should be text"),
        ("datasets = [{ label = 'a' }, { label = 'a' }]", "datasets: the label 'a' is taken"),
        ("datasets = []", "datasets is empty"),
        ("seeds = []", "seeds is empty"),
        ("seeds = 3", "seeds: 3 is not a list; write the seeds themselves, such as [0, 1, 2]"),
        (
            "datasets = { source = 'a.npy' }",
            "datasets is a single table, not a list; write [[datasets]]",
        ),
        (
            "validators = [{ name = 'a', b = { grid = 3 } }]",
            "the grid of b is not a list; write the values in a list: b = { grid = [VALUE, VALUE] }",
        ),
        (
            "validators = [{ name = 'a', grid = { b = [1, 2] } }]",
            "validators 1: a grid belongs to one parameter; write b = { grid = [1, 2] }",
        ),
        (
            "reducers = [{ chain = { name = 'pca' } }]",
            "reducers 1 is not a list; write [{ name = 'pca' }]",
        ),
        ("reducers = [{ chain = 'pca' }]", "reducers 1 is not a list; write ['pca']"),
        ("reducers = [{ chain = ['pca', 3] }]", "reducers 1: 3 does not name a component"),
        ("threads = inf", "threads=inf is not valid; it should be a valid integer"),
        ("threads = 0.5", "threads=0.5 is not valid; it should be a valid integer"),
        ("timeout = nan", "timeout=nan is not valid; it should be a finite number"),
        ("timeout = inf", "timeout=inf is not valid; it should be a finite number"),
        ("name = [1]", "name=[1] is not valid; it should be text"),
        ("seed = 1", "datasets is missing; write at least one [[datasets]]"),
        (
            f"validators = [{{name = 'a', b = {{grid = {[0] * 101}}}, c = {{grid = {[0] * 100}}}}}]",
            "validators 1: its grids have 10100 choices; at most 10000 are made",
        ),
    ],
)
def test_malformed_values_are_mistakes_and_not_bugs(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(f'{line}\n[[clusterers]]\nname = "kmeans"\n')
    with pytest.raises(ParameterError) as caught:
        read_study(path)
    assert said in str(caught.value)


def test_the_configuration_of_a_run_is_no_study(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('source = "a.npy"\nclusterer = "kmeans"\n')
    with pytest.raises(
        ParameterError, match=r"run.toml configures a run; .*: embkit run --config .*run"
    ):
        read_study(path)


def test_components_are_written_as_text_or_as_tables() -> None:
    tables = {
        "datasets": [BLOBS],
        "clusterers": [{"name": "kmeans", "n_clusters": 2}],
        "reducers": [
            {"name": "center"},
            {"chain": [{"name": "center"}, {"name": "pca", "whiten": True}]},
        ],
        "validators": [{"name": "sizes"}],
        "namer": {"name": "words"},
    }
    texts = {
        "datasets": [{"loader": "blobs:n_samples=30,n_features=3"}],
        "clusterers": ["kmeans:n_clusters=2"],
        "reducers": ["center", {"chain": ["center", "pca:whiten=true"]}],
        "validators": ["sizes"],
        "namer": "words",
    }
    assert parse_study(texts, "study") == parse_study(tables, "study")


def test_too_many_trials_are_refused() -> None:
    mapping = {"datasets": [BLOBS], "clusterers": [KMEANS], "seeds": list(range(5001))}
    with pytest.raises(ParameterError, match="10002 trials are more than 10000; sweep fewer values"):
        parse_study(mapping, "study")


def test_a_list_for_a_single_value_gets_the_word_grid(registry: Registry) -> None:
    with pytest.raises(
        ParameterError, match=r"to sweep .* study, write n_clusters = \{ grid = \[3, 4\] \}"
    ):
        plan(registry, clusterers=[{"name": "kmeans", "n_clusters": [3, 4]}])
    with pytest.raises(ParameterError, match="one value; values are swept in the file of a study"):
        make_step(registry, "clusterer", Request("kmeans", {"n_clusters": {"grid": [3, 4]}}))


def test_swept_sources_are_relative_to_the_file_as_well(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        '[[datasets]]\nsource = { grid = ["a.npy", "b.npy"] }\n[[clusterers]]\nname = "kmeans"\n'
    )
    sources = [dataset.config.source for dataset in read_study(path).datasets]
    assert sources == [str(tmp_path / "a.npy"), str(tmp_path / "b.npy")]


def test_mistakes_of_components_come_all_at_once_before_data_is_read(registry: Registry) -> None:
    with pytest.raises(ParameterError) as caught:
        plan(
            registry,
            datasets=[{"source": "there/is/none.npy"}],
            clusterers=[{"name": "kmens"}, {"name": "kmeans", "n_cluster": 2}],
            validators=[{"name": "silhouette", "metric": "fancy"}],
            exporters=[{"name": "reprot"}],
        )
    message = str(caught.value)
    assert "4 mistakes" in message
    assert "did you mean 'kmeans'?" in message
    assert "n_cluster" in message
    assert "did you mean 'report'?" in message


def test_all_datasets_that_cannot_be_read_are_named(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"no matrix")
    sources = [{"source": str(tmp_path / "a.npy")}, {"source": str(tmp_path / "b.npy")}]
    with pytest.raises(DataError, match=r"(?s)a\.npy.*\|.*b\.npy"):
        plan(registry, datasets=sources)


def test_a_component_that_is_not_installed_makes_trials_unavailable(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embkit.plugin.registry import Component

    real = Component.factory

    def factory(self: Component) -> Any:
        if self.name == "birch":
            from embkit.errors import MissingExtraError

            raise MissingExtraError("clusterer birch", "scikit-learn", "birch")
        return real(self)

    monkeypatch.setattr(Component, "factory", factory)
    trials = plan(registry, clusterers=[KMEANS, {"name": "birch"}])
    found = {trial.clusterer: trial.unavailable for trial in trials}
    assert found["kmeans"] is None
    assert "pip install" in str(found["birch"])


def test_each_dataset_starts_then_they_take_turns_and_so_do_clusterers(registry: Registry) -> None:
    datasets = [{**BLOBS, "label": label} for label in "abc"]
    trials = plan(registry, datasets=datasets, clusterers=[KMEANS, {"name": "birch"}], seeds=[0])
    order = running_order(trials, 2)
    assert sorted(trial.label for trial in order) == sorted(trial.label for trial in trials)
    assert [trial.dataset for trial in order] == ["a", "b", "c"] + ["a", "b"] * 2 + ["c"] * 2
    of_a = [trial.clusterer for trial in order if trial.dataset == "a"]
    assert of_a == ["kmeans", "birch", "kmeans"]


def test_dry_run_prints_trials_with_memory(write_study: WriteStudy, embkit: Embkit) -> None:
    study = write_study("""
        [[clusterers]]
        name = "agglomerative"
        n_clusters = { grid = [2, 3] }
    """)
    shown = embkit("study", study, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "MB  blobs | agglomerative:n_clusters=2 | seed 0" in shown.stdout
    assert shown.stdout.endswith("2 trials\n")
