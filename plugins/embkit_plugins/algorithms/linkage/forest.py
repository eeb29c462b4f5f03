"""Merges as they are made, round by round, put into scipy's order at the end."""

import numpy as np

from embkit import Floats, IntArray

__all__ = ["Forest"]


class Forest:
    """The merges so far, and the clusters that are left.

    Rows that are equal are merged at height 0 from the start; the clusters left
    after that are the distinct rows, in the order of their first occurrence.

    Parameters
    ----------
    first : ndarray of int64, shape (n_samples,)
        For each row the lowest row equal to it, see `geometry.first_equal`.

    Attributes
    ----------
    nodes, sizes : ndarray of int64, shape (n_clusters,)
        Of every cluster that is left: its number in the tree and its number of rows.
    """

    def __init__(self, first: IntArray) -> None:
        self.n_samples = len(first)
        rows = np.arange(self.n_samples)
        repeats = np.flatnonzero(first != rows)
        repeats = repeats[np.argsort(first[repeats], kind="stable")]
        originals = first[repeats]
        # A row's repeats join it one after the other; the nodes count through all of them.
        starts = np.append(True, originals[1:] != originals[:-1])[: len(repeats)]
        run = np.arange(len(repeats)) - np.maximum.accumulate(
            np.where(starts, np.arange(len(repeats)), 0)
        )
        joined = np.where(starts, originals, self.n_samples + np.arange(len(repeats)) - 1)
        self._children = [np.column_stack([joined, repeats])]
        self._heights = [np.zeros(len(repeats))]
        self._sizes = [run + 2]
        self.n_merges = len(repeats)
        nodes = rows.copy()
        nodes[originals] = self.n_samples + np.arange(len(repeats))  # the last of each wins
        self.nodes = nodes[first == rows]
        self.sizes = np.bincount(first, minlength=self.n_samples)[first == rows]
        self._tops = np.zeros(len(self.nodes))

    def __len__(self) -> int:
        return len(self.nodes)

    def merge(self, first: IntArray, second: IntArray, heights: Floats) -> None:
        """Merge pairs of clusters, given by their places among those left.

        The union takes the first place; the second is left over until `drop`.
        Rounding may not put a merge below one that it contains.
        """
        heights = np.maximum(heights, np.maximum(self._tops[first], self._tops[second]))
        sizes = self.sizes[first] + self.sizes[second]
        self._add(np.column_stack([self.nodes[first], self.nodes[second]]), heights, sizes)
        self.nodes[first] = self.n_samples + self.n_merges - len(first) + np.arange(len(first))
        self.sizes[first] = sizes
        self._tops[first] = heights

    def drop(self, places: IntArray) -> None:
        """Take the given places out of those left."""
        self.nodes = np.delete(self.nodes, places)
        self.sizes = np.delete(self.sizes, places)
        self._tops = np.delete(self._tops, places)

    def finish(self, tree: Floats, places: IntArray) -> None:
        """Merge all that is left by a tree over it.

        Parameters
        ----------
        tree : ndarray of float64, shape (n_clusters - 1, 4)
            scipy's format, its leaves being the clusters left.
        places : ndarray of int64, shape (n_clusters,)
            Which cluster each leaf of `tree` is.
        """
        nodes, sizes, tops = (values[places].tolist() for values in (self.nodes, self.sizes, self._tops))
        children = []
        for left, right, height in zip(
            *tree[:, :2].astype(int).T.tolist(), tree[:, 2].tolist(), strict=True
        ):
            children.append((nodes[left], nodes[right]))
            sizes.append(sizes[left] + sizes[right])
            tops.append(max(height, tops[left], tops[right]))
            nodes.append(self.n_samples + self.n_merges + len(children) - 1)
        new = slice(len(places), None)
        self._add(
            np.reshape(children, (-1, 2)).astype(np.int64), np.array(tops[new]), np.array(sizes[new])
        )
        self.nodes, self.sizes, self._tops = (
            np.array(nodes[-1:]),
            np.array(sizes[-1:]),
            np.array(tops[-1:]),
        )

    def _add(self, children: IntArray, heights: Floats, sizes: IntArray) -> None:
        self._children.append(children)
        self._heights.append(heights)
        self._sizes.append(sizes)
        self.n_merges += len(heights)

    def linkage(self) -> Floats:
        """The merges in scipy's format, in order of height; whole when one cluster is left."""
        children = np.concatenate(self._children)
        heights = np.concatenate(self._heights)
        sizes = np.concatenate(self._sizes)
        order = np.argsort(heights, kind="stable")  # a merge stands after those it contains
        numbers = np.arange(self.n_samples + len(order))
        numbers[self.n_samples + order] = self.n_samples + np.arange(len(order))
        children = np.sort(numbers[children[order]], axis=1)
        return np.column_stack([children, heights[order], sizes[order]])
