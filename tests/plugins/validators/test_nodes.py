"""The table of named nodes."""

from dataclasses import replace

import numpy as np
from scipy.cluster.hierarchy import linkage, to_tree

from embkit import Clustering, Dataset, Name, Names
from embkit_plugins.algorithms.trees.cuts import cut_into
from embkit_plugins.validators.trees.nodes import Nodes
from fixture_types import MakeContext
from narrowing import present


def clustered(dataset: Dataset, n_clusters: int = 3) -> Clustering:
    tree = linkage(dataset.vectors.astype(np.float64), "average")
    labels = cut_into(tree, n_clusters)
    return Clustering(dataset, labels, {"metric": "euclidean"}, tree, clusterer="agglomerative")


def test_each_node_once_with_its_rows_height_parent_and_cluster(
    blobs: Dataset, make_context: MakeContext
) -> None:
    names = Names(tuple(Name(f"mine {number}", rows=(number,)) for number in range(3)))
    clustering = replace(clustered(blobs), names=names)
    result = Nodes(min_size=5).validate(clustering, make_context(blobs))
    table = result.tables["nodes"]
    _, known = to_tree(clustering.linkage, rd=True)
    assert table["node"][0] == 2 * blobs.n_samples - 2
    assert table["parent"][0] is None
    assert len(set(table["node"])) == len(table["node"]) == result.scores["n_nodes"]
    for node, size, height, parent in zip(
        *(table[column] for column in ("node", "size", "height", "parent")), strict=True
    ):
        assert size == known[node].get_count() >= 5
        assert height == known[node].dist
        if parent is not None:
            assert set(known[node].pre_order()) < set(known[parent].pre_order())
    of_cluster = dict(zip(table["cluster"], table["node"], strict=True))
    for cluster in range(3):
        rows = np.flatnonzero(clustering.labels == cluster).tolist()
        assert sorted(known[of_cluster[cluster]].pre_order()) == rows
        place = list(table["node"]).index(of_cluster[cluster])
        assert table["name"][place] == f"mine {cluster}"
        assert table["example"][place] == present(blobs.texts)[cluster]


def test_it_says_how_many_nodes_have_no_word(blobs: Dataset, make_context: MakeContext) -> None:
    same = replace(blobs, texts=["the same"] * blobs.n_samples)
    result = Nodes(min_size=20).validate(clustered(same), make_context(same))
    n_nodes = result.scores["n_nodes"]
    assert result.scores["n_without_words"] == n_nodes
    assert result.notes == (f"no word stands out in {n_nodes} of {n_nodes} nodes",)


def test_skipped_without_texts_tree_or_nodes(blobs: Dataset, make_context: MakeContext) -> None:
    context = make_context(blobs)
    bare = replace(blobs, texts=None)
    assert "no texts" in str(Nodes().validate(clustered(bare), make_context(bare)).skipped)
    flat = replace(clustered(blobs), linkage=None)
    assert Nodes().validate(flat, context).skipped == "agglomerative made no whole tree"
    assert Nodes(min_size=91).validate(clustered(blobs), context).skipped == "no node has 91 rows"
