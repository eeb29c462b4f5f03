"""Names of the clusters of a method, in a table and beside its map."""

import numpy as np

from embkit import Dataset, IntArray
from embkit.text import plural
from embkit_plugins.exporters.report.methods import Method
from embkit_plugins.exporters.report.writing.markdown import NONE, escape, table
from embkit_plugins.exporters.report.writing.page import Page

__all__ = ["names_by_label", "write_clusters"]

_MOST = 12


def write_clusters(page: Page, method: Method, dataset: Dataset) -> None:
    """List the largest clusters of a method's first seed by name; nothing if they have none."""
    trial, labels = method.trials[0], method.labelings[0]
    if trial.names is None:
        return
    sizes = np.bincount(labels[labels >= 0])
    rows = [
        [
            escape(name.in_full) or NONE,
            str(cluster),
            f"{size:,}",
            f"{size / len(labels):.1%}",
            escape(dataset.describe_row(name.rows[0]), 80) if name.rows else NONE,
        ]
        for cluster, (name, size) in enumerate(
            zip(trial.names.names[:_MOST], sizes[:_MOST].tolist(), strict=True)
        )
    ]
    rest = len(sizes) - _MOST
    more = f" {plural(rest, 'smaller one')} not shown." if rest > 0 else ""
    page.write(
        "### Clusters",
        f"Of {escape(method.name)}, seed {trial.trial.seed}, largest first.{more}",
        table(["name", "cluster", "rows", "share", "example"], rows),
    )


def names_by_label(method: Method, labels: IntArray) -> dict[int, str]:
    """The titles of a method's clusters by other numbers of the same clusters, largest first."""
    names = method.trials[0].names
    if names is None:
        return {}
    own = method.labelings[0]
    clusters, first = np.unique(own, return_index=True)
    return {
        int(labels[row]): names[cluster].title
        for cluster, row in zip(clusters.tolist(), first.tolist(), strict=True)
        if cluster >= 0 and names[cluster].title
    }
