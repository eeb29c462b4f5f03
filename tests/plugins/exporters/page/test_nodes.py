"""Names and support of the merges of a tree, as the page shows them."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipy_linkage

import embkit
from embkit_plugins.algorithms.ledger.merges import merge_ledger
from embkit_plugins.algorithms.trees.nodes import layout
from embkit_plugins.exporters.page.nodes import names_of_parts, p_values_of_merges
from embkit_plugins.exporters.page.pack import unpack


@pytest.fixture(scope="module")
def blocks() -> np.ndarray:
    """Two groups far apart, each a cloud of its own, in 5 dimensions."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(60, 5)), rng.normal(size=(40, 5)) + 8])


def test_the_root_of_two_clouds_is_supported_and_what_is_inside_is_not(blocks: np.ndarray) -> None:
    tree = scipy_linkage(blocks, "average")
    found = p_values_of_merges(blocks, tree)
    assert found[-1] < 1e-3
    sizes = np.sort(tree[:, :2].astype(int), axis=1)
    members = layout(tree)
    sides = np.array([min(len(members.members(int(node))) for node in merge) for merge in sizes])
    np.testing.assert_array_equal(np.isnan(found), sides < 10)
    inner = found[:-1][~np.isnan(found[:-1])]
    assert (inner > 0.01).all()


def test_only_the_highest_merges_are_tested(monkeypatch: pytest.MonkeyPatch, blocks: np.ndarray) -> None:
    from embkit_plugins.exporters.page import nodes

    tree = scipy_linkage(blocks, "ward")
    all_of_them = p_values_of_merges(blocks, tree)
    monkeypatch.setattr(nodes, "_MERGES", 2)
    two = p_values_of_merges(blocks, tree)
    assert np.count_nonzero(~np.isnan(two)) == 2
    np.testing.assert_array_equal(two[~np.isnan(two)], all_of_them[~np.isnan(two)])
    assert np.count_nonzero(~np.isnan(p_values_of_merges(blocks, tree, budget=100))) == 1


def test_names_of_parts_are_those_of_the_ledger() -> None:
    rng = np.random.default_rng(1)
    subject = np.repeat(np.arange(4), 12)
    vectors = 4.0 * np.eye(4, 6)[subject] + rng.normal(scale=0.2, size=(48, 6))
    words = ("oak", "iron", "violin", "salmon")
    texts = [f"{words[which]} x{row}" for row, which in enumerate(subject)]
    dataset = embkit.Dataset(vectors.astype(np.float32), texts=texts)
    tree = scipy_linkage(vectors, "average")
    ledger = merge_ledger(dataset, tree, start=2.0, stop=100.0, metric="euclidean")
    names = names_of_parts(ledger, tree)
    members = layout(tree)
    found = {name.title: sorted(members.members(48 + node).tolist()) for node, name in names.items()}
    assert found == {word: np.flatnonzero(subject == which).tolist() for which, word in enumerate(words)}


def test_the_page_of_a_run_has_names_and_support(spread: embkit.Dataset) -> None:
    run = embkit.run(
        spread, "agglomerative:linkage=average,metric=euclidean,n_clusters=3", seed=0, cache=False
    )
    document, arrays = unpack(run.page(maps=["pca"]).html.split('id="embkit-data">')[1].split("<")[0])
    tree = document["tree"]
    assert np.isfinite(arrays[tree["p_values"]]).any()
    words = arrays[document["words"]].tobytes().decode().split("\0")
    assert {words[term] for term in arrays[tree["names"]["terms"]]} >= {"oak", "iron"}


def test_the_page_of_many_rows_has_support_and_says_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch, spread: embkit.Dataset
) -> None:
    from embkit_plugins.exporters.page import exporter

    monkeypatch.setattr(exporter, "_LEDGER_ROWS", 80)
    run = embkit.run(
        spread, "agglomerative:linkage=average,metric=euclidean,n_clusters=3", seed=0, cache=False
    )
    document, arrays = unpack(run.page(maps=["pca"]).html.split('id="embkit-data">')[1].split("<")[0])
    tree = document["tree"]
    assert np.isfinite(arrays[tree["p_values"]]).any()
    assert tree["band"] is None
    assert not arrays[tree["names"]["merges"]].size
    (note,) = document["warnings"]
    assert note == (
        "Above 80 rows, to keep the page quick to write, merges have no names and no change of silhouette, "
        "and only the highest are tested. embkit diff computes the rest."
    )


def test_some_rows_stand_for_a_large_side(monkeypatch: pytest.MonkeyPatch, blocks: np.ndarray) -> None:
    from embkit_plugins.exporters.page import nodes

    tree = scipy_linkage(blocks, "ward")
    monkeypatch.setattr(nodes, "_SIDE", 25)
    monkeypatch.setattr(nodes, "_MERGES", 1)
    assert p_values_of_merges(blocks, tree)[-1] < 1e-3
    assert np.isfinite(p_values_of_merges(blocks, tree, budget=50)[-1])
    assert np.isnan(p_values_of_merges(blocks, tree, budget=49)).all()


@pytest.fixture
def spread() -> embkit.Dataset:
    rng = np.random.default_rng(4)
    subject = np.repeat(np.arange(3), 30)
    vectors = 4.0 * np.eye(3, 6)[subject] + rng.normal(scale=0.4, size=(90, 6))
    texts = [f"{('oak', 'iron', 'violin')[which]} x{row}" for row, which in enumerate(subject)]
    return embkit.Dataset(vectors.astype(np.float32), texts=texts)
