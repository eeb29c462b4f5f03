"""UMAP and t-SNE: embkit beside umap-learn, openTSNE and scikit-learn.

Three tables: whole commands in fresh processes; the layouts alone ("process" has
imports and compilation in it); and how many of the 15 nearest rows stay near.

python benchmarks/projection.py --n 4312
python benchmarks/projection.py --n 20000 --only umap-learn --only umap-embkit
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _bench import embeddings, main
from _context import context_of
from _processes import compare

PLAIN = "import numpy, umap; umap.UMAP(metric='cosine').fit(numpy.load({path!r}))"


def umap_learn(n: int, d: int) -> Callable[[], Any]:
    from umap import UMAP

    X = embeddings(n, d)
    return lambda: UMAP(metric="cosine").fit_transform(X)


def umap_learn_seeded_warm(n: int, d: int) -> Callable[[], Any]:
    from umap import UMAP

    X = embeddings(n, d)
    model = UMAP(metric="cosine", random_state=0, n_jobs=1)
    model.fit_transform(X)
    return lambda: model.fit_transform(X)


def umap_embkit(n: int, d: int) -> Callable[[], Any]:
    return _embkit(n, d, method="umap")


def umap_embkit_by_umap_learn(n: int, d: int) -> Callable[[], Any]:
    return _embkit(n, d, method="umap", layout="umap-learn")


def tsne_opentsne(n: int, d: int) -> Callable[[], Any]:
    from openTSNE import TSNE

    X = embeddings(n, d)
    return lambda: np.asarray(TSNE(metric="cosine", random_state=0, n_jobs=-1).fit(X))


def tsne_scikit_learn(n: int, d: int) -> Callable[[], Any]:
    from sklearn.manifold import TSNE

    X = embeddings(n, d)
    return lambda: TSNE(metric="cosine", random_state=0, n_jobs=-1).fit_transform(X)


def tsne_embkit(n: int, d: int) -> Callable[[], Any]:
    return _embkit(n, d, method="tsne")


def tsne_opentsne_given(n: int, d: int) -> Callable[[], Any]:
    """The neighbours and the start of embkit, untimed."""
    from openTSNE import TSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    from embkit_plugins.algorithms.layout.tsne import start_from

    context = context_of(embeddings(n, d))
    start = start_from(context.artifact("projection", method="pca", metric="cosine")["embedding"], 2, 0)
    found = context.artifact("neighbors", n_neighbors=91, metric="cosine")

    def work() -> Any:
        nearest = PrecomputedNeighbors(found["indices"], found["distances"])
        affinities = PerplexityBasedNN(perplexity=30, knn_index=nearest, n_jobs=-1)
        return np.asarray(
            TSNE(random_state=0, n_jobs=-1).fit(affinities=affinities, initialization=start)
        )

    return work


def tsne_embkit_given(n: int, d: int) -> Callable[[], Any]:
    """The neighbours untimed here too."""
    context = context_of(embeddings(n, d))
    context.artifact("neighbors", n_neighbors=91, metric="cosine")
    return lambda: context.artifact("projection", method="tsne", metric="cosine")["embedding"]


def _embkit(n: int, d: int, **params: Any) -> Callable[[], Any]:
    context = context_of(embeddings(n, d))
    return lambda: context.artifact("projection", metric="cosine", **params)["embedding"]


CASES = {
    "umap-learn": umap_learn,
    "umap-learn, warm": umap_learn_seeded_warm,
    "umap-embkit": umap_embkit,
    "umap-embkit, umap-learn": umap_embkit_by_umap_learn,
    "tsne-openTSNE": tsne_opentsne,
    "tsne-scikit-learn": tsne_scikit_learn,
    "tsne-embkit": tsne_embkit,
    "tsne-openTSNE given": tsne_opentsne_given,
    "tsne-embkit given": tsne_embkit_given,
}


def commands() -> None:
    """Compare `embkit run` with the shortest script that does the same by umap-learn."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/vectors.npy"
        np.save(path, embeddings(4312))
        embkit = str(Path(sys.executable).with_name("embkit"))
        run = [embkit, "run", path, "--clusterer", "kmeans:n_clusters=45", "--viz", "umap:metric=cosine"]
        compare(
            {
                "umap.UMAP(metric='cosine').fit": [sys.executable, "-c", PLAIN.format(path=path)],
                "embkit run --viz umap": [*run, "--no-cache", "--overwrite", "--out", f"{folder}/run"],
            },
            repeats=3,
        )


def faithfulness(n: int = 4312, d: int = 384) -> None:
    """Print trustworthiness and the share of the 15 nearest rows that are kept."""
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    def nearest(points: Any, metric: str) -> Any:
        return NearestNeighbors(n_neighbors=15, metric=metric).fit(points).kneighbors()[1]

    X = embeddings(n, d)
    wanted = nearest(X, "cosine")
    print(f"{'case':28}{'trustworthiness':>17}{'neighbours kept':>17}")
    for name, case in CASES.items():
        points = case(n, d)()
        trust = trustworthiness(X, points, n_neighbors=15, metric="cosine")
        kept = [
            len(np.intersect1d(*pair)) / 15
            for pair in zip(wanted, nearest(points, "euclidean"), strict=True)
        ]
        print(f"{name:28}{trust:17.4f}{np.mean(kept):17.4f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        commands()
    main(CASES, {"n": 4312, "d": 384}, reference="umap-learn")
    if len(sys.argv) == 1:
        faithfulness()
