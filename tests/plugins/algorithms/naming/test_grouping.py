"""Clusters and nodes as intervals of one order, and the terms that groups share."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage, to_tree

from embkit import DataError, Dataset, Groups
from embkit.data.names import groups_of_labels
from embkit_plugins.algorithms.naming import node_groups
from embkit_plugins.algorithms.naming.candidates import find_terms
from embkit_plugins.algorithms.naming.evidence import gather
from embkit_plugins.algorithms.naming.shortlist import depths, shortlist
from embkit_plugins.algorithms.naming.tokens import tokenize


def some_rows(n: int) -> Dataset:
    """A dataset of so many rows, of which only the number matters."""
    return Dataset(np.ones((max(n, 1), 1), dtype=np.float32))


@pytest.fixture
def tree() -> np.ndarray:
    return np.asarray(linkage(np.random.default_rng(3).normal(size=(60, 3)), "average"))


def test_clusters() -> None:
    groups = groups_of_labels(
        some_rows(len(np.array([1, -1, 0, 1, 2, 0]))), np.array([1, -1, 0, 1, 2, 0])
    )
    assert [groups.rows(group).tolist() for group in range(len(groups))] == [[2, 5], [0, 3], [4]]
    assert groups.parents.tolist() == [-1, -1, -1]
    assert len(groups_of_labels(some_rows(len(np.array([-1, -1]))), np.array([-1, -1]))) == 0
    assert (
        len(groups_of_labels(some_rows(len(np.array([], dtype=np.int64))), np.array([], dtype=np.int64)))
        == 0
    )


@pytest.mark.parametrize("method", ["single", "average", "complete"])
def test_nodes_hold_the_leaves_below_them(method: str) -> None:
    tree = linkage(np.random.default_rng(5).normal(size=(50, 2)), method)
    groups, nodes = node_groups(some_rows(len(tree) + 1), tree, min_size=4)
    assert groups.order.tolist() == leaves_list(tree).tolist()
    _, known = to_tree(tree, rd=True)
    assert sorted(nodes) == [n for n in range(49) if tree[n, 3] >= 4]
    for group, node in enumerate(nodes):
        assert sorted(groups.rows(group)) == sorted(known[node + 50].pre_order())
        parent = groups.parents[group]
        if parent >= 0:
            above = known[nodes[parent] + 50]
            assert node + 50 in (above.left.id, above.right.id)
        else:
            assert node == 48


def test_clusters_of_a_tree_stand_in_for_its_nodes(tree: np.ndarray) -> None:
    labels = fcluster(tree, 6, "maxclust") - 1
    groups, nodes = node_groups(some_rows(len(tree) + 1), tree, min_size=5, labels=labels)
    clusters = range(len(groups) - 6, len(groups))
    for label, group in enumerate(clusters):
        assert sorted(groups.rows(group)) == np.flatnonzero(labels == label).tolist()
    kept = nodes[nodes >= 0]
    assert len(set(kept)) == len(kept)
    for group, parent in enumerate(groups.parents):
        if parent >= 0:
            assert groups.starts[parent] <= groups.starts[group]
            assert groups.stops[group] <= groups.stops[parent]
            assert groups.sizes[parent] > groups.sizes[group]


def test_labels_that_are_no_subtrees_are_refused(tree: np.ndarray) -> None:
    with pytest.raises(DataError, match="cluster 0 is not a subtree of this tree"):
        node_groups(some_rows(len(tree) + 1), tree, labels=np.arange(60) % 2)


def test_a_tree_of_two_rows() -> None:
    groups, nodes = node_groups(some_rows(2), np.array([[0, 1, 0.5, 2]]), min_size=1)
    assert (groups.order.tolist(), groups.parents.tolist(), nodes.tolist()) == ([0, 1], [-1], [0])


def test_depths() -> None:
    assert depths(np.array([-1, 0, 1, 1, -1, 3])).tolist() == [0, 1, 2, 2, 0, 3]
    chain = np.arange(-1, 5000)
    assert depths(chain).tolist() == list(range(5001))


def words_of(rng: np.random.Generator, count: int) -> list[str]:
    vocabulary = np.array([f"{a}{b}x" for a in "abcdefgh" for b in "klmn"])
    return [" ".join(rng.choice(vocabulary, size=4)) for _ in range(count)]


def test_shortlist_has_every_shared_term_where_no_more_than_fit(tree: np.ndarray) -> None:
    """Against counting every term in every node."""
    rng = np.random.default_rng(0)
    texts = words_of(rng, 60)
    groups, _ = node_groups(some_rows(len(tree) + 1), tree, min_size=3)
    terms = find_terms(tokenize(texts))
    evidence = gather(terms, rng.normal(size=(60, 3)), groups, normalize=True)
    listed = {
        (int(g), int(t)): int(c) for g, t, c in zip(*shortlist(evidence, groups.parents), strict=True)
    }
    holds = np.zeros((60, len(terms)), dtype=bool)
    for term in range(len(terms)):
        holds[terms.texts[terms.starts[term] : terms.starts[term + 1]], term] = True
    small = 0
    for group in range(len(groups)):
        rows = groups.rows(group)
        counts = holds[rows].sum(axis=0)
        outside = (holds.sum(axis=0) - counts + 1) / (60 - len(rows) + 1)
        eligible = np.flatnonzero((counts >= 2) & (counts / len(rows) > outside))
        got = [term for term in range(len(terms)) if (group, term) in listed]
        assert set(got) <= set(eligible)
        assert all(listed[group, term] == counts[term] for term in got)
        if len(eligible) <= 20 and len(rows) < 15:
            small += 1
            assert set(got) == set(eligible)
    assert small > 10


def test_evidence_of_some_rows_is_that_of_these_rows_alone() -> None:
    rng = np.random.default_rng(1)
    texts = words_of(rng, 40)
    groups = Groups(
        np.arange(30), np.array([0, 10, 0]), np.array([10, 30, 5]), np.array([-1, -1, 0]), some_rows(30)
    )
    terms = find_terms(tokenize(texts))
    whole = gather(terms, rng.normal(size=(40, 3)), groups, normalize=False)
    places = np.arange(0, 40, 3)
    half = whole.subset(places)
    assert half.sizes.tolist() == [4, 6, 2]
    for term in range(len(terms)):
        rows = set(terms.texts[terms.starts[term] : terms.starts[term + 1]].tolist())
        for group, (start, stop) in enumerate([(0, 10), (10, 30), (0, 5)]):
            expected = len(rows & set(places.tolist()) & set(range(start, stop)))
            assert half.counts(np.array([group]), np.array([term]))[0] == expected
    np.testing.assert_allclose(half.centres()[0], whole.vectors[[0, 3, 6, 9]].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(
        half.term_sums(np.array([0]))[0],
        sum(whole.vectors[p] for p in terms.texts[: terms.starts[1]] if p % 3 == 0),
        atol=1e-5,
    )
