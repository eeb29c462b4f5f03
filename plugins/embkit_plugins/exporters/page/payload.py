"""The contents of each page, as arrays and values: nothing here knows of HTML or of the host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from embkit_plugins.exporters.page.parts import (
    Band,
    ClosestPairs,
    Clusters,
    Finding,
    Floats,
    MapLayout,
    Rows,
    Tree,
    Verdict,
)

__all__ = [
    "Band",
    "Change",
    "ClosestPairs",
    "Clusters",
    "DiffPage",
    "Finding",
    "MapLayout",
    "Rows",
    "RunPage",
    "StudyPage",
    "Tree",
    "TrialPage",
    "Verdict",
]


@dataclass(frozen=True, eq=False)
class RunPage:
    """A run: its rows, its clusters and, where there is one, its tree.

    Parameters
    ----------
    title : str
        Of the page.
    rows : Rows
        The rows.
    clusters : Clusters or None
        The clustering of the run; None for a dataset that was only inspected.
    maps : mapping of str to MapLayout
        Layouts by name; the first is shown to begin with.
    tree : Tree, optional
        The tree, where `clusters` is a cut of one.
    verdict : Verdict, optional
        Whether there are clusters at all.
    scores : sequence of Finding
        What the validators found.
    settings : mapping of str to str
        How the run was made, in the order shown.
    warnings : sequence of str
        What the reader has to know, such as what was left out.
    """

    title: str
    rows: Rows
    clusters: Clusters | None
    maps: Mapping[str, MapLayout] = field(default_factory=dict)
    tree: Tree | None = None
    verdict: Verdict | None = None
    scores: Sequence[Finding] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """What became of some clusters from one clustering to the other.

    Parameters
    ----------
    kind : str
        Such as ``"merged"``, ``"split"``, ``"kept"``, ``"reshuffled"``, ``"unchanged"``.
    before, after : tuple of int
        Numbers of the clusters on either side.
    n_moved : int
        Rows that did not stay with most of their cluster.
    """

    kind: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    n_moved: int


@dataclass(frozen=True, eq=False)
class DiffPage:
    """Two clusterings of the same rows, side by side.

    Parameters
    ----------
    title : str
        Of the page.
    rows : Rows
        The rows that both have.
    before, after : Clusters
        The clusterings.
    maps : mapping of str to MapLayout
        Layouts by name, shared by both sides.
    changes : sequence of Change
        What became of the clusters, those that moved most rows first.
    scores : sequence of Finding
        Agreement of the two, such as the adjusted Rand index.
    settings, warnings
        As in `RunPage`.
    """

    title: str
    rows: Rows
    before: Clusters
    after: Clusters
    maps: Mapping[str, MapLayout] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    scores: Sequence[Finding] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class TrialPage:
    """One trial of a study.

    Parameters
    ----------
    dataset, method : str
        Which cell of the grid it belongs to.
    seed : int, optional
        Of the trial.
    scores : mapping of str to float
        By name.
    clusters : Clusters, optional
        Its clustering; None where it failed.
    failure : str
        Why it failed.
    """

    dataset: str
    method: str
    seed: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    clusters: Clusters | None = None
    failure: str = ""


@dataclass(frozen=True, eq=False)
class StudyPage:
    """A study: a grid of trials over datasets and methods.

    Parameters
    ----------
    title : str
        Of the page.
    datasets : mapping of str to Rows
        Rows by dataset.
    maps : mapping of str to mapping of str to MapLayout
        Layouts by dataset, then by name: one layout serves all its trials.
    trials : sequence of TrialPage
        In the order of the plan.
    higher_is_better : mapping of str to bool
        Direction of each score, where it has one.
    agreement : mapping of str to ndarray of float, shape (n_methods, n_methods)
        By dataset: mean adjusted Rand index between the trials of two methods,
        methods in order of first appearance.
    verdicts : mapping of str to Verdict
        By dataset: whether it has clusters at all, where that was judged.
    settings, warnings
        As in `RunPage`.
    """

    title: str
    datasets: Mapping[str, Rows]
    maps: Mapping[str, Mapping[str, MapLayout]]
    trials: Sequence[TrialPage]
    higher_is_better: Mapping[str, bool] = field(default_factory=dict)
    agreement: Mapping[str, Floats] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
