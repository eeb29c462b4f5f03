"""The projection artifact: what it keeps, what it refuses, and that it says so."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_rand_score, silhouette_score

from embkit import FileRows, stacked
from embkit.data.blocks import Blocks
from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.plugin.registry import Registry
from embkit.plugin.steps import create
from embkit_plugins.artifacts import projection
from embkit_plugins.artifacts.neighbors import Neighbors
from embkit_plugins.artifacts.projection import Projection
from fixture_types import MakeContext

METHODS = ["pca", "umap", "tsne"]


def rows(n_samples: int, n_features: int = 6, seed: int = 0) -> Dataset:
    vectors = np.random.default_rng(seed).normal(size=(n_samples, n_features))
    return Dataset(vectors.astype(np.float32), name="rows")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_groups_stay_apart(method: str, metric: str, blobs: Dataset, make_context: MakeContext) -> None:
    artifact = make_context(blobs).artifact("projection", method=method, metric=metric)
    embedding = artifact["embedding"]
    assert embedding.shape == (90, 2)
    assert embedding.dtype == np.float32
    assert embedding.flags.c_contiguous
    assert silhouette_score(embedding, blobs.reference) > 0.6
    assert artifact.facts["method"] == method


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_bytes_whatever_the_threads(
    method: str, blobs: Dataset, make_context: MakeContext
) -> None:
    runs = [
        make_context(blobs, threads=threads).artifact("projection", method=method, random_state=3)
        for threads in (1, 2)
    ]
    assert runs[0]["embedding"].tobytes() == runs[1]["embedding"].tobytes()


def test_another_seed_is_another_layout(blobs: Dataset, make_context: MakeContext) -> None:
    context = make_context(blobs)
    first, second = (context.artifact("projection", random_state=seed)["embedding"] for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_umap_does_not_tear_a_rolled_sheet(make_context: MakeContext) -> None:
    along, across = np.random.default_rng(0).uniform(size=(800, 2)).T
    angles = 4 + 12 * along
    rolled = np.column_stack([angles * np.cos(angles), angles * np.sin(angles), 8 * across])
    embedding = make_context(Dataset(rolled)).artifact("projection")["embedding"]
    length = (angles * np.sqrt(1 + angles**2) + np.arcsinh(angles)) / 2  # of the spiral from 0
    flat = np.column_stack([length, 8 * across])
    # From principal components, which lay the turns over one another, it is 0.54.
    assert spearmanr(pdist(flat), pdist(embedding)).statistic > 0.75


def test_pca_is_scikit_learns(blobs: Dataset, make_context: MakeContext) -> None:
    artifact = make_context(blobs).artifact("projection", method="pca", n_components=3)
    model = PCA(3)
    expected = model.fit_transform(blobs.vectors)
    assert np.allclose(np.abs(artifact["embedding"]), np.abs(expected), atol=1e-4)
    assert np.allclose(artifact.facts["variance"], model.explained_variance_ratio_, atol=1e-4)


def test_cosine_does_not_see_lengths(blobs: Dataset, make_context: MakeContext) -> None:
    lengths = np.random.default_rng(0).uniform(0.5, 2, size=(90, 1)).astype(np.float32)
    stretched = blobs.with_vectors(blobs.vectors * lengths)
    first, second = (
        make_context(dataset).artifact("projection", method="pca", metric="cosine")["embedding"]
        for dataset in (blobs, stretched)
    )
    assert np.allclose(np.abs(first), np.abs(second), atol=1e-5)


def test_umap_keeps_real_neighbourhoods(glosses: Dataset, make_context: MakeContext) -> None:
    dataset = glosses.take(np.arange(1500))
    embedding = make_context(dataset).artifact("projection", metric="cosine")["embedding"]
    # umap-learn 0.5.12 reaches 0.850 to 0.853 on these rows; by chance it would be 0.5.
    assert trustworthiness(dataset.vectors, embedding, n_neighbors=15, metric="cosine") > 0.85


@pytest.mark.parametrize("method", METHODS)
def test_one_row_is_refused(method: str, make_context: MakeContext) -> None:
    dataset = rows(1)
    with pytest.raises(DataError, match=r"rows: 1 row; .* needs at least [24]; give more rows"):
        make_context(dataset).artifact("projection", method=method)


@pytest.mark.parametrize("method", METHODS)
def test_equal_rows_are_refused(method: str, make_context: MakeContext) -> None:
    dataset = Dataset(np.full((40, 5), 0.1, dtype=np.float32))
    with pytest.raises(DataError, match=r"all 40 rows are equal; .* needs rows that differ"):
        make_context(dataset).artifact("projection", method=method)


@pytest.mark.parametrize("method", METHODS)
def test_rows_of_one_direction_are_equal_under_cosine(method: str, make_context: MakeContext) -> None:
    dataset = Dataset(np.outer(2.0 ** np.arange(-20, 20), np.ones(4)).astype(np.float32))
    with pytest.raises(DataError, match=r"all 40 rows are equal"):
        make_context(dataset).artifact("projection", method=method, metric="cosine")


@pytest.mark.parametrize("method", METHODS)
def test_a_zero_row_under_cosine_is_named(method: str, make_context: MakeContext) -> None:
    vectors = np.eye(20, dtype=np.float32)
    vectors[7] = 0
    dataset = Dataset(vectors)
    with pytest.raises(DataError, match="zero vector in row 7"):
        make_context(dataset).artifact("projection", method=method, metric="cosine")


@pytest.mark.parametrize("n_samples", [2, 3, 4, 5])
def test_umap_of_very_few_rows(n_samples: int, make_context: MakeContext) -> None:
    dataset = rows(n_samples)
    artifact = make_context(dataset).artifact("projection", n_neighbors=15)
    assert artifact["embedding"].shape == (n_samples, 2)
    assert artifact.facts["n_neighbors"] == n_samples


@pytest.mark.parametrize("n_samples", [4, 5, 40])
def test_perplexity_is_lowered_only_where_it_was_not_given(
    n_samples: int, make_context: MakeContext
) -> None:
    dataset = rows(n_samples)
    artifact = make_context(dataset).artifact("projection", method="tsne")
    assert artifact.facts["perplexity"] == (n_samples - 1) / 3
    assert np.isfinite(artifact["embedding"]).all()


def test_too_large_a_perplexity_names_the_largest(make_context: MakeContext) -> None:
    dataset = rows(60)
    with pytest.raises(ParameterError, match=r"perplexity=60 for 60 rows.*at most 19\.6"):
        make_context(dataset).artifact("projection", method="tsne", perplexity=60)


@pytest.mark.parametrize("n_samples", [2, 3])
def test_too_few_rows_for_tsne(n_samples: int, make_context: MakeContext) -> None:
    dataset = rows(n_samples)
    with pytest.raises(DataError, match=f"{n_samples} rows; t-SNE needs at least 4"):
        make_context(dataset).artifact("projection", method="tsne")


def test_too_many_principal_components_names_the_most(make_context: MakeContext) -> None:
    dataset = rows(10, n_features=3)
    with pytest.raises(ParameterError, match=r"n_components=4 for 10 rows and 3 dimensions.*at most 3"):
        make_context(dataset).artifact("projection", method="pca", n_components=4)


def test_tsne_has_at_most_three_dimensions(registry: Registry) -> None:
    component = registry.get("artifact", "projection")
    with pytest.raises(ParameterError, match=r"n_components=4; .* at most 3"):
        create(component, Request("projection", {"method": "tsne", "n_components": 4}))


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_more_dimensions_than_the_data_have(method: str, make_context: MakeContext) -> None:
    dataset = Dataset(np.linspace(0, 1, 30, dtype=np.float32)[:, None])
    embedding = make_context(dataset).artifact("projection", method=method)["embedding"]
    assert embedding.shape == (30, 2)
    assert np.isfinite(embedding).all()
    assert embedding.std(axis=0).min() > 0


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_repeated_rows(method: str, make_context: MakeContext) -> None:
    dataset = Dataset(np.repeat(rows(12).vectors, 10, axis=0))
    embedding = make_context(dataset).artifact("projection", method=method)["embedding"]
    assert np.isfinite(embedding).all()
    assert silhouette_score(embedding, np.repeat(np.arange(12), 10)) > 0.4


@pytest.mark.parametrize("scale", [1e-25, 1e15])
@pytest.mark.parametrize("method", METHODS)
def test_any_scale(method: str, scale: float, blobs: Dataset, make_context: MakeContext) -> None:
    dataset = blobs.with_vectors(blobs.vectors * np.float32(scale))
    embedding = make_context(dataset).artifact("projection", method=method)["embedding"]
    assert (
        silhouette_score(embedding.astype(np.float64) / np.abs(embedding).max(), blobs.reference) > 0.6
    )


def test_the_estimate_grows_with_the_rows() -> None:
    small, large = (
        Projection(method="pca").memory(n_samples, 384, 10**9).peak for n_samples in (1000, 10_000)
    )
    assert large == 10 * small


@pytest.mark.parametrize("method", ["umap", "tsne"])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_estimate_counts_the_search_for_neighbours(method: Any, metric: Any) -> None:
    n_neighbors = {"umap": 15, "tsne": 91}[method]
    search = Neighbors(n_neighbors=n_neighbors, metric=metric).memory(100_000, 384, 10**9)
    assert (
        Projection(method=method, metric=metric).memory(100_000, 384, 10**9).peak >= 0.95 * search.peak
    )


def test_neighbours_are_computed_once(blobs: Dataset, make_context: MakeContext) -> None:
    context = make_context(blobs)
    for random_state in (0, 1):
        context.artifact("projection", random_state=random_state)
    origins = [use.origin for use in context.shared.uses if use.name == "neighbors"]
    assert origins == ["computed", "memory"]


def test_as_faithful_as_umap_learn(make_context: MakeContext) -> None:
    vectors, digits = load_digits(return_X_y=True)
    dataset = Dataset(vectors[:600].astype(np.float32))
    context = make_context(dataset)
    batch, reference = (
        context.artifact("projection", layout=layout)["embedding"] for layout in ("batch", "umap-learn")
    )
    kept, expected = (trustworthiness(dataset.vectors, laid_out) for laid_out in (batch, reference))
    assert kept > expected - 0.005
    groups = [KMeans(10, random_state=0).fit_predict(laid_out) for laid_out in (batch, reference)]
    agreement, best = adjusted_rand_score(*groups), adjusted_rand_score(digits[:600], groups[1])
    assert agreement > best - 0.1


def test_very_many_rows_start_from_a_sample(
    monkeypatch: pytest.MonkeyPatch, make_context: MakeContext
) -> None:
    vectors, digits = load_digits(return_X_y=True)
    dataset = Dataset(vectors[:900].astype(np.float32), name="digits")
    whole = make_context(dataset).artifact("projection")
    monkeypatch.setattr(projection, "AT_ONCE", 800)
    monkeypatch.setattr(projection, "FIRST_ROWS", 200)
    sampled, again = (
        make_context(dataset, threads=threads).artifact("projection", random_state=1)
        for threads in (1, 2)
    )
    assert sampled["embedding"].tobytes() == again["embedding"].tobytes()
    assert "rows_laid_out_first" not in whole.facts
    assert sampled.facts["rows_laid_out_first"] == 200
    kept, expected = (
        trustworthiness(dataset.vectors, artifact["embedding"]) for artifact in (sampled, whole)
    )
    assert kept > expected - 0.01
    assert silhouette_score(sampled["embedding"], digits[:900]) > 0.3


def test_up_to_the_stated_number_rows_are_laid_out_at_once(
    monkeypatch: pytest.MonkeyPatch, blobs: Dataset, make_context: MakeContext
) -> None:
    before = make_context(blobs).artifact("projection")
    monkeypatch.setattr(projection, "AT_ONCE", 90)
    monkeypatch.setattr(projection, "FIRST_ROWS", 30)
    after = make_context(blobs).artifact("projection")
    assert before["embedding"].tobytes() == after["embedding"].tobytes()


def test_more_neighbours_than_the_sample_has(
    monkeypatch: pytest.MonkeyPatch, blobs: Dataset, make_context: MakeContext
) -> None:
    monkeypatch.setattr(projection, "AT_ONCE", 80)
    monkeypatch.setattr(projection, "FIRST_ROWS", 20)
    artifact = make_context(blobs).artifact("projection", n_neighbors=40, metric="cosine")
    assert np.isfinite(artifact["embedding"]).all()
    assert artifact.facts["n_neighbors"] == 40


@pytest.mark.parametrize("params", [{"method": "pca"}, {"neighbors": "leaves"}])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_rows_in_files_are_not_held(
    params: dict[str, Any],
    metric: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    make_context: MakeContext,
) -> None:
    monkeypatch.setattr(projection, "AT_ONCE", 3000)
    monkeypatch.setattr(projection, "FIRST_ROWS", 300)
    held = rows(3500)
    path = tmp_path / "rows.npy"
    np.save(path, held.vectors)
    mapped = np.load(path, mmap_mode="r")
    parts = [FileRows(path, mapped.offset, mapped.shape, mapped.dtype)]
    filed = Dataset(stacked(parts), name="rows")
    monkeypatch.setattr(Blocks, "array", lambda _: pytest.fail("read as a whole"))
    found, expected = (
        make_context(dataset, memory=10**6).artifact("projection", metric=metric, **params)["embedding"]
        for dataset in (filed, held)
    )
    assert found.tobytes() == expected.tobytes()
    estimate = Projection(metric=metric, **params)
    small, large = (estimate.memory(n_samples, 384, 10**9).peak for n_samples in (200_000, 400_000))
    assert large - small < 200_000 * (384 + 2) * 4 + 200_000 * 2000


def test_principal_components_of_many_rows_are_those_of_few(
    monkeypatch: pytest.MonkeyPatch, blobs: Dataset, make_context: MakeContext
) -> None:
    few = make_context(blobs).artifact("projection", method="pca")
    monkeypatch.setattr(projection, "AT_ONCE", 50)
    many = make_context(blobs).artifact("projection", method="pca")
    assert np.allclose(np.abs(many["embedding"]), np.abs(few["embedding"]), atol=1e-4)
    assert many.facts["variance"] == pytest.approx(few.facts["variance"], abs=2e-4)
