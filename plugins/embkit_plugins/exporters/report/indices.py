"""Scores that can be ranked, and the values that may be compared with one another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embkit import Score, TrialRecord
from embkit_plugins.exporters.report.methods import Method, Spread, spread

__all__ = [
    "ALL_ROWS",
    "MIN_COVERAGE",
    "Index",
    "Standing",
    "best_of",
    "indices_of",
    "measured_at_source",
    "ranking",
]

MIN_COVERAGE = 0.5
"""Share of the rows that a method has to put in clusters in order to be ranked."""
ALL_ROWS = "_all_rows"
"""How scores end that count noise as dealt at random (`embkit.deal_noise`): they rank instead."""


@dataclass(frozen=True)
class Index:
    """A score whose values for several methods can be compared.

    Internal indices are comparable only if they measured the same vectors with
    the same distance, so both belong to what an index is.

    Parameters
    ----------
    validator, score : str
        The validator as it is called in the records, and its score.
    kind : Score
        Which way it is better, and what to call it.
    metric : str
        Distance that was used; empty where the validator states none.
    space : str
        Reducers whose vectors were measured; empty for those of the source, and
        for external indices.
    """

    validator: str
    score: str
    kind: Score
    metric: str = ""
    space: str = ""

    @property
    def higher(self) -> bool:
        """Whether more is better."""
        return self.kind.better == "higher"

    @property
    def external(self) -> bool:
        """Whether it compares with reference labels."""
        return self.kind.external

    @property
    def title(self) -> str:
        """Its title in the report."""
        words = self.kind.title or self.score
        words += f" ({self.metric})" if self.metric else ""
        return f"{words} after {self.space}" if self.space else words

    def value(self, record: TrialRecord) -> float | None:
        """The value of one trial, None where it has none of this index."""
        if dict(_values(record)).get(self) is None:
            return None
        return _over_all_rows(record, self.validator, self.score)


def _values(record: TrialRecord) -> Iterator[tuple[Index, float]]:
    of_source = measured_at_source(record)
    for (validator, score), value in record.scores.items():
        kind = record.ranked.get((validator, score))
        if kind is None:
            continue
        metric = record.words.get((validator, "metric"), "")
        space = "" if kind.external or validator in of_source else record.trial.reducers
        yield Index(validator, score, kind, metric, space), value


def _over_all_rows(record: TrialRecord, validator: str, score: str) -> float:
    """A score as it ranks: with the rows counted that it leaves out, where the validator does so."""
    return record.scores.get((validator, score + ALL_ROWS), record.scores[validator, score])


def measured_at_source(record: TrialRecord) -> set[str]:
    """The names under which validators stand in a record that look at the source's vectors."""
    validators = record.trial.config.named_validators()
    return {name for name, request in validators.items() if request.of_source}


def indices_of(methods: Sequence[Method]) -> list[Index]:
    """Every index that some trial has a value of; external ones first, then in order of appearance."""
    found = dict.fromkeys(
        index for method in methods for trial in method.trials for index, _ in _values(trial)
    )
    return sorted(found, key=lambda index: not index.external)


@dataclass(frozen=True, eq=False)
class Standing:
    """A method's place by one index.

    Parameters
    ----------
    rank : int or None
        From 1, equal means share the better rank; None where the method is not ranked, because
        it leaves out too many rows, or has no score for some seed.
    method : Method
        Whose it is.
    spread : Spread
        Mean and interval over the seeds.
    tied : bool
        Whether its interval overlaps that of the first.
    n_seeds : int
        How many seeds were tried; the spread has fewer where some failed.
    """

    rank: int | None
    method: Method
    spread: Spread
    tied: bool
    n_seeds: int = 1


def ranking(index: Index, methods: Sequence[Method]) -> list[Standing]:
    """The methods that have the index, best first, those that are not ranked at the end.

    Those that failed for some seed, or have no score for it, are not ranked by the others.
    """
    spreads: list[tuple[Method, Spread]] = []
    for method in methods:
        values = [value for trial in method.trials if (value := index.value(trial)) is not None]
        if values:
            spreads.append((method, spread(values)))
    sign = -1 if index.higher else 1
    spreads.sort(key=lambda item: sign * item[1].mean)
    ranked = [item for item in spreads if _is_ranked(*item)]
    means = [item.mean for _, item in ranked]
    standings = [
        Standing(
            means.index(item.mean) + 1, method, item, _overlap(item, ranked[0][1]), _n_seeds(method)
        )
        for method, item in ranked
    ]
    apart = [item for item in spreads if not _is_ranked(*item)]
    return standings + [
        Standing(None, method, item, tied=False, n_seeds=_n_seeds(method)) for method, item in apart
    ]


def _is_ranked(method: Method, values: Spread) -> bool:
    return method.coverage >= MIN_COVERAGE and values.count == _n_seeds(method)


def _n_seeds(method: Method) -> int:
    return len(method.trials) + method.n_failed


def best_of(standings: Sequence[Standing]) -> Standing | None:
    """The first that is ranked, None where none is."""
    return standings[0] if standings and standings[0].rank is not None else None


def _overlap(one: Spread, other: Spread) -> bool:
    if one.low is None or other.low is None or one.high is None or other.high is None:
        return one.mean == other.mean
    return one.low <= other.high and other.low <= one.high
