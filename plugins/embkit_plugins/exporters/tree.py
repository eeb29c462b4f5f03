"""The tree of merges for other programs: Newick, and the linkage as JSON."""

import json
from collections.abc import Iterator

from embkit import Clustering, Context, Floats, ParameterError, Run

__all__ = ["Tree", "newick", "whole_tree"]


class Tree:
    """Write ``tree.nwk`` and ``tree.json``, with the ids of the rows as leaves.

    In Newick the length of a branch is the height of the merge above it less that
    of the merge below, so that rows that merge at height h are 2 h apart along the
    tree. A linkage with inversions has branches of negative length.

    The JSON document holds ``ids``, ``metric``, ``linkage`` (the kind),
    ``threshold``, and ``merges``: scipy's four columns, one list a merge.

    Parameters
    ----------
    lengths : bool
        Whether the Newick file states the lengths of branches.
    """

    def __init__(self, *, lengths: bool = True) -> None:
        self.lengths = lengths

    def export(self, run: Run, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return the two files.

        Raises
        ------
        ParameterError
            If the run has no tree over all rows.
        """
        clustering, linkage = whole_tree(run, "tree")
        dataset = clustering.dataset
        ids = [dataset.row_id(row) for row in range(dataset.n_samples)]
        document = {
            "schema_version": 1,
            "ids": ids,
            "metric": clustering.metric,
            "linkage": clustering.parameters.get("linkage"),
            "threshold": clustering.threshold,
            "merges": linkage.tolist(),
        }
        text = newick(linkage, ids, lengths=self.lengths)
        return {"tree.nwk": text + "\n", "tree.json": json.dumps(document, allow_nan=False) + "\n"}


def whole_tree(run: Run, exporter: str) -> tuple[Clustering, Floats]:
    """The clustering of a run and its tree over all rows.

    Raises
    ------
    ParameterError
        If there is none.
    """
    clustering = run.clustering
    if clustering is None or clustering.linkage is None:
        raise ParameterError(
            f"exporter {exporter}: the run has no tree",
            "its clusterer makes none",
            "use --clusterer agglomerative or hdbscan",
        )
    if len(clustering.linkage) + 1 != len(clustering.labels):
        raise ParameterError(
            f"exporter {exporter}: the tree is not whole",
            "only the merges below the threshold were made",
            "add compute_full_tree=true to the clusterer",
        )
    return clustering, clustering.linkage


def newick(linkage: Floats, ids: list[str], *, lengths: bool = True) -> str:
    """A tree in the Newick format (Olsen 1990), without recursion.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The whole tree in scipy's format.
    ids : list of str
        One a row; quoted, with quotes doubled.
    lengths : bool
        Whether to state the length of each branch.
    """
    return "".join(_tokens(linkage, ids, lengths=lengths)) + ";"


def _tokens(linkage: Floats, ids: list[str], *, lengths: bool) -> Iterator[str]:
    n_samples = len(ids)
    children = linkage[:, :2].astype(int).tolist()
    heights = [0.0] * n_samples + linkage[:, 2].tolist()
    root = n_samples + len(children) - 1
    # What is still to be written, last first: nodes with the height above them, or marks.
    waiting: list[tuple[int, float] | str] = [(root, heights[root])]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
            continue
        node, above = item
        length = f":{above - heights[node]!r}" if lengths and node != root else ""
        if node < n_samples:
            yield _quoted(ids[node]) + length
            continue
        left, right = children[node - n_samples]
        height = heights[node]
        waiting += [f"){length}", (right, height), ",", (left, height), "("]


def _quoted(text: str) -> str:
    """A label of any characters: in single quotes, those within it doubled, on one line."""
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
