"""Where a layout starts so that what the graph connects is not torn: its slowest modes."""

import numpy as np
from numpy.typing import NDArray

from embkit import Floats
from embkit_plugins.algorithms.layout.fuzzy_graph import FuzzyGraph
from embkit_plugins.algorithms.layout.umap import start_from

__all__ = ["slowest_modes", "start_of_modes"]

_FEWEST = 4  # rows for each mode; fewer are in place after some steps from anywhere
_LANCZOS = 20  # vectors of the subspace, at least
_TOLERANCE = 1e-4  # the layout moves every row by more


def start_of_modes(
    graph: FuzzyGraph, n_components: int, random_state: int
) -> NDArray[np.float32] | None:
    """`embkit_plugins.algorithms.layout.umap.start_from` of the slowest modes, if there are any."""
    modes = slowest_modes(graph, n_components)
    return None if modes is None else start_from(modes, n_components, random_state)


def slowest_modes(graph: FuzzyGraph, n_components: int) -> Floats | None:
    """Coordinates along which connected rows differ least, without the constant one.

    Eigenvectors of the normalised Laplacian ``1 - D^(-1/2) W D^(-1/2)`` (Belkin and Niyogi,
    "Laplacian eigenmaps for dimensionality reduction and data representation", Neural
    Computation 15, 2003), with which UMAP starts: a rolled sheet comes unrolled, while its
    principal components lay the turns of the roll over one another.

    Parameters
    ----------
    graph : FuzzyGraph
        How strongly rows are connected.
    n_components : int
        How many coordinates.

    Returns
    -------
    ndarray of float64, shape (n_nodes, n_components), or None
        Each of length 1, its largest value positive. None if the graph is in parts, whose modes
        say nothing of the rows within them, if there are few rows, or if the modes are not found.
        Cost: some hundred passes over the edges.
    """
    from scipy.sparse import coo_array, csgraph, diags_array
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh
    from threadpoolctl import threadpool_limits

    n, n_vectors = graph.n_nodes, max(_LANCZOS, 2 * n_components + 3)
    if n < _FEWEST * n_vectors:
        return None
    half = coo_array((graph.weights.astype(np.float64), (graph.heads, graph.tails)), shape=(n, n))
    weights = (half + half.T).tocsr()
    if csgraph.connected_components(weights, directed=False, return_labels=False) > 1:
        return None
    lengths = diags_array(1 / np.sqrt(np.asarray(weights.sum(axis=1)).ravel()))
    smoothed = lengths @ weights @ lengths
    try:
        with threadpool_limits(1, user_api="blas"):  # lest the modes depend on how many there are
            values, vectors = eigsh(
                smoothed,
                n_components + 1,
                which="LA",
                v0=np.random.default_rng(0).uniform(size=n),
                ncv=n_vectors,
                tol=_TOLERANCE,
            )
    except ArpackNoConvergence:
        return None
    modes: Floats = vectors[:, np.argsort(-values)[1:]]
    largest = modes[np.abs(modes).argmax(axis=0), np.arange(n_components)]
    modes *= np.sign(largest)
    return modes
