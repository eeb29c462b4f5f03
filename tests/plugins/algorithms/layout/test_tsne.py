"""t-SNE from given neighbours, by both libraries."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.layout import tsne as tsne_layout
from embkit_plugins.algorithms.layout.tsne import n_neighbors_for, start_from


def quiet(_share: float) -> None:
    pass


def lay_out(
    vectors: np.ndarray,
    perplexity: float = 10,
    n_components: int = 2,
    progress: Callable[[float], None] = quiet,
) -> tuple[np.ndarray, dict[str, Any]]:
    n_neighbors = n_neighbors_for(perplexity, len(vectors))
    distances, indices = NearestNeighbors(n_neighbors=n_neighbors).fit(vectors).kneighbors()
    start = start_from(vectors[:, :n_components], n_components, 0)
    return tsne_layout.tsne_layout(
        indices,
        distances.astype(np.float32),
        start,
        perplexity=perplexity,
        random_state=0,
        threads=1,
        progress=progress,
    )


@pytest.mark.parametrize("library", ["openTSNE", "scikit-learn"])
def test_groups_stay_apart(library: str, blobs: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openTSNE")
    if library == "scikit-learn":
        monkeypatch.setattr(tsne_layout, "find_spec", lambda _: None)
    embedding, facts = lay_out(blobs.vectors)
    assert facts["library"].startswith(library)
    assert embedding.dtype == np.float32
    assert silhouette_score(embedding, blobs.reference) > 0.6


def test_scikit_learn_is_as_faithful_as_by_itself(
    blobs: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tsne_layout, "find_spec", lambda _: None)
    embedding, _ = lay_out(blobs.vectors)
    start = start_from(blobs.vectors[:, :2], 2, 0).astype(np.float32)
    alone = TSNE(perplexity=10, init=start, random_state=0).fit_transform(blobs.vectors)
    # Rounding of the distances is all that differs at first; 1000 steps make more of it.
    kept, expected = (trustworthiness(blobs.vectors, laid_out) for laid_out in (embedding, alone))
    assert kept == pytest.approx(expected, abs=0.02)


def test_three_dimensions_go_to_scikit_learn(blobs: Dataset) -> None:
    embedding, facts = lay_out(blobs.vectors, n_components=3)
    assert embedding.shape == (90, 3)
    assert facts["library"].startswith("scikit-learn")


def test_scikit_learn_takes_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsne_layout, "find_spec", lambda _: None)
    embedding, _ = lay_out(np.repeat(np.eye(8, dtype=np.float32), 8, axis=0), perplexity=5)
    assert np.isfinite(embedding).all()


def test_progress_is_told(blobs: Dataset) -> None:
    pytest.importorskip("openTSNE")
    shares: list[float] = []
    lay_out(blobs.vectors, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_start_is_small_and_has_no_repeats() -> None:
    start = start_from(np.repeat(np.eye(2) * 1e6, 5, axis=0), 2, 0)
    assert len(np.unique(start, axis=0)) == 10
    assert 0.9e-4 < start[:, 0].std() < 1.1e-4
