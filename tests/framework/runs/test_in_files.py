"""Runs of vectors that stay in their files: same results, and a refusal before anything is read."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.data.blocks import Blocks
from embkit.errors import DataError, ResourceError
from narrowing import present, untyped


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, np.ndarray]:
    """Three files of 900 rows of 16, as if they were large."""
    places = (
        "embkit.data.blocks",
        "embkit.data.dataset",
        "embkit.data.intake.admission",
        "embkit_plugins.loaders.reading.files",
        "embkit_plugins.reducers.pca",
    )
    # All at first: what is imported while another is patched would keep that value for ever.
    for module in [import_module(place) for place in places]:
        monkeypatch.setattr(module, "HELD_BYTES", 1000)
    monkeypatch.setattr("embkit.data.intake.joining._MANY", 250)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(9, 16))[rng.integers(9, size=900)] * 2 + rng.normal(size=(900, 16))
    rows = rows.astype(np.float16)
    (tmp_path / "parts").mkdir()
    for number, part in enumerate(np.split(rows, [1, 500])):
        np.save(tmp_path / "parts" / f"{number}.npy", part)
    return tmp_path / "parts", rows.astype(np.float32)


KEPT = ("silhouette:metric=sqeuclidean", "sizes", "health")


@pytest.mark.parametrize("reducer", [None, "pca:n_components=4"])
@pytest.mark.parametrize("clusterer", ["kmeans:n_clusters=9", "kmeans:n_clusters=5,metric=cosine"])
def test_same_results_as_in_memory(
    shards: tuple[Path, np.ndarray], clusterer: str, reducer: str | None
) -> None:
    folder, rows = shards
    options: dict[str, Any] = {
        "clusterer": clusterer,
        "reducers": [reducer] if reducer else [],
        "seed": 3,
    }
    apart = embkit.run(folder, validators=list(KEPT), **options)
    whole = embkit.run(rows, validators=list(KEPT), **options)
    assert isinstance(untyped(apart.dataset.vectors), Blocks)
    assert np.array_equal(present(apart.clustering).labels, present(whole.clustering).labels)
    assert apart.dataset.fingerprint == whole.dataset.fingerprint
    for name in whole.validations:
        assert apart.validations[name].scores == whole.validations[name].scores


def test_what_wants_all_rows_is_given_an_array(shards: tuple[Path, np.ndarray]) -> None:
    folder, rows = shards
    options: dict[str, Any] = {
        "clusterer": "agglomerative:n_clusters=9",
        "validators": ["silhouette"],
        "seed": 3,
    }
    apart = embkit.run(folder, **options)
    whole = embkit.run(rows, **options)
    assert isinstance(untyped(apart.dataset.vectors), Blocks)
    assert np.array_equal(present(apart.clustering).labels, present(whole.clustering).labels)
    assert apart.validations["silhouette"].scores == whole.validations["silhouette"].scores


def test_refused_before_anything_is_read(
    shards: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = shards

    def fail(*_: object) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr("embkit.data.blocks.FileRows.read", fail)
    message = r"validator hopkins needs all vectors in memory: .* for 900 rows x 16, the budget is 20.*sample=150"
    with pytest.raises(ResourceError, match=message):
        embkit.run(folder, clusterer="kmeans:n_clusters=3", validators=["hopkins"], memory=20_000)


def test_a_file_that_changes_during_the_run_is_an_error(
    shards: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    from embkit_plugins.clusterers.kmeans import KMeans

    folder, _ = shards
    cluster = KMeans.cluster

    def meanwhile(self: Any, dataset: Any, context: Any) -> Any:
        found = cluster(self, dataset, context)
        (folder / "2.npy").write_bytes((folder / "2.npy").read_bytes() + b" ")
        return found

    monkeypatch.setattr(KMeans, "cluster", meanwhile)
    with pytest.raises(DataError, match=r"2\.npy: the input file was modified during the run"):
        embkit.run(folder, clusterer="kmeans:n_clusters=3")
