"""Rows that come later, in the clusters of a run: the rules, what is in front of them, and drift."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

import embkit
from embkit.data.dataset import Dataset
from embkit.data.labels import canonical_labels
from embkit.errors import DataError, ParameterError
from embkit.runs.assigning import Assigner
from narrowing import present

FRONTS = [[], ["pca:n_components=5", "normalize"], ["center"]]


@pytest.fixture
def source(tmp_path: Path, blobs: embkit.Dataset) -> Path:
    np.save(tmp_path / "vectors.npy", blobs.vectors)
    return tmp_path / "vectors.npy"


@pytest.fixture
def later(blobs: embkit.Dataset) -> np.ndarray:
    """Rows of the same groups, and in the middle between them."""
    rng = np.random.default_rng(8)
    mixed = blobs.vectors[rng.integers(0, 90, 60)] * rng.uniform(0.4, 1.2, size=(60, 1))
    return (mixed + rng.normal(scale=0.2, size=(60, 8))).astype(np.float32)


def in_front(run: embkit.Run, vectors: np.ndarray) -> np.ndarray:
    """What the reducers make of other rows, from what they learned."""
    for request, fitted in zip(run.config.reducers, run.fitted, strict=True):
        if request.name == "normalize":
            vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        else:
            vectors = vectors - fitted["mean"]
            vectors = vectors @ fitted["directions"].T if "directions" in fitted else vectors
    return vectors


@pytest.mark.parametrize("reducers", FRONTS)
def test_kmeans_assigns_as_scikit_learn_predicts(
    source: Path, later: np.ndarray, reducers: list[str], tmp_path: Path
) -> None:
    run = embkit.run(source, "kmeans:n_clusters=5", reducers=reducers, seed=3, cache=False)
    reduced = present(run.clustering).dataset.vectors
    centers = present(present(run.clustering).fitted)["centers"]
    model = KMeans(5, init=centers.astype(reduced.dtype), n_init=1).fit(reduced)
    assert model.labels_.tolist() == present(run.labels).tolist()

    found = run.assign(later)
    expected = model.predict(in_front(run, later).astype(reduced.dtype))
    assert found.labels.tolist() == expected.tolist()
    away = np.sort(cdist(in_front(run, later), centers), axis=1)
    np.testing.assert_allclose(present(found.distances), away[:, 0], atol=1e-5)
    np.testing.assert_allclose(present(found.strengths), 1 - away[:, 0] / away[:, 1], atol=1e-4)
    assert found.rule.startswith("the nearest centre of k-means")


@pytest.mark.parametrize("reducers", FRONTS)
def test_agglomerative_by_brute_force(source: Path, later: np.ndarray, reducers: list[str]) -> None:
    clusterer = "agglomerative:linkage=average,metric=cosine,distance_threshold=0.3"
    run = embkit.run(source, clusterer, reducers=reducers, cache=False)
    found = run.assign(later)
    pairs = cdist(in_front(run, later), present(run.clustering).dataset.vectors, "cosine")
    labels = present(run.labels)
    means = np.column_stack(
        [pairs[:, labels == label].mean(axis=1) for label in range(labels.max() + 1)]
    )
    expected = np.where(means.min(axis=1) < 0.3, means.argmin(axis=1), -1)
    np.testing.assert_array_equal(found.labels, expected)
    np.testing.assert_allclose(present(found.distances), means.min(axis=1), atol=1e-5)
    np.testing.assert_allclose(
        present(found.strengths), np.clip(1 - means.min(axis=1) / 0.3, 0, 1), atol=1e-4
    )
    assert found.n_noise == np.count_nonzero(expected < 0)


@pytest.mark.parametrize("linkage", ["ward", "complete", "weighted", "median", "centroid", "single"])
def test_a_number_of_clusters_leaves_no_noise(source: Path, later: np.ndarray, linkage: str) -> None:
    run = embkit.run(source, f"agglomerative:linkage={linkage},n_clusters=3", cache=False)
    found = run.assign(later * 5)
    assert found.n_noise == 0
    assert "no row is noise" in found.rule


def test_mixtures_go_by_their_own_rule_and_are_soft(
    source: Path, later: np.ndarray, tmp_path: Path
) -> None:
    run = embkit.run(
        source, "gaussian-mixture:n_components=3", seed=1, out=tmp_path / "run", cache=False
    )
    model = GaussianMixture(3, random_state=1).fit(run.dataset.vectors)
    numbers = np.empty(3, dtype=int)
    numbers[model.predict(run.dataset.vectors)] = run.labels
    found = embkit.open_run(tmp_path / "run", cache=False).assign(later)
    np.testing.assert_array_equal(found.labels, numbers[model.predict(later)])
    np.testing.assert_allclose(present(found.strengths), model.predict_proba(later).max(axis=1))
    np.testing.assert_allclose(
        present(run.memberships)[:, numbers], model.predict_proba(run.dataset.vectors)
    )
    again = embkit.open_run(tmp_path / "run", cache=False).memberships
    np.testing.assert_array_equal(again, run.memberships)


def test_others_go_by_the_nearest_rows_and_say_so(source: Path, later: np.ndarray) -> None:
    run = embkit.run(source, "dbscan:eps=1.2", cache=False)
    found = run.assign(later)
    near = np.argsort(cdist(later, run.dataset.vectors), axis=1, kind="stable")[:, :5]
    for row, labels in enumerate(present(run.labels)[near]):
        counts = np.array([np.count_nonzero(labels == label) for label in labels])
        assert found.labels[row] == labels[counts.argmax()]
        assert present(found.strengths)[row] == counts.max() / 5
    assert found.rule.startswith("dbscan has no rule for other rows: the label of most of the 5 nearest")


@pytest.mark.parametrize(
    "clusterer",
    ["kmeans:n_clusters=3", "hdbscan", "agglomerative:distance_threshold=3", "birch", "optics"],
)
def test_a_run_that_was_opened_again_assigns_the_same(
    source: Path, later: np.ndarray, clusterer: str, tmp_path: Path
) -> None:
    run = embkit.run(
        source, clusterer, reducers=["pca:n_components=4"], seed=1, out=tmp_path / "run", cache=False
    )
    there = run.assign(later)
    for other in (
        embkit.open_run(tmp_path / "run", cache=False),
        pickle.loads(pickle.dumps(run)),
        copy.deepcopy(run),
    ):
        found = other.assign(later)
        np.testing.assert_array_equal(found.labels, there.labels)
        if there.strengths is None:  # predict alone says nothing of them
            assert found.strengths is None
        else:
            np.testing.assert_allclose(present(found.strengths), there.strengths)
        assert found.rule == there.rule
    assert embkit.assign(tmp_path / "run", later).labels.tolist() == there.labels.tolist()


def test_kmeans_needs_no_rows_of_the_run(source: Path, later: np.ndarray, tmp_path: Path) -> None:
    expected = embkit.run(
        source, "kmeans:n_clusters=3", reducers=["normalize"], seed=1, out=tmp_path / "run", cache=False
    ).assign(later)
    source.unlink()
    found = embkit.open_run(tmp_path / "run").assign(later)
    np.testing.assert_array_equal(found.labels, expected.labels)
    (warning,) = found.warnings
    assert warning.startswith(f"drift was not tested: {source}: there is no file 'vectors.npy'")


def test_others_need_them(source: Path, later: np.ndarray, tmp_path: Path) -> None:
    embkit.run(source, "hdbscan", out=tmp_path / "run", cache=False)
    source.unlink()
    with pytest.raises(DataError, match="there is no file 'vectors.npy' in"):
        embkit.open_run(tmp_path / "run").assign(later)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_behind_reducers_that_place_all_rows_together_the_nearest_rows_decide(
    source: Path, later: np.ndarray, metric: str, tmp_path: Path
) -> None:
    reducers = ["center", f"umap:metric={metric}"]
    run = embkit.run(source, "hdbscan", reducers=reducers, seed=0, out=tmp_path / "run", cache=False)
    found = run.assign(later)
    assert found.rule == (
        f"reducer umap places all rows together: the label of most of the 5 nearest rows of the run, "
        f"{metric}; strength is their share, distance that to the nearest of them"
    )
    distances = cdist(later, np.load(source).astype(np.float64), metric)
    near = present(run.labels)[np.argsort(distances, axis=1)[:, :5]]
    for row, labels in enumerate(near):
        values, counts = np.unique(labels, return_counts=True)
        assert found.labels[row] in values[counts == counts.max()]
        assert present(found.strengths)[row] == counts.max() / 5
    again = embkit.open_run(tmp_path / "run", cache=False).assign(later)
    np.testing.assert_array_equal(again.labels, found.labels)


def test_source_vectors_are_not_reduced(source: Path, later: np.ndarray) -> None:
    run = embkit.run(source, "kmeans:n_clusters=3,of=source", reducers=["umap"], seed=0, cache=False)
    plain = embkit.run(source, "kmeans:n_clusters=3", seed=0, cache=False)
    np.testing.assert_array_equal(run.assign(later).labels, plain.assign(later).labels)


def test_what_cannot_be_assigned(source: Path, later: np.ndarray, blobs: Dataset) -> None:
    run = embkit.run(source, "kmeans:n_clusters=3", cache=False)
    with pytest.raises(
        DataError, match="has 3 dimensions, the run of vectors.npy has 8; .*; embed them"
    ):
        run.assign(later[:, :3])
    with pytest.raises(DataError, match="NaN or infinite"):
        run.assign(np.where(later > 1, np.nan, later))
    with pytest.raises(
        ParameterError, match="no clusters; it was made without a clusterer; run with a clusterer"
    ):
        embkit.run(source, validators=["hopkins"], cache=False).assign(later)
    noise = embkit.run(source, "dbscan:eps=0.0001,min_samples=3", cache=False)
    with pytest.raises(ParameterError, match="has no clusters; every row is noise"):
        noise.assign(later)
    matrix = cdist(blobs.vectors, blobs.vectors).astype(np.float32)
    whole = embkit.run(
        matrix, "agglomerative:metric=precomputed,linkage=average,n_clusters=3", cache=False
    )
    with pytest.raises(ParameterError, match="made of a matrix of distances, and other rows have none"):
        whole.assign(matrix)


def test_names_ids_and_the_file(source: Path, blobs: Dataset, later: np.ndarray, tmp_path: Path) -> None:
    run = embkit.run(
        source,
        "kmeans:n_clusters=3",
        names={0: "=first", 1: "second"},
        out=tmp_path / "run",
        cache=False,
    )
    rows = embkit.load(later, table={"id": [f"-r{row}" for row in range(60)]})
    found = embkit.assign(run, rows, out=tmp_path / "new.csv")
    assert found.ids[:2] == ("-r0", "-r1")
    titles = ["=first", "second", ""]
    assert list(found.names) == [titles[label] for label in found.labels]
    lines = (tmp_path / "new.csv").read_text().splitlines()
    assert lines[0] == "id,label,name,strength,distance"
    assert lines[1].startswith(f"'-r0,{found.labels[0]},")
    assert "'=first" in (tmp_path / "new.csv").read_text()
    frame = found.to_pandas()
    assert list(frame) == ["id", "label", "name", "strength", "distance"]
    assert "<table>" in found._repr_html_()
    assert repr(found).startswith("<Assignment of 60 rows to 3 clusters, 0 noise")
    with pytest.raises(ParameterError, match="is a folder; give the name of a file"):
        embkit.assign(run, rows, out=tmp_path)


@pytest.mark.parametrize("clusterer", ["kmeans:n_clusters=10", "hdbscan"])
def test_drift_is_warned_of_and_the_same_distribution_is_not(glosses: Dataset, clusterer: str) -> None:
    """In 4 draws here, in the last of which noise is nearest to many rows; 20 of each were tried."""
    topics = np.array(glosses.reference)
    names, counts = np.unique(topics, return_counts=True)
    common = names[np.argsort(-counts)]
    for draw in (0, 1, 2, 17):
        rng = np.random.default_rng(draw)
        chosen = rng.choice(common[:10], 5, replace=False)
        rows = rng.permutation(np.flatnonzero(np.isin(topics, chosen)))[:700]
        others = rng.permutation(np.flatnonzero(~np.isin(topics, chosen)))[:200]
        run = embkit.run(
            glosses.vectors[rows[200:]],
            clusterer,
            reducers=["pca:n_components=20", "normalize"],
            seed=0,
            cache=False,
        )
        assert run.assign(glosses.vectors[rows[:200]]).warnings == ()
        warning, *_ = run.assign(glosses.vectors[others]).warnings
        assert warning.startswith("drift: the rows are farther from the run's rows than these are")


def test_more_rows_in_the_noise_are_warned_of_and_the_same_share_is_not() -> None:
    """In 3 draws here; 20 were tried."""
    for draw in range(3):
        rng = np.random.default_rng(draw)

        def rows(n: int, share: float, rng: np.random.Generator = rng) -> np.ndarray:
            grouped = 10 * np.eye(3, 4)[rng.integers(0, 3, n)] + 0.3 * rng.normal(size=(n, 4))
            return np.where(rng.random((n, 1)) < share, rng.uniform(-5, 15, (n, 4)), grouped)

        run = embkit.run(rows(900, 0.1), "hdbscan:min_cluster_size=50", seed=0, cache=False)
        usual = run.assign(rows(200, 0.1))
        assert usual.warnings == ()
        assert usual.drift["noise_p_value"] > 1e-3
        found = run.assign(rows(200, 0.4))
        assert found.warnings[-1].startswith("drift: noise is nearest to ")
        assert found.drift["near_noise"] > 2 * found.drift["usual_near_noise"]
    assert "noise_p_value" not in embkit.run(rows(90, 0.0), "kmeans", seed=0).assign(rows(9, 0.0)).drift


def test_an_assigner_of_no_run_at_all(blobs: embkit.Dataset, later: np.ndarray) -> None:
    from dataclasses import replace

    run = embkit.run(blobs, "kmeans:n_clusters=3", cache=False)
    with pytest.raises(ParameterError, match="this run cannot assign rows"):
        replace(run, assigner=None).assign(later)
    assert isinstance(run.assigner, Assigner)


def test_labels_of_clusterers_that_number_otherwise(blobs: embkit.Dataset) -> None:
    run = embkit.run(blobs, "minibatch-kmeans:n_clusters=3", seed=5, cache=False)
    np.testing.assert_array_equal(run.labels, canonical_labels(run.labels, 90, ""))
    np.testing.assert_array_equal(run.assign(blobs).labels, run.labels)
