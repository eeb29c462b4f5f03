"""What exporters say of each row: id, cluster, name, text, reference label, metadata, maps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embkit import Clustering, Context, Dataset, ParameterError, Run

__all__ = [
    "MapMethod",
    "clustered",
    "encodable",
    "map_coordinates",
    "one_typed",
    "reduced_dataset",
    "row_columns",
    "title_of",
]

MapMethod = Literal["umap", "tsne", "pca"]

_NOISE = "noise"
_MAPS: tuple[MapMethod, ...] = ("umap",)
_INT64 = np.iinfo(np.int64)


def clustered(run: Run, exporter: str) -> Clustering:
    """The clustering of a run.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if run.clustering is None:
        raise ParameterError(
            f"exporter {exporter}: the run has no clustering",
            "only the dataset was inspected",
            "give the run a clusterer",
        )
    return run.clustering


def reduced_dataset(run: Run) -> Dataset | None:
    """The dataset that the clusterer saw, if its vectors are not those of the source."""
    if run.clustering is None or run.clustering.dataset.vectors is run.dataset.vectors:
        return None
    reduced = run.clustering.dataset
    return None if np.array_equal(reduced.vectors, run.dataset.vectors) else reduced


def title_of(clustering: Clustering, cluster: int) -> str:
    """The name of a cluster, ``noise`` for -1; empty if it has no name."""
    if cluster < 0:
        return _NOISE
    return "" if clustering.names is None else encodable(clustering.names[cluster].title)


def row_columns(run: Run) -> dict[str, list[Any]]:
    """What is known of each row, as columns whose values are of one type each.

    Returns
    -------
    dict of str to list
        ``id``; ``cluster``, ``cluster_name`` and ``probability`` of a clustering;
        ``text`` and ``reference`` if the rows have them; then the metadata, under
        ``metadata_NAME`` if one of the former has that name.
    """
    dataset, clustering = run.dataset, run.clustering
    columns: dict[str, list[Any]] = {
        "id": [encodable(dataset.row_id(row)) for row in range(dataset.n_samples)]
    }
    if clustering is not None:
        labels = clustering.labels.tolist()
        titles = {label: title_of(clustering, label) for label in set(labels)}
        columns["cluster"] = labels
        if clustering.names is not None:
            columns["cluster_name"] = [titles[label] for label in labels]
        if clustering.probabilities is not None:
            columns["probability"] = clustering.probabilities.tolist()
    if dataset.texts is not None:
        columns["text"] = list(map(encodable, dataset.texts))
    if dataset.reference is not None:
        columns["reference"] = list(map(encodable, dataset.reference))
    own = {*columns, "text", "reference", "cluster_name", "probability", "cluster"}
    for name, values in dataset.metadata.items():
        free = encodable(name) if name not in own else f"metadata_{encodable(name)}"
        while free in columns:
            free += "_"
        columns[free] = one_typed(values)
    return columns


def one_typed(values: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """The values as booleans, integers, floats or strings, whichever holds them all; None is missing."""
    plain: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    plain = [value.item() if isinstance(value, np.generic) else value for value in plain]
    plain = [None if _is_missing(value) else value for value in plain]
    kinds = {type(value) for value in plain if value is not None}
    if kinds <= {bool}:
        return plain
    if kinds <= {int} and all(value is None or _INT64.min <= value <= _INT64.max for value in plain):
        return plain
    if kinds <= {int, float} and kinds:
        return [None if value is None else float(value) for value in plain]
    return [None if value is None else encodable(str(value)) for value in plain]


def encodable(text: str) -> str:
    """The text with unpaired surrogates, which no file can hold, replaced."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def map_coordinates(
    run: Run, context: Context, methods: Iterable[MapMethod] | None
) -> Mapping[str, NDArray[np.float32]]:
    """The place of each row on maps, by the artifact ``projection``.

    Parameters
    ----------
    run : Run
        Its metric decides: cosine if that is the clusterer's, else euclidean.
    context : Context
        Bound to the dataset of the run.
    methods : iterable of {"umap", "tsne", "pca"}, optional
        Which maps; UMAP if omitted.

    Returns
    -------
    dict of str to ndarray of float32, shape (n_samples, 2)
        By method.
    """
    cosine = run.clustering is not None and run.clustering.metric == "cosine"
    metric = "cosine" if cosine else "euclidean"
    found: dict[str, NDArray[np.float32]] = {}
    for method in dict.fromkeys(_MAPS if methods is None else methods):
        laid = context.artifact("projection", method=method, metric=metric, random_state=context.seed)
        found[method] = np.asarray(laid["embedding"], dtype=np.float32)
    return found


def _is_missing(value: Any) -> bool:
    return value is None or value != value or type(value).__name__ in ("NAType", "NaTType")  # noqa: PLR0124
