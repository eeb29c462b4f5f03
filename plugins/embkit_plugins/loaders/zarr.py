"""Loader zarr: one matrix of a zarr folder, and the columns beside it."""

from embkit import Dataset
from embkit_plugins.loaders.reading.annotated import annotated_dataset, is_annotated
from embkit_plugins.loaders.reading.files import folder_of
from embkit_plugins.loaders.reading.store import plain_dataset
from embkit_plugins.loaders.reading.zarr_store import opened_zarr

__all__ = ["Zarr"]


class Zarr:
    """One matrix of a zarr folder, with the ``texts``, ``labels`` and ``ids`` of its group.

    A folder that is laid out as AnnData is read as the loader anndata reads it.

    Parameters
    ----------
    key : str, optional
        Path of the array that holds the embeddings, such as ``model/embeddings``;
        needed where the folder has several matrices and not exactly one of them is
        called embeddings, X, vectors or train.

    Notes
    -----
    Needs zarr, which the extra ``zarr`` brings. Folders that name a codec which
    unpickles are refused.
    """

    def __init__(self, *, key: str | None = None) -> None:
        self.key = key

    def load(self, source: str | None) -> Dataset:
        """Read the matrix and the columns of a zarr folder.

        Parameters
        ----------
        source : str
            Path of the folder.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the array's own dtype.

        Raises
        ------
        DataError
            If the folder is damaged, or has no single matrix to take.
        MissingExtraError
            If zarr is not installed.
        ParameterError
            If there is no such key.
        ResourceError
            If the matrix would not fit in memory.
        """
        path = folder_of(source, "zarr")
        asked = None if self.key is None else self.key.strip("/")
        with opened_zarr(path, "zarr") as store:
            read = annotated_dataset if is_annotated(store) else plain_dataset
            return read(store, asked, path, "zarr")
