"""The bundled reducers: names and where they are; no library is imported here."""

from collections.abc import Iterable

from embkit import ReducerSpec, hookimpl

embkit_api = 1


@hookimpl
def embkit_register_reducers() -> Iterable[ReducerSpec]:
    """Offer the bundled reducers."""
    here = "embkit_plugins.reducers"
    yield ReducerSpec("normalize", f"{here}.normalize:Normalize", summary="Scale every row to length 1.")
    yield ReducerSpec("center", f"{here}.center:Center", summary="Subtract the mean of all rows.")
    yield ReducerSpec("pca", f"{here}.pca:PCA", summary="Keep the directions of greatest variance.")
    yield ReducerSpec("umap", f"{here}.umap:UMAP", summary="Lay out the graph of nearest neighbours.")
    yield ReducerSpec("tsne", f"{here}.tsne:TSNE", summary="Lay out near rows near one another.")
