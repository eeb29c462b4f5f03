"""UMAP and t-SNE as reducers: the shared projection under other names."""

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit_plugins.reducers.tsne import TSNE
from embkit_plugins.reducers.umap import UMAP
from fixture_types import MakeContext

BOTH = pytest.mark.parametrize(("reducer", "method"), [(UMAP, "umap"), (TSNE, "tsne")])


@BOTH
def test_the_vectors_are_the_projection(
    reducer: type, method: str, blobs: Dataset, make_context: MakeContext
) -> None:
    context = make_context(blobs, seed=5)
    reduced = reducer(metric="cosine").reduce(blobs, context)
    artifact = context.artifact("projection", method=method, metric="cosine", random_state=5)
    assert np.array_equal(reduced.vectors, artifact["embedding"])
    assert reduced.texts == blobs.texts
    assert [use.origin for use in context.shared.uses if use.name == "projection"] == [
        "computed",
        "memory",
    ]


@BOTH
def test_own_random_state_goes_before_the_seed_of_the_run(
    reducer: type, method: str, blobs: Dataset, make_context: MakeContext
) -> None:
    context = make_context(blobs, seed=5)
    reducer(random_state=1).reduce(blobs, context)
    (use,) = (use for use in context.shared.uses if use.name == "projection")
    assert use.params["random_state"] == 1
    assert use.params["method"] == method


def test_what_was_lowered_is_told(make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32))
    context = make_context(dataset)
    assert UMAP().reduce(dataset, context).notes[-1].endswith("by 10 neighbours")
    assert "with perplexity 3, by " in TSNE().reduce(dataset, context).notes[-1]


@pytest.mark.parametrize("reducer", [UMAP, TSNE])
def test_three_dimensions(reducer: type, blobs: Dataset, make_context: MakeContext) -> None:
    assert reducer(n_components=3).reduce(blobs, make_context(blobs)).vectors.shape == (90, 3)


@pytest.mark.parametrize("reducer", [UMAP, TSNE])
def test_one_row_is_refused(reducer: type, make_context: MakeContext) -> None:
    dataset = Dataset(np.ones((1, 3), dtype=np.float32))
    with pytest.raises(DataError, match="1 row"):
        reducer().reduce(dataset, make_context(dataset))


def test_too_large_a_perplexity_is_refused(blobs: Dataset, make_context: MakeContext) -> None:
    with pytest.raises(ParameterError, match=r"perplexity=40 for 90 rows.*at most 29\.6"):
        TSNE(perplexity=40).reduce(blobs, make_context(blobs))


@BOTH
def test_the_estimate_is_the_projections(reducer: type, method: str, registry: Registry) -> None:
    factory = registry.get("artifact", "projection").factory()
    expected = factory(method=method).memory(10_000, 384, 10**9)
    assert reducer().memory(10_000, 384, 10**9) == expected
