"""The summary of a run, as plain text for a terminal."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

from embkit.data.finished import Finished
from embkit.data.results import Clustering
from embkit.data.shown.wording import command_lines, describe_settings, wrapped
from embkit.text import fitted, format_bytes, format_seconds, plural, printable, printable_lines

__all__ = ["summarize", "verdicts"]


_LARGEST = 8
_COLUMNS = 5  # of metadata, that are named
_LABEL = 10
_NAME = 36
_FILES = 4  # of one exporter, each on a line


def summarize(run: Finished, width: int = 100) -> str:
    """The summary of a run: data, clusters with examples, scores, pictures, times.

    Parameters
    ----------
    run : Finished
        The finished run.
    width : int
        Columns of the terminal.
    """
    in_short = [_line("in short", printable(line)) for line in verdicts(run)]
    blocks = [in_short, list(_dataset(run, width))]
    if run.clustering is not None:
        blocks.append(list(_clusters(run.clustering, width)))
    blocks.append(list(_scores(run)))
    blocks.append(list(_outcome(run)))
    blocks.append(list(_next(run, width - _LABEL)))
    text = "\n\n".join(
        "\n".join(wrapped(line, width, _LABEL) for line in block) for block in blocks if block
    )
    return printable_lines(text)  # names of folders, parameters, scores of third parties too


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def verdicts(run: Finished) -> Iterator[str]:
    """What validators conclude that give a verdict: the first of their notes."""
    for validation in run.validations.values():
        if validation.scores.get("verdict") is not None and validation.notes:
            yield validation.notes[0]


def _dataset(run: Finished, width: int) -> Iterator[str]:
    dataset, record = run.dataset, run.record
    rows = "1 row" if dataset.n_samples == 1 else f"{dataset.n_samples} rows"
    shape = f"{rows} x {dataset.n_features}, {dataset.dtype}"
    yield _line("data", f"{printable(dataset.name)}: {shape}")
    known = [name for name in ("ids", "texts") if getattr(dataset, name) is not None]
    if dataset.reference is not None:
        known.append(plural(len(set(dataset.reference) - {""}), "reference label"))
    known += [f"metadata {printable(name)}" for name in list(dataset.metadata)[:1]]
    known += [printable(name) for name in list(dataset.metadata)[1:_COLUMNS]]
    if len(dataset.metadata) > _COLUMNS:
        known.append(plural(len(dataset.metadata) - _COLUMNS, "further column"))
    if known:
        yield _line("", f"with {', '.join(known)}")
    for note in dataset.notes:
        yield _line("", printable(note))
    yield from _reducers(run, width)
    yield _line("seed", str(record["seed"]))


def _reducers(run: Finished, width: int) -> Iterator[str]:
    """The reducers in their order with how many dimensions are left, and the settings of each."""
    requests = run.config.reducers
    if not requests:
        return
    chain = " -> ".join(request.name for request in requests)
    left = f" -> {plural(run.clustering.dataset.n_features, 'dimension')}" if run.clustering else ""
    yield _line("reduced", f"{chain}{left}")
    for request in requests:
        whose = f"{request.name} with " if len(requests) > 1 else "with "
        settings = describe_settings(request.params, width - _LABEL - len(whose))
        if settings:
            yield _line("", f"{whose}{settings}")


def _clusters(clustering: Clustering, width: int) -> Iterator[str]:
    noise = f", {plural(clustering.n_noise, 'row')} of noise" if clustering.n_noise else ""
    yield _line("clusters", f"{clustering.n_clusters} by {clustering.clusterer}{noise}")
    settings = describe_settings(clustering.settings, width - _LABEL - len("with "))
    if settings:
        yield _line("", f"with {settings}")
    names = clustering.names
    for note in (*clustering.notes, *(names.notes if names is not None else ())):
        yield _line("", printable(note))
    if not clustering.n_clusters:
        return
    yield ""
    wide = 0 if names is None else min(_NAME, max(0, width - 30) // 2)
    heading = "example" if names is None else f"{'name':<{wide}}  example"
    yield f"{'cluster':>{_LABEL}} {'size':>7} {'share':>7}  {heading}"
    dataset = clustering.dataset
    for cluster in range(min(_LARGEST, clustering.n_clusters)):
        size = int(clustering.sizes[cluster])
        row = int(clustering.representatives[cluster])
        told = ""
        if names is not None:
            told = f"{fitted(names[cluster].in_full, wide)}  "
        room = max(10, width - 30 - (wide + 2 if told else 0))
        example = fitted(dataset.describe_row(row), room).rstrip()
        yield f"{cluster:>{_LABEL}} {size:>7} {size / dataset.n_samples:>7.1%}  {told}{example}"
    if clustering.n_clusters > _LARGEST:
        rest = clustering.n_clusters - _LARGEST
        rows = int(clustering.sizes[_LARGEST:].sum())
        more = "1 more cluster" if rest == 1 else f"{rest} more clusters"
        yield f"{'':>{_LABEL}} {rows:>7} {rows / dataset.n_samples:>7.1%}  in {more}"


def _scores(run: Finished) -> Iterator[str]:
    for name, validation in run.validations.items():
        yield f"{name}, {validation.space}" if validation.space else name
        if validation.skipped is not None:
            yield f"  skipped: {printable(validation.skipped)}"
        for score, value in validation.scores.items():
            yield f"  {score:<28} {format_score(value)}"
        for note in validation.notes:
            yield from (f"  {printable(line)}" for line in note.split("\n"))


def _next(run: Finished, width: int) -> Iterator[str]:
    """The command that validators advise: what has a score ``advice``, the options of a run."""
    for validation in run.validations.values():
        options = validation.scores.get("advice")
        if options is None or run.clustering is not None:
            continue
        source, loader = run.config.source or (), run.config.loader
        sources = [source] if isinstance(source, str) else list(source)
        parts = [shlex.join(["embkit", "run", *sources])]
        parts += [shlex.join(["--table", run.config.table])] if run.config.table else []
        # One that a suffix chose has no parameters that say anything.
        if loader is not None and (not source or any(loader.params.values())):
            parts.append(shlex.join(["--loader", str(loader)]))
        parts += re.split(r" (?=--)", str(options))
        first, *others = command_lines([printable(part) for part in parts], width)
        yield _line("next", first)
        yield from (_line("", line) for line in others)
        yield from (_line("", printable(note)) for note in validation.notes)


def format_score(value: Any) -> str:
    """A score for people: four significant digits, a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value))


def _outcome(run: Finished) -> Iterator[str]:
    for warning in run.record["warnings"]:
        yield _line("warning", printable(warning))
    for failure in run.failures:
        yield _line("failed", f"{failure.step}: {printable(str(failure.error))}")
    if run.folder is not None:
        for file in run.picture_files:
            yield _line("picture", str(run.folder / file))
        for files in run.exports.values():
            yield from (_line("file", str(run.folder / file)) for file in list(files)[:_FILES])
            if len(files) > _FILES:
                yield _line("", f"and {len(files) - _FILES} more")
        yield _line("folder", str(run.folder))
    steps = [f"{timing['step']} {format_seconds(timing['seconds'])}" for timing in run.record["timings"]]
    yield _line("time", ", ".join(steps))
    yield _line("memory", f"{format_bytes(run.record['memory']['peak'])} at the peak")
