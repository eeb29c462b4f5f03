"""Loader hdf5: one matrix of an HDF5 file, and the columns beside it."""

from embkit import Dataset
from embkit.reading import reading
from embkit_plugins.loaders.reading.annotated import annotated_dataset, is_annotated
from embkit_plugins.loaders.reading.files import path_of
from embkit_plugins.loaders.reading.hdf5_store import opened_hdf5
from embkit_plugins.loaders.reading.store import plain_dataset

__all__ = ["Hdf5"]


class Hdf5:
    """One matrix of an HDF5 file, with the ``texts``, ``labels`` and ``ids`` of its group.

    A file that is laid out as AnnData is read as the loader anndata reads it.

    Parameters
    ----------
    key : str, optional
        Path of the array that holds the embeddings, such as ``model/embeddings``;
        needed where the file has several matrices and not exactly one of them is
        called embeddings, X, vectors or train.

    Notes
    -----
    Needs h5py, which the extra ``hdf5`` brings. What lies outside the file
    (external links, external storage, virtual datasets) is never opened.
    """

    def __init__(self, *, key: str | None = None) -> None:
        self.key = key

    def load(self, source: str | None) -> Dataset:
        """Read the matrix and the columns of an HDF5 file.

        Parameters
        ----------
        source : str
            Path of the file.

        Returns
        -------
        Dataset
            Vectors of shape (n_samples, n_features) in the file's own dtype.

        Raises
        ------
        DataError
            If the file is damaged, or has no single matrix to take.
        MissingExtraError
            If h5py is not installed.
        ParameterError
            If there is no such key.
        ResourceError
            If the matrix would not fit in memory.
        """
        path = path_of(source, "hdf5")
        asked = None if self.key is None else self.key.strip("/")
        with reading(path), opened_hdf5(path, "hdf5") as store:
            if asked is not None:
                store.refuse_link(asked)
            read = annotated_dataset if is_annotated(store) else plain_dataset
            return read(store, asked, path, "hdf5")
