"""The nodes of the clustering's tree, each with its name."""

from typing import Annotated

from annotated_types import Ge

from embkit import Clustering, Context, Table, Validation
from embkit.text import plural
from embkit_plugins.algorithms.naming import NOTHING_STANDS_OUT
from embkit_plugins.artifacts.node_names import MIN_SIZE, NamedNodes, node_names_of
from embkit_plugins.scoring.trees import whole_tree

__all__ = ["Nodes"]


class Nodes:
    """Names and terms of every part of the tree, at all levels, and how well they fit.

    The table has one line a node, the root first: its number as in scipy (row i of
    the linkage makes node ``n_samples + i``), its rows, the height at which it is
    complete, the smallest named node above it, and the cluster that it is, if it
    is one. A node has the name of its cluster, if it is one, and never that of its
    parent or sibling; see namer ``words`` for the measures.

    Left out are nodes of fewer than `min_size` rows, and those that are larger than
    a named node below them by less than a twentieth and join no second one: in the
    tree of HDBSCAN, hundreds of nodes are one group and a row more each.

    Cost: artifact ``node-names``, 0.6 s for 4,312 short texts.

    Parameters
    ----------
    min_size : int
        Rows that a node has at least.
    """

    def __init__(self, *, min_size: Annotated[int, Ge(2)] = MIN_SIZE) -> None:
        self.min_size = min_size

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return the number of named nodes and the table ``nodes``."""
        tree = whole_tree(clustering, to_cut=True)
        if isinstance(tree, str):
            return Validation.skip(tree)
        if clustering.dataset.texts is None:
            return Validation.skip("the rows have no texts, so that there is nothing to name nodes by")
        found = node_names_of(clustering, context, min_size=self.min_size)
        if not len(found):
            return Validation.skip(f"no node has {self.min_size} rows")
        silent = sum(name.note == NOTHING_STANDS_OUT for name in found.names.names)
        notes = (f"{NOTHING_STANDS_OUT} in {silent} of {plural(len(found), 'node')}",) if silent else ()
        scores = {"n_nodes": len(found), "n_without_words": silent}
        return Validation(scores, {"nodes": _table(found, clustering)}, notes)


def _table(found: NamedNodes, clustering: Clustering) -> Table:
    dataset = clustering.dataset
    numbers = (found.nodes + dataset.n_samples).tolist()
    central = [
        name.rows[0] if name.rows else int(clustering.representatives[cluster])
        for name, cluster in zip(found.names.names, found.clusters.tolist(), strict=True)
    ]
    return {
        "node": numbers,
        "size": found.sizes,
        "height": found.heights,
        "parent": [numbers[parent] if parent >= 0 else None for parent in found.parents.tolist()],
        "cluster": [cluster if cluster >= 0 else None for cluster in found.clusters.tolist()],
        **found.names.columns(),
        "example_id": [dataset.row_id(row) for row in central],
        "example": [dataset.describe_row(row) for row in central],
    }
