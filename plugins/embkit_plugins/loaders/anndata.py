"""Loader anndata: the observations of an AnnData file or folder, with their columns."""

from pathlib import Path

from embkit import DataError, Dataset
from embkit.reading import reading
from embkit_plugins.loaders.reading.annotated import annotated_dataset, is_annotated
from embkit_plugins.loaders.reading.files import folder_of, path_of
from embkit_plugins.loaders.reading.hdf5_store import opened_hdf5
from embkit_plugins.loaders.reading.store import Store
from embkit_plugins.loaders.reading.zarr_store import opened_zarr

__all__ = ["AnnData"]


class AnnData:
    """The observations of AnnData, in an h5ad file or a zarr folder.

    The vectors are the one representation in ``obsm`` that is not a map of two or
    three columns (``X_pca``, ``X_scVI``), before ``X``, which holds counts as a
    rule. The index of ``obs`` are the ids; its columns called text, label or
    cell_type are texts and reference labels, as is its only categorical column;
    the others are metadata. A sparse matrix becomes a dense one if that fits in
    memory.

    Parameters
    ----------
    key : str, optional
        The matrix to take: ``obsm/X_pca`` or ``X_pca``, ``X``, ``layers/counts``;
        needed where ``obsm`` has several representations.

    Notes
    -----
    An h5ad file needs h5py (extra ``hdf5``), a zarr folder zarr (extra ``zarr``).
    Source: the on-disk format of AnnData.
    """

    def __init__(self, *, key: str | None = None) -> None:
        self.key = key

    def load(self, source: str | None) -> Dataset:
        """Read the representation and the columns of obs.

        Parameters
        ----------
        source : str
            Path of the file or folder.

        Returns
        -------
        Dataset
            Vectors of shape (n_obs, n_features) in the array's own dtype.

        Raises
        ------
        DataError
            If it is damaged or no AnnData, or which representation is meant is unclear.
        MissingExtraError
            If h5py or zarr is not installed.
        ParameterError
            If there is no such key.
        ResourceError
            If the matrix would not fit in memory.
        """
        asked = None if self.key is None else self.key.strip("/")
        if source is not None and Path(source).is_dir():
            folder = folder_of(source, "anndata")
            with opened_zarr(folder, "anndata") as zarr_store:
                return _read(zarr_store, asked, folder)
        path = path_of(source, "anndata")
        with reading(path), opened_hdf5(path, "anndata") as store:
            if asked is not None:
                store.refuse_link(asked)
            return _read(store, asked, path)


def _read(store: Store, asked: str | None, path: Path) -> Dataset:
    if not is_annotated(store):
        other = "zarr" if path.is_dir() else "hdf5"
        raise DataError(
            f"{path}: it is not laid out as AnnData",
            "there is no obs beside obsm",
            f"use --loader {other}",
        )
    return annotated_dataset(store, asked, path, "anndata")
