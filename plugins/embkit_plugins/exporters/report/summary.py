"""The sections of a report about the study as a whole."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from embkit import Request, Status, StudyRecord
from embkit.text import plural
from embkit_plugins.exporters.report.datasets import LEAST_DATASETS, RankTest, rank_test
from embkit_plugins.exporters.report.figures.scores import draw_ranks
from embkit_plugins.exporters.report.indices import (
    MIN_COVERAGE,
    Index,
    Standing,
    best_of,
    indices_of,
    ranking,
)
from embkit_plugins.exporters.report.methods import Method, Names
from embkit_plugins.exporters.report.writing.markdown import NONE, escape, number, table
from embkit_plugins.exporters.report.writing.page import Page

__all__ = ["opening", "over_datasets", "reading", "unfinished"]

_READING = (
    (
        "- **95 % interval**: Student's t over the seeds. It says how much the seed matters, "
        "not how another sample of the data would come out. A method without a seed has width 0."
    ),
    (
        "- **beyond chance**: standard deviations on the better side of {n_random} random "
        "clusterings with the same cluster sizes, so 0 is what dealing rows at random gives. "
        "Raw indices depend on the number and the sizes of clusters. There is none for scores of "
        "reduced rows, which are not kept. To be beyond chance is not to be "
        "real: whoever looks at the rows does better than chance, also where there are no clusters."
    ),
    (
        "- **in clusters**: the share of rows that are not noise. A row of noise counts as a "
        "guess: it is dealt to a cluster at random, in proportion to the sizes, and scored there (as "
        "omitted answers are in the correction for guessing, Frary 1988), so that leaving rows out "
        "does not pay. Scores of other plugins may leave noise out. A method with less than "
        "{least:.0%} of the rows in clusters is listed, and not ranked; nor is one that failed, or has "
        "no score, for some seed. V-measure is not corrected "
        "for chance, and rises with the number of clusters."
    ),
    (
        "- Internal indices prefer compact, round clusters, so they favour methods that make "
        "those. Each index is ranked by itself; kinds are not added up. Values are ranked "
        "together only where the same distance was measured on the same vectors."
    ),
)
_WHOLE = 0.995

Methods = Mapping[str, Sequence[Method]]


def opening(page: Page, study: StudyRecord, methods: Methods) -> None:
    """Title, what was run, and the best by each index in a line."""
    counts = Counter(record.outcome.status.value for record in study.trials)
    statuses = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    seeds = len(study.study.seeds)
    page.write(
        f"# {escape(study.study.name)}",
        f"{plural(len(study.trials), 'trial')} ({statuses}) on {plural(len(study.datasets), 'dataset')} "
        f"with {plural(seeds, 'seed')}. Every score: `results.csv`; times and memory: `timings.csv`; "
        "labels and figures of each trial: `trials/`.",
    )
    shared = _shared(Names.of(study))
    if shared:
        page.write(f"The names of methods leave out what all trials of a component share: {shared}.")
    lines = [line for label, found in methods.items() for line in _best(label, found)]
    if lines:
        page.write(
            "## In short",
            "Best by each index. Where intervals over seeds overlap with the first's, "
            "the order among them may be chance.",
            "\n".join(lines),
        )


def _shared(names: Names) -> str:
    """The parts that the names of methods leave out."""
    parts = [str(Request(clusterer, params)) for clusterer, params in names.shared.items() if params]
    parts += [f"reducers {names.reducers}"] if names.reducers else []
    return ", ".join(escape(part) for part in parts)


def _best(label: str, methods: Sequence[Method]) -> Iterator[str]:
    for index in indices_of(methods):
        standings = ranking(index, methods)
        first = best_of(standings)
        if first is None:
            yield (
                f"- {escape(label)}, {escape(index.title)}: "
                f"no method has {MIN_COVERAGE:.0%} of the rows in clusters, and a score for every seed"
            )
            continue
        near = [item.method.name for item in standings[1:] if item.tied]
        words = f"- {escape(label)}, {escape(index.title)}: **{escape(first.method.name)}** "
        words += f"{number(first.spread.mean)}"
        if first.method.coverage < _WHOLE:
            words += f" with {first.method.coverage:.1%} of the rows in clusters"
        if near:
            names = ", ".join(escape(name) for name in near[:3])
            more = f" and {len(near) - 3} more" if len(near) > 3 else ""
            words += f"; not distinguishable: {names}{more}"
        yield words


def over_datasets(page: Page, methods: Methods) -> None:
    """For several datasets: means side by side, mean ranks and the tests."""
    if len(methods) < 2:
        return
    indices = list(dict.fromkeys(index for found in methods.values() for index in indices_of(found)))
    if not indices:
        return
    page.write("## Over datasets")
    for index in indices:
        page.write(f"### {escape(index.title)}, {_better(index)}", _means(index, methods))
    tests = [test for index in indices if (test := rank_test(index, methods)) is not None]
    if not tests:
        page.write("Mean ranks need at least three methods with scores on the same two datasets.")
        return
    page.write("### Mean ranks", *(_test_words(test) for test in tests))
    page.draw("mean-ranks", draw_ranks(tests), "Mean ranks of methods over datasets")


def _means(index: Index, methods: Methods) -> str:
    columns = {
        label: {item.method.name: item for item in ranking(index, found)}
        for label, found in methods.items()
    }
    names = dict.fromkeys(name for column in columns.values() for name in column)
    rows = [
        [
            escape(name),
            *(
                NONE if name not in column else _with_coverage(column[name])
                for column in columns.values()
            ),
        ]
        for name in names
    ]
    return table(["method", *(escape(label) for label in columns)], rows)


def _with_coverage(item: Standing) -> str:
    """A mean, in bold where it is the best, with the share of rows in clusters where that is not all."""
    mean = f"**{number(item.spread.mean)}**" if item.rank == 1 else number(item.spread.mean)
    return mean if item.method.coverage >= _WHOLE else f"{mean} ({item.method.coverage:.0%} of rows)"


def _test_words(test: RankTest) -> str:
    names = list(test.mean_ranks)
    ranks = ", ".join(f"{escape(name)} {test.mean_ranks[name]:.2f}" for name in names[:5])
    more = f", and {len(names) - 5} more" if len(names) > 5 else ""
    said = (
        f"{escape(test.index.title)}, {len(names)} methods on {test.datasets} datasets: {ranks}{more}."
    )
    if test.p_value is None:
        return f"{said} No test: with fewer than {LEAST_DATASETS} datasets ranks show no difference."
    verdict = (
        "the ranks differ more than chance would make them"
        if test.p_value < 0.05
        else "no difference is shown"
    )
    return (
        f"{said} Friedman p = {test.p_value:.2g}: {verdict}. Critical difference (Nemenyi, 5 %): "
        f"{test.critical_difference:.2f} ranks."
    )


def unfinished(page: Page, study: StudyRecord) -> None:
    """List the trials that gave no result, with the reason of each."""
    rows = [
        [escape(record.trial.label), record.outcome.status.value, escape(record.outcome.reason)]
        for record in study.trials
        if record.outcome.status is not Status.DONE
    ]
    if rows:
        page.write(
            "## Without a result",
            "The same command runs these again; those that are unavailable need something installed.",
            table(["trial", "status", "reason"], rows),
        )
    failed = [
        [escape(record.trial.label), escape(step), escape(reason)]
        for record in study.trials
        for step, reason in record.failures.items()
    ]
    if failed:
        words = "These trials are done, but for a validator or a picture."
        page.write("## Failed steps", words, table(["trial", "step", "reason"], failed))


def reading(page: Page, n_random: int) -> None:
    """Explain the columns."""
    page.write(
        "## How to read this",
        "\n".join(_READING).format(n_random=n_random, least=MIN_COVERAGE),
    )


def _better(index: Index) -> str:
    return "higher is better" if index.higher else "lower is better"
