"""The bundled sample: complete, within its size, and with topics that can be found."""

from collections import Counter
from importlib.resources import files

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from embkit.data.dataset import Dataset
from embkit_plugins.loaders.sample import Sample


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return Sample().load(None)


def test_every_row_has_an_id_a_text_a_topic_and_an_area(sample: Dataset) -> None:
    assert sample.vectors.shape == (710, 384)
    assert sample.vectors.dtype == np.float16
    assert sample.name == "sample"
    assert sample.ids is not None
    assert sample.texts is not None
    assert sample.reference is not None
    assert sample.ids == tuple(f"t{number:04d}" for number in range(1, 711))
    assert all(sample.texts)
    assert all(sample.reference)
    assert all(sample.metadata["area"])


def test_sentences_are_unique_short_and_plain(sample: Dataset) -> None:
    assert sample.texts is not None
    assert len({text.lower() for text in sample.texts}) == sample.n_samples
    assert all(3 <= len(text.split()) <= 20 for text in sample.texts)
    assert all(text.isascii() and text.isprintable() and text == text.strip() for text in sample.texts)


def test_topics_are_uneven_and_lie_in_one_area_each(sample: Dataset) -> None:
    assert sample.reference is not None
    sizes = Counter(sample.reference)
    assert len(sizes) == 42
    assert sizes.pop("other") == 40
    assert min(sizes.values()) == 8
    assert max(sizes.values()) == 32
    assert len(set(zip(sample.reference, sample.metadata["area"], strict=True))) == 42
    assert len(set(sample.metadata["area"])) == 8


def test_vectors_have_unit_length_up_to_half_precision(sample: Dataset) -> None:
    norms = np.linalg.norm(sample.vectors.astype(np.float64), axis=1)
    np.testing.assert_allclose(norms, 1, atol=2e-4)


def test_vectors_belong_to_the_texts(sample: Dataset) -> None:
    """A row shifted against its text would ruin the agreement with the topics."""
    vectors = sample.vectors.astype(np.float32)
    topics = np.array(sample.reference)
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -1)
    agree = topics[similarity.argmax(axis=1)] == topics
    assert agree[topics != "other"].mean() > 0.8
    found = AgglomerativeClustering(n_clusters=42).fit_predict(vectors)
    assert 0.45 < adjusted_rand_score(topics, found) < 0.9


def test_the_files_stay_under_a_megabyte() -> None:
    folder = files("embkit_plugins.loaders") / "data"
    assert sum(len((folder / name).read_bytes()) for name in ("sample.npy", "sample.tsv")) < 1_000_000
