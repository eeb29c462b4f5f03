"""Labels that exist already: of an earlier run, or made by another tool."""

from embkit import Clustering, Context, Dataset
from embkit.reading import read_labels
from embkit.text import shorten

__all__ = ["Recorded"]


class Recorded:
    """Take the labels from a file, so that they can be judged, drawn and compared.

    Parameters
    ----------
    labels : str
        Folder of a run, a table (CSV, TSV, JSON, Parquet) with the columns id and
        label, or a one-dimensional ``.npy`` file with the label of each row. Labels are
        integers, -1 for noise, or names.

    Raises
    ------
    DataError
        If the file cannot be read, or a row of the dataset has no label in it.
    """

    by_blocks = True

    def __init__(self, *, labels: str) -> None:
        self.labels = labels

    def cluster(self, dataset: Dataset, context: Context) -> Clustering:  # noqa: ARG002
        """Join the labels to the rows by id, or by row number where either has no ids."""
        recorded = read_labels(self.labels)
        notes = [f"labels read from {recorded.path}"]
        if recorded.names:
            shown = ", ".join(shorten(name, 30) for name in recorded.names[:8])
            more = f" and {len(recorded.names) - 8} more" if len(recorded.names) > 8 else ""
            notes.append(f"labels are names: {shown}{more}; clusters are numbered by size")
        return Clustering(dataset, recorded.of(dataset), notes=tuple(notes))
