"""The contract of exporters."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.names import Name, Names
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run
from embkit.data.study import StudyRecord
from embkit.errors import EmbkitError, PluginError
from embkit.files.exports import write_exports
from embkit.plugin.calls import exported
from embkit.plugin.specs import ExporterSpec
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.example_study import example_study
from embkit.testing.examples import AWKWARD_TEXTS, blobs, clustering_of
from embkit.testing.failures import CheckFailed, NotApplicable, require
from embkit.testing.soundness import examine
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


def call(subject: Subject, step: Step, given: Any, seed: int) -> dict[str, Any]:
    """Export the example run or study, or another."""
    exportable = given if isinstance(given, Run | StudyRecord) else _example(subject)
    dataset = (
        exportable.dataset if isinstance(exportable, Run) else next(iter(exportable.datasets.values()))
    )
    return exported(step, exportable, subject.context(dataset, seed))


def _subjects(subject: Subject) -> tuple[str, ...]:
    spec = subject.component.spec
    return spec.subjects if isinstance(spec, ExporterSpec) else ()


def _example(subject: Subject) -> Run | StudyRecord:
    return _run(subject) if "run" in _subjects(subject) else example_study(subject.folder)


def _run(subject: Subject) -> Run:
    if "run" not in _subjects(subject):
        raise NotApplicable("it exports studies only")
    clustering = clustering_of(blobs())
    names = Names(tuple(Name(f"group {number}", ("word",)) for number in range(clustering.n_clusters)))
    return _finished(replace(clustering, names=names))


def _finished(clustering: Clustering | None) -> Run:
    dataset = blobs() if clustering is None else clustering.dataset
    config = RunConfig(loader=Request("blobs", {}), seed=0)
    validations = {"silhouette": Validation({"silhouette": 0.5}, {"sizes": {"size": [1, 2]}})}
    record = {
        "schema_version": 1,
        "seed": 0,
        "warnings": ["a warning"],
        "timings": [],
        "memory": {"peak": 0},
        "config": config.to_mapping(),
    }
    return Run(config, dataset, clustering, validations, {}, (), record)


def written(subject: Subject) -> None:
    """Its files can be written into a folder, and written again."""
    for exportable in _all(subject):
        files = subject.call(exportable)
        require(files, "gave no file")
        with tempfile.TemporaryDirectory(prefix="embkit-export-") as folder:
            for _ in range(2):
                write_exports(Path(folder), {subject.component.name: files})


def _all(subject: Subject) -> list[Run | StudyRecord]:
    found: list[Run | StudyRecord] = []
    if "run" in _subjects(subject):
        found.append(_run(subject))
    if "study" in _subjects(subject):
        found.append(example_study(subject.folder))
    return found


def vectors_alone(subject: Subject) -> None:
    """A run without texts, names and tree is exported, or refused."""
    clustering = _run(subject).clustering
    if clustering is None:
        return
    bare = replace(clustering.dataset, ids=None, texts=None, reference=None)
    _exported_or_refused(subject, _finished(Clustering(bare, clustering.labels, {})))


def no_clusters(subject: Subject) -> None:
    """A run of which every row is noise, and one without a clusterer, are exported, or refused."""
    clustering = _run(subject).clustering
    if clustering is None:
        return
    noise = replace(clustering, labels=clustering.labels * 0 - 1, names=None)
    for exportable in (_finished(noise), _finished(None)):
        _exported_or_refused(subject, exportable)


def _exported_or_refused(subject: Subject, exportable: Run) -> None:
    try:
        files = subject.call(exportable)
    except PluginError as error:
        raise CheckFailed(str(error)) from error
    except EmbkitError:
        return
    examine(files, None)


def awkward_texts(subject: Subject) -> None:
    """Texts with markup, line breaks and no end are exported."""
    clustering = _run(subject).clustering
    if clustering is None:
        return
    texts = [AWKWARD_TEXTS[row % len(AWKWARD_TEXTS)] for row in range(clustering.dataset.n_samples)]
    require(
        subject.call(_finished(replace(clustering, dataset=replace(clustering.dataset, texts=texts)))),
        "gave no file",
    )


def one_trial(subject: Subject) -> None:
    """A study of one trial is exported."""
    whole = _study(subject)
    require(subject.call(replace(whole, trials=whole.trials[:1])), "gave no file")


def nothing_done(subject: Subject) -> None:
    """A study of which every trial failed is exported."""
    _study(subject)
    require(subject.call(example_study(subject.folder, failed=True)), "gave no file")


def _study(subject: Subject) -> StudyRecord:
    if "study" not in _subjects(subject):
        raise NotApplicable("it exports runs only")
    return example_study(subject.folder)


CHECKS = COMMON + checks(written, vectors_alone, no_clusters, awkward_texts, one_trial, nothing_done)
"""Checks that every exporter must pass, in this order."""
