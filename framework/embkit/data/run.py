"""Finished runs and their summary."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embkit.data.config import RunConfig
from embkit.data.dataset import Dataset, IntArray, Table
from embkit.data.names import Names
from embkit.data.page import Page
from embkit.data.pictures import FigureFormat
from embkit.data.results import Clustering, Validation
from embkit.data.tables import ShownTable
from embkit.data.wording import describe_settings, wrapped
from embkit.errors import EmbkitError, MissingExtraError, ParameterError
from embkit.text import format_bytes, format_seconds, plural, printable, shorten

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Run", "StepFailure", "summarize"]

PageMaker = Callable[["Run", Path | None, Mapping[str, Any]], Page]


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
    exports : mapping of str to mapping
        For each exporter, the content of its files by relative path.
    page_maker : callable, optional
        What `page` calls with the run, the path and the parameters. The runner
        gives it: a run holds data, and knows no plugins itself.
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
    page_maker: PageMaker | None = field(default=None, repr=False)

    @property
    def labels(self) -> IntArray | None:
        """Cluster of each row, int64 of shape (n_samples,), -1 is noise; None without a clusterer."""
        return None if self.clustering is None else self.clustering.labels

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

    def at(self, folder: Path) -> "Run":
        """The same run, known to be written in `folder`."""
        return replace(self, folder=folder)

    def summary(self, width: int = 100) -> str:
        """Summarize the data, the clusters, the scores and the pictures as plain text."""
        return summarize(self, width)

    def page(self, path: str | Path | None = None, **parameters: Any) -> Page:
        """Make the page: tree, map and texts of the run in one HTML file, to explore.

        The last expression of a notebook's cell shows it there; above 3 MB a link
        to its file instead, with a picture.

        Parameters
        ----------
        path : path, optional
            Where to write it too. An earlier page there is replaced.
        **parameters
            Of exporter ``page``, such as ``maps=["pca"]``. Without any, a page
            that was exported with the run is taken as it is.

        Returns
        -------
        Page
            With ``html``, ``path`` and ``n_bytes``.

        Raises
        ------
        ParameterError
            If a parameter does not fit, the run has no clustering, or something
            that is not a page is at `path`.
        ResourceError
            If the file cannot be written.
        """
        if self.page_maker is None:
            raise ParameterError(
                "this run cannot make its page", "it does not come from embkit.run", "run it again"
            )
        return self.page_maker(self, None if path is None else Path(path), parameters)

    def to_pandas(self) -> "pd.DataFrame":
        """One row a sample: row, id, label, and what else is known of it.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        from embkit.data.labels import label_columns

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
        from embkit.data.notebook import run_html

        return run_html(self)

    def __repr__(self) -> str:
        clusters = (
            "no clusterer" if self.clustering is None else f"{self.clustering.n_clusters} clusters"
        )
        return f"<Run of {self.dataset.name}: {self.dataset.n_samples} rows, {clusters}>"


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


_LARGEST = 8
_LABEL = 10
_NAME = 36


def summarize(run: Run, width: int = 100) -> str:
    """The summary of a run: data, clusters with examples, scores, pictures, times.

    Parameters
    ----------
    run : Run
        The finished run.
    width : int
        Columns of the terminal.
    """
    blocks = [list(_dataset(run))]
    if run.clustering is not None:
        blocks.append(list(_clusters(run.clustering, width)))
    blocks.append(list(_scores(run)))
    blocks.append(list(_outcome(run)))
    return "\n\n".join(
        "\n".join(wrapped(line, width, _LABEL) for line in block) for block in blocks if block
    )


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _dataset(run: Run) -> Iterator[str]:
    dataset, record = run.dataset, run.record
    shape = f"{dataset.n_samples} rows x {dataset.n_features}, {dataset.vectors.dtype}"
    yield _line("data", f"{printable(dataset.name)}: {shape}")
    known = [name for name in ("ids", "texts") if getattr(dataset, name) is not None]
    if dataset.reference is not None:
        known.append(f"{len(set(dataset.reference) - {''})} reference labels")
    if known:
        yield _line("", f"with {', '.join(known)}")
    for note in dataset.notes:
        yield _line("", printable(note))
    reducers = " -> ".join(str(request) for request in run.config.reducers)
    if reducers:
        yield _line(
            "reduced",
            f"{reducers} -> {run.clustering.dataset.n_features if run.clustering else ''}".rstrip(),
        )
    yield _line("seed", str(record["seed"]))


def _clusters(clustering: Clustering, width: int) -> Iterator[str]:
    noise = f", {plural(clustering.n_noise, 'row')} of noise" if clustering.n_noise else ""
    yield _line("clusters", f"{clustering.n_clusters} by {clustering.clusterer}{noise}")
    settings = describe_settings(clustering.parameters, width - _LABEL - len("with "))
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
            told = f"{shorten(names[cluster].in_full, wide):<{wide}}  "
        example = shorten(dataset.describe_row(row), max(10, width - 30 - len(told)))
        yield f"{cluster:>{_LABEL}} {size:>7} {size / dataset.n_samples:>7.1%}  {told}{example}"
    if clustering.n_clusters > _LARGEST:
        rest = clustering.n_clusters - _LARGEST
        rows = int(clustering.sizes[_LARGEST:].sum())
        yield f"{'':>{_LABEL}} {rows:>7} {rows / dataset.n_samples:>7.1%}  in {rest} more clusters"


def _scores(run: Run) -> Iterator[str]:
    for name, validation in run.validations.items():
        yield f"{name}"
        if validation.skipped is not None:
            yield f"  skipped: {printable(validation.skipped)}"
        for score, value in validation.scores.items():
            yield f"  {score:<28} {format_score(value)}"
        for note in validation.notes:
            yield from (f"  {printable(line)}" for line in note.split("\n"))


def format_score(value: Any) -> str:
    """A score for people: four significant digits, a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value))


def _outcome(run: Run) -> Iterator[str]:
    for warning in run.record["warnings"]:
        yield _line("warning", printable(warning))
    for failure in run.failures:
        yield _line("failed", f"{failure.step}: {printable(str(failure.error))}")
    if run.folder is not None:
        for file in run.picture_files:
            yield _line("picture", str(run.folder / file))
        yield _line("folder", str(run.folder))
    steps = [f"{timing['step']} {format_seconds(timing['seconds'])}" for timing in run.record["timings"]]
    yield _line("time", ", ".join(steps))
    yield _line("memory", f"{format_bytes(run.record['memory']['peak'])} at the peak")
