"""The bundled sample: support tickets with their topics, embedded by a sentence model."""

import csv
from importlib.resources import files

import numpy as np

from embkit import Dataset


class Sample:
    """710 short support tickets in 41 topics, with 384-dimensional sentence embeddings.

    The tickets were written for embkit; the vectors are those of
    all-MiniLM-L6-v2 at unit length, kept as float16. Each row has its text, its
    topic as reference label and its area in the column ``area``; forty rows
    belong to no topic and are labelled ``other``. How it was made:
    ``loaders/data/README.md``.
    """

    def load(self, source: str | None) -> Dataset:
        """Read the packaged files.

        Parameters
        ----------
        source : str, optional
            Not read.

        Returns
        -------
        Dataset
            710 rows of float16 in 384 dimensions.
        """
        del source
        data = files("embkit_plugins.loaders") / "data"
        with (data / "sample.npy").open("rb") as stream:
            vectors = np.load(stream, allow_pickle=False)
        lines = (data / "sample.tsv").read_text(encoding="utf-8").splitlines()
        rows = list(csv.DictReader(lines, delimiter="\t"))
        return Dataset(
            vectors,
            ids=[row["id"] for row in rows],
            texts=[row["text"] for row in rows],
            reference=[row["label"] for row in rows],
            metadata={"area": [row["area"] for row in rows]},
            name="sample",
        )
