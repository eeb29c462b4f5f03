"""Where the rows of a dataset lie in the plane, for the maps of a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from embkit import Context
from embkit_plugins.exporters.report.methods import Method

__all__ = ["MapLayout", "lay_out"]

_NAMES = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}


@dataclass(frozen=True, eq=False)
class MapLayout:
    """Rows in the plane.

    Parameters
    ----------
    embedding : ndarray of shape (n_samples, 2)
        Where each row is.
    words : str
        Method and distance.
    """

    embedding: NDArray[Any]
    words: str


def lay_out(methods: Sequence[Method], context: Context, projection: str) -> MapLayout:
    """Lay the context's dataset out, by cosine distance where a method or a score used that.

    Raises
    ------
    EmbkitError
        If the rows have no such layout.
    """
    cosine = any(
        "cosine" in trial.words.values() or trial.trial.params.get("metric") == "cosine"
        for method in methods
        for trial in method.trials
    )
    metric = "cosine" if cosine else "euclidean"
    laid = context.artifact("projection", method=projection, metric=metric, random_state=context.seed)
    return MapLayout(laid["embedding"], f"{_NAMES[projection]}, {metric} distance")
