"""The tree as dendropy, a program for such trees, reads it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet
from scipy.spatial.distance import squareform

import embkit
from embkit import ParameterError
from embkit_plugins.exporters.newick import Newick
from fixture_types import MakeContext
from narrowing import present


def test_dendropy_finds_the_same_tree(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    dendropy = pytest.importorskip("dendropy", reason="dendropy is not installed")
    text = Newick().export(awkward_run, make_context(awkward_run.dataset))["tree.nwk"]
    tree = dendropy.Tree.get(data=text, schema="newick", preserve_underscores=True)
    ids = [" ".join(name.split()) for name in present(awkward_run.dataset.ids)]
    leaves = {leaf.taxon.label: leaf.taxon for leaf in tree.leaf_node_iter()}
    assert set(leaves) == set(ids)
    between = tree.phylogenetic_distance_matrix()
    linkage = np.array(present(present(awkward_run.clustering).linkage))
    expected = 2 * squareform(cophenet(linkage))
    for row in range(0, 90, 7):
        for other in range(0, 90, 11):
            found = between(leaves[ids[row]], leaves[ids[other]])
            assert found == pytest.approx(expected[row, other], abs=1e-6)


def test_texts_as_leaves_and_no_lengths(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    text = Newick(leaves="text", lengths=False).export(awkward_run, make_context(awkward_run.dataset))[
        "tree.nwk"
    ]
    assert "'ü 東京 4'" in text
    assert f"'{' '.join(present(awkward_run.dataset.ids)[0].split())}'" in text  # row 0 has no text
    assert ":" not in text


def test_runs_without_a_tree(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    context = make_context(awkward_run.dataset)
    flat = replace(awkward_run, clustering=replace(present(awkward_run.clustering), linkage=None))
    with pytest.raises(
        ParameterError, match="exporter newick: the run has no tree; its clusterer makes"
    ):
        Newick().export(flat, context)
    part = replace(present(awkward_run.clustering), linkage=np.zeros((3, 4)))
    with pytest.raises(
        ParameterError, match="exporter newick: the tree is not whole; .*compute_full_tree"
    ):
        Newick().export(replace(awkward_run, clustering=part), context)
