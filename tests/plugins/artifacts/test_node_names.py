"""Names of the nodes of a tree: which nodes, what they are called, and what the cache tells apart."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from embkit import Clustering, DataError, Dataset, Name, Names, ParameterError
from embkit.data.labels import canonical_labels
from embkit_plugins.algorithms.naming import name_groups, node_groups
from embkit_plugins.artifacts.node_names import node_names_of
from fixture_types import MakeContext
from narrowing import present

SUBJECTS = (("fruit", "apple"), ("fruit", "pear"), ("metal", "iron"), ("metal", "zinc"))


def clustered(n_clusters: int = 4, copies: int = 20, **columns: Any) -> Clustering:
    """Four subjects, two and two under a common word, cut from a tree of average linkage."""
    rng = np.random.default_rng(5)
    subject = np.repeat(np.arange(4), copies)
    centres = 8.0 * np.eye(4)[[0, 0, 1, 1]] + 2.0 * np.eye(4)
    vectors = centres[subject] + rng.normal(scale=0.2, size=(4 * copies, 4))
    noise = [f"{'abcdefgh'[row % 8]}{'klmnopqrst'[row % 10]}w" for row in range(4 * copies)]
    texts = [
        f"{SUBJECTS[which][0]}, {noise[row]}. {SUBJECTS[which][1]}" for row, which in enumerate(subject)
    ]
    dataset = Dataset(vectors.astype(np.float32), **{"texts": texts, **columns})
    tree = linkage(dataset.vectors.astype(np.float64), "average")
    labels = canonical_labels(fcluster(tree, n_clusters, "maxclust"), len(vectors), "scipy")
    return Clustering(dataset, labels, {"metric": "euclidean"}, tree, clusterer="agglomerative")


def named(clustering: Clustering, titles: list[str]) -> Clustering:
    return replace(clustering, names=Names(tuple(Name(title, (title,)) for title in titles)))


def test_nodes_are_called_as_the_namer_calls_them(make_context: MakeContext) -> None:
    clustering = clustered()
    dataset = clustering.dataset
    found = node_names_of(clustering, make_context(dataset))
    groups, nodes = node_groups(dataset, present(clustering.linkage), min_growth=0.05)
    expected = name_groups(present(dataset.texts), dataset.vectors, groups, seed=0)
    assert found.nodes.tolist() == nodes.tolist()
    assert found.parents.tolist() == groups.parents.tolist()
    assert found.names.names == expected.names
    assert found.sizes.tolist() == groups.sizes.tolist()
    assert found.heights.tolist() == present(clustering.linkage)[nodes, 2].tolist()
    by_size: dict[int, list[str]] = {size: [] for size in set(found.sizes.tolist())}
    for size, name in zip(found.sizes.tolist(), found.names.names, strict=True):
        by_size[size].append(name.title)
    assert sorted(by_size[40]) == ["fruit", "metal"]
    assert {"apple", "pear", "iron", "zinc"} <= set(by_size[20])


def test_a_second_request_is_answered_from_memory_and_other_texts_are_another(
    make_context: MakeContext,
) -> None:
    clustering = clustered()
    context = make_context(clustering.dataset)
    first = node_names_of(clustering, context)
    again = node_names_of(clustering, context)
    assert again.names.names == first.names.names
    texts = [text.replace("apple", "plum") for text in present(clustering.dataset.texts)]
    other = replace(clustering, dataset=replace(clustering.dataset, texts=texts))
    renamed = node_names_of(other, context.on(other.dataset))
    assert "plum" in renamed.names.titles
    assert "plum" not in first.names.titles
    assert [use.origin for use in context.shared.uses] == ["computed", "memory", "computed"]


def test_it_comes_back_from_the_disk(make_context: MakeContext) -> None:
    clustering = clustered()
    first = node_names_of(clustering, make_context(clustering.dataset))
    later = make_context(clustering.dataset)
    assert node_names_of(clustering, later).names.names == first.names.names
    assert [use.origin for use in later.shared.uses] == ["disk"]


def test_a_node_that_is_a_cluster_has_its_name_and_no_other_node_nearby_takes_it(
    make_context: MakeContext,
) -> None:
    clustering = clustered()
    context = make_context(clustering.dataset)
    plain = node_names_of(clustering, context)
    is_fruit = [title == "fruit" for title in plain.names.titles]
    above = next(
        int(cluster)
        for cluster, parent in zip(plain.clusters, plain.parents, strict=True)
        if cluster >= 0 and is_fruit[parent]
    )
    titles = [f"mine {cluster}" for cluster in range(4)]
    titles[above] = "Fruit"  # edited: now the node above may not be called so
    found = node_names_of(named(clustering, titles), context)
    for cluster, name in zip(found.clusters.tolist(), found.names.names, strict=True):
        assert (cluster >= 0) == (name.title in titles)
        if cluster >= 0:
            assert name.title == titles[cluster]
    assert sorted(found.clusters[found.clusters >= 0].tolist()) == [0, 1, 2, 3]
    for parent, name in zip(found.parents.tolist(), found.names.names, strict=True):
        if parent >= 0:
            assert name.title.casefold() != found.names[parent].title.casefold()


@pytest.mark.parametrize("method", ["single", "complete", "average"])
@pytest.mark.parametrize("seed", range(3))
def test_no_node_is_called_as_its_parent_or_sibling(
    make_context: MakeContext, method: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(150, 3)).astype(np.float32)
    texts = [" ".join(rng.choice(["oak", "elm", "ash", "fir", "yew"], size=3)) for _ in range(150)]
    dataset = Dataset(vectors, texts=texts)
    tree = linkage(vectors.astype(np.float64), method)
    labels = canonical_labels(fcluster(tree, 7, "maxclust"), 150, "scipy")
    clustering = Clustering(dataset, labels, {}, tree)
    given = named(clustering, ["oak", "elm", "ash", "fir", "yew", "box", "bay"][: clustering.n_clusters])
    found = node_names_of(given, make_context(dataset))
    titles = [title.casefold() for title in found.names.titles]
    pairs = set()
    for node, parent in enumerate(found.parents.tolist()):
        assert parent < node
        assert parent < 0 or titles[parent] != titles[node]
        assert (parent, titles[node]) not in pairs
        pairs.add((parent, titles[node]))


def test_a_chain_is_named_each_time_it_has_grown_by_a_twentieth(make_context: MakeContext) -> None:
    n = 400
    tree = np.array(
        [[0, 1, 0.1, 2], *([row + 1, n + row - 1, 0.1 * (row + 1), row + 2] for row in range(1, n - 1))]
    )
    dataset = Dataset(np.arange(n, dtype=np.float32)[:, None], texts=["oak"] * n)
    clustering = Clustering(dataset, np.full(n, -1), {}, tree)
    sizes = np.sort(node_names_of(clustering, make_context(dataset)).sizes)
    assert sizes[0] == 10
    assert (sizes[1:] >= 1.05 * sizes[:-1]).all()
    assert ((sizes[1:] - 1) < 1.05 * sizes[:-1]).all()


def test_every_node_that_joins_two_is_kept_whatever_its_growth() -> None:
    rng = np.random.default_rng(1)
    vectors = np.concatenate([rng.normal(size=(500, 2)), rng.normal(size=(12, 2)) + 50])
    tree = linkage(vectors, "average")
    dataset = Dataset(vectors.astype(np.float32))
    _, nodes = node_groups(dataset, tree, min_growth=0.2)
    assert nodes[0] == len(tree) - 1  # 500 and 12
    _, every = node_groups(dataset, tree)
    assert set(nodes) < set(every)


def test_what_cannot_be_named_is_refused(make_context: MakeContext) -> None:
    clustering = clustered(texts=None)
    context = make_context(clustering.dataset)
    with pytest.raises(ParameterError, match="nodes cannot be named; that needs texts and a whole tree"):
        node_names_of(clustering, context)
    with_texts = clustered()
    context = make_context(with_texts.dataset)
    tree = present(with_texts.linkage)
    with pytest.raises(ParameterError, match="linkage of shape .* and 80 texts for 80 rows"):
        node_names_of(replace(with_texts, linkage=tree[:-1]), context)
    inverted = tree.copy()
    inverted[-1, 2] = 0.0
    with pytest.raises(ParameterError, match="the tree has inversions"):
        node_names_of(replace(with_texts, linkage=inverted), context)
    with pytest.raises(DataError, match="is not a subtree"):
        node_groups(with_texts.dataset, tree, labels=np.arange(80) % 2)


def test_texts_of_any_kind_and_length(make_context: MakeContext) -> None:
    texts = ["", "\udc80 broken", "\x1b[2J<b>x</b>\x00", "w" * 100_000] * 20
    clustering = clustered(texts=texts)
    found = node_names_of(clustering, make_context(clustering.dataset))
    assert len(found) > 0


def test_a_cluster_is_among_the_nodes_even_if_it_hardly_differs_from_one_below(
    make_context: MakeContext,
) -> None:
    n = 60
    tree = np.array(
        [[0, 1, 0.1, 2], *([row + 1, n + row - 1, 0.1 * (row + 1), row + 2] for row in range(1, n - 1))]
    )
    dataset = Dataset(np.arange(n, dtype=np.float32)[:, None], texts=["oak"] * n)
    for size in range(10, n + 1):
        labels = np.where(np.arange(n) < size, 0, -1)
        clustering = named(Clustering(dataset, labels, {}, tree), ["mine"])
        found = node_names_of(clustering, make_context(dataset))
        place = found.clusters.tolist().index(0)
        assert (found.sizes[place], found.names[place].title) == (size, "mine")
        assert (np.diff(found.sizes) < 0).all()
