import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.nulls.fitted import Null
from embkit_plugins.validators.k_sweep import KSweep
from fixture_types import MakeContext
from narrowing import number, present


def test_the_right_k_stands_out(blobs: Dataset, make_context: MakeContext) -> None:
    result = KSweep(n_clusters=(2, 3, 4, 6)).validate(blobs, make_context(blobs))
    assert result.scores["k_by_excess"] == 3
    assert result.scores["k_by_gap"] == 3
    assert result.scores["p_value"] == pytest.approx(1 / 11)
    assert result.notes[0].startswith("k = 3 stands out most: silhouette 0.8")
    assert result.notes[1:] == ("p_value is the least that 10 null draws can say",)


def test_values_against_scikit_learn(blobs: Dataset, make_context: MakeContext) -> None:
    table = (
        KSweep(n_clusters=(2, 3), n_null=2)
        .validate(blobs, make_context(blobs, seed=4))
        .tables["k_sweep"]
    )
    for k, silhouette in zip((2, 3), table["silhouette"], strict=True):
        labels = KMeans(k, n_init=1, random_state=4).fit_predict(blobs.vectors)
        assert silhouette == pytest.approx(silhouette_score(blobs.vectors, labels), abs=1e-6)
    assert (np.array(table["null_low"]) <= table["null_high"]).all()


@pytest.mark.parametrize("null", ["gaussian", "permuted", "uniform"])
def test_a_gaussian_does_not_stand_out(null: Null, make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(2).normal(size=(200, 5)))
    scores = KSweep(n_clusters=(2, 4, 8), null=null).validate(dataset, make_context(dataset)).scores
    assert number(scores["p_value"]) > 1 / 11 or null == "uniform"


def test_sample(make_context: MakeContext) -> None:
    dataset = Dataset(np.random.default_rng(0).normal(size=(100, 3)))
    result = KSweep(n_clusters=(2,), n_null=2, max_samples=40).validate(dataset, make_context(dataset))
    assert result.notes[-1] == "on 40 of 100 rows, drawn at random"
    assert "no larger k was tried: one may stand out more" in result.notes
    assert result.scores["k_by_gap"] is None


@pytest.mark.parametrize("vectors", [np.ones((3, 2)), np.ones((30, 2))])
def test_skipped(vectors: np.ndarray, make_context: MakeContext) -> None:
    dataset = Dataset(vectors)
    assert "too few different rows" in present(KSweep().validate(dataset, make_context(dataset)).skipped)
