"""Run the exporters of a finished run or study, and write their files."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.run import Run
from embkit.errors import ParameterError
from embkit.files.exports import Content, write_exports
from embkit.plugin.calls import exported
from embkit.plugin.registry import Registry
from embkit.plugin.steps import Step
from embkit.resources import limit_threads
from embkit.runs.cache import DiskCache
from embkit.runs.context import RunContext, context_of
from embkit.runs.plan import make_exporters
from embkit.runs.records.recorder import Recorder, Unobserved
from embkit.runs.subjects import named_steps, viewed

__all__ = ["export_run", "exports_of", "made_files"]


def made_files(
    steps: Sequence[Step], subject: Any, context: RunContext
) -> dict[str, Mapping[str, Content]]:
    """For each exporter, by the name of its result, the content of its files by relative path.

    Raises
    ------
    PluginError
        If an exporter fails.
    ParameterError
        If two write the same file, and not the same into it.
    """
    files: dict[str, Mapping[str, Content]] = {}
    with limit_threads(context.threads):
        for name, step in named_steps(steps):
            with Recorder(Unobserved()).step(f"export {name}", step.component):
                files[name] = _made(name, step, subject, context, files)
    return files


def _made(
    name: str,
    step: Step,
    subject: Any,
    context: RunContext,
    others: Mapping[str, Mapping[str, Content]],
) -> Mapping[str, Content]:
    """The files of an exporter, which can stand beside those of the others."""
    files = exported(step, subject, context)
    for other, theirs in others.items():
        for path in files.keys() & theirs.keys():
            if files[path] != theirs[path]:
                raise ParameterError(
                    f"exporters {other} and {name} both write {path}",
                    "one would replace the other's",
                    f"leave one out, or export {step.component.name} later, to replace {path}",
                )
    return files


def exports_of(
    steps: Sequence[Step], run: Run, context: RunContext, recorder: Recorder
) -> dict[str, Mapping[str, Content]]:
    """What the exporters of a run make of it, by the name of the result; failures are recorded."""
    exports: dict[str, Mapping[str, Content]] = {}
    for name, step in named_steps(steps):
        work = partial(_made, name, step, viewed(run, step), context, exports)
        files = recorder.attempt(f"export {name}", step.component, work)
        if files is not None:
            exports[name] = files
    return exports


def export_run(
    run: Run, folder: Path, requests: Sequence[Request], registry: Registry, cache: DiskCache | None
) -> list[Path]:
    """Write what exporters make of a run into a folder, its own as a rule.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ParameterError
        If an exporter does not export runs, or two write the same file.
    PluginError
        If an exporter fails, or would replace a file that is not an exporter's.
    """
    steps = make_exporters(requests, "run", registry)
    context = context_of(run.dataset, run.config, registry, cache)
    return write_exports(folder, made_files(steps, run, context))
