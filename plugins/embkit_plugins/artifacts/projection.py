"""The rows in few dimensions: principal components, UMAP or t-SNE, on shared neighbours."""

from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from embkit import Artifact, Context, DataError, Dataset, Estimate, FloatArray, IntArray, ParameterError
from embkit_plugins.algorithms.rows.covariance import components_by_blocks
from embkit_plugins.algorithms.rows.prepare import rows_of_metric, sampled_rows
from embkit_plugins.algorithms.rows.principal import Principal, principal_components, require_spread
from embkit_plugins.algorithms.rows.units import view_of_metric
from embkit_plugins.artifacts.neighbors import SHARED, Nearest, Neighbors, nearest_neighbors

_Floats = NDArray[np.float32]

AT_ONCE = 100_000
"""Rows up to which UMAP starts them all from the principal components."""
FIRST_ROWS = 50_000
"""Rows that are laid out first where there are more."""
_BLOCKS = 1 << 28
"""Bytes of the blocks in work."""
_PERPLEXITY = 30.0
_FEWEST_ROWS = {"pca": 2, "umap": 2, "tsne": 4}
_NAMES = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}


class Projection:
    """Project the rows on few dimensions, for a picture or as a reducer.

    Under cosine the rows are scaled to length 1 first, under correlation less their own
    means. ``umap`` and ``tsne`` use the neighbours of the artifact ``neighbors``. ``tsne`` starts
    from the principal components; ``umap`` from the slowest modes of its graph, so that a rolled
    sheet is not torn, or from the principal components if the graph is in parts. The same seed
    gives the same bytes on one machine; the layouts of umap and of openTSNE do not change with
    the number of threads.

    Of more than 100,000 rows, ``umap`` by its layout ``batch`` lays out 50,000 drawn at random
    first, puts the others at the mean of their neighbours among them, and moves all for 100
    epochs instead of 200. On 200,000 rows that takes half the time and keeps more neighbours.

    Cost beside the neighbours, (4312, 384), one core: pca 0.05 s, umap 0.7 s,
    tsne 14 s by openTSNE; umap of 200,000 rows 25 s, half of it for the sample.
    Sources: McInnes, Healy and Melville 2018 (UMAP), van der Maaten and Hinton
    2008 (t-SNE), Kobak and Berens 2019 (start from principal components), Belkin and Niyogi
    2003 (modes).

    Parameters
    ----------
    method : {"pca", "umap", "tsne"}
        How to project.
    n_components : int
        Dimensions to project on; tsne has at most 3.
    metric : {"cosine", "correlation", "euclidean"}
        Distance between rows that umap and tsne keep; pca takes the rows as they are scaled.
    n_neighbors : int
        For umap: neighbours that make a neighbourhood, the row itself counted; no more than the rows.
    min_dist : float
        For umap: distance in the layout up to which rows count as together.
    perplexity : float, optional
        For tsne: effective number of neighbours; 30, or less for under 91 rows, if omitted.
    layout : {"batch", "umap-learn"}
        For umap: embkit's array operations, or umap-learn's compiled loop.
    neighbors : {"exact", "leaves", "nn-descent"}
        How neighbours are found; leaves and nn-descent are approximate.
    recall : float
        For leaves: share of the exact neighbours to find at least.
    random_state : int
        Seed.
    """

    def __init__(
        self,
        *,
        method: Literal["pca", "umap", "tsne"] = "umap",
        n_components: Annotated[int, Ge(1), Le(1000)] = 2,
        metric: Literal["cosine", "correlation", "euclidean"] = "euclidean",
        n_neighbors: Annotated[int, Ge(2)] = 15,
        min_dist: Annotated[float, Ge(0), Le(1)] = 0.1,
        perplexity: Annotated[float, Ge(1), Le(1e6)] | None = None,
        layout: Literal["batch", "umap-learn"] = "batch",
        neighbors: Literal["exact", "leaves", "nn-descent"] = "exact",
        recall: Annotated[float, Gt(0), Lt(1)] = 0.95,
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] = 0,
    ) -> None:
        self.method = method
        self.n_components = n_components
        self.metric = metric
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.perplexity = perplexity
        self.layout = layout
        self.neighbors = neighbors
        self.recall = recall
        self.random_state = random_state

    def check(self) -> None:
        """Refuse a number of dimensions that t-SNE's trees do not have."""
        if self.method == "tsne" and self.n_components > 3:
            raise ParameterError(
                f"t-SNE: n_components={self.n_components}",
                "its trees divide two or three dimensions",
                "give n_components of at most 3, or use umap",
            )

    @property
    def by_blocks(self) -> bool:
        """Whether vectors may stay in their files: where neighbours, if any, are found in leaves."""
        return self.method == "pca" or self.neighbors == "leaves"

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """Count copies of the rows for the start and the graph, or the search for neighbours."""
        copies = {"euclidean": 2, "cosine": 3, "correlation": 4}[self.metric] + self.by_blocks
        matrix = 4 * n_samples * n_features
        rows = matrix * copies
        if _are_many(n_samples, n_features):  # but for its deviations no copy
            rows = _BLOCKS + matrix * (self.metric == "correlation")
        per_row = {"pca": 1, "umap": self.n_neighbors, "tsne": 3 * (self.perplexity or _PERPLEXITY)}
        edges = int(n_samples * per_row[self.method] * (64 + 8 * self.n_components))
        peak = rows + edges
        if self.method != "pca":
            search = Neighbors(
                n_neighbors=max(SHARED, int(per_row[self.method])),
                metric=self.metric,
                method=self.neighbors,
            )
            held = min(rows, matrix * ((self.metric != "euclidean") + self.by_blocks))
            peak = max(peak, held + search.memory(n_samples, n_features, budget).peak)
        return Estimate(peak, _NAMES[self.method], ("--sample N",))

    def compute(self, dataset: Dataset, context: Context) -> Artifact:
        """Return ``embedding``, float32 (n_samples, n_components), and what was done.

        Raises
        ------
        DataError
            If there are too few rows or all are equal, or if a row is zero under cosine or
            constant under correlation.
        ParameterError
            If perplexity or n_components is too large for the data.
        """
        name = _NAMES[self.method]
        fewest = _FEWEST_ROWS[self.method]
        if dataset.n_samples < fewest:
            raise DataError(
                f"{dataset.name}: {dataset.n_samples} rows"
                if dataset.n_samples > 1
                else f"{dataset.name}: 1 row",
                f"{name} needs at least {fewest}",
                "give more rows, or leave the step out",
            )
        if _are_many(*dataset.vectors.shape):
            rows = view_of_metric(dataset, self.metric)
        else:
            rows = rows_of_metric(dataset.in_memory, self.metric)
        require_spread(rows, dataset.name, name)
        compute = {"pca": self._pca, "umap": self._umap, "tsne": self._tsne}[self.method]
        embedding, facts = compute(rows, dataset, context)
        if not np.isfinite(embedding).all():
            raise DataError(
                f"{dataset.name}: the {name} layout is not finite",
                "the rows differ too little, or by too many orders of magnitude",
                "scale the rows, for instance with --reducer normalize",
            )
        return Artifact({"embedding": embedding}, {"method": self.method, **facts})

    def _pca(
        self, rows: FloatArray, _dataset: Dataset, _context: Context
    ) -> tuple[_Floats, dict[str, Any]]:
        most = min(rows.shape)
        if self.n_components > most:
            raise ParameterError(
                f"PCA: n_components={self.n_components} for {rows.shape[0]} rows "
                f"and {rows.shape[1]} dimensions",
                "there are no more directions than the smaller of the two",
                f"give n_components of at most {most}",
            )
        found = self._principal(rows, self.n_components)
        shares = [round(float(share), 4) for share in found.shares]
        return found.scores.astype(np.float32), {"variance": shares}

    def _umap(
        self, rows: FloatArray, dataset: Dataset, context: Context
    ) -> tuple[_Floats, dict[str, Any]]:
        from embkit_plugins.algorithms.layout import fuzzy_graph, umap_learn
        from embkit_plugins.algorithms.layout import umap as umap_layout
        from embkit_plugins.algorithms.layout.sampled import layout_from_sample
        from embkit_plugins.algorithms.layout.spectrum import start_of_modes

        n_neighbors = min(self.n_neighbors, len(rows))
        nearest, found = self._nearest(context, len(rows), n_neighbors - 1)
        graph = fuzzy_graph.fuzzy_graph(nearest.indices, nearest.distances)
        sample = self._sample(len(rows))
        everywhere = len(sample) == len(rows)
        start = start_of_modes(graph, self.n_components, self.random_state) if everywhere else None
        if start is None:
            start = umap_layout.start_from(self._scores(rows), self.n_components, self.random_state)
        facts = {"layout": self.layout, "n_neighbors": n_neighbors, **found}
        if self.layout == "umap-learn":
            embedding = umap_learn.umap_learn_layout(
                nearest.indices,
                nearest.distances,
                start,
                min_dist=self.min_dist,
                random_state=self.random_state,
            )
            return embedding, facts
        a, b = umap_layout.curve_for(self.min_dist)
        shape: dict[str, Any] = {"a": a, "b": b, "random_state": self.random_state}
        facts["edges"] = len(graph.weights)
        if everywhere:
            report = partial(context.progress, note="layout")
            return umap_layout.layout(graph, start, **shape, progress=report), facts
        places = self._sample_layout(dataset, sample, start[sample], shape, context)
        report = partial(context.progress, note="layout of all rows")
        embedding = layout_from_sample(graph, start, sample, places, **shape, progress=report)
        return embedding, facts | {"rows_laid_out_first": len(sample)}

    def _sample(self, n_samples: int) -> IntArray:
        """The rows that are laid out first: all, or some where there are very many."""
        most = n_samples if n_samples <= AT_ONCE else FIRST_ROWS
        return sampled_rows(n_samples, most, np.random.default_rng(self.random_state))

    def _sample_layout(
        self,
        dataset: Dataset,
        sample: IntArray,
        start: _Floats,
        shape: dict[str, Any],
        context: Context,
    ) -> _Floats:
        """The layout of some rows by the neighbours among them."""
        from embkit_plugins.algorithms.layout import fuzzy_graph
        from embkit_plugins.algorithms.layout import umap as umap_layout
        from embkit_plugins.algorithms.layout.spectrum import start_of_modes

        n_neighbors = min(self.n_neighbors, len(sample))
        among = context.on(Dataset(dataset.vectors[sample], name=dataset.name, rows=sample))
        nearest, _ = self._nearest(among, len(sample), n_neighbors - 1)
        graph = fuzzy_graph.fuzzy_graph(nearest.indices, nearest.distances)
        report = partial(context.progress, note=f"layout of {len(sample):,} rows")
        modes = start_of_modes(graph, self.n_components, self.random_state)
        return umap_layout.layout(graph, start if modes is None else modes, **shape, progress=report)

    def _tsne(
        self, rows: FloatArray, _dataset: Dataset, context: Context
    ) -> tuple[_Floats, dict[str, Any]]:
        from embkit_plugins.algorithms.layout import tsne as tsne_layout

        largest = (len(rows) - 1) / 3
        perplexity = min(_PERPLEXITY, largest) if self.perplexity is None else self.perplexity
        if perplexity > largest:
            raise ParameterError(
                f"t-SNE: perplexity={perplexity:g} for {len(rows)} rows",
                "three times as many neighbours are needed as the perplexity says",
                f"give perplexity of at most {np.floor(10 * largest) / 10:g}",
            )
        n_neighbors = tsne_layout.n_neighbors_for(perplexity, len(rows))
        nearest, found = self._nearest(context, len(rows), n_neighbors)
        embedding, facts = tsne_layout.tsne_layout(
            nearest.indices,
            nearest.distances,
            tsne_layout.start_from(self._scores(rows), self.n_components, self.random_state),
            perplexity=perplexity,
            random_state=self.random_state,
            threads=context.threads,
            progress=context.progress,
        )
        return embedding, {"perplexity": perplexity, "n_neighbors": n_neighbors, **found, **facts}

    def _nearest(
        self, context: Context, n_samples: int, n_neighbors: int
    ) -> tuple[Nearest, dict[str, Any]]:
        nearest = nearest_neighbors(
            context, n_samples, n_neighbors, self.metric, self.neighbors, self.recall
        )
        return nearest, {} if nearest.recall is None else {"recall": nearest.recall}

    def _scores(self, rows: FloatArray) -> FloatArray:
        return self._principal(rows, min(self.n_components, *rows.shape)).scores

    def _principal(self, rows: FloatArray, n_components: int) -> Principal:
        from threadpoolctl import threadpool_limits

        if not _are_many(*rows.shape):
            return principal_components(rows, n_components, seed=self.random_state)
        with threadpool_limits(1, user_api="blas"):
            return components_by_blocks(rows, n_components)


def _are_many(n_samples: int, n_features: int) -> bool:
    return n_samples > max(AT_ONCE, n_features)


def recall_note(projection: Artifact) -> str:
    """What a layout on approximate neighbours says of them, to end a sentence with."""
    recall = projection.facts.get("recall")
    return "" if recall is None else f", found in leaves with a recall of {recall:.3f}"
