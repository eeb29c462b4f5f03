"""Exporter csv: the rows of each cluster, or the scores of a study, for a spreadsheet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from embkit import Context, ParameterError, Run, StudyRecord
from embkit.text import csv_safe
from embkit_plugins.exporters.rows import clustered, one_typed, row_columns, title_of
from embkit_plugins.exporters.score_tables import ScoreTable, score_tables

__all__ = ["Csv"]

# Without it Excel takes UTF-8 for the code page of the machine; others skip it.
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_MOST_FILES = 1000


class Csv:
    """Write CSV for a spreadsheet: a file for each cluster of a run, or the scores of a study.

    Of a run: ``clusters/index.csv`` with the number, name, size and file of each
    cluster, and ``clusters/cluster-0.csv`` and so on, the noise in
    ``clusters/noise.csv``, with id, text, reference label, strength and metadata
    of each row.

    Of a study: ``scores/best.csv``, for each dataset one line a clusterer at its
    best setting, and ``scores/settings.csv`` with all of them; a column for the
    mean of each score over the seeds and one for its standard deviation.

    The files are UTF-8 with a byte order mark. A text that a spreadsheet would
    run as a formula begins with an apostrophe.
    """

    def export(self, subject: Run | StudyRecord, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return the files.

        Raises
        ------
        ParameterError
            If the run has no clustering, or more than 1,000 clusters.
        """
        return _of_study(subject) if isinstance(subject, StudyRecord) else _of_run(subject)


def _of_run(run: Run) -> dict[str, str]:
    clustering = clustered(run, "csv")
    if clustering.n_clusters > _MOST_FILES:
        raise ParameterError(
            f"exporter csv: {clustering.n_clusters:,} clusters would make as many files",
            f"it writes {_MOST_FILES:,} at most",
            "use exporter parquet, which writes one table, or make fewer clusters",
        )
    columns = {
        name: values
        for name, values in row_columns(run).items()
        if name not in ("cluster", "cluster_name")
    }
    members: dict[int, list[int]] = {}
    for row, label in enumerate(clustering.labels.tolist()):
        members.setdefault(label, []).append(row)
    clusters = sorted(members, key=lambda label: (label < 0, label))
    files = {label: f"cluster-{label}.csv" if label >= 0 else "noise.csv" for label in clusters}
    index: dict[str, list[Any]] = {
        "cluster": clusters,
        "name": [title_of(clustering, label) for label in clusters],
        "size": [len(members[label]) for label in clusters],
        "file": list(files.values()),
    }
    written = {"clusters/index.csv": _csv(index)}
    for label, rows in members.items():
        part = {name: [values[row] for row in rows] for name, values in columns.items()}
        written[f"clusters/{files[label]}"] = _csv(part)
    return written


def _of_study(study: StudyRecord) -> dict[str, str]:
    tables = score_tables(study)
    return {
        "scores/best.csv": _csv(_wide(tables, best=True)),
        "scores/settings.csv": _csv(_wide(tables, best=False)),
    }


def _wide(tables: Sequence[ScoreTable], *, best: bool) -> dict[str, list[Any]]:
    """One line a setting of each dataset; a score that it has not is missing."""
    lines = [(table.dataset, line) for table in tables for line in (table.best if best else table.lines)]
    titles = dict.fromkeys(index.title for table in tables for index in table.indices)
    columns: dict[str, list[Any]] = {
        "dataset": [dataset for dataset, _ in lines],
        "clusterer": [line.clusterer for _, line in lines],
        "setting": [line.setting for _, line in lines],
        "seeds": [line.n_seeds for _, line in lines],
    }
    for title in titles:
        found = [line.score(title) for _, line in lines]
        columns[title] = [None if score is None else score.mean for score in found]
        columns[f"{title}, sd"] = [None if score is None else score.deviation for score in found]
    return columns


def _csv(columns: Mapping[str, Sequence[Any]]) -> str:
    lines = [columns, *zip(*map(one_typed, columns.values()), strict=True)]
    return _MARK + "".join(_line(map(_cell, line)) for line in lines)


def _line(cells: Iterable[str]) -> str:
    quoted = [
        '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\r\n') else cell for cell in cells
    ]
    return ",".join(quoted) + "\r\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return csv_safe(value) if isinstance(value, str) else repr(value)
