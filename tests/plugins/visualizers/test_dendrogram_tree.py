import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, dendrogram, linkage
from scipy.spatial.distance import squareform

from embkit_plugins.algorithms.trees.cuts import cut_at, cut_into
from embkit_plugins.visualizers.dendrogram.layout import Sort, lay_out
from embkit_plugins.visualizers.dendrogram.tree import (
    MIXED,
    cluster_tree,
    last_merges,
    sample_tree,
    top_levels,
)
from embkit_plugins.visualizers.dendrogram.words import extra_labels


def _tree(seed: int, n: int, method: str, *, ties: bool = False) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, 3))
    return np.asarray(linkage(np.round(rows) if ties else rows, method))


@pytest.mark.parametrize("method", ["complete", "single", "ward", "centroid"])
@pytest.mark.parametrize("distance_sort", [False, True, "ascending", "descending"])
@pytest.mark.parametrize(
    ("mode", "p"), [(None, 0), ("lastp", 2), ("lastp", 7), ("lastp", 999), ("level", 1), ("level", 3)]
)
def test_order_places_and_truncation_are_scipys(
    method: str, distance_sort: Sort, mode: str | None, p: int
) -> None:
    for seed, n in ((0, 2), (1, 9), (2, 25), (3, 40)):
        tree = _tree(seed, n, method, ties=seed == 3)
        expected = dendrogram(tree, no_plot=True, truncate_mode=mode, p=p, distance_sort=distance_sort)
        drawn = sample_tree(tree, np.zeros(n, dtype=np.int64))
        drawn = last_merges(drawn, p) if mode == "lastp" else drawn
        drawn = top_levels(drawn, p) if mode == "level" else drawn
        if mode == "level" and len(expected["ivl"]) != drawn.n_leaves:
            continue  # scipy never contracts the very first merge of the tree
        layout = lay_out(drawn, distance_sort)
        names = [
            str(drawn.names[leaf]) if drawn.names[leaf] >= 0 else f"({drawn.rows[leaf]})"
            for leaf in layout.order
        ]
        assert names == expected["ivl"]
        places = layout.across[drawn.n_leaves :] * 10 + 5
        middles = [(left + right) / 2 for left, _, _, right in expected["icoord"]]
        found = sorted(zip(places, drawn.heights, strict=True))
        wanted = sorted(zip(middles, [bar[1] for bar in expected["dcoord"]], strict=True))
        assert np.allclose(found, wanted)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(3, 40),
    method=st.sampled_from(["complete", "single", "average"]),
    n_clusters=st.integers(2, 12),
    most=st.integers(2, 12),
)
def test_heights_between_the_largest_clusters_are_those_of_the_full_tree(
    seed: int, n: int, method: str, n_clusters: int, most: int
) -> None:
    full = _tree(seed, n, method)
    labels = cut_into(full, min(n_clusters, n))
    tree = cluster_tree(full, labels, most)
    assert tree is not None
    kept = min(most, labels.max() + 1)
    assert tree.names.tolist() == list(range(kept))
    assert tree.rows.tolist() == np.bincount(labels)[:kept].tolist()
    joined_at = squareform(cophenet(full))
    first = [int(np.flatnonzero(labels == cluster)[0]) for cluster in range(kept)]
    sizes = [1] * kept
    for left, right in tree.children.tolist():
        sizes.append(sizes[left] + sizes[right])
    drawn = np.column_stack([tree.children, tree.heights, sizes[kept:]])
    assert np.allclose(squareform(cophenet(drawn)), joined_at[np.ix_(first, first)])
    hidden = labels >= kept
    assert tree.folded.rows.sum() == hidden.sum()
    assert tree.folded.clusters.sum() == len(np.unique(labels[hidden]))


def test_folded_parts_join_the_branch_and_the_height_they_join_in_the_full_tree() -> None:
    # rows 0, 1, 2 | 3, 4 | 5: a cluster of three, one of two, and a single row
    full = np.array(
        [[0, 1, 1, 2], [3, 4, 1.5, 2], [2, 6, 2, 3], [5, 7, 3, 3], [8, 9, 4, 6]], dtype=float
    )
    labels = np.array([0, 0, 0, 1, 1, 2])
    tree = cluster_tree(full, labels, 2)
    assert tree is not None
    assert tree.children.tolist() == [[0, 1]]
    assert tree.heights.tolist() == [4]
    assert tree.tops.tolist() == [2, 1.5]
    assert tree.folded.nodes.tolist() == [1]
    assert tree.folded.heights.tolist() == [3]
    assert (tree.folded.rows.tolist(), tree.folded.clusters.tolist()) == ([1], [1])


def test_noise_is_folded_and_is_no_cluster() -> None:
    full = np.array(
        [[0, 1, 1, 2], [3, 4, 1.5, 2], [2, 6, 2, 3], [5, 7, 3, 3], [8, 9, 4, 6]], dtype=float
    )
    tree = cluster_tree(full, np.array([0, 0, -1, 1, 1, -1]), 10)
    assert tree is not None
    assert tree.n_leaves == 2
    assert tree.folded.rows.tolist() == [1, 1]
    assert tree.folded.clusters.tolist() == [0, 0]
    assert tree.folded.heights.tolist() == [2, 3]


def test_labels_that_are_not_subtrees_have_no_tree_of_clusters() -> None:
    full = _tree(0, 20, "complete")
    labels = cut_into(full, 4).copy()
    swapped = labels.copy()
    swapped[np.flatnonzero(labels == 0)[0]] = 1
    assert cluster_tree(full, swapped, 10) is None
    assert cluster_tree(full, np.arange(20) % 3, 10) is None
    noisy = labels.copy()
    noisy[np.flatnonzero(labels == 0)[0]] = -1  # a hole in a cluster: its rest is no subtree, or is one
    tree = cluster_tree(full, noisy, 10)
    assert tree is None or tree.rows[0] == np.count_nonzero(labels == 0) - 1


def test_branches_within_a_cluster_have_its_label() -> None:
    full = _tree(4, 15, "average")
    labels = cut_into(full, 3)
    tree = sample_tree(full, labels)
    assert tree.labels[:15].tolist() == labels.tolist()
    assert np.count_nonzero(tree.labels == MIXED) == 2
    top = last_merges(tree, 3)
    assert sorted(top.labels.tolist()) == [MIXED, MIXED, 0, 1, 2]
    assert top.parts.sum() == 15


def test_chains_of_any_length_are_laid_out() -> None:
    n = 30_000
    chain = np.zeros((n - 1, 4))
    chain[:, 0] = np.append(0, np.arange(n, 2 * n - 2))
    chain[:, 1] = np.arange(1, n)
    chain[:, 2] = np.arange(1, n)
    chain[:, 3] = np.arange(2, n + 1)
    tree = sample_tree(chain, np.zeros(n, dtype=np.int64))
    assert lay_out(tree, False).order.tolist() == list(range(n))
    assert sorted(lay_out(tree, "descending").order) == list(range(n))
    assert top_levels(tree, 5).n_leaves == 7
    clusters = cluster_tree(chain, cut_at(chain, n - 10.0), 8)
    assert clusters is not None
    assert clusters.n_leaves == 8
    assert clusters.folded.clusters.sum() == 3


@given(seed=st.integers(0, 10_000), n=st.integers(4, 60), most=st.integers(2, 6))
def test_what_is_folded_counts_clusters_and_noise_apart(seed: int, n: int, most: int) -> None:
    """Noise joins hidden clusters before they join what is drawn, and stays noise."""
    full = _tree(seed, n, "single")
    rng = np.random.default_rng(seed)
    labels = cut_into(full, min(8, n))
    # Whole clusters are noise, so that the others are still subtrees.
    labels = np.where(np.isin(labels, rng.choice(labels.max() + 1, (labels.max() + 1) // 2)), -1, labels)
    labels = _by_size(labels)
    tree = cluster_tree(full, labels, most)
    assert tree is not None
    if len(tree.merges):
        assert tree.folded.noise.sum() == (labels < 0).sum()
        hidden = labels >= most
        assert (tree.folded.rows - tree.folded.noise).sum() == hidden.sum()
        texts = [(label.text, label.rows) for label in extra_labels(tree.folded, 0)]
        assert ("noise", f"({(labels < 0).sum():,})") in texts or not (labels < 0).any()


def _by_size(labels: np.ndarray) -> np.ndarray:
    sizes = np.bincount(labels[labels >= 0])
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    rank = np.full(len(sizes) + 1, -1)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[labels])
