"""k-means: scikit-learn's, with its threads set and its refusals in embkit's words."""

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
    Floats,
    IntArray,
    ParameterError,
    canonical_labels,
)
from embkit_plugins.algorithms.distances.across import across, margins

_RULE = (
    "the nearest mean of k-means; strength is 1 - d1 / d2, by the euclidean distances to the nearest "
    "and the second nearest mean; distance is that to the nearest"
)


class KMeans:
    """Divide the rows into `n_clusters` groups around their means.

    Minimises the sum of squared euclidean distances to the nearest mean. For
    groups by cosine, put the reducer ``normalize`` before it: between rows of
    length 1 the squared euclidean distance is twice the cosine distance.

    Cost: O(n k d) an iteration; one copy of the vectors.
    Source: scikit-learn's `KMeans` (Lloyd 1982; Elkan 2003; k-means++ by Arthur
    and Vassilvitskii 2007).

    Parameters
    ----------
    n_clusters : int
        Number of clusters, at most the number of rows.
    init : {"k-means++", "random"}
        How the first centres are chosen among the rows.
    n_init : "auto" or int
        Number of starts of which the best is kept; auto is 1 for k-means++ and 10 for random.
    max_iter : int
        Most iterations of one start.
    tol : float
        Stop when the centres move less than this share of the mean variance of the columns.
    algorithm : {"lloyd", "elkan"}
        The iteration; elkan saves distances by the triangle inequality and needs n k more values.
    random_state : int, optional
        Seed of the starts; the run's seed if omitted.
    """

    def __init__(
        self,
        *,
        n_clusters: Annotated[int, Ge(1)] = 8,
        init: Literal["k-means++", "random"] = "k-means++",
        n_init: Literal["auto"] | Annotated[int, Ge(1), Le(1_000)] = "auto",
        max_iter: Annotated[int, Ge(1)] = 300,
        tol: Annotated[float, Ge(0)] = 1e-4,
        algorithm: Literal["lloyd", "elkan"] = "lloyd",
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.algorithm = algorithm
        self.random_state = random_state

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:  # noqa: ARG002
        """One copy of the vectors, and the bounds Elkan's iteration keeps."""
        bounds = n_samples * self.n_clusters if self.algorithm == "elkan" else 0
        return Estimate(
            4 * (n_samples * (n_features + 4) + bounds),
            f"{self.algorithm} iterations",
            ("--clusterer minibatch-kmeans", "--sample N"),
        )

    def cluster(self, dataset: Dataset, context: Context) -> Clustering:
        """Return labels, resolved parameters and how the fit ended.

        Raises
        ------
        ParameterError
            If there are more clusters than rows.
        """
        if self.n_clusters > dataset.n_samples:
            raise ParameterError(
                f"clusterer kmeans: n_clusters={self.n_clusters} for {dataset.name} of "
                f"{dataset.n_samples} rows",
                "there cannot be more clusters than rows",
                f"give n_clusters of at most {dataset.n_samples}",
            )
        parameters = vars(self) | {"random_state": self._seed(context)}
        model = _fit(dataset, parameters)
        _warn_of_shortfalls(model)
        auto = 1 if self.init == "k-means++" else 10
        resolved = parameters | {"n_init": auto if self.n_init == "auto" else self.n_init}
        note = f"within-cluster sum of squares {model.inertia_:.6g} after {model.n_iter_} iterations"
        labels = canonical_labels(model.labels_, dataset.n_samples, "clusterer kmeans")
        return Clustering(
            dataset,
            labels,
            resolved | {"metric": "euclidean"},
            notes=(note,),
            fitted={"centers": _in_order(model.cluster_centers_, model.labels_, labels)},
        )

    def assign(self, clustering: Clustering, others: Dataset, context: Context) -> Assignment | None:  # noqa: ARG002
        """Assign other rows to the nearest mean, ties to the larger cluster."""
        centers = clustering.fitted.get("centers")
        if centers is None:
            return None
        distances = np.empty((others.n_samples, len(centers)))
        for rows, block in across(Dataset(centers), others, "euclidean").blocks():
            distances[rows] = block
        labels = distances.argmin(axis=1)
        return Assignment(labels, margins(distances), distances.min(axis=1), _RULE)

    def _seed(self, context: Context) -> int:
        return context.seed if self.random_state is None else self.random_state


def _in_order(centers: Floats, raw: IntArray, labels: IntArray) -> Floats:
    """The means in the order of the labels, those of empty clusters left out."""
    _, firsts = np.unique(labels, return_index=True)
    ordered: Floats = centers[raw[firsts]]
    return ordered


def _fit(dataset: Dataset, parameters: dict[str, Any]) -> Any:
    from sklearn.cluster import KMeans as Estimator
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # Its OpenMP loop calls BLAS on small blocks; BLAS threads of their own would only
    # wait for one another there (scikit-learn issues 17334, 20642).
    with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
        # What it warns of is told from the result, see _warn_of_shortfalls.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Estimator(**parameters).fit(dataset.vectors)


def _warn_of_shortfalls(model: Any) -> None:
    found = len(np.unique(model.labels_))
    if found < model.n_clusters:
        warnings.warn(
            f"clusterer kmeans found {found} clusters, not n_clusters={model.n_clusters}: "
            "there are no more distinct rows",
            EmbkitWarning,
            stacklevel=3,
        )
    if model.n_iter_ >= model.max_iter:
        warnings.warn(
            f"clusterer kmeans stopped at max_iter={model.max_iter} before it converged",
            EmbkitWarning,
            stacklevel=3,
        )
