"""A run as AnnData, read by anndata."""

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

import embkit
from embkit import MissingExtraError
from embkit.data.dataset import Dataset
from embkit_plugins.exporters.anndata import AnnData
from fixture_types import MakeContext
from narrowing import present


class ReadBack(Protocol):
    """Exports a run and reads the file with anndata, which has few types."""

    def __call__(self, run: embkit.Run, **parameters: Any) -> Any: ...


@pytest.fixture
def read(make_context: MakeContext, tmp_path: Path) -> ReadBack:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        anndata = pytest.importorskip("anndata", reason="anndata is not installed")

    def read_back(run: embkit.Run, **parameters: Any) -> Any:
        content = AnnData(**parameters).export(run, make_context(run.dataset))["run.h5ad"]
        path = tmp_path / "run.h5ad"
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return anndata.read_h5ad(path)

    return read_back


def test_everything_comes_back(
    awkward_noise: embkit.Run, make_context: MakeContext, read: ReadBack
) -> None:
    run = awkward_noise
    found = read(run, maps=["umap", "pca"])
    np.testing.assert_array_equal(found.X, run.dataset.vectors)
    assert found.obs_names.tolist() == list(present(run.dataset.ids))
    assert found.obs["cluster"].astype(int).tolist() == present(run.labels).tolist()
    assert found.obs["cluster"].cat.categories.tolist() == ["-1", "0", "1", "2"]
    assert found.obs["text"].tolist() == list(present(run.dataset.texts))
    assert found.obs["cluster_name"].tolist()[0] == "noise"
    assert found.obs["probability"].tolist() == present(present(run.clustering).probabilities).tolist()
    assert found.obs["year"].tolist() == list(range(2000, 2090))
    assert np.isnan(found.obs["score"].iloc[3])
    assert found.obs["metadata_cluster"].tolist()[7] == "mine 7"
    np.testing.assert_array_equal(found.uns["embkit"]["linkage"], present(run.clustering).linkage)
    assert json.loads(found.uns["embkit"]["config"])["seed"] == 0
    assert found.uns["embkit"]["metric"] == "euclidean"
    places = make_context(run.dataset).artifact("projection", method="pca", random_state=0)["embedding"]
    np.testing.assert_array_equal(found.obsm["X_pca2"], places)
    assert set(found.obsm) == {"X_pca2", "X_umap"}


def test_what_the_clusterer_saw(blobs: Dataset, read: ReadBack) -> None:
    run = embkit.run(blobs, "kmeans:n_clusters=3", reducers=["pca:n_components=4"], seed=1, cache=False)
    found = read(run, maps=[])
    np.testing.assert_array_equal(found.obsm["X_reduced"], present(run.clustering).dataset.vectors)
    np.testing.assert_array_equal(found.X, blobs.vectors)
    assert "linkage" not in found.uns["embkit"]


def test_a_run_without_clusters(awkward_run: embkit.Run, read: ReadBack) -> None:
    metadata = {"whole": [None, *range(89)], "flag": [None, *([True] * 89)]}
    run = replace(awkward_run, clustering=None, dataset=replace(awkward_run.dataset, metadata=metadata))
    found = read(run, maps=[])
    assert "cluster" not in found.obs
    assert found.obs["whole"].tolist()[1:] == list(range(89))
    assert found.obs["whole"].isna().tolist()[0]
    assert found.obs["flag"].isna().sum() == 1


def test_without_anndata(
    awkward_run: embkit.Run, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "anndata", None)
    with pytest.raises(MissingExtraError, match=r"exporter anndata needs anndata; .*\[anndata\]'"):
        AnnData().export(awkward_run, make_context(awkward_run.dataset))


def test_the_loader_gives_it_back(
    awkward_run: embkit.Run, read: Callable[..., Any], tmp_path: Path
) -> None:
    read(awkward_run)
    dataset = embkit.load(tmp_path / "run.h5ad")
    np.testing.assert_array_equal(dataset.vectors, awkward_run.dataset.vectors)
    assert dataset.ids == awkward_run.dataset.ids
    assert dataset.texts == awkward_run.dataset.texts
    assert dataset.reference == awkward_run.dataset.reference
