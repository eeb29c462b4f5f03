"""What a run will need is known before anything is allocated: widths follow the reducers, of loaders too."""

from typing import Any

import numpy as np
import pytest

import embkit
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import ResourceError
from embkit.plugin.registry import Registry
from embkit.resources import available_memory, memory_budget
from embkit.runs.context import RunContext
from embkit.runs.memory import check_memory, memory_need
from embkit.runs.plan import Plan, make_plan
from fixture_types import Install
from narrowing import present

SOURCE = """
    import embkit

    class Wide:
        '''Needs 1000 bytes for each value that it sees.'''
        def cluster(self, dataset, context):
            return embkit.Clustering(dataset, [0] * dataset.n_samples)
        def memory(self, n_samples, n_features, budget):
            return embkit.Estimate(1000 * n_samples * n_features, f"{n_features} wide")

    class Halve:
        def reduce(self, dataset, context):
            return dataset.with_vectors(dataset.vectors[:, ::2])
        def n_features_out(self, n_samples, n_features):
            return (n_features + 1) // 2

    class Thorough:
        '''States what it may use.'''
        def load(self, source):
            return embkit.Dataset([[1.0, 2.0], [3.0, 4.0]], notes=(str(embkit.available_memory()),))

    class Fat(Wide):
        '''Names others.'''
        def memory(self, n_samples, n_features, budget):
            ways = ("--clusterer wide", "--clusterer kmeans", "--clusterer gone", "a rest")
            return embkit.Estimate(10**9, "fat", ways)

    def need(parameters, n_samples, n_features, budget):
        return embkit.Estimate(parameters["n_clusters"] * n_samples, "as the spec says")

    @embkit.hookimpl
    def embkit_register_loaders():
        yield embkit.LoaderSpec("thorough", Thorough, needs_source=False)
    @embkit.hookimpl
    def embkit_register_reducers():
        yield embkit.ReducerSpec("halve", Halve)
        yield embkit.ReducerSpec("svd", "sklearn.decomposition:TruncatedSVD")
    @embkit.hookimpl
    def embkit_register_clusterers():
        yield embkit.ClustererSpec("wide", Wide)
        yield embkit.ClustererSpec("fat", Fat)
        yield embkit.ClustererSpec("stated", "sklearn.cluster:MiniBatchKMeans", memory=need)
        yield embkit.ClustererSpec("lost", "sklearn.cluster:MiniBatchKMeans", memory="math:no_need")
"""
ROWS, FEATURES = 100, 200
MATRIX = ROWS * FEATURES * 4


@pytest.fixture
def registry(install: Install) -> Registry:
    install("probes", SOURCE)
    return Registry.discover()


def plan(registry: Registry, *reducers: str, clusterer: str = "wide") -> Plan:
    config = RunConfig.from_mapping({"reducers": reducers, "clusterer": clusterer, "namer": "none"}, "x")
    return make_plan(config, registry, loaded=True)


@pytest.mark.parametrize(
    ("reducers", "width"),
    [
        ((), 200),
        (("normalize",), 200),
        (("pca",), 50),
        (("pca:n_components=7",), 7),
        (("pca:n_components=0.9",), 100),  # no more directions than rows
        (("pca", "center"), 50),
        (("svd:n_components=9",), 9),
        (("umap:n_components=3",), 3),
        (("tsne",), 2),
        (("halve",), 100),
        (("halve", "halve", "pca:n_components=60", "halve"), 30),
    ],
)
def test_the_estimate_follows_the_width(
    reducers: tuple[str, ...], width: int, registry: Registry
) -> None:
    steps = plan(registry, *reducers)
    routes = check_memory(steps, ROWS, FEATURES, 4, 10**12)
    assert routes["clusterer wide"] == f"{width} wide"
    reduced = 4 * ROWS * width if reducers else 0
    assert memory_need(steps, ROWS, FEATURES, 4, 10**12) >= MATRIX + reduced + 1000 * ROWS * width


def test_what_sees_the_source_is_estimated_for_its_width(registry: Registry) -> None:
    steps = plan(registry, "pca", clusterer="wide:of=source")
    assert check_memory(steps, ROWS, FEATURES, 4, 10**12)["clusterer wide"] == "200 wide"


def test_a_refusal_after_pca_with_its_default_says_the_width(registry: Registry) -> None:
    with pytest.raises(
        ResourceError, match=r"clusterer wide needs 5.1 MB \(50 wide\) for 100 rows x 50,"
    ):
        check_memory(plan(registry, "pca"), ROWS, FEATURES, 4, 2_000_000)
    with pytest.raises(ResourceError, match=r"for 100 rows x 100, .*--reducer pca:n_components=50"):
        check_memory(plan(registry, "halve"), ROWS, FEATURES, 4, 6_000_000)


def test_a_clusterer_that_has_n_components_changes_no_width(registry: Registry) -> None:
    config = {"clusterer": "gaussian-mixture:n_components=3", "visualizers": ["pca"], "namer": "none"}
    steps = make_plan(RunConfig.from_mapping(config, "x"), registry, loaded=True)
    need = memory_need(steps, ROWS, FEATURES, 4, 10**12)
    drawn = next(step.instance.memory(ROWS, FEATURES, 10**12).peak for step in steps.of("visualizer"))
    assert need >= MATRIX + drawn


def test_a_spec_states_the_memory_of_an_estimator(registry: Registry) -> None:
    steps = plan(registry, clusterer="stated:n_clusters=40")
    assert memory_need(steps, ROWS, FEATURES, 4, 10**12) == MATRIX + 40 * ROWS
    assert check_memory(steps, ROWS, FEATURES, 4, 10**12) == {"clusterer stated": "as the spec says"}
    with pytest.raises(
        embkit.PluginError, match=r"clusterer lost .* cannot be imported from math:no_need"
    ):
        plan(registry, clusterer="lost")
    with pytest.raises(ValueError, match="'nowhere' is not a function"):
        embkit.ClustererSpec("x", "a.b:C", memory="nowhere")


def test_components_are_left_the_budget_less_the_matrices(registry: Registry) -> None:
    config: dict[str, Any] = {"reducers": ["halve"], "clusterer": "wide", "memory": 10**9, "seed": 0}
    rows = np.random.default_rng(0).normal(size=(ROWS, FEATURES)).astype(np.float32)
    seen: list[int] = []
    steps = make_plan(RunConfig.from_mapping(config, "x"), registry, loaded=True)
    wide = type(next(iter(steps.of("clusterer"))).instance)
    real = wide.cluster

    def cluster(self: Any, data: Dataset, context: RunContext) -> Any:
        seen.append(context.memory)
        return real(self, data, context)

    wide.cluster = cluster
    embkit.run(rows, config.pop("clusterer"), **config)
    assert seen == [10**9 - MATRIX - MATRIX // 2]


def test_loaders_may_use_what_the_run_may(registry: Registry) -> None:
    run = embkit.run(loader="thorough", clusterer="wide", memory="123MB", seed=0)
    assert "123000000" in run.dataset.notes
    with pytest.raises(ResourceError, match=r"loader blobs: 1000 x 100 values .* 100.0 kB of memory"):
        embkit.run(loader="blobs:n_samples=1000,n_features=100", clusterer="wide", memory="100kB")


def test_a_budget_holds_inside_alone() -> None:
    with memory_budget(1000):
        assert available_memory() == 1000
        with memory_budget(None):
            assert available_memory() == 1000
    assert available_memory() != 1000


def test_dataset_of_the_reducers_that_are_bundled_has_the_width_they_state(registry: Registry) -> None:
    rows = Dataset(np.random.default_rng(0).normal(size=(40, 60)).astype(np.float32))
    for reducer in ("pca", "pca:n_components=7", "center", "normalize", "umap:n_components=3", "tsne"):
        run = embkit.run(rows, "wide", reducers=[reducer], seed=0, cache=False)
        assert (
            run.record["memory"]["routes"]["clusterer wide"]
            == f"{present(run.clustering).dataset.n_features} wide"
        )


@pytest.mark.parametrize(("budget", "ways"), [(10**8, "--clusterer wide; "), (15 * 10**6, "")])
def test_a_refusal_names_only_clusterers_that_fit(budget: int, ways: str, registry: Registry) -> None:
    steps = plan(registry, clusterer="fat")
    kmeans = check_memory(plan(registry, clusterer="kmeans"), ROWS, FEATURES, 4, 10**12)
    assert "clusterer kmeans" in kmeans
    with pytest.raises(ResourceError) as refused:
        check_memory(steps, ROWS, FEATURES, 4, budget, registry=registry)
    assert refused.value.fix.startswith(f"what would fit: {ways}")
    assert "gone" not in refused.value.fix
    assert "a rest" in refused.value.fix
    assert ("wide" in refused.value.fix) == bool(ways)
