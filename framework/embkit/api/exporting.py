"""Make files of finished runs and studies; list what is installed."""

from collections.abc import Sequence
from pathlib import Path

from embkit.api.keywords import Components
from embkit.data.configuration.request import Request, as_request
from embkit.data.run import Run
from embkit.errors import ParameterError
from embkit.plugin.kinds import KINDS
from embkit.plugin.registry import Component as Offered
from embkit.plugin.registry import Registry
from embkit.runs.cache import DiskCache, default_cache
from embkit.runs.exporting import export_run
from embkit.runs.keywords import called_from_python, several_components
from embkit.runs.records.opened import open_run
from embkit.studies.exporting import export_study, study_record
from embkit.studies.prepared import recorded
from embkit.text import suggestion

__all__ = ["components", "export", "export_folder"]


@called_from_python
def export(
    subject: Run | str | Path,
    exporters: Components,
    *,
    out: str | Path | None = None,
    cache: bool = True,
) -> list[Path]:
    """Write files of a finished run or study.

    Parameters
    ----------
    subject : Run, or path
        What `run` returned, or the folder of a run or study.
    exporters : str, mapping, or iterable of them
        ``"tree"``, or ``{"name": ..., key: value}``.
    out : path, optional
        Where the files of a run go, if not in its own folder; made if missing.
    cache : bool
        Whether artifacts are read from disk and kept there.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ParameterError
        If an exporter is unknown or does not export such a subject, or the run has no folder.
    DataError
        If the source of a run in a folder is gone or was changed.
    PluginError
        If an exporter fails.
    """
    requests = [as_request(item, "exporters") for item in several_components(exporters, "exporters")]
    registry = Registry.discover()
    kept = default_cache() if cache else None
    if not isinstance(subject, Run):
        return export_folder(Path(subject), requests, registry, kept)
    folder = Path(out) if out is not None else subject.folder
    if folder is None:
        raise ParameterError("the run has no folder", "it was not written anywhere", "give out=DIR")
    folder.mkdir(parents=True, exist_ok=True)
    return export_run(subject, folder, requests, registry, kept)


def export_folder(
    folder: Path, requests: Sequence[Request], registry: Registry, cache: DiskCache | None
) -> list[Path]:
    """Export the run or study that a folder holds, into that folder."""
    if (folder / "study.json").exists():
        record = study_record(recorded(folder, registry), folder, registry)
        return export_study(record, registry, cache, requests)
    return export_run(open_run(folder, registry, cache), folder, requests, registry, cache)


@called_from_python
def components(kind: str | None = None) -> list[Offered]:
    """List the components of the installed plugins, or those of one kind.

    Parameters
    ----------
    kind : str, optional
        ``"loader"``, ``"reducer"``, ``"artifact"``, ``"clusterer"``, ``"namer"``,
        ``"validator"``, ``"visualizer"`` or ``"exporter"``.

    Returns
    -------
    list of Component
        With ``kind``, ``name``, ``spec.summary`` and ``provider``, by kind and name.

    Raises
    ------
    ParameterError
        If there is no such kind.

    Examples
    --------
    >>> import embkit
    >>> [component.name for component in embkit.components("namer") if component.provider.bundled]
    ['words']
    """
    if kind is not None and kind not in KINDS:
        raise ParameterError(f"there is no kind {kind!r}", "", suggestion(kind, KINDS))
    return Registry.discover().components(kind)
