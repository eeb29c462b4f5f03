"""Exporter newick: the tree of merges for the programs that read trees."""

from typing import Literal

from embkit import Context, Run
from embkit_plugins.exporters.rows import encodable
from embkit_plugins.exporters.tree import newick, whole_tree

__all__ = ["Newick"]


class Newick:
    """Write ``tree.nwk``: the tree of merges in the Newick format (Olsen 1990).

    The length of a branch is the height of the merge above it less that of the
    merge below, so that rows that merge at height h are 2 h apart along the tree.

    Parameters
    ----------
    leaves : {"id", "text"}
        What the leaves are called; rows without a text have their id.
    lengths : bool
        Whether to state the lengths of branches.
    """

    def __init__(self, *, leaves: Literal["id", "text"] = "id", lengths: bool = True) -> None:
        self.leaves = leaves
        self.lengths = lengths

    def export(self, run: Run, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return ``tree.nwk``.

        Raises
        ------
        ParameterError
            If the run has no tree over all rows.
        """
        clustering, linkage = whole_tree(run, "newick")
        dataset = clustering.dataset
        named = dataset.row_id if self.leaves == "id" else dataset.describe_row
        names = [encodable(named(row)) for row in range(dataset.n_samples)]
        return {"tree.nwk": newick(linkage, names, lengths=self.lengths) + "\n"}
