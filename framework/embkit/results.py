"""What a run gives back."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embkit.config import RunConfig
from embkit.data import Clustering, Dataset, Table, Validation
from embkit.errors import EmbkitError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Run", "StepFailure"]


@dataclass(frozen=True)
class StepFailure:
    """A validator or visualizer that failed; the rest of the run stands."""

    step: str
    error: EmbkitError


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

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
    """

    config: RunConfig
    dataset: Dataset
    clustering: Clustering | None
    validations: Mapping[str, Validation]
    figures: "Mapping[str, Figure]"
    failures: tuple[StepFailure, ...]
    record: Mapping[str, Any]
    folder: Path | None = None

    @property
    def labels(self) -> Any:
        """Cluster of each row, int64 of shape (n_samples,), -1 is noise; None without a clusterer."""
        return None if self.clustering is None else self.clustering.labels

    @property
    def scores(self) -> dict[str, dict[str, Any]]:
        """The scores of each validator, empty for one that was skipped."""
        return {name: dict(validation.scores) for name, validation in self.validations.items()}

    @property
    def tables(self) -> dict[str, Table]:
        """All tables by name; one whose name is taken gets its validator's in front."""
        tables: dict[str, Table] = {}
        for validator, validation in self.validations.items():
            for name, table in validation.tables.items():
                tables[name if name not in tables else f"{validator}-{name}"] = table
        return tables

    def scores_document(self) -> dict[str, Any]:
        """Scores, notes and reasons for what was skipped, as in ``scores.json``."""
        return {
            name: {
                "scores": dict(validation.scores),
                "skipped": validation.skipped,
                "notes": list(validation.notes),
            }
            for name, validation in self.validations.items()
        }

    def at(self, folder: Path) -> "Run":
        """The same run, known to be written in `folder`."""
        return replace(self, folder=folder)

    def summary(self, width: int = 100) -> str:
        """What was loaded, found, scored and drawn, as plain text."""
        from embkit.summary import summarize

        return summarize(self, width)

    def to_pandas(self) -> Any:
        """One row a sample: row, id, label, and what else is known of it.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        from embkit.store import label_columns

        try:
            import pandas as pd
        except ImportError:
            raise MissingExtraError("to_pandas", "pandas", "pandas") from None
        if self.clustering is None:
            return pd.DataFrame({"row": self.dataset.source_rows})
        frame = pd.DataFrame(label_columns(replace(self.dataset, dropped={}), self.clustering))
        for name, values in (("text", self.dataset.texts), ("reference", self.dataset.reference)):
            if values is not None:
                frame[name] = list(values)
        return frame

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"

    def __repr__(self) -> str:
        clusters = (
            "no clusterer" if self.clustering is None else f"{self.clustering.n_clusters} clusters"
        )
        return f"<Run of {self.dataset.name}: {self.dataset.n_samples} rows, {clusters}>"
