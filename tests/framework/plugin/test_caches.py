"""No parameter that names a cache of pickles is offered or taken: reading one would run its code."""

import inspect
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.utils import all_estimators

from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.errors import ParameterError
from embkit.plugin.params import parameters_of
from embkit.plugin.registry import Registry
from embkit.runs.runner import execute
from fixture_types import Install

CACHING = {
    name: f"{estimator.__module__}:{name}"
    for kind in ("cluster", "transformer")
    for name, estimator in all_estimators(kind)
    if "memory" in inspect.signature(estimator).parameters
}
CACHING["HDBSCAN"] = "hdbscan:HDBSCAN"


class Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


def test_there_are_some() -> None:
    assert {"OPTICS", "AgglomerativeClustering", "FeatureAgglomeration"} <= set(CACHING)


def test_no_component_offers_one(registry: Registry) -> None:
    for component in registry.components():
        names = {parameter.name for parameter in parameters_of(component.factory())}
        assert not names & {"memory", "cachedir", "cache_dir"}, component


@pytest.mark.parametrize("name", CACHING)
def test_an_estimator_that_is_registered_in_one_line_neither(
    name: str, blobs: Dataset, install: Install, tmp_path: Path
) -> None:
    kind = "Reducer" if name == "FeatureAgglomeration" else "Clusterer"
    install(
        "caching",
        f"""
        import embkit
        @embkit.hookimpl
        def embkit_register_{kind.lower()}s():
            yield embkit.{kind}Spec("caching", "{CACHING[name]}", summary="As it is.")
        """,
    )
    cache, mark = tmp_path / "pickles", tmp_path / "executed"
    cache.mkdir()
    for depth in ("joblib", "joblib/a", "joblib/a/b"):
        (cache / depth).mkdir()
        (cache / depth / "output.pkl").write_bytes(pickle.dumps(Bomb(mark)))
    before = sorted(cache.rglob("*"))
    request = {"name": "caching", "memory": str(cache)}
    chain = (
        {"clusterer": request}
        if kind == "Clusterer"
        else {"reducers": [request], "clusterer": "agglomerative:n_clusters=2"}
    )
    config = RunConfig.from_mapping(chain, "a configuration from elsewhere")
    with pytest.raises(ParameterError, match="caching has no parameter 'memory'"):
        execute(config, Registry.discover(), dataset=blobs)
    assert sorted(cache.rglob("*")) == before
    assert not mark.exists()
