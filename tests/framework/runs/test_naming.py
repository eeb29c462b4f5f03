"""How the clusters of a run are called: the same in all of it."""

import numpy as np
import pytest

import embkit


@pytest.fixture
def spread() -> embkit.Dataset:
    """60 rows in 12 dimensions without much structure, with texts."""
    vectors = np.random.default_rng(3).normal(size=(60, 12)).astype(np.float32)
    return embkit.Dataset(vectors, texts=[f"sentence number {row}" for row in range(60)])


@pytest.mark.parametrize("namer", ["none", "words"])
def test_a_cluster_is_called_the_same_whatever_vectors_a_component_sees(
    spread: embkit.Dataset, namer: str
) -> None:
    run = embkit.run(
        spread,
        "kmeans:n_clusters=5",
        reducers=["pca:n_components=2"],
        namer=namer,
        validators=["sizes", "sizes:of=source"],
        seed=1,
    )
    assert not run.failures
    one, other = (table for name, table in run.tables.items() if "sizes" in name)
    assert one["example"] == other["example"]
    if namer == "words":
        assert run.tables["clusters"]["example"] == one["example"]
