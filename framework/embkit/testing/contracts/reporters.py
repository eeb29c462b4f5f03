"""What a reporter must do."""

import re
from typing import Any

from embkit.data.study import Report, StudyRecord
from embkit.plugin.calls import expect
from embkit.plugin.steps import Step
from embkit.testing.checks import checks
from embkit.testing.contracts.common import COMMON
from embkit.testing.example_study import example_study
from embkit.testing.failures import require
from embkit.testing.soundness import examine
from embkit.testing.subject import Subject

__all__ = ["CHECKS", "call"]


def call(subject: Subject, step: Step, given: Any, seed: int) -> Report:  # noqa: ARG001
    """Report on the example study, or another."""
    study = given if given is not None else example_study(subject.folder)
    contexts = {label: subject.context(dataset) for label, dataset in study.datasets.items()}
    return expect(Report, step, step.instance.report(study, contexts))


def figures_referred_to(subject: Subject) -> None:
    """The page shows the figures that are given, and no others."""
    report: Report = subject.baseline
    shown = set(re.findall(r"figures/([^)\s]+)\.png", report.markdown))
    require(shown == set(report.figures), f"refers to {sorted(shown)}, gives {sorted(report.figures)}")


def one_trial(subject: Subject) -> None:
    """A study of one trial is told, without a comparison."""
    whole = example_study(subject.folder)
    _told(subject, StudyRecord(whole.study, whole.datasets, whole.trials[:1], whole.folder))


def nothing_done(subject: Subject) -> None:
    """A study of which every trial failed is told."""
    _told(subject, example_study(subject.folder, failed=True))


def _told(subject: Subject, study: StudyRecord) -> None:
    examine(subject.call(study), None)


CHECKS = COMMON + checks(figures_referred_to, one_trial, nothing_done)
"""What every one of the reporters must do, in the order in which it is checked."""
