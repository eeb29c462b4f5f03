"""Sentences in a text file, embedded by a model on this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from embkit import DataError, Dataset, ParameterError


class Sentences:
    """Read a text file, one sentence a line, and embed it with a sentence-transformers model.

    Nothing is downloaded: the model is a folder, as ``SentenceTransformer.save``
    writes it. Empty lines are left out and listed as dropped.

    Parameters
    ----------
    model : str
        Folder of the model.
    batch_size : int
        Sentences a batch; fewer need less memory.
    normalize : bool
        Whether every vector is scaled to length 1.
    """

    def __init__(
        self, *, model: str, batch_size: Annotated[int, Ge(1)] = 32, normalize: bool = True
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.normalize = normalize

    def load(self, source: str | None) -> Dataset:
        """Return one row a sentence, with its text; row numbers are those of the lines.

        Raises
        ------
        DataError
            If the file is no UTF-8 text or holds no sentence.
        ParameterError
            If the model is no folder, or sentence-transformers is not installed.
        """
        path = Path(source or "")
        lines = _lines(path)
        kept = [number for number, line in enumerate(lines) if line]
        if not kept:
            raise DataError(
                f"{path}: no line has text", "a sentence a line is expected", "check the file"
            )
        sentences = [lines[number] for number in kept]
        vectors = self._encoder().encode(
            sentences,
            batch_size=self.batch_size,
            normalize_embeddings=self.normalize,
            show_progress_bar=False,
        )
        return Dataset(
            np.asarray(vectors),
            texts=sentences,
            name=path.name,
            rows=np.array(kept),
            dropped={number: "empty line" for number, line in enumerate(lines) if not line},
        )

    def _encoder(self) -> Any:
        if not Path(self.model).is_dir():
            raise ParameterError(
                f"loader sentences: model={self.model} is no folder",
                "models are read from this machine, never downloaded",
                "give the folder that SentenceTransformer(...).save(FOLDER) wrote",
            )
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise ParameterError(
                "loader sentences needs sentence_transformers",
                "it is not installed",
                "run: pip install 'embkit-example-plugin[sentences]'",
            ) from None
        return SentenceTransformer(self.model, local_files_only=True)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read as text", str(error), "give a UTF-8 text file"
        ) from error
    if "\0" in text:
        raise DataError(f"{path} is no text", "it holds zero bytes", "give a UTF-8 text file")
    return [" ".join(line.split()) for line in text.splitlines()]


def example(folder: Path) -> Mapping[str, Any]:
    """Write a few sentences, and a model that counts letters, for the conformance kit."""
    from sentence_transformers import SentenceTransformer, models

    source = folder / "example.txt"
    source.write_text("A sentence.\n\nAnother one.\nThe third, and last.\n", "utf-8")
    words = ["sentence", "another", "one", "third", "last"]
    SentenceTransformer(modules=[models.BoW(vocab=words)]).save(str(folder / "model"))
    return {"source": source, "model": str(folder / "model")}
