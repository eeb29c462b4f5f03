"""t-SNE's layout from given neighbours: by openTSNE where it is installed, else scikit-learn.

van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 9, 2008; started
from principal coordinates (Kobak and Berens, Nature Communications 10, 2019).
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["n_neighbors_for", "start_from", "tsne_layout"]

_START_SPREAD = 1e-4  # standard deviation of the first column, as both libraries advise
_JITTER = 1e-2  # of that: tells repeats apart
_FFT_FROM = 10_000  # rows; below, Barnes-Hut trees are quicker
_THREADS_FROM = 2000  # rows; below, threads would wait for one another longer than they work


def n_neighbors_for(perplexity: float, n_samples: int) -> int:
    """Number of neighbours that carry the affinities of a perplexity: three times as many, and one."""
    return min(n_samples - 1, int(3 * perplexity) + 1)


def start_from(scores: NDArray[Any], n_components: int, random_state: int) -> NDArray[np.float64]:
    """Scale principal coordinates to where a layout starts, with a jitter for repeats.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, m)
        With m at most `n_components`; missing columns get the jitter only.
    n_components : int
        Dimensions of the layout.
    random_state : int
        Seed of the jitter.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_components)
    """
    rng = np.random.default_rng(random_state)
    start = np.zeros((len(scores), n_components))
    start[:, : scores.shape[1]] = scores
    spread = float(start[:, 0].std())
    start *= _START_SPREAD / spread if spread > 0 else 0
    return start + rng.normal(scale=_START_SPREAD * _JITTER, size=start.shape)


def tsne_layout(
    indices: NDArray[np.int64],
    distances: NDArray[np.float32],
    start: NDArray[np.float64],
    *,
    perplexity: float,
    random_state: int,
    threads: int,
    progress: Callable[[float], Any],
) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Lay rows out so that neighbours stay neighbours.

    openTSNE is taken where it is installed and the layout has one or two
    dimensions (in three it can crash: its issue 268).

    Parameters
    ----------
    indices : ndarray of int64, shape (n_samples, k)
        Nearest other rows, `n_neighbors_for` of them.
    distances : ndarray of float32, shape (n_samples, k)
        Their distances, ascending.
    start : ndarray of float64, shape (n_samples, n_components)
        From `start_from`.
    perplexity : float
        Effective number of neighbours, 1 to (n_samples - 1) / 3.
    random_state : int
        Seed.
    threads : int
        How many threads may be used; they do not change openTSNE's result.
    progress : callable
        Told the share of the work that is done.

    Returns
    -------
    embedding : ndarray of float32, shape (n_samples, n_components)
    facts : dict
        Which library did it, in which way.
    """
    threads = threads if len(indices) >= _THREADS_FROM else 1
    if start.shape[1] <= 2 and find_spec("openTSNE") is not None:
        return _by_opentsne(indices, distances, start, perplexity, random_state, threads, progress)
    return _by_scikit_learn(indices, distances, start, perplexity, random_state, threads)


def _by_opentsne(
    indices: NDArray[np.int64],
    distances: NDArray[np.float32],
    start: NDArray[np.float64],
    perplexity: float,
    random_state: int,
    threads: int,
    progress: Callable[[float], Any],
) -> tuple[NDArray[np.float32], dict[str, Any]]:
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    gradient = "fft" if len(indices) >= _FFT_FROM else "bh"
    total = 750
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(indices, distances), n_jobs=threads
    )
    done = 0

    def report(*_: Any) -> None:
        nonlocal done
        done += 50
        progress(min(1.0, done / total))

    model = openTSNE.TSNE(
        n_components=start.shape[1],
        negative_gradient_method=gradient,
        n_jobs=threads,
        random_state=random_state,
        callbacks=report,
        callbacks_every_iters=50,
    )
    embedding = model.fit(affinities=affinities, initialization=start)
    facts = {"library": f"openTSNE {openTSNE.__version__}", "gradient": gradient}
    return np.ascontiguousarray(embedding, dtype=np.float32), facts


def _by_scikit_learn(
    indices: NDArray[np.int64],
    distances: NDArray[np.float32],
    start: NDArray[np.float64],
    perplexity: float,
    random_state: int,
    threads: int,
) -> tuple[NDArray[np.float32], dict[str, Any]]:
    import sklearn
    from scipy.sparse import csr_array
    from sklearn.manifold import TSNE

    # It wants a graph of distances in which every row is its own first neighbour.
    n_samples = len(indices)
    itself = np.arange(n_samples)[:, None]
    neighbors = np.hstack([itself, indices])
    lengths = np.hstack([np.zeros_like(itself, dtype=np.float32), distances])
    ends = np.arange(n_samples + 1) * neighbors.shape[1]
    graph = csr_array((lengths.ravel(), neighbors.ravel(), ends), shape=(n_samples, n_samples))
    model = TSNE(
        n_components=start.shape[1],
        perplexity=perplexity,
        metric="precomputed",
        init=start.astype(np.float32),
        random_state=random_state,
        n_jobs=threads,
    )
    embedding = model.fit_transform(graph)
    facts = {"library": f"scikit-learn {sklearn.__version__}", "gradient": "bh"}
    return np.ascontiguousarray(embedding, dtype=np.float32), facts
