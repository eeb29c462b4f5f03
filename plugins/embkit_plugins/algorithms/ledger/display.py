"""The ledger of merges as tables for a spreadsheet and as lines for a terminal."""

from collections.abc import Iterator
from itertools import islice

from embkit import Dataset, Name, Table
from embkit.text import plural, shorten
from embkit_plugins.algorithms.ledger.merges import Ledger, Merge, Part
from embkit_plugins.algorithms.naming import NOTHING_STANDS_OUT

__all__ = ["ledger_lines", "merge_tables"]

_WIDTH = 98  # a summary of 100 characters a line indents notes by two
_PARTS = 5  # of one merge, shown in the lines
_TEXTS = 3  # of one part
_APART = 0.05


def merge_tables(ledger: Ledger, dataset: Dataset) -> dict[str, Table]:
    """Tabulate a ledger: ``merges`` has one line a part, ``merge-members`` one a row of the dataset.

    Merges are numbered from 1 in the order of the ledger, parts from 1 by
    decreasing size; the first columns join the two tables.
    """
    parts = [
        (rank, place, merge, part)
        for rank, merge in enumerate(ledger.merges, 1)
        for place, part in enumerate(merge.parts, 1)
    ]
    members = [(rank, place, part, int(row)) for rank, place, _, part in parts for row in part.rows]
    return {
        "merges": {
            "merge": [rank for rank, *_ in parts],
            "part": [place for _, place, *_ in parts],
            "size": [merge.size for *_, merge, _ in parts],
            "part_size": [part.size for *_, part in parts],
            "joined_at": [part.joined_at for *_, part in parts],
            "example": [dataset.describe_row(part.representative) for *_, part in parts],
            "name": [_title(part.name) for *_, part in parts],
            "terms": [_terms(part.name) for *_, part in parts],
            "merged_name": [_title(merge.name) for *_, merge, _ in parts],
            "merged_terms": [_terms(merge.name) for *_, merge, _ in parts],
            "closest_distance": [merge.closest.distance for *_, merge, _ in parts],
            "closest_first": [dataset.row_id(merge.closest.first) for *_, merge, _ in parts],
            "closest_second": [dataset.row_id(merge.closest.second) for *_, merge, _ in parts],
            "silhouette_before": [merge.silhouette[0] for *_, merge, _ in parts],
            "silhouette_after": [merge.silhouette[1] for *_, merge, _ in parts],
            "apart_p_value": [merge.p_value for *_, merge, _ in parts],
            "cluster_before": [part.cluster for *_, part in parts],
            "cluster_after": [merge.cluster for *_, merge, _ in parts],
            "representative": [dataset.row_id(part.representative) for *_, part in parts],
        },
        "merge-members": {
            "merge": [rank for rank, *_ in members],
            "part": [place for _, place, *_ in members],
            "name": [_title(part.name) for *_, part, _ in members],
            "row": [int(dataset.source_rows[row]) for *_, row in members],
            "id": [dataset.row_id(row) for *_, row in members],
            "text": ["" if dataset.texts is None else dataset.texts[row] for *_, row in members],
        },
    }


def ledger_lines(ledger: Ledger, dataset: Dataset, show: int = 10) -> tuple[str, ...]:
    """Tell a ledger in lines of at most 98 characters, the first `show` merges in full."""
    return tuple(_lines(ledger, dataset, show))


def _lines(ledger: Ledger, dataset: Dataset, show: int) -> Iterator[str]:
    before, after = ledger.n_clusters
    yield f"{before} clusters at {ledger.start:g} become {after} at {ledger.stop:g} ({ledger.metric})"
    if not ledger.merges:
        yield "no cluster changes in between"
        return
    n_parts = before - ledger.n_untouched
    share = f"{ledger.n_moved / ledger.n_samples:.1%}"
    yield f"{n_parts} of them merged into {len(ledger.merges)}; untouched: {ledger.n_untouched}"
    yield f"{plural(ledger.n_moved, 'row')} ({share} of all) joined a cluster larger than their own"
    for rank, merge in enumerate(ledger.merges[:show], 1):
        yield ""
        yield from _merge_lines(rank, merge, dataset)
    if len(ledger.merges) > show:
        yield ""
        yield f"and {len(ledger.merges) - show} more, in table merges"


def _merge_lines(rank: int, merge: Merge, dataset: Dataset) -> Iterator[str]:
    heights = [f"{height:.3g}" for height in merge.heights]
    at = f"at {heights[0]}" if len(heights) == 1 else f"from {heights[0]} to {heights[-1]}"
    before, after = merge.silhouette
    change = "" if before is None or after is None else f", silhouette {before:+.2f} to {after:+.2f}"
    yield f"{rank}. {merge.size} rows from {len(merge.parts)} clusters, joined {at}{change}"
    if merge.p_value is not None and merge.p_value <= _APART:
        yield _line(3, f"the two largest are apart (p = {merge.p_value:.2g})")
    if merge.name is not None:
        yield _line(3, f"together: {_said(merge.name)}")
    for part in merge.parts[:_PARTS]:
        yield from _part_lines(part, dataset)
    if len(merge.parts) > _PARTS:
        rest = merge.parts[_PARTS:]
        n_rows = sum(part.size for part in rest)
        yield _line(3, f"and {plural(len(rest), 'cluster')} more with {plural(n_rows, 'row')}")
    yield _line(3, f"closest across, at {merge.closest.distance:.3g}:")
    for row in (merge.closest.first, merge.closest.second):
        yield _line(6, dataset.describe_row(row))


def _part_lines(part: Part, dataset: Dataset) -> Iterator[str]:
    if part.size == 1:
        yield _line(3, f"1 row: {dataset.describe_row(part.representative)}")
        return
    said = "" if part.name is None else f": {_said(part.name)}"
    yield _line(3, f"{part.size} rows{said}")
    others = (int(row) for row in part.rows if row != part.representative)
    for row in [part.representative, *islice(others, _TEXTS - 1)]:
        yield _line(6, dataset.describe_row(row))
    if part.size > _TEXTS:
        yield _line(6, f"and {part.size - _TEXTS} more")


def _title(name: Name | None) -> str:
    return "" if name is None else name.title


def _terms(name: Name | None) -> str:
    return "" if name is None else " | ".join(name.terms)


def _said(name: Name) -> str:
    """The name, or that no word stands out: then the texts below speak."""
    return name.note if name.note == NOTHING_STANDS_OUT else name.in_full


def _line(indent: int, text: str) -> str:
    return " " * indent + shorten(text, _WIDTH - indent)
