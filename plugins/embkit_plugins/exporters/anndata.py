"""Exporter anndata: the run as AnnData in an h5ad file, for scanpy and its relatives."""

import io
import json
import warnings
from typing import Any

import numpy as np

from embkit import Clustering, Context, MissingExtraError, Run
from embkit_plugins.exporters.rows import (
    MapMethod,
    encodable,
    map_coordinates,
    reduced_dataset,
    row_columns,
)

__all__ = ["AnnData"]


class AnnData:
    """Write ``run.h5ad``: rows as observations, vectors as X, maps in obsm, the tree in uns.

    ``X`` are the vectors of the source; ``obs`` has the cluster of each row
    (categorical, -1 is noise), its name, strength, text, reference label and
    metadata, and the ids as its index; ``obsm`` has the maps (``X_umap``), and as
    ``X_reduced`` what the clusterer saw after reducers. ``uns["embkit"]`` has
    the configuration as JSON, the clusterer, its metric and threshold, and as
    ``linkage`` the tree in scipy's format.

    Parameters
    ----------
    maps : list of {"umap", "tsne", "pca"}, optional
        Maps that are written; UMAP if omitted, none if empty. Two principal components are
        called ``X_pca2``, since X_pca is where others expect many.

    Notes
    -----
    Needs anndata, which the extra ``anndata`` brings. Source of the layout: the
    on-disk format of AnnData.
    """

    def __init__(self, *, maps: list[MapMethod] | None = None) -> None:
        self.maps = maps

    def export(self, run: Run, context: Context) -> dict[str, bytes]:
        """Return ``run.h5ad``.

        Raises
        ------
        MissingExtraError
            If anndata is not installed.
        DataError
            If the rows have no such map.
        """
        try:
            import h5py
            import pandas as pd
            from anndata import AnnData as Whole
            from anndata.io import write_elem
        except ImportError as error:
            raise MissingExtraError("exporter anndata", "anndata", "anndata") from error
        columns = row_columns(run)
        index = pd.Index(columns.pop("id"), name="id")
        obs = pd.DataFrame({name: _series(values, index) for name, values in columns.items()}, index)
        if "cluster" in obs:
            obs["cluster"] = pd.Categorical(obs["cluster"].astype(str), _categories(obs["cluster"]))
        found = map_coordinates(run, context, self.maps)
        obsm = {f"X_{'pca2' if name == 'pca' else name}": places for name, places in found.items()}
        reduced = reduced_dataset(run)
        if reduced is not None:
            obsm["X_reduced"] = np.array(reduced.vectors)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whole = Whole(np.array(run.dataset.vectors), obs=obs, obsm=obsm, uns={"embkit": _facts(run)})
            stream = io.BytesIO()
            with h5py.File(stream, "w") as file:
                write_elem(file, "/", whole)
        return {"run.h5ad": stream.getvalue()}


def _series(values: list[Any], index: Any) -> Any:
    """A column as pandas keeps it, with a type that has missing values where there are any."""
    import pandas as pd

    kinds = {type(value) for value in values if value is not None}
    has_missing = any(value is None for value in values)
    if kinds == {int} and has_missing:
        return pd.Series(values, index, dtype="Int64")
    if kinds == {bool} and has_missing:
        return pd.Series(values, index, dtype="boolean")
    if kinds <= {str}:
        return pd.Series(["" if value is None else value for value in values], index, dtype=object)
    return pd.Series(values, index)


def _categories(labels: Any) -> list[str]:
    return [str(label) for label in sorted(set(labels))]


def _facts(run: Run) -> dict[str, Any]:
    facts: dict[str, Any] = {"config": encodable(json.dumps(run.config.to_mapping(), default=str))}
    return facts if run.clustering is None else facts | _tree(run.clustering)


def _tree(clustering: Clustering) -> dict[str, Any]:
    facts: dict[str, Any] = {"clusterer": clustering.clusterer, "metric": clustering.metric}
    if clustering.threshold is not None:
        facts["distance_threshold"] = clustering.threshold
    if clustering.linkage is not None:
        facts["linkage"] = np.array(clustering.linkage)
    return facts
