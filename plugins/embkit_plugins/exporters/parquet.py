"""Exporter parquet: the rows with vectors, clusters, names, texts and maps, as one table."""

import io
from typing import Any

from embkit import Context, MissingExtraError, Run
from embkit_plugins.exporters.rows import MapMethod, map_coordinates, row_columns

__all__ = ["Parquet"]


class Parquet:
    """Write ``rows.parquet``: one line a row, for data frames and for embedding-atlas.

    The columns are ``id``, ``cluster`` (-1 is noise), ``cluster_name``,
    ``probability``, ``text`` and ``reference`` as far as the run has them, the
    metadata, the place of each row on the maps (``projection_x`` and
    ``projection_y`` of the first, ``NAME_x`` and ``NAME_y`` of the others), and
    the vectors of the source as ``embedding``, lists of fixed length.

    ``embedding-atlas rows.parquet --text text --x projection_x --y projection_y``
    opens it without computing a map of its own.

    Parameters
    ----------
    maps : list of {"umap", "tsne", "pca"}, optional
        Maps whose coordinates are written, in this order; UMAP if omitted, none if empty.
    vectors : bool
        Whether to write the vectors.

    Notes
    -----
    Needs pyarrow, which the extra ``parquet`` brings.
    """

    def __init__(self, *, maps: list[MapMethod] | None = None, vectors: bool = True) -> None:
        self.maps = maps
        self.vectors = vectors

    def export(self, run: Run, context: Context) -> dict[str, bytes]:
        """Return ``rows.parquet``.

        Raises
        ------
        MissingExtraError
            If pyarrow is not installed.
        DataError
            If the rows have no such map.
        """
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:
            raise MissingExtraError("exporter parquet", "pyarrow", "parquet") from error
        columns: dict[str, Any] = {name: pa.array(values) for name, values in row_columns(run).items()}
        for number, (method, places) in enumerate(map_coordinates(run, context, self.maps).items()):
            stem = method if number else "projection"
            columns[f"{stem}_x"], columns[f"{stem}_y"] = (pa.array(axis) for axis in places.T.copy())
        if self.vectors:
            vectors = run.dataset.vectors
            values = pa.array(vectors.reshape(-1))
            columns["embedding"] = pa.FixedSizeListArray.from_arrays(values, vectors.shape[1])
        stream = io.BytesIO()
        parquet.write_table(pa.table(columns), stream)
        return {"rows.parquet": stream.getvalue()}
