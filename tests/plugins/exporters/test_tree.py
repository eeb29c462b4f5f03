"""The tree as other programs read it."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

import embkit
from embkit import Dataset, ParameterError
from embkit_plugins.exporters.tree import Tree, newick
from fixture_types import MakeContext
from narrowing import present


def distances_along(text: str, ids: list[str]) -> Any:
    """Distances between the leaves of a Newick tree along its branches, by a reader of its own."""
    position = 0
    paths: dict[str, list[tuple[int, float]]] = {}
    counter = 0

    def node() -> list[str]:
        nonlocal position, counter
        counter += 1
        number, leaves = counter, []
        if text[position] == "(":
            while text[position] in "(,":
                position += 1
                leaves += node()
            position += 1
        else:
            end = text.index("'", position + 1)
            while text[end + 1 : end + 2] == "'":
                end = text.index("'", end + 2)
            leaves = [text[position + 1 : end].replace("''", "'")]
            position = end + 1
        if text[position] == ":":
            end = min(text.index(mark, position) for mark in ",);" if mark in text[position:])
            for leaf in leaves:
                paths.setdefault(leaf, []).append((number, float(text[position + 1 : end])))
            position = end
        return leaves

    assert sorted(node()) == sorted(ids)
    assert text[position:] == ";"
    found = np.zeros((len(ids), len(ids)))
    for row, one in enumerate(ids):
        for column, other in enumerate(ids):
            found[row, column] = sum(
                length for _, length in set(paths[one]).symmetric_difference(paths[other])
            )
    return found


@pytest.mark.parametrize("method", ["single", "complete", "average", "ward"])
def test_rows_are_twice_their_cophenetic_distance_apart(method: str) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    tree = linkage(vectors, method)
    ids = [f'it\'s ({row}), "{row}"' for row in range(30)]
    np.testing.assert_allclose(
        distances_along(newick(tree, ids), ids), 2 * squareform(cophenet(tree)), atol=1e-9
    )


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    tree = linkage(np.arange(5000)[:, None] ** 1.5, "single")
    text = newick(tree, [str(row) for row in range(5000)], lengths=False)
    assert text.count("(") == 4999
    assert ":" not in text


def test_a_run_exports_its_tree(blobs: Dataset, make_context: MakeContext) -> None:
    found = embkit.run(
        replace(blobs, ids=[f"id {row}" for row in range(90)]), "agglomerative", cache=False
    )
    files = Tree().export(found, make_context(blobs))
    document = json.loads(files["tree.json"])
    assert document["ids"][3] == "id 3"
    assert document["metric"] == "euclidean"
    assert document["linkage"] == "ward"
    assert document["threshold"] == present(found.clustering).parameters["distance_threshold"]
    heights = linkage(pdist(blobs.vectors.astype(float)), "ward")[:, 2]
    np.testing.assert_allclose(np.array(document["merges"])[:, 2], heights, rtol=1e-5)
    assert files["tree.nwk"].count("id ") == 90


def test_a_run_without_a_whole_tree_is_refused(blobs: Dataset, make_context: MakeContext) -> None:
    bare = embkit.run(blobs, "kmeans:n_clusters=3", cache=False)
    with pytest.raises(ParameterError, match="the run has no tree; its clusterer makes none; use"):
        Tree().export(bare, make_context(blobs))
    part = replace(present(bare.clustering), linkage=np.zeros((3, 4)))
    with pytest.raises(ParameterError, match="the tree is not whole; .*; add compute_full_tree=true"):
        Tree().export(replace(bare, clustering=part), make_context(blobs))
