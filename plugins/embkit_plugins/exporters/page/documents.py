"""Payloads as the block of bytes that is written into the page.

In the block rows are numbered by their place: in the order of the tree's leaves,
or by cluster. Everything that refers to rows is converted here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Name
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.exporters.page.columns import pack_columns, pack_ids, shorten_texts
from embkit_plugins.exporters.page.intervals import summaries
from embkit_plugins.exporters.page.leaves import Leaves, are_nodes, flat_order, leaves_of
from embkit_plugins.exporters.page.naming import pack_names
from embkit_plugins.exporters.page.pack import Packer
from embkit_plugins.exporters.page.payload import (
    ClosestPairs,
    Clusters,
    DiffPage,
    Finding,
    MapLayout,
    Rows,
    RunPage,
    StudyPage,
    Tree,
    Verdict,
)

__all__ = ["document_of"]

_N_COLORS = 200
_NO_SILHOUETTE = -32768
_STEPS = 8191  # of a map along its longer side


@dataclass(frozen=True, eq=False)
class _Places:
    """Rows in the order of the page: `order` holds the row at each place, `of` the place of each row."""

    order: NDArray[np.int64]
    of: NDArray[np.int64]

    @classmethod
    def from_order(cls, order: NDArray[np.int64]) -> "_Places":
        places = np.empty(len(order), dtype=np.int64)
        places[order] = np.arange(len(order))
        return cls(order, places)

    def of_all(self, rows: NDArray[Any]) -> NDArray[np.int64]:
        """Places of rows, -1 for -1."""
        return np.where(rows < 0, -1, self.of[rows])


def document_of(payload: RunPage | DiffPage | StudyPage) -> str:
    """Pack a payload: base64 of a compressed block."""
    packer = Packer()
    common = {
        "title": payload.title,
        "settings": [[name, value] for name, value in payload.settings.items()],
        "warnings": list(payload.warnings),
        "palette": _palette(),
    }
    match payload:
        case RunPage():
            specific = _run(payload, packer)
        case DiffPage():
            specific = _diff(payload, packer)
        case StudyPage():
            specific = _study(payload, packer)
    common["warnings"] += specific.pop("warnings")
    return packer.finish(common | specific)


def _run(page: RunPage, packer: Packer) -> dict[str, Any]:
    labels = np.zeros(len(page.rows), np.int64) if page.clusters is None else page.clusters.labels
    tree = page.tree
    leaves = None if tree is None else leaves_of(tree.linkage)
    left_out = []
    if (
        tree is not None
        and leaves is not None
        and tree.thresholds is None
        and not are_nodes(leaves, labels)
    ):
        tree = leaves = None
        left_out = ["The clusters are not nodes of the clusterer's tree, which is left out."]
    places = _Places.from_order(flat_order(labels) if leaves is None else leaves.order)
    rows, warnings = _rows(page.rows, places, packer)
    return {
        "kind": "run",
        "rows": rows,
        "clusters": None if page.clusters is None else _clusters(page.clusters, places, packer),
        "maps": _maps(page.maps, places, packer),
        "tree": None if tree is None or leaves is None else _tree(tree, leaves, places, packer),
        "verdict": _verdict(page.verdict),
        "scores": _scores(page.scores),
        "warnings": left_out + warnings,
    }


def _diff(page: DiffPage, packer: Packer) -> dict[str, Any]:
    places = _Places.from_order(flat_order(page.after.labels))
    rows, warnings = _rows(page.rows, places, packer)
    return {
        "kind": "diff",
        "rows": rows,
        "clusterings": [_clusters(side, places, packer) for side in (page.before, page.after)],
        "maps": _maps(page.maps, places, packer),
        "changes": [[c.kind, list(c.before), list(c.after), c.n_moved] for c in page.changes],
        "scores": _scores(page.scores),
        "warnings": warnings,
    }


def _study(page: StudyPage, packer: Packer) -> dict[str, Any]:
    datasets, warnings, of_dataset = [], [], {}
    for name, rows in page.datasets.items():
        places = of_dataset[name] = _Places.from_order(np.arange(len(rows)))
        packed, notes = _rows(rows, places, packer)
        warnings += [f"{name}: {note}" for note in notes]
        agreement = page.agreement.get(name)
        datasets.append(
            {
                "name": name,
                "rows": packed,
                "maps": _maps(page.maps.get(name, {}), places, packer),
                "verdict": _verdict(page.verdicts.get(name)),
                "agreement": None if agreement is None else packer.array(agreement.ravel(), "f4"),
            }
        )
    return {
        "kind": "study",
        "datasets": datasets,
        "trials": [
            {
                "dataset": trial.dataset,
                "method": trial.method,
                "seed": trial.seed,
                "scores": {name: _finite(value) for name, value in trial.scores.items()},
                "failure": trial.failure,
                "clusters": None
                if trial.clusters is None
                else _clusters(trial.clusters, of_dataset[trial.dataset], packer),
            }
            for trial in page.trials
        ],
        "summaries": [
            [cell.dataset, cell.method, cell.score, cell.mean, cell.interval, cell.n_trials]
            for cell in summaries(page.trials)
        ],
        "higher": dict(page.higher_is_better),
        "warnings": warnings,
    }


def _verdict(verdict: Verdict | None) -> list[Any] | None:
    return None if verdict is None else [verdict.kind, verdict.p_value, verdict.sentence]


def _rows(rows: Rows, places: _Places, packer: Packer) -> tuple[dict[str, Any], list[str]]:
    texts, warnings = (None, []) if rows.texts is None else shorten_texts(rows.texts)
    order = places.order.tolist()
    return {
        "n": len(rows),
        "order": packer.array(places.order, "u4"),
        **pack_ids(rows.ids, order, packer),
        "named": rows.named,
        "texts": None if texts is None else packer.strings([texts[row] for row in order]),
        "columns": pack_columns(rows.columns, places.order, packer),
    }, warnings


def _clusters(clusters: Clusters, places: _Places, packer: Packer) -> dict[str, Any]:
    silhouettes = None
    if clusters.silhouettes is not None:
        values = np.asarray(clusters.silhouettes, dtype=np.float64)[places.order]
        scaled = np.round(np.nan_to_num(values) * 1000)
        silhouettes = packer.array(np.where(np.isnan(values), _NO_SILHOUETTE, scaled), "i2")
    return {
        "label": clusters.label,
        "labels": packer.array(clusters.labels[places.order], "i4"),
        "names": pack_names(clusters.names, _speakers(clusters.names, places), packer),
        "silhouettes": silhouettes,
        "health": [[name, [_finite(v) for v in values]] for name, values in clusters.health.items()],
    }


def _tree(tree: Tree, leaves: Leaves, places: _Places, packer: Packer) -> dict[str, Any]:
    """Rows of merges are counted from the beginning of their range, so that most are small numbers."""
    heights = np.asarray(tree.linkage[:, 2], dtype=np.float64)
    closest, band = tree.closest, tree.band
    return {
        "boundaries": packer.array(leaves.boundaries, "u4"),
        "heights": packer.floats(heights),
        "metric": tree.metric,
        "method": tree.method,
        "thresholds": None if tree.thresholds is None else list(tree.thresholds),
        "central": None
        if tree.central is None
        else packer.array(_within(places.of_all(tree.central), leaves.starts), "i4"),
        "names": _node_names(tree.names, leaves, places, packer),
        "closest": None if closest is None else _closest(closest, heights, leaves, places, packer),
        "p_values": None if tree.p_values is None else packer.array(tree.p_values, "f4"),
        "band": None
        if band is None
        else {
            "start": band.start,
            "stop": band.stop,
            "before": _optional(band.silhouette_before, packer),
            "after": _optional(band.silhouette_after, packer),
            "p_values": _optional(band.p_values, packer),
        },
    }


def _closest(
    pairs: ClosestPairs, heights: NDArray[Any], leaves: Leaves, places: _Places, packer: Packer
) -> list[int]:
    """Nearest rows and their distances; -1 for a distance that is the height, as that of two rows is."""
    distances = _rounded(pairs.distance)
    distances[distances == _rounded(heights)] = -1
    ends = np.sort([places.of_all(np.asarray(rows)) for rows in (pairs.first, pairs.second)], axis=0)
    return [
        packer.array(_within(ends[0], leaves.starts), "i4"),
        packer.array(_within(ends[1], leaves.boundaries), "i4"),
        packer.array(distances, "f4"),
    ]


def _rounded(values: NDArray[Any]) -> NDArray[np.float32]:
    """To five digits, so that the last byte of each number is zero."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    kept = np.where(np.isnan(values), bits, (bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00))
    return kept.astype(np.uint32).view(np.float32)


def _within(places: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(places < 0, -1, places - starts)


def _optional(values: NDArray[Any] | None, packer: Packer) -> int | None:
    return None if values is None else packer.array(values, "f4")


def _speakers(names: Iterable[Name], places: _Places) -> NDArray[np.int64]:
    """The place of the row that stands for each name, -1 where none does."""
    return places.of_all(np.array([name.rows[0] if name.rows else -1 for name in names], dtype=np.int64))


def _node_names(
    names: Mapping[int, Name], leaves: Leaves, places: _Places, packer: Packer
) -> dict[str, int]:
    merges = np.array(sorted(names), dtype=np.int64)
    found = [names[merge] for merge in merges.tolist()]
    speakers = _within(_speakers(found, places), leaves.starts[merges])
    return {"merges": packer.array(merges, "u4"), **pack_names(found, speakers, packer)}


def _maps(maps: Mapping[str, MapLayout], places: _Places, packer: Packer) -> list[dict[str, Any]]:
    packed = []
    for name, layout in maps.items():
        points = np.asarray(layout.coordinates, dtype=np.float64)[places.order]
        low = points.min(axis=0)
        extent = float((points.max(axis=0) - low).max()) or 1.0
        steps = np.round((points - low) / extent * _STEPS).astype(np.int64)
        x, y = (packer.array(_differences(steps[:, axis]), "u2") for axis in (0, 1))
        packed.append(
            {"name": name, "x": x, "y": y, "trust": _finite(layout.trust), "note": layout.note}
        )
    return packed


def _differences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """From one value to the next, 0, -1, 1, -2 as 0, 1, 2, 3; small, as neighbours are near."""
    found = np.diff(values, prepend=0)
    return np.where(found < 0, -2 * found - 1, 2 * found)


def _scores(scores: Sequence[Finding]) -> list[list[Any]]:
    return [[score.validator, score.name, _finite(score.value), list(score.notes)] for score in scores]


def _finite(value: Any) -> Any:
    """JSON has no NaN and no NumPy numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _palette() -> list[str]:
    return [
        "#" + "".join(f"{round(255 * channel):02x}" for channel in color)
        for color in cluster_colors(_N_COLORS).tolist()
    ]
