"""The names of the nodes of a tree, computed once for the table, the picture and the page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from embkit import Artifact, Clustering, Context, Dataset, IntArray, Name, Names, ParameterError
from embkit_plugins.algorithms.naming import LONGEST, name_groups, node_groups
from embkit_plugins.algorithms.trees.cuts import is_monotone

__all__ = ["MIN_SIZE", "NamedNodes", "NodeNames", "node_names_of", "packed"]

MIN_SIZE = 10
"""Rows that a node has at least, to have a name."""

_MEASURES = ("p_value", "fit", "precision", "recall", "auc", "stability")
_N_ROWS = 3


class NodeNames:
    """Names of all nodes of a tree with `min_size` rows or more, by the words of the rows' texts.

    A name is what sets a node apart from its sibling and from everything else; no
    node has the title of its parent. A node that is larger than one below it by less
    than a twentieth is left out, unless two named nodes meet in it: in a chain,
    hundreds of nodes are the same group but for a row. See `name_groups` and `node_groups`.

    Cost: O(W log W + n d) for W words in all texts; 0.6 s for 4,312 short texts.

    Parameters
    ----------
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The whole tree in scipy's format, without inversions.
    texts : ndarray of uint8
        The text of each row, as a JSON list in UTF-8; an array, so that its
        fingerprint tells these texts from others of the same vectors.
    min_size : int
        Rows that a node has at least.
    min_growth : float
        By which share a node has to be larger than the largest named node below it.
    metric : {"cosine", "euclidean"}
        Whether vectors are compared by direction alone.
    n_terms : int
        The most terms in a name.
    alpha : float
        Level of the test that a title has to pass.
    random_state : int
        Seed of the halves on which names are judged.
    """

    def __init__(
        self,
        *,
        linkage: np.ndarray,
        texts: np.ndarray,
        min_size: Annotated[int, Ge(2)] = MIN_SIZE,
        min_growth: Annotated[float, Ge(0)] = 0.05,
        metric: Literal["cosine", "euclidean"] = "cosine",
        n_terms: Annotated[int, Ge(1)] = 3,
        alpha: Annotated[float, Ge(0)] = 0.05,
        random_state: Annotated[int, Ge(0)] = 0,
    ) -> None:
        self.linkage = linkage
        self.texts = texts
        self.min_size = min_size
        self.min_growth = min_growth
        self.metric = metric
        self.n_terms = n_terms
        self.alpha = alpha
        self.random_state = random_state

    def compute(self, dataset: Dataset, context: Context) -> Artifact:  # noqa: ARG002
        """Return what `node_names_of` reads: nodes, their parents, and the parts of their names.

        ``nodes`` are rows of the linkage, the root first; ``parents`` are positions
        among them. ``titles`` and ``terms`` are JSON lists in UTF-8. ``rows`` are the
        most central ones, padded with -1. ``measures`` has a column each for p-value,
        fit, precision, recall, AUC and stability, and ``known`` says which were measured.

        Raises
        ------
        ParameterError
            If the tree has inversions or, like the texts, does not have the dataset's rows.
        """
        texts = _unpacked(self.texts)
        self._check(dataset, texts)
        groups, nodes = node_groups(
            dataset, self.linkage, min_size=self.min_size, min_growth=self.min_growth
        )
        names = name_groups(
            texts,
            dataset.vectors,
            groups,
            seed=self.random_state,
            metric=self.metric,
            n_terms=self.n_terms,
            alpha=self.alpha,
        )
        return Artifact({"nodes": nodes, "parents": groups.parents, **_arrays_of(names)})

    def _check(self, dataset: Dataset, texts: Sequence[str]) -> None:
        if self.linkage.shape != (dataset.n_samples - 1, 4) or len(texts) != dataset.n_samples:
            raise ParameterError(
                f"artifact node-names: linkage of shape {self.linkage.shape} and {len(texts)} texts "
                f"for {dataset.n_samples} rows",
                "a whole tree has one merge less than rows, and each row a text",
                "give the tree and the texts of this dataset",
            )
        if not is_monotone(self.linkage):
            raise ParameterError(
                "artifact node-names: the tree has inversions",
                "its nodes are not nested by height",
                "use a linkage without them, such as average",
            )


@dataclass(frozen=True, eq=False)
class NamedNodes:
    """Nodes of a clustering's tree and what they are called; parents come before their parts.

    Parameters
    ----------
    nodes : ndarray of int64, shape (n_nodes,)
        The row of the linkage that makes each.
    parents : ndarray of int64, shape (n_nodes,)
        The position of the smallest named node above each, -1 for none.
    clusters : ndarray of int64, shape (n_nodes,)
        The cluster that each is, -1 if it is none.
    names : Names
        One a node; a node that is a cluster has the cluster's name.
    linkage : ndarray of float64, shape (n_samples - 1, 4)
        The tree.
    """

    nodes: IntArray
    parents: IntArray
    clusters: IntArray
    names: Names
    linkage: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def sizes(self) -> IntArray:
        """The number of rows in each node."""
        sizes: IntArray = self.linkage[self.nodes, 3].astype(np.int64)
        return sizes

    @property
    def heights(self) -> NDArray[np.float64]:
        """The height of the merge that makes each node."""
        heights: NDArray[np.float64] = self.linkage[self.nodes, 2]
        return heights

    def by_node(self) -> dict[int, Name]:
        """The names by row of the linkage."""
        return dict(zip(self.nodes.tolist(), self.names.names, strict=True))


def node_names_of(clustering: Clustering, context: Context, *, min_size: int = MIN_SIZE) -> NamedNodes:
    """Name the nodes of a clustering's tree; the context is bound to the clustering's dataset.

    A node that is a cluster is called as the clustering's names call it, and the
    others are told from it: no node has the title of its parent or of its sibling.

    Parameters
    ----------
    clustering : Clustering
        With texts and a whole tree without inversions.
    context : Context
        Where the artifact ``node-names`` is.
    min_size : int
        Rows that a node has at least.

    Raises
    ------
    ParameterError
        If there are no texts or there is no such tree.
    """
    dataset, linkage = clustering.dataset, clustering.linkage
    if dataset.texts is None or linkage is None:
        raise ParameterError(
            "nodes cannot be named", "that needs texts and a whole tree", "give a --table with a text"
        )
    found = context.artifact(
        "node-names", linkage=linkage, texts=packed(_read(dataset.texts)), min_size=min_size
    )
    nodes, parents = found["nodes"], found["parents"]
    clusters = _clusters_at(nodes, linkage, clustering)
    names = _names_of(found)
    if clustering.names is not None:
        sizes = linkage[nodes, 3].astype(int).tolist()
        names = _agreeing(names, clustering.names, parents.tolist(), clusters.tolist(), sizes)
    return NamedNodes(nodes, parents, clusters, Names(tuple(names)), linkage)


def _clusters_at(nodes: IntArray, linkage: NDArray[np.float64], clustering: Clustering) -> IntArray:
    """Find the cluster that each node is: all its rows, and no others; -1 for none."""
    label: list[int] = clustering.labels.tolist()
    for left, right in linkage[:, :2].astype(np.int64).tolist():
        label.append(label[left] if label[left] == label[right] else -1)
    found = np.array(label, dtype=np.int64)[nodes + len(linkage) + 1]
    whole = (found >= 0) & (np.append(clustering.sizes, 0)[found] == linkage[nodes, 3])
    return np.where(whole, found, -1)


def _agreeing(
    names: Sequence[Name], given: Names, parents: list[int], clusters: list[int], sizes: list[int]
) -> list[Name]:
    """Give nodes that are clusters the names of those, and no node the title of its parent or sibling."""
    taken: dict[int, set[str]] = {}
    for parent, cluster in zip(parents, clusters, strict=True):
        if cluster >= 0:
            taken.setdefault(parent, set()).add(given[cluster].title.casefold())
    agreed: list[Name] = []
    for node, (name, parent, cluster) in enumerate(zip(names, parents, clusters, strict=True)):
        if cluster >= 0:
            agreed.append(given[cluster])
            continue
        beside = taken.setdefault(parent, set())
        above = {agreed[parent].title.casefold()} if parent >= 0 else set()
        agreed.append(_unlike(name, beside | above | taken.get(node, set()), sizes[node]))
        beside.add(agreed[-1].title.casefold())
    return agreed


def _unlike(name: Name, taken: set[str], size: int) -> Name:
    """Give a name the first of its terms as title that is not taken, or its size if all are."""
    offers = dict.fromkeys((name.title, *name.terms))
    title = next((offer for offer in offers if offer.casefold() not in taken), None)
    if title is None:
        return replace(name, title=f"{name.title} ({size:,} rows)")
    others = tuple(term for term in name.terms if term != title)
    return replace(name, title=title, terms=(title, *others) if title in name.terms else others)


def _read(texts: Sequence[str]) -> list[str]:
    """Cut texts after what is read of them, so that the key is no dearer than the names."""
    return [text[:LONGEST] for text in texts]


def packed(value: Any) -> NDArray[np.uint8]:
    """Write a value as JSON in an array, which an artifact can take and keep."""
    return np.frombuffer(json.dumps(value).encode("ascii"), dtype=np.uint8)


def _unpacked(array: NDArray[np.uint8]) -> Any:
    return json.loads(array.tobytes())


def _arrays_of(names: Names) -> dict[str, NDArray[Any]]:
    measures = [[getattr(name, measure) for measure in _MEASURES] for name in names.names]
    values = np.array(measures, dtype=np.float64).reshape(-1, len(_MEASURES))
    rows = [(*name.rows, *[-1] * _N_ROWS)[:_N_ROWS] for name in names.names]
    return {
        "titles": packed(names.titles),
        "terms": packed([name.terms for name in names.names]),
        "notes": packed([name.note for name in names.names]),
        "rows": np.array(rows, dtype=np.int64).reshape(-1, _N_ROWS),
        "measures": np.nan_to_num(values),
        "known": ~np.isnan(values),
    }


def _names_of(found: Artifact) -> list[Name]:
    titles, terms, notes = (_unpacked(found[part]) for part in ("titles", "terms", "notes"))
    rows, measures, known = (found[part].tolist() for part in ("rows", "measures", "known"))
    return [
        Name(
            title,
            tuple(terms[node]),
            tuple(row for row in rows[node] if row >= 0),
            notes[node],
            **{
                measure: value
                for measure, value, measured in zip(_MEASURES, measures[node], known[node], strict=True)
                if measured
            },
        )
        for node, title in enumerate(titles)
    ]
