"""The findings of a finished run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset, Fitted, Floats, IntArray, Table
from embkit.data.names import Names
from embkit.data.results import Clustering, Validation
from embkit.data.shown.pictures import FigureFormat
from embkit.data.shown.tables import ShownTable, data_frame
from embkit.errors import EmbkitError
from embkit.text import plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


__all__ = ["Finished", "StepFailure"]


@dataclass(frozen=True)
class StepFailure:
    """A validator or visualizer that failed; the rest of the run stands."""

    step: str
    error: EmbkitError


@dataclass(frozen=True, eq=False)
class Finished:
    """The findings of a finished run.

    Parameters
    ----------
    config : RunConfig
        As resolved: given back, it makes the same run.
    dataset : Dataset
        What was loaded, before any reducer.
    clustering : Clustering or None
        None where only the dataset was judged.
    validations : mapping of str to Validation
        By validator; a second one of the same name is called ``NAME-2``.
    figures : mapping of str to Figure
        By visualizer, ``NAME-PART`` where it draws several.
    failures : tuple of StepFailure
        What could not be computed or drawn.
    record : mapping
        The content of ``run.json``.
    folder : Path or None
        Where it was written, if it was.
    exports : mapping of str to mapping
        For each exporter, the content of its files by relative path.
    fitted : tuple of mapping of str to ndarray
        For each reducer, what it learned from the rows.
    log : tuple of str
        What happened, with the time in UTC; also logged to the logger ``embkit``.
    """

    config: RunConfig
    dataset: Dataset
    clustering: Clustering | None
    validations: Mapping[str, Validation]
    figures: "Mapping[str, Figure]"
    failures: tuple[StepFailure, ...]
    record: Mapping[str, Any]
    folder: Path | None = None
    exports: "Mapping[str, Mapping[str, str | bytes | Figure]]" = field(default_factory=dict)
    fitted: tuple[Fitted, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def labels(self) -> IntArray | None:
        """Cluster of each row, int64 of shape (n_samples,), -1 is noise; None without a clusterer."""
        return None if self.clustering is None else self.clustering.labels

    @property
    def memberships(self) -> Floats | None:
        """Strength of each row in each cluster, (n_samples, n_clusters); None if not soft."""
        return None if self.clustering is None else self.clustering.memberships

    @property
    def names(self) -> Names | None:
        """The names of the clusters, by number; None if nothing named them."""
        return None if self.clustering is None else self.clustering.names

    @property
    def scores(self) -> dict[str, dict[str, Any]]:
        """The scores of each validator, empty for one that was skipped."""
        return {name: dict(validation.scores) for name, validation in self.validations.items()}

    @property
    def tables(self) -> dict[str, ShownTable]:
        """All tables by name; one whose name is taken gets its validator's in front."""
        tables: dict[str, ShownTable] = {}
        if self.clustering is not None and self.clustering.names is not None:
            tables["clusters"] = ShownTable(_cluster_table(self.clustering, self.clustering.names))
        for (validator, name), file in self._table_files().items():
            tables[file] = ShownTable(self.validations[validator].tables[name])
        return tables

    def _table_files(self) -> dict[tuple[str, str], str]:
        """The name of each validator's tables among all."""
        taken = {"clusters"}
        files = {}
        for validator, validation in self.validations.items():
            for name in validation.tables:
                files[validator, name] = name if name not in taken else f"{validator}-{name}"
                taken.add(files[validator, name])
        return files

    def scores_document(self) -> dict[str, Any]:
        """Scores, tables, notes and reasons for what was skipped, as in ``scores.json``."""
        files = self._table_files()
        return {
            name: {
                "scores": dict(validation.scores),
                "tables": {table: files[name, table] for table in validation.tables},
                "skipped": validation.skipped,
                "notes": list(validation.notes),
                **({"space": validation.space} if validation.space else {}),
            }
            for name, validation in self.validations.items()
        }

    @property
    def picture_files(self) -> dict[str, tuple[str, FigureFormat]]:
        """The pictures in the run's folder, by relative path: which figure, in which format."""
        return {
            f"figures/{name}.{kind}": (name, kind)
            for name in self.figures
            for kind in self.config.figure_formats
        }

    def at(self, folder: Path) -> Self:
        """The same run, known to be written in `folder`."""
        return replace(self, folder=folder)

    def to_pandas(self) -> "pd.DataFrame":
        """One row a sample: row, id, label, and what else is known of it.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        from embkit.data.labels import label_columns

        if self.clustering is None:
            return data_frame({"row": self.dataset.source_rows})
        frame = data_frame(label_columns(replace(self.dataset, dropped={}), self.clustering))
        for name, values in (("text", self.dataset.texts), ("reference", self.dataset.reference)):
            if values is not None:
                frame[name] = list(values)
        return frame

    def __repr__(self) -> str:
        found = self.clustering
        clusters = "no clusterer" if found is None else plural(found.n_clusters, "cluster")
        return f"<Run of {self.dataset.name}: {plural(self.dataset.n_samples, 'row')}, {clusters}>"


def _cluster_table(clustering: Clustering, names: Names) -> Table:
    """One row a cluster: its number, size and share, what it is called, and a row that stands for it."""
    dataset, n_clusters = clustering.dataset, clustering.n_clusters
    central = clustering.representatives.tolist()
    return {
        "cluster": list(range(n_clusters)),
        "size": clustering.sizes,
        "share": clustering.sizes / dataset.n_samples,
        **names.columns(),
        "example_id": [dataset.row_id(row) for row in central],
        "example": [dataset.describe_row(row) for row in central],
    }
