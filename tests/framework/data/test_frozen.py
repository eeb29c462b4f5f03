"""Datasets, clusterings, artifacts and runs are frozen, pickle and copy."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.data.dataset import Dataset
from embkit.data.frozen import FrozenMapping
from narrowing import present

WAYS = {"pickled": lambda value: pickle.loads(pickle.dumps(value)), "copied": copy.deepcopy}


def test_a_frozen_mapping_is_a_mapping_that_stays() -> None:
    frozen = FrozenMapping({"a": 1})
    assert frozen == {"a": 1}
    assert {**frozen, "b": 2} == frozen | {"b": 2} == {"b": 2} | frozen
    assert repr(frozen) == "{'a': 1}"
    untyped: Any = frozen
    with pytest.raises(TypeError):
        untyped["a"] = 2


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_datasets(way: Callable[[Any], Any], blobs: Dataset) -> None:
    dataset = blobs.take(np.arange(5, 20))
    found = way(dataset)
    np.testing.assert_array_equal(found.vectors, dataset.vectors)
    np.testing.assert_array_equal(found.source_rows, dataset.source_rows)
    assert (found.ids, found.texts, found.reference) == (dataset.ids, dataset.texts, dataset.reference)
    assert found.fingerprint == dataset.fingerprint
    assert not found.vectors.flags.writeable


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_artifacts(way: Callable[[Any], Any]) -> None:
    found = way(embkit.Artifact({"a": np.arange(3)}, {"route": "exact"}))
    assert found["a"].tolist() == [0, 1, 2]
    assert not found["a"].flags.writeable
    assert dict(found.facts) == {"route": "exact"}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_runs(way: Callable[[Any], Any], blobs: Dataset) -> None:
    run = embkit.run(
        blobs,
        "agglomerative:n_clusters=3",
        reducers=["pca:n_components=3"],
        validators=["sizes", "silhouette"],
        visualizers=["sizes"],
        cache=False,
    )
    found = way(run)
    np.testing.assert_array_equal(found.labels, run.labels)
    assert not found.labels.flags.writeable
    np.testing.assert_array_equal(found.clustering.linkage, present(run.clustering).linkage)
    assert found.scores == run.scores
    assert found.names == run.names
    assert found.record == run.record
    assert found.summary() == run.summary()
    pictures: list[Any] = [found.figures["sizes"], run.figures["sizes"]]
    assert pictures[0]._repr_png_() == pictures[1]._repr_png_()
    assert found.page().n_bytes > 1000
