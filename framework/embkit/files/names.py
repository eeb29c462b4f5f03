"""Names that a user gave to clusters: in a table, in a configuration, or in an earlier run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embkit.data.names import CARRIED_OVER, EDITED
from embkit.errors import DataError, ParameterError
from embkit.files.labels import RecordedLabels, read_labels
from embkit.files.sources import check_source
from embkit.files.tables.reading import read_columns
from embkit.text import csv_unsafe, printable

__all__ = ["GivenNames", "read_given_names"]

_OWN = "tables/clusters.csv"


@dataclass(frozen=True)
class GivenNames:
    """Names by number, and what the numbers are of.

    Parameters
    ----------
    origin : str
        Where they come from, for notes.
    clusters : mapping of int to str
        By number of the cluster.
    nodes : mapping of int to str
        By number of the node, as in scipy: row i of the linkage makes node ``n_samples + i``.
    edited : frozenset of int
        The clusters whose names a user gave.
    earlier : RecordedLabels, optional
        The labels of the earlier run whose clusters these are; None for the run's own.
    tree : Path, optional
        The linkage whose nodes these are, likewise.
    fingerprint : str
        Of the labels that the numbers are of; empty if that is for the user to know.
    """

    origin: str
    clusters: Mapping[int, str]
    nodes: Mapping[int, str]
    edited: frozenset[int] = frozenset()
    earlier: RecordedLabels | None = None
    tree: Path | None = None
    fingerprint: str = ""


def read_given_names(source: str | Path | Mapping[Any, Any]) -> GivenNames:
    """Read names from a table, the folder of an earlier run, or a mapping.

    Parameters
    ----------
    source : path or mapping
        A table with the columns ``cluster`` or ``node``, and ``name``; rows without
        a name are passed over. The folder of a run, or its ``tables/clusters.csv``,
        which may have been edited: then the names are those of its clusters, whatever
        their numbers are in another run. Or names by number of the cluster, as
        ``{3: "birds"}`` or ``{"clusters": {...}, "nodes": {...}}``.

    Raises
    ------
    DataError
        If a file cannot be read, or is not such a table.
    ParameterError
        If a mapping is not of that form.
    """
    if isinstance(source, Mapping):
        return _of_mapping(source)
    path = Path(source).expanduser()
    folder = path if path.is_dir() else path.parent.parent
    own = folder / _OWN
    if path.is_dir() or (path.resolve() == own.resolve() and (folder / "labels.csv").exists()):
        if not own.exists():
            raise DataError(
                f"{folder} has no names of clusters",
                f"there is no {_OWN} in it",
                "give a run with names",
            )
        return _of_run(folder, own)
    clusters, nodes = _read_table(check_source(path))
    return GivenNames(path.name, clusters, nodes, edited=frozenset(clusters))


def _of_mapping(source: Mapping[Any, Any]) -> GivenNames:
    parts = source if {"clusters", "nodes"} & set(source) else {"clusters": source}
    wrong = f"names: {dict(source)!r:.80} is not names by number"
    fix = 'write {3: "birds"}, or {"clusters": {...}, "nodes": {...}}'
    found = []
    for part in ("clusters", "nodes"):
        entries = parts.get(part, {})
        if not isinstance(entries, Mapping):
            raise ParameterError(wrong, f"{part} is {type(entries).__name__}", fix)
        try:
            found.append({int(number): _title(name) for number, name in entries.items()})
        except (TypeError, ValueError, AttributeError):
            raise ParameterError(wrong, "numbers are integers and names are texts", fix) from None
    clusters, nodes = found
    fingerprint = str(parts.get("of", ""))
    return GivenNames("the configuration", clusters, nodes, frozenset(clusters), fingerprint=fingerprint)


def _of_run(folder: Path, table: Path) -> GivenNames:
    """The names of a run's clusters: those in which no word stood out only where a user named them."""
    clusters, _ = _read_table(table)
    try:
        record = json.loads((folder / "run.json").read_text("utf-8"))["clustering"]
        names = record["names"]["names"]
        nodes = {int(node): str(name) for node, name in record.get("node_names", {}).items()}
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(
            f"{folder} is not the folder of a run with names", "run.json does not hold any", ""
        ) from None
    # Edited in the table since, or given to that run.
    edited = {
        number
        for number, title in clusters.items()
        if number >= len(names)
        or title != _title(names[number]["title"])
        or names[number]["note"].startswith(EDITED)
    }
    telling = {
        number: title
        for number, title in clusters.items()
        if number in edited or names[number]["terms"] or names[number]["note"].startswith(CARRIED_OVER)
    }
    labels, tree = read_labels(folder), folder / "linkage.npy"
    return GivenNames(folder.resolve().name, telling, nodes, frozenset(edited), labels, tree)


def _read_table(path: Path) -> tuple[dict[int, str], dict[int, str]]:
    columns, _ = read_columns(path)
    if "name" not in columns or not {"cluster", "node"} & set(columns):
        raise DataError(
            f"{path} has no columns cluster and name",
            f"its columns are {', '.join(columns)}",
            "give a table with cluster (or node) and name",
        )
    names = [_title(cell) for cell in columns["name"]]
    blank = ("",) * len(names)
    clusters: dict[int, str] = {}
    nodes: dict[int, str] = {}
    for line, (cluster, node, name) in enumerate(
        zip(columns.get("cluster", blank), columns.get("node", blank), names, strict=True), 2
    ):
        kind, cell, kept = ("cluster", cluster, clusters) if cluster else ("node", node, nodes)
        if not name or not cell:
            continue
        try:
            number = int(cell)
        except ValueError:
            raise DataError(
                f"{path}: line {line}: {kind} {cell!r} is not an integer", "", "write its number"
            ) from None
        if kept.setdefault(number, name) != name:
            raise DataError(f"{path}: line {line}: {kind} {number} has two names", "", "leave one out")
    return clusters, nodes


def _title(cell: str) -> str:
    """A name on one line, as it can be shown anywhere."""
    return " ".join(printable(csv_unsafe(cell)).split())
