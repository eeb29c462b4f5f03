"""Significance: whether a clustering is better than the same search finds without clusters."""

from typing import Annotated, Any, get_args

import numpy as np
from annotated_types import Ge, Le

from embkit import Clustering, Context, DataError, Dataset, Floats, ParameterError, Table, Validation
from embkit_plugins.algorithms.nulls.fitted import FittedNull, Null
from embkit_plugins.algorithms.rows.prepare import rows_of_metric
from embkit_plugins.algorithms.silhouettes.labelings import Metric
from embkit_plugins.algorithms.valleys.splits import Support, split_supports
from embkit_plugins.artifacts.silhouettes import silhouettes_of
from embkit_plugins.scoring.clustered import coverage_notes, undefined_reason

__all__ = ["Significance"]


class Significance:
    """Compare the silhouette with what the same clusterer reaches on data without clusters.

    The null data have the rows' mean and spectrum (or their shuffled principal
    components) and no clusters, and are clustered with the same parameters, so
    that the search is paid for on both sides (as in SigClust: Liu, Hayes, Nobel
    and Marron, JASA 103, 2008; Huang et al., JCGS 24, 2015). ``p_value`` is the
    rank of the silhouette among theirs: it cannot be below 1 / (n_null + 1), and
    ``excess`` says by how many standard deviations it stands above. A null draw
    that is not divided at all, or is all noise, did not reach it. Being better
    than this null is not yet being clusters, for a curved or heavy-tailed
    continuum is that too: see validator ``structure``.

    Where there is a tree, the table ``splits`` has the merges next to the cut, the
    lowest above it (``joins`` two clusters) and the highest below it (``within`` a
    cluster), each with its support: whether the density falls between the two
    sides, at the place where the other points say that they meet. The p-value is
    for one split, not corrected for their number, and approximate: the points
    that are counted had no part in placing the windows, but they had one in the
    tree. A split with a side of fewer than ten rows has none.

    Scores: ``silhouette``, ``null_mean``, ``null_high`` (95 % quantile),
    ``excess``, ``p_value``; with a tree ``n_joins_supported`` of ``n_joins`` with
    p at most 0.05. Tables: ``null_silhouettes`` and ``splits``.

    Cost: `n_null` times the clusterer and its silhouette, and O(n d) a split.

    Parameters
    ----------
    n_null : int
        How many null data sets to draw and cluster.
    null : {"gaussian", "permuted", "uniform"}
        Normal with the data's spectrum, principal components shuffled, or a uniform box.
    n_splits : int
        How many merges to look at above the cut, and as many below; 0 for none.
    """

    def __init__(
        self,
        *,
        n_null: Annotated[int, Ge(2), Le(1_000)] = 20,
        null: Null = "gaussian",
        n_splits: Annotated[int, Ge(0), Le(1_000)] = 20,
    ) -> None:
        self.n_null = n_null
        self.null = null
        self.n_splits = n_splits

    def validate(self, clustering: Clustering, context: Context) -> Validation:
        """Return the comparison as scores, and the table ``splits`` for a tree."""
        if (reason := undefined_reason(clustering)) is not None:
            return Validation.skip(reason)
        metric: Any = clustering.metric
        if metric not in get_args(Metric) or metric in ("hamming", "precomputed"):
            return Validation.skip(f"no data can be drawn for distances by {metric!r}")
        observed = silhouettes_of(clustering, metric, context).mean
        drawn = self._null_silhouettes(clustering.dataset, metric, context)
        if observed is None or isinstance(drawn, str):
            return Validation.skip(drawn if isinstance(drawn, str) else "there is no silhouette")
        divided = np.array([value for value in drawn if value is not None])
        scores: dict[str, Any] = {"silhouette": observed, **_compared(observed, divided, len(drawn))}
        tables: dict[str, Table] = {
            "null_silhouettes": {"draw": np.arange(len(drawn)), "silhouette": drawn}
        }
        notes = [*coverage_notes(clustering), _sentence(scores)]
        if len(divided) < len(drawn):
            undivided = len(drawn) - len(divided)
            notes.append(f"{undivided} of {len(drawn)} null draws were not divided into clusters")
        if scores["p_value"] <= 1 / (1 + len(drawn)):
            notes.append(f"p_value is the least that {len(drawn)} null draws can say")
        supports = split_supports(clustering, self.n_splits, context.seed)
        if supports:
            tables["splits"] = _table(clustering, supports)
            joins = [each.p_value for each in supports if each.joins and each.p_value is not None]
            scores["n_joins"] = len(joins)
            scores["n_joins_supported"] = sum(p_value <= 0.05 for p_value in joins)
        return Validation(scores, tables, tuple(notes))

    def _null_silhouettes(
        self, dataset: Dataset, metric: Any, context: Context
    ) -> list[float | None] | str:
        vectors = rows_of_metric(dataset, metric)
        model, rng = FittedNull.fit(vectors), np.random.default_rng(context.seed)
        drawn: list[float | None] = []
        for draw in range(self.n_null):
            null = Dataset(
                np.ascontiguousarray(model.draw(self.null, rng).astype(vectors.dtype)),
                name=f"{dataset.name}, null draw {draw + 1}",
            )
            try:
                again = context.refit(null)
            except (ParameterError, DataError) as error:
                return f"data without clusters cannot be clustered in this way: {error}"
            drawn.append(_silhouette(again, metric, context.on(null)))
            context.progress((draw + 1) / self.n_null, "null draws clustered")
        return drawn


def _silhouette(clustering: Clustering, metric: Any, context: Context) -> float | None:
    if undefined_reason(clustering) is not None:
        return None
    return silhouettes_of(clustering, metric, context).mean


def _compared(observed: float, null: Floats, n_drawn: int) -> dict[str, float | None]:
    p_value = float((1 + np.sum(null >= observed)) / (1 + n_drawn))
    if len(null) < 2:
        return {"null_mean": None, "null_high": None, "excess": None, "p_value": p_value}
    spread = max(float(null.std(ddof=1)), 1e-6)
    return {
        "null_mean": float(null.mean()),
        "null_high": float(np.quantile(null, 0.95)),
        "excess": (observed - float(null.mean())) / spread,
        "p_value": p_value,
    }


def _sentence(scores: dict[str, Any]) -> str:
    if scores["null_mean"] is None:
        return f"silhouette {scores['silhouette']:.3f}; the null draws have none"
    stand = "above" if scores["excess"] > 0 else "below"
    return (
        f"silhouette {scores['silhouette']:.3f}, {abs(scores['excess']):.1f} standard deviations "
        f"{stand} the {scores['null_mean']:.3f} that the same search reaches without clusters"
    )


def _table(clustering: Clustering, supports: list[Support]) -> Table:
    dataset = clustering.dataset
    return {
        "height": [each.height for each in supports],
        "kind": ["joins" if each.joins else "within" for each in supports],
        "left_size": [each.sizes[0] for each in supports],
        "right_size": [each.sizes[1] for each in supports],
        "p_value": [each.p_value for each in supports],
        "valley_density": [each.valley_density for each in supports],
        "left_example": [dataset.describe_row(each.examples[0]) for each in supports],
        "right_example": [dataset.describe_row(each.examples[1]) for each in supports],
    }
