"""Studies timed: beside a script that does the same, and many thresholds beside one.

First, whole processes in turn: ``examples/cluster-or-continuum.toml`` with its
report against a plain script with scikit-learn that fits, scores and draws the
same forty-five times (its own t-SNE for each dataset only, as anybody would).
The script gives no verdict on the datasets and writes no report, so the study is
timed without the verdict too.
Then a study of twelve thresholds of one linkage against a study of one, each on
an empty cache.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from _bench import embeddings
from _processes import compare

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "cluster-or-continuum.toml"
SCRIPT = """
import sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score

rng = np.random.default_rng(0)
centers = rng.random((10, 32))
noise = rng.standard_normal((1000, 32))
datasets = {"uniform": rng.random((1000, 32))}
for std in (0.01, 0.3, 0.4, 0.5):
    datasets[f"blobs std={std}"] = centers[np.arange(1000) % 10] + std * noise
for name, X in datasets.items():
    layout = TSNE(random_state=0).fit_transform(X)
    for seed in range(3):
        for k in (2, 10, 20):
            labels = KMeans(k, random_state=seed).fit_predict(X)
            print(name, seed, k, silhouette_score(X, labels))
            figure, axes = plt.subplots(figsize=(8, 6))
            axes.scatter(*layout.T, c=labels, s=8, cmap="tab20")
            axes.set_title(f"{name}, k={k}, seed {seed}")
            figure.savefig(f"{sys.argv[1]}/{name}-{k}-{seed}.png", dpi=150)
            plt.close(figure)
"""
STUDY = """
[[datasets]]
source = "{source}"
[[clusterers]]
name = "agglomerative"
metric = "cosine"
linkage = "average"
distance_threshold = {{ grid = {thresholds} }}
[[validators]]
name = "sizes"
"""
THRESHOLDS = [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85]


def beside_a_script(folder: Path, repeats: int) -> None:
    """Print the study of the example beside the script."""
    script = folder / "script.py"
    script.write_text(SCRIPT)
    (folder / "pictures").mkdir()
    plain = folder / "without-verdict.toml"
    blocks = EXAMPLE.read_text("utf-8").split("\n\n")
    plain.write_text("\n\n".join(block for block in blocks if 'name = "structure"' not in block))
    # A fresh folder and an empty cache each time: a shell does what a user would.
    clean = f"rm -rf {folder}/out {folder}/cache; {_embkit()} study"
    compare(
        {
            "script with scikit-learn": [sys.executable, str(script), f"{folder}/pictures"],
            "embkit study": ["sh", "-c", f"{clean} {plain} --out {folder}/out"],
            "embkit study with verdicts": ["sh", "-c", f"{clean} {EXAMPLE} --out {folder}/out"],
        },
        repeats=repeats,
        environment={"EMBKIT_CACHE_DIR": f"{folder}/cache"},
    )


def twelve_thresholds(folder: Path, n: int, d: int, repeats: int) -> None:
    """Print a study of twelve thresholds beside one of one."""
    import numpy as np

    np.save(folder / "vectors.npy", embeddings(n, d))
    commands = {}
    for count in (1, 12):
        study = folder / f"thresholds-{count}.toml"
        study.write_text(STUDY.format(source=folder / "vectors.npy", thresholds=THRESHOLDS[-count:]))
        clean = f"rm -rf {folder}/out-{count} {folder}/cache"
        run = f"{_embkit()} study {study} --out {folder}/out-{count}"
        commands[f"{count} thresholds of {n} x {d}"] = ["sh", "-c", f"{clean}; {run}"]
    compare(commands, repeats=repeats, environment={"EMBKIT_CACHE_DIR": f"{folder}/cache"})


def _embkit() -> str:
    return str(Path(sys.executable).with_name("embkit"))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    for name, value in {"n": 4312, "d": 384, "repeats": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="embkit-bench-"))
    try:
        beside_a_script(folder, given.repeats)
        twelve_thresholds(folder, given.n, given.d, given.repeats)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
