from dataclasses import replace

import numpy as np
import pytest

import embkit
from embkit.data.dataset import Dataset
from narrowing import present

AWKWARD = ['=1+1"', "-2, b", "@c\td", "e\r\nf", "ü 東京", "$g_1$ 50% & {h} \\i ~ ^ #", "<b>", "", " j "]


@pytest.fixture
def awkward_run(blobs: Dataset) -> embkit.Run:
    """Three clusters with awkward ids, texts and metadata, and a tree."""
    texts = [f"{AWKWARD[row % len(AWKWARD)]} {row}" if row else "" for row in range(90)]
    dataset = replace(
        blobs,
        ids=[f"{AWKWARD[row % 3]}{row}" for row in range(90)],
        texts=texts,
        metadata={
            "year": [2000 + row for row in range(90)],
            "score": [None if row == 3 else row / 3 for row in range(90)],
            "cluster": [f"mine {row}" for row in range(90)],
            "seen": [row % 2 == 0 for row in range(90)],
            "mixed": [row if row % 2 else f"={row}" for row in range(90)],
            "nothing": [None] * 90,
        },
    )
    return embkit.run(dataset, "agglomerative:n_clusters=3", seed=0, cache=False)


@pytest.fixture
def awkward_noise(awkward_run: embkit.Run) -> embkit.Run:
    """The same with noise, strengths and names of its own."""
    clustering = present(awkward_run.clustering)
    labels = np.where(np.arange(90) % 10 == 0, -1, clustering.labels)
    names = embkit.Names(tuple(embkit.Name(title) for title in ('=HYPERLINK("x")', "b, c", "ü")))
    changed = replace(clustering, labels=labels, names=names, probabilities=np.linspace(0, 1, 90))
    return replace(awkward_run, clustering=changed)
