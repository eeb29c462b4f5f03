"""A run: steps in order, failures kept apart, everything on record."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
import embkit.files.writing
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError, PluginError, ResourceError
from embkit.plugin.registry import Registry
from embkit.runs.runner import execute
from embkit.runs.shared import SharedWork
from fixture_types import Install

PROBES = """
    import os, warnings
    import numpy as np
    import embkit

    class Grid:
        '''Rows 0 to n-1, as vectors.'''
        def __init__(self, *, n: int = 6):
            self.n = n
        def load(self, source):
            values = np.arange(1.0, self.n + 1)
            return embkit.Dataset(np.column_stack([values, values]), name="grid")

    class Double:
        def reduce(self, dataset, context):
            return dataset.with_vectors(dataset.vectors * 2)

    class Parity:
        '''Labels by parity of the first column, warning about it.'''
        def __init__(self, *, noise: bool = False):
            self.noise = noise
        def cluster(self, dataset, context):
            warnings.warn("odd rows ahead", embkit.EmbkitWarning)
            labels = (dataset.vectors[:, 0] % 4 >= 2).astype(int) + 10
            if self.noise:
                labels[0] = -5
            return embkit.Clustering(dataset, labels, {"metric": "none"})

    class Fails:
        def __init__(self, *, how: str = "value"):
            self.how = how
        def _fail(self):
            raise {"value": ValueError("bad luck"), "memory": MemoryError("all gone"),
                   "own": embkit.DataError("nothing to judge")}[self.how]
        def cluster(self, dataset, context):
            self._fail()
        def validate(self, subject, context):
            self._fail()
        def draw(self, clustering, context):
            self._fail()

    class WrongType:
        def cluster(self, dataset, context):
            return [0] * dataset.n_samples
        def validate(self, subject, context):
            return {"score": 1}
        def draw(self, clustering, context):
            return "a picture"

    class FirstValue:
        '''The first vector's first value, and what a refit of the first four rows gives.'''
        def validate(self, subject, context):
            refit = context.refit(subject.dataset.take(np.arange(4)))
            scores = {"first": float(subject.dataset.vectors[0, 0]), "refit": int(refit.n_clusters),
                      "seed": context.seed, "nothing": None}
            return embkit.Validation(scores, {"t": {"a": [1, 2]}})

    class Hungry:
        def cluster(self, dataset, context):
            return embkit.Clustering(dataset, [0] * dataset.n_samples)
        def memory(self, n_samples, n_features, budget):
            return embkit.Estimate(n_samples**2 * 8, "square matrix", ("another clusterer",))

    class Contrary:
        def __init__(self, *, a: int = 0, b: int = 0):
            self.a, self.b = a, b
        def check(self):
            if self.a and self.b:
                raise embkit.ParameterError("contrary: a and b are given")
        def cluster(self, dataset, context):
            return embkit.Clustering(dataset, [0] * dataset.n_samples)

    class Changes:
        def __init__(self, *, path: str):
            self.path = path
        def cluster(self, dataset, context):
            with open(self.path, "a") as file:
                file.write("\\n")
            return embkit.Clustering(dataset, [0] * dataset.n_samples)

    @embkit.hookimpl
    def embkit_register_loaders():
        yield embkit.LoaderSpec("grid", Grid, summary="Grid.", needs_source=False)
    @embkit.hookimpl
    def embkit_register_reducers():
        yield embkit.ReducerSpec("double", Double, summary="Double.")
    @embkit.hookimpl
    def embkit_register_clusterers():
        for cls in (Parity, Fails, WrongType, Hungry, Contrary, Changes):
            yield embkit.ClustererSpec(cls.__name__.lower(), cls, summary=cls.__name__)
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.cluster import KMeans
        yield embkit.ClustererSpec("piped", lambda: make_pipeline(StandardScaler(), KMeans(2, n_init=1)), "Piped.")
        yield embkit.ClustererSpec("plain", "sklearn.cluster:KMeans", summary="Plain.")
    @embkit.hookimpl
    def embkit_register_validators():
        for cls in (FirstValue, Fails, WrongType):
            yield embkit.ValidatorSpec(cls.__name__.lower(), cls, summary=cls.__name__)
    @embkit.hookimpl
    def embkit_register_visualizers():
        for cls in (Fails, WrongType):
            yield embkit.VisualizerSpec(cls.__name__.lower(), cls, summary=cls.__name__)
"""


@pytest.fixture
def probe(install: Install) -> Callable[..., Any]:
    """Runs a configuration over the components above."""
    install("probes", PROBES)
    registry = Registry.discover()

    def run(**config: Any) -> embkit.Run:
        dataset = config.pop("dataset", None)
        defaults = {} if dataset is not None or "source" in config else {"loader": "grid"}
        return execute(RunConfig.from_mapping({**defaults, **config}, "test"), registry, dataset=dataset)

    return run


def test_a_chain_runs_in_order_and_is_on_record(probe: Callable[..., Any]) -> None:
    run = probe(clusterer="parity", reducers=["double"], validators=["firstvalue"], seed=5)
    assert run.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert run.scores == {"firstvalue": {"first": 2.0, "refit": 2, "seed": 5, "nothing": None}}
    assert run.dataset.vectors[0, 0] == 1
    assert run.clustering.parameters == {"noise": False, "metric": "none"}
    assert [item["step"] for item in run.record["timings"]] == [
        "load", "check", "reduce double", "cluster parity", "validate firstvalue"
    ]  # fmt: skip
    assert run.record["warnings"][0] == "cluster parity: odd rows ahead"
    assert run.record["plugins"] == [{"plugin": "probes", "distribution": "probes", "version": "1.2"}]
    assert run.record["status"] == "done"
    assert run.record["seed"] == 5
    json.dumps(embkit.files.writing.jsonable(run.record), allow_nan=False)


def test_the_recorded_configuration_makes_the_same_run(probe: Callable[..., Any]) -> None:
    first = probe(clusterer="plain:n_clusters=2,n_init=1", loader="grid:n=9")
    assert first.record["config"]["seed"] == first.record["seed"]
    again = probe(**first.config.to_mapping())
    assert again.labels.tolist() == first.labels.tolist()
    assert again.config == first.config


def test_of_source_looks_past_the_reducers(probe: Callable[..., Any]) -> None:
    run = probe(
        clusterer="parity", reducers=["double"], validators=["firstvalue", "firstvalue:of=source"]
    )
    assert run.scores["firstvalue"]["first"] == 2.0
    assert run.scores["firstvalue-of-source"]["first"] == 1.0
    assert sorted(run.tables) == ["firstvalue-of-source-t", "t"]
    assert {name: each.space for name, each in run.validations.items()} == {
        "firstvalue": f"after double ({run.clustering.dataset.n_features} dimensions)",
        "firstvalue-of-source": f"of the source ({run.dataset.n_features} dimensions)",
    }
    assert run.clustering.dataset.space == "double"
    assert run.scores_document()["firstvalue"]["space"] == run.validations["firstvalue"].space
    assert f"\nfirstvalue, {run.validations['firstvalue'].space}\n" in run.summary()
    assert run.config.validators[1].params == {"of": "source"}
    with pytest.raises(ParameterError, match="of='x' is unknown; give of=source or of=reduced"):
        probe(clusterer="parity:of=x")


def test_names_of_several_results_of_one_kind(probe: Callable[..., Any]) -> None:
    asked = ["firstvalue:of=source", "firstvalue", "firstvalue", "firstvalue:of=source"]
    run = probe(clusterer="parity", reducers=["double", "double"], validators=asked)
    assert list(run.validations) == [
        "firstvalue",
        "firstvalue-of-reduced",
        "firstvalue-3",
        "firstvalue-4",
    ]
    assert run.validations["firstvalue-3"].space.startswith("after double -> double (")
    plain = probe(clusterer="parity", validators=["firstvalue", "firstvalue"])
    assert list(plain.validations) == ["firstvalue", "firstvalue-2"]
    assert {each.space for each in plain.validations.values()} == {""}
    assert "space" not in plain.scores_document()["firstvalue"]


def test_noise_is_counted_apart(probe: Callable[..., Any]) -> None:
    run = probe(clusterer="parity:noise=true")
    assert (run.clustering.n_clusters, run.clustering.n_noise) == (2, 1)


def test_estimators_get_the_seed_and_a_pipeline_is_one(probe: Callable[..., Any]) -> None:
    assert (
        probe(clusterer="plain:n_clusters=3,n_init=1", seed=11).clustering.parameters["random_state"]
        == 11
    )
    assert probe(clusterer="piped", seed=3).clustering.n_clusters == 2


def test_what_an_estimator_refuses_is_a_parameter_error(probe: Callable[..., Any]) -> None:
    with pytest.raises(ParameterError, match=r"clusterer plain: n_clusters=7 for 6 rows; .* at most 6"):
        probe(clusterer="plain:n_clusters=7")
    with pytest.raises(
        ParameterError, match="clusterer plain refused its input; The 'n_init' parameter of KMeans must"
    ):
        probe(clusterer="plain:n_init=-3,n_clusters=2")


@pytest.mark.parametrize(
    ("clusterer", "error", "message"),
    [
        (
            "fails",
            PluginError,
            r"clusterer fails of plugin probes \(probes 1.2\) failed in cluster\(\); ValueError: bad luck",
        ),
        ("fails:how=memory", ResourceError, "clusterer fails ran out of memory"),
        ("fails:how=own", DataError, "nothing to judge"),
        ("wrongtype", PluginError, "clusterer wrongtype .* returned list; expected Clustering"),
        ("contrary:a=1,b=1", ParameterError, "a and b are given"),
    ],
)
def test_a_clusterer_that_fails_is_named(
    clusterer: str, error: type, message: str, probe: Callable[..., Any]
) -> None:
    with pytest.raises(error, match=message):
        probe(clusterer=clusterer)


def test_a_failing_validator_or_picture_costs_only_itself(probe: Callable[..., Any]) -> None:
    run = probe(
        clusterer="parity",
        validators=["fails", "wrongtype", "firstvalue"],
        visualizers=["fails", "wrongtype", "fails:how=own"],
    )
    assert [failure.step for failure in run.failures] == [
        "validate fails", "validate wrongtype", "draw fails", "draw wrongtype"
    ]  # fmt: skip
    assert "returned dict; expected Validation" in str(run.failures[1].error)
    assert "returned str; expected a matplotlib Figure" in str(run.failures[3].error)
    assert list(run.scores) == ["firstvalue"]
    assert run.record["status"] == "done with failures"
    # Whether data can be drawn depends on them, so that this is no failure.
    assert run.record["warnings"][-1] == "draw fails-2: skipped: nothing to judge"


def test_what_does_not_fit_is_refused_before_it_is_loaded_further(probe: Callable[..., Any]) -> None:
    with pytest.raises(ResourceError) as caught:
        probe(clusterer="hungry", loader="grid:n=1000", memory="1MB")
    assert str(caught.value) == (
        "clusterer hungry needs 8.0 MB (square matrix) for 1000 rows x 2, the budget is 1.0 MB; "
        "the matrix takes 16.0 kB, the computation 8.0 MB; what would fit: another clusterer; --sample 350"
    )
    assert (
        probe(clusterer="hungry", loader="grid:n=1000", memory="1MB", sample=350).dataset.n_samples
        == 350
    )
    assert probe(clusterer="hungry", memory="1MB").record["memory"]["routes"] == {
        "clusterer hungry": "square matrix"
    }


def test_a_file_that_changes_under_a_run_is_noticed(probe: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.eye(4))
    with pytest.raises(DataError, match="x.npy: the input file was modified during the run"):
        probe(source=str(path), clusterer=f"changes:path={path}")


def test_contradictions_are_found_before_anything_is_loaded(probe: Callable[..., Any]) -> None:
    with pytest.raises(
        ParameterError, match="visualizer fails needs a clusterer; its subject is a clustering"
    ):
        probe(visualizers=["fails"])
    with pytest.raises(ParameterError, match="validator firstvalue needs a clusterer"):
        probe(validators=["firstvalue"])
    with pytest.raises(ParameterError, match="loader grid makes its own data and reads no SOURCE"):
        probe(loader="grid", source="/no/such.npy", clusterer="parity")
    with pytest.raises(ParameterError, match="loader npy needs a SOURCE to read"):
        probe(loader="npy", clusterer="parity")
    with pytest.raises(DataError, match="no/such.npy"):
        probe(source="/no/such.npy", clusterer="parity")


def test_a_file_no_loader_knows(probe: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "x.thing").write_bytes(b"\x00\x01\x02")
    with pytest.raises(
        ParameterError, match=r"x.thing: no loader knows this kind of file; known endings: .*\.npy"
    ):
        probe(source=str(tmp_path / "x.thing"), clusterer="parity")
    (tmp_path / "z.thing").write_bytes(b"\x80\x04\x95")
    with pytest.raises(
        ParameterError, match="no loader knows this kind of file: it is a Python pickle; embkit never"
    ):
        probe(source=str(tmp_path / "z.thing"), clusterer="parity")
    np.save(tmp_path / "y.npy", np.eye(4) + 1)
    (tmp_path / "y.npy").rename(tmp_path / "y.thing")
    assert probe(source=str(tmp_path / "y.thing"), clusterer="parity").dataset.n_samples == 4


def test_the_users_warning_filters_are_left_alone(probe: Callable[..., Any]) -> None:
    before = list(warnings.filters)
    probe(clusterer="parity")
    assert warnings.filters == before


def test_from_python(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    run = embkit.run(vectors, "kmeans:n_clusters=3", validators=["sizes"], seed=0, out=tmp_path / "out")
    assert run.folder == tmp_path / "out"
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "fitted",
        "labels.csv",
        "run.json",
        "run.log",
        "scores.json",
        "tables",
    ]
    assert run.to_pandas().shape == (30, 3)
    assert "<pre>" in run._repr_html_()
    assert repr(run) == "<Run of array: 30 rows, 3 clusters>"
    with pytest.raises(ParameterError, match="exists; results are not overwritten"):
        embkit.run(vectors, "kmeans", out=tmp_path / "out")
    assert (
        embkit.run(vectors, "kmeans", out=tmp_path / "out", overwrite=True, seed=1).record["seed"] == 1
    )
    with pytest.raises(ParameterError, match="run: unknown keyword 'sede'; did you mean 'seed'"):
        embkit.run(vectors, "kmeans", sede=3)  # type: ignore[call-arg]


def test_html_is_escaped() -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(9, 2)), texts=["<script>"] * 9, name="<b>")
    html = embkit.run(dataset, "kmeans:n_clusters=2")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_data_frame_gives_its_numeric_columns() -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "word": list("xyz"), "b": [4, 5, 6]})
    assert embkit.load(frame).vectors.tolist() == [[1, 4], [2, 5], [3, 6]]
    with pytest.raises(DataError, match="no column of numbers; its columns are word"):
        embkit.load(frame[["word"]])


def test_artifacts_are_shared_within_a_run_and_recorded(registry: Registry) -> None:
    shared = SharedWork()
    dataset = Dataset(np.random.default_rng(0).normal(size=(40, 5)))
    config = RunConfig.from_mapping(
        {"clusterer": "agglomerative:n_clusters=4", "validators": ["cophenetic"]}, "test"
    )
    run = execute(config, registry, dataset=dataset, shared=shared)
    assert "linkage" in {use["name"] for use in run.record["artifacts"]}
