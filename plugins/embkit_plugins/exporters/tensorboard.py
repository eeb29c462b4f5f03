"""Exporter tensorboard: the vectors and what is known of the rows, for the embedding projector."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Context, Run
from embkit.reading import is_number
from embkit.text import csv_safe
from embkit_plugins.exporters.rows import row_columns

__all__ = ["TensorBoard"]

_FOLDER = "tensorboard"
_CONFIG = """embeddings {
  tensor_name: "embedding"
  tensor_shape: %d
  tensor_shape: %d
  tensor_path: "vectors.tsv"
  metadata_path: "metadata.tsv"
}
"""


class TensorBoard:
    """Write the folder ``tensorboard``: vectors, metadata and the projector's configuration.

    ``tensorboard --logdir RUN/tensorboard`` shows the rows in its projector, to
    be coloured by ``cluster``. ``vectors.tsv`` and ``metadata.tsv`` are also what
    https://projector.tensorflow.org loads. Tabs and line breaks in texts become
    blanks, and texts that a spreadsheet would run as a formula are quoted.
    """

    def export(self, run: Run, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return ``vectors.tsv``, ``metadata.tsv`` and ``projector_config.pbtxt``."""
        vectors = run.dataset.vectors
        return {
            f"{_FOLDER}/vectors.tsv": _vectors(vectors),
            f"{_FOLDER}/metadata.tsv": _metadata(row_columns(run)),
            f"{_FOLDER}/projector_config.pbtxt": _CONFIG % vectors.shape,
        }


def _vectors(vectors: NDArray[Any]) -> str:
    """The shortest digits that give back the same float32, one row a line."""
    lines = io.StringIO()
    for row in vectors.astype(np.float32):
        lines.write("\t".join(map(str, row)) + "\n")
    return lines.getvalue()


def _metadata(columns: dict[str, list[Any]]) -> str:
    """A table with a header, which the projector expects as soon as there are two columns."""
    if len(columns) == 1:
        return "".join(f"{_cell(value)}\n" for value in next(iter(columns.values())))
    lines = [list(map(_cell, columns)), *(list(map(_cell, row)) for row in _rows(columns))]
    return "".join("\t".join(line) + "\n" for line in lines)


def _rows(columns: dict[str, list[Any]]) -> Sequence[Sequence[Any]]:
    return list(zip(*columns.values(), strict=True))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).split())
    return text if is_number(text) else csv_safe(text)
