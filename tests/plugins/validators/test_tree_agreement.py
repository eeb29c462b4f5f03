"""Two trees compared, against scipy and brute force."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from scipy.stats import spearmanr
from sklearn.datasets import load_iris

import embkit
from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError
from embkit_plugins.algorithms.trees import comparing
from embkit_plugins.algorithms.trees.comparing import fowlkes_mallows, of_rows
from embkit_plugins.validators.trees.tree_agreement import TreeAgreement
from fixture_types import MakeContext
from narrowing import present


def clustering(rows: np.ndarray, method: str) -> Clustering:
    tree = linkage(rows, method)
    return Clustering(Dataset(rows), fcluster(tree, 3, "maxclust") - 1, linkage=tree)


@pytest.fixture
def rows(blobs: Dataset) -> np.ndarray:
    return blobs.vectors.astype(np.float64)


def left(folder: Path, found: Clustering, order: np.ndarray) -> str:
    """What a run of the rows in another order leaves."""
    lines = [f"{place},{row},{found.labels[place]}" for place, row in enumerate(order)]
    (folder / "labels.csv").write_text("\n".join(["row,id,label", *lines]) + "\n")
    np.save(folder / "linkage.npy", present(found.linkage))
    return str(folder)


def test_correlations_are_scipys(rows: np.ndarray, tmp_path: Path, make_context: MakeContext) -> None:
    order = np.random.default_rng(1).permutation(90)
    one, two = clustering(rows, "complete"), clustering(rows, "single")
    other = left(tmp_path, clustering(rows[order], "single"), order)
    result = TreeAgreement(other=other).validate(one, make_context(one.dataset))
    heights = [cophenet(each.linkage) for each in (one, two)]
    assert result.scores["cophenetic_correlation"] == pytest.approx(np.corrcoef(*heights)[0, 1])
    assert result.scores["bakers_gamma"] == pytest.approx(spearmanr(*heights).statistic)
    assert result.scores["n_pairs"] == 90 * 89 // 2
    table = result.tables["fowlkes_mallows"]
    assert table["n_clusters"] == list(range(2, 31))
    for number, value in zip(table["n_clusters"], table["bk"], strict=True):
        together = [
            np.equal.outer(labels, labels)[np.triu_indices(90, 1)]
            for labels in (fcluster(each.linkage, number, "maxclust") for each in (one, two))
        ]
        both = np.count_nonzero(together[0] & together[1])
        assert value == pytest.approx(both / np.sqrt(together[0].sum() * together[1].sum()))
    assert result.notes[0].startswith("Bk is above chance for ")


def test_bakers_gamma_is_that_of_the_stages(
    rows: np.ndarray, tmp_path: Path, make_context: MakeContext
) -> None:
    """Its definition: the rank correlation of the largest k at which a pair is in one cluster."""
    few = rows[::6]
    one, two = clustering(few, "average"), clustering(few, "ward")
    result = TreeAgreement(other=left(tmp_path, two, np.arange(15))).validate(
        one, make_context(one.dataset)
    )
    stages = []
    for tree in (one.linkage, two.linkage):
        stage = np.zeros((15, 15))
        for number in range(1, 16):
            labels = fcluster(tree, number, "maxclust")
            stage[np.equal.outer(labels, labels)] = number
        stages.append(stage[np.triu_indices(15, 1)])
    assert result.scores["bakers_gamma"] == pytest.approx(spearmanr(*stages).statistic)


def test_a_tree_agrees_with_itself(rows: np.ndarray, tmp_path: Path, make_context: MakeContext) -> None:
    one = clustering(rows, "average")
    other = left(tmp_path, one, np.arange(90))
    result = TreeAgreement(other=other, n_pairs=500).validate(one, make_context(one.dataset, seed=4))
    assert result.scores["cophenetic_correlation"] == pytest.approx(1)
    assert result.scores["bakers_gamma"] == pytest.approx(1)
    assert result.tables["fowlkes_mallows"]["bk"] == pytest.approx([1] * 29)
    assert result.notes[1] == "correlations over 500 pairs, drawn with seed 4"


def test_mean_and_deviation_under_chance_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all 720 ways to deal 6 rows to clusters of the same sizes."""
    one, two = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 2])
    values = []
    for order in permutations(range(6)):
        cuts = iter([one, two[list(order)]])
        monkeypatch.setattr(comparing, "cut_into", lambda *_, cuts=cuts: next(cuts))
        found = fowlkes_mallows(np.zeros((5, 4)), np.zeros((5, 4)), 3)
        values.append(found.value)
    assert found.expected == pytest.approx(np.mean(values))
    assert found.deviation == pytest.approx(np.std(values))


def test_iris_as_dendextend_has_it() -> None:
    """The example of its FM_index: complete and single linkage of iris, cut into three."""
    vectors = load_iris().data
    found = fowlkes_mallows(linkage(vectors, "complete"), linkage(vectors, "single"), 3)
    assert found.value == pytest.approx(0.8059522, abs=5e-8)
    assert found.expected == pytest.approx(0.4462325, abs=5e-8)
    assert found.deviation**2 == pytest.approx(6.464092e-05, abs=5e-12)


def test_leaves_called_otherwise(rows: np.ndarray) -> None:
    order = np.random.default_rng(2).permutation(90)
    tree = of_rows(linkage(rows[order], "average"), order)
    np.testing.assert_allclose(cophenet(tree), cophenet(linkage(rows, "average")))


def test_what_cannot_be_compared(
    rows: np.ndarray, blobs: Dataset, tmp_path: Path, make_context: MakeContext
) -> None:
    one = clustering(rows, "average")
    context = make_context(one.dataset)
    embkit.run(blobs, "kmeans:n_clusters=3", out=tmp_path / "flat", cache=False)
    with pytest.raises(
        DataError, match="linkage.npy cannot be read; .*; give the folder of a run that made"
    ):
        TreeAgreement(other=str(tmp_path / "flat")).validate(one, context)
    few = clustering(rows[:50], "average")
    other = left(tmp_path, few, np.arange(50))
    with pytest.raises(DataError, match="it has 50 rows, this run has 90, and 50 ids are in both"):
        TreeAgreement(other=other).validate(one, context)
    flat = Clustering(blobs, np.zeros(90, dtype=int), clusterer="kmeans")
    assert TreeAgreement(other=other).validate(flat, context).skipped == "kmeans made no whole tree"
    small = clustering(rows[:3], "average")
    skipped = TreeAgreement(other=other).validate(small, context).skipped
    assert "trees of 3 rows" in present(skipped)
