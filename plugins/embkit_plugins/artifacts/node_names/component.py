"""The artifact of the names of a tree's nodes."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from embkit import Artifact, Context, Dataset, ParameterError
from embkit_plugins.algorithms.naming import name_groups, node_groups
from embkit_plugins.algorithms.trees.cuts import is_monotone
from embkit_plugins.artifacts.node_names.packing import arrays_of, unpacked

__all__ = ["MIN_SIZE", "NodeNames"]

MIN_SIZE = 10
"""Rows that a node has at least, to have a name."""


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
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
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
        texts = unpacked(self.texts)
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
        return Artifact({"nodes": nodes, "parents": groups.parents, **arrays_of(names)})

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
