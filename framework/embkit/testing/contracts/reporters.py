"""What a reporter must do."""

import re

from embkit.data.study import Report, StudyRecord
from embkit.testing.checks import checks
from embkit.testing.example_study import example_study
from embkit.testing.failures import require
from embkit.testing.soundness import examine
from embkit.testing.subject import Subject

__all__ = ["REPORTERS"]


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


REPORTERS = checks(figures_referred_to, one_trial, nothing_done)
"""The checks of reporters alone."""
