"""k-means: Lloyd's iteration exactly, on blocks of rows."""

import warnings
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from embkit import (
    Assignment,
    Clustering,
    Context,
    Dataset,
    EmbkitWarning,
    Estimate,
    ParameterError,
    canonical_labels,
)
from embkit.text import plural
from embkit_plugins.algorithms.distances.across import across, margins
from embkit_plugins.algorithms.kmeans.lloyd import GROUP_SIZE, Fit
from embkit_plugins.algorithms.kmeans.parts import BLOCK_ROWS, Parts
from embkit_plugins.algorithms.kmeans.starts import best_of_starts
from embkit_plugins.algorithms.rows.prepare import require_directions

_RULE = (
    "the nearest centre of k-means; strength is 1 - d1 / d2, by the {metric} distances to the nearest "
    "and the second nearest centre; distance is that to the nearest"
)
_INIT_SIZE = 20_000
_INIT_ROWS_PER_CLUSTER = 20


class KMeans:
    """Divide the rows into `n_clusters` groups around their means.

    Minimises the sum of squared distances to the nearest centre by Lloyd's
    iteration, exactly: bounds spare most of the distances once the centres move
    little, float64 settles what float32 cannot tell apart, and the labels are
    those of the plain iteration from the same start, on any number of threads and
    workers. With ``metric=cosine`` rows and centres are scaled to length 1 (spherical
    k-means), and the sum is twice that of the cosine distances.

    Cost: at most n k d multiplications an iteration; 25 iterations of 50,000 rows,
    384 dimensions and k = 500 compute 0.4 of these. Memory beside the vectors: the
    start's sample twice in float64, and 16 bytes a row and 4 for each 128 clusters.
    Sources: Lloyd 1982; k-means++ by Arthur and Vassilvitskii 2007; bounds by
    Elkan 2003, Hamerly 2010 and Ding and others 2015; spherical by Dhillon and
    Modha 2001.

    Parameters
    ----------
    n_clusters : int
        Number of clusters, at most the number of rows.
    metric : {"euclidean", "cosine"}
        Distance between a row and a centre.
    init : {"k-means++", "random"}
        How the first centres are chosen among the rows.
    n_init : "auto" or int
        Number of starts of which the best is kept; auto is 1 for k-means++ and 10 for random.
    init_size : int, optional
        Rows that k-means++ chooses from, a random sample; 20,000, or 20 times
        `n_clusters` if that is more, if omitted. At least `n_clusters`.
    max_iter : int
        Most iterations of one start.
    tol : float
        Stop when the squared moves of the centres sum to at most this share of the
        mean variance of the columns.
    algorithm : {"lloyd", "elkan"}
        How many bounds are kept: one for each 128 clusters and row, or one for each
        cluster and row, which takes n k more values. The labels are the same.
    random_state : int, optional
        Seed of the starts; the run's seed if omitted.
    """

    by_blocks = True

    def __init__(
        self,
        *,
        n_clusters: Annotated[int, Ge(1)] = 8,
        metric: Literal["euclidean", "cosine"] = "euclidean",
        init: Literal["k-means++", "random"] = "k-means++",
        n_init: Literal["auto"] | Annotated[int, Ge(1), Le(1_000)] = "auto",
        init_size: Annotated[int, Ge(1)] | None = None,
        max_iter: Annotated[int, Ge(1)] = 300,
        tol: Annotated[float, Ge(0)] = 1e-4,
        algorithm: Literal["lloyd", "elkan"] = "lloyd",
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric
        self.init = init
        self.n_init = n_init
        self.init_size = init_size
        self.max_iter = max_iter
        self.tol = tol
        self.algorithm = algorithm
        self.random_state = random_state

    def check(self) -> None:
        """Refuse a sample that has fewer rows than there are clusters."""
        if self.init_size is not None and self.init_size < self.n_clusters:
            raise ParameterError(
                f"clusterer kmeans: init_size={self.init_size} for n_clusters={self.n_clusters}",
                "the first centres are different rows of that sample",
                f"give init_size of at least {self.n_clusters}",
            )

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """The sample of the start, bounds and labels, centres, and blocks in work."""
        groups = -(-self.n_clusters // self._group_size)
        sample = 24 * min(n_samples, self._init_size) * n_features
        rows = n_samples * (16 + 4 * groups)
        centres = 60 * self.n_clusters * n_features
        blocks = min(n_samples, 4 * BLOCK_ROWS) * (20 * n_features + 12 * GROUP_SIZE)
        return Estimate(
            sample + rows + centres + blocks,
            f"{self.algorithm} iterations",
            ("--clusterer minibatch-kmeans", "--sample N"),
        )

    def cluster(self, dataset: Dataset, context: Context) -> Clustering:
        """Return labels, resolved parameters and how the fit ended.

        Raises
        ------
        ParameterError
            If there are more clusters than rows.
        DataError
            If a row is zero under cosine.
        """
        if self.n_clusters > dataset.n_samples:
            raise ParameterError(
                f"clusterer kmeans: n_clusters={self.n_clusters} for {dataset.name} of "
                f"{plural(dataset.n_samples, 'row')}",
                "there cannot be more clusters than rows",
                f"give n_clusters of at most {dataset.n_samples}",
            )
        if self.metric == "cosine":
            require_directions(dataset)
        seed = context.seed if self.random_state is None else self.random_state
        fit = best_of_starts(
            dataset.vectors,
            self.n_clusters,
            spherical=self.metric == "cosine",
            init=self.init,
            n_init=self._n_init,
            init_size=self._init_size,
            max_iter=self.max_iter,
            tol=self.tol,
            group_size=self._group_size,
            parts=Parts.of(dataset.vectors, context),
            seed=seed,
            progress=context.progress,
        )
        self._warn_of_shortfalls(fit)
        labels = canonical_labels(fit.labels, dataset.n_samples, "clusterer kmeans")
        _, firsts = np.unique(labels, return_index=True)
        return Clustering(
            dataset,
            labels,
            self._resolved(dataset, seed),
            notes=self._notes(fit),
            fitted={
                "centers": fit.centres[fit.labels[firsts]],  # by label; those without rows left out
                "inertia": np.array(float(fit.inertia)),
                "n_iter": np.array(int(fit.n_iter)),
            },
        )

    def assign(self, clustering: Clustering, others: Dataset, context: Context) -> Assignment | None:  # noqa: ARG002
        """Assign other rows to the nearest centre, ties to the larger cluster."""
        centers = clustering.fitted.get("centers")
        if centers is None:
            return None
        distances = np.empty((others.n_samples, len(centers)))
        for rows, block in across(Dataset(centers), others, self.metric).blocks():
            distances[rows] = block
        labels = distances.argmin(axis=1)
        rule = _RULE.format(metric=self.metric)
        return Assignment(labels, margins(distances), distances.min(axis=1), rule)

    @property
    def _n_init(self) -> int:
        if self.n_init != "auto":
            return self.n_init
        return 1 if self.init == "k-means++" else 10

    @property
    def _init_size(self) -> int:
        return self.init_size or max(_INIT_SIZE, _INIT_ROWS_PER_CLUSTER * self.n_clusters)

    @property
    def _group_size(self) -> int:
        return 1 if self.algorithm == "elkan" else GROUP_SIZE

    def _resolved(self, dataset: Dataset, seed: int) -> dict[str, Any]:
        size = min(self._init_size, dataset.n_samples)
        return vars(self) | {"n_init": self._n_init, "init_size": size, "random_state": seed}

    def _notes(self, fit: Fit) -> tuple[str, ...]:
        shown = (
            f"within-cluster sum of squares {fit.inertia:.6g}"
            if self.metric == "euclidean"
            else f"sum of cosine distances to the centres {fit.inertia / 2:.6g}"
        )
        note = f"{shown} after {plural(fit.n_iter, 'iteration')}"
        if self.init == "random" or self._init_size >= len(fit.labels):
            return (note,)
        return (note, f"first centres by k-means++ on a random sample of {self._init_size} rows")

    def _warn_of_shortfalls(self, fit: Fit) -> None:
        if fit.n_clusters < self.n_clusters:
            warnings.warn(
                f"clusterer kmeans found {fit.n_clusters} clusters, not n_clusters={self.n_clusters}: "
                "there are no more distinct rows",
                EmbkitWarning,
                stacklevel=3,
            )
        if not fit.converged:
            warnings.warn(
                f"clusterer kmeans stopped at max_iter={self.max_iter} before it converged",
                EmbkitWarning,
                stacklevel=3,
            )
