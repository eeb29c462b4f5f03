"""Two thresholds of one tree: two scikit-learn fits and scipy's dendrogram against ``embkit diff``.

Whole processes, then the kernels alone: distances, tree, cuts and ledger against
the two fits. The last line is a second ``embkit diff`` with other thresholds on
the same data, which finds the tree in the cache.
"""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from _bench import embeddings
from _bench import main as table
from _processes import compare

LOW, HIGH = 0.75, 0.80
SCRIPT = """
import sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy.cluster.hierarchy import dendrogram, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering

X = np.load(sys.argv[1])
for threshold in ({low}, {high}):
    model = AgglomerativeClustering(
        None, metric="cosine", linkage="complete", distance_threshold=threshold
    )
    print(model.fit(X).n_clusters_)
figure, axes = plt.subplots(figsize=(12, 8))
dendrogram(linkage(pdist(X, "cosine"), "complete"), truncate_mode="lastp", p=40, ax=axes)
figure.savefig(sys.argv[2], dpi=150)
"""


def two_fits(n: int, d: int) -> object:
    """Two fits of scikit-learn."""
    from sklearn.cluster import AgglomerativeClustering

    X = embeddings(n, d)

    def work() -> None:
        for threshold in (LOW, HIGH):
            AgglomerativeClustering(
                None, metric="cosine", linkage="complete", distance_threshold=threshold
            ).fit(X)

    return work


def kernels(n: int, d: int) -> object:
    """Distances, tree, cuts and ledger, nothing from any cache."""
    import numpy as np

    from embkit.data.dataset import Dataset
    from embkit.plugin.registry import Registry
    from embkit.runs.context import RunContext
    from embkit_plugins.algorithms.ledger.merges import merge_ledger

    registry = Registry.discover()

    def grow(dataset: Dataset) -> None:
        context = RunContext(registry, dataset, seed=0, threads=2, memory=4 * 10**9)
        linkage = context.artifact("linkage", linkage="complete", metric="cosine")["linkage"]
        merge_ledger(dataset, linkage, start=LOW, stop=HIGH, metric="cosine")

    dataset = Dataset(embeddings(n, d))
    # Libraries are imported where they are used; scikit-learn's fits have theirs by now, too.
    grow(dataset.take(np.arange(50)))
    return partial(grow, dataset)


def processes(n: int, d: int, repeats: int) -> None:
    """Print the table of whole processes."""
    import numpy as np

    embkit = str(Path(sys.executable).with_name("embkit"))
    with tempfile.TemporaryDirectory() as folder:
        vectors, script = Path(folder) / "vectors.npy", Path(folder) / "script.py"
        np.save(vectors, embeddings(n, d))
        script.write_text(SCRIPT.format(low=LOW, high=HIGH))
        diff = [embkit, "diff", str(vectors), "--overwrite"]
        asked = ["--from", str(LOW), "--to", str(HIGH), "--out", f"{folder}/first"]
        others = ["--from", "0.7", "--to", "0.9", "--out", f"{folder}/second"]
        compare(
            {
                "scikit-learn twice, scipy's dendrogram": [
                    sys.executable,
                    str(script),
                    str(vectors),
                    f"{folder}/t.png",
                ],
                "embkit diff, nothing cached": [*diff, *asked, "--no-cache"],
                "embkit diff, other thresholds, tree cached": [*diff, *others],
            },
            repeats=repeats,
            environment={"EMBKIT_CACHE_DIR": f"{folder}/cache"},
        )


def main() -> None:
    """Print both tables."""
    defaults = {"n": 4312, "d": 1024}
    if "--child" not in sys.argv:
        parser = argparse.ArgumentParser(add_help=False)
        for name, value in {**defaults, "repeats": 3}.items():
            parser.add_argument(f"--{name}", type=int, default=value)
        given, _ = parser.parse_known_args()
        processes(given.n, given.d, given.repeats)
    table(
        {"scikit-learn, two fits": two_fits, "embkit, tree and ledger": kernels},
        defaults,
        reference="scikit-learn, two fits",
    )


if __name__ == "__main__":
    main()
