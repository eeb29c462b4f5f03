"""Specs, which plugins yield to offer components: a name, a factory, one line about it.

A spec is made without importing the component: its factory is a string
``"package.module:Class"`` that is resolved only when the component is used, or
a callable that returns an instance.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from embkit.data.score import Score

__all__ = [
    "ArtifactSpec",
    "ClustererSpec",
    "ExporterSpec",
    "Factory",
    "LoaderSpec",
    "NamerSpec",
    "ReducerSpec",
    "Spec",
    "ValidatorSpec",
    "VisualizerSpec",
]

Factory = str | Callable[..., Any]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Spec:
    """Base of all specs.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens; what users type.
    factory : str or callable
        ``"package.module:Class"``, imported when first used, or a callable.
    summary : str
        One line, shown by ``embkit plugins list``.
    default : bool
        Whether it is what a run takes where no component of its kind is named;
        heeded for bundled components alone. A default validator is one whose score
        ``advice`` has the options of ``embkit run`` that a run without a clusterer takes.
    example : mapping or str
        For the conformance kit: parameters to try the component with, where its
        defaults do not suit sixty rows. Where files are needed,
        ``"package.module:function"``, which is given an empty folder and returns
        such a mapping; a loader's gives the path of what it wrote as ``source``.
    expected_failures : mapping of str to str
        Checks of the conformance kit that the component fails, each with the reason.

    Raises
    ------
    ValueError
        If the name, the factory or the example is not of that form.
    """

    kind: ClassVar[str]

    name: str
    factory: Factory
    summary: str = ""
    default: bool = field(default=False, kw_only=True)
    example: Mapping[str, Any] | str = field(default_factory=dict, hash=False, kw_only=True)
    expected_failures: Mapping[str, str] = field(default_factory=dict, hash=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a component name: use lower-case words and hyphens")
        if not callable(self.factory) and not (
            isinstance(self.factory, str) and _FACTORY.fullmatch(self.factory)
        ):
            raise ValueError(
                f"{self.factory!r} is not a factory: use 'package.module:Class' or a callable"
            )
        memory = getattr(self, "memory", None)
        if isinstance(memory, str) and not _FACTORY.fullmatch(memory):
            raise ValueError(f"{memory!r} is not a function: use 'package.module:function'")
        if isinstance(self.example, str) and not _FACTORY.fullmatch(self.example):
            raise ValueError(
                f"{self.example!r} is not an example: use 'package.module:function' or a mapping"
            )


@dataclass(frozen=True)
class LoaderSpec(Spec):
    """Offers a loader: a source becomes a dataset.

    Parameters
    ----------
    suffixes : tuple of str
        File name endings it reads, such as ``(".csv", ".csv.gz")``.
    magic : tuple of bytes
        First bytes by which its files are known whatever their name.
    needs_source : bool
        False for a generator, which reads nothing.
    folders : bool
        Whether it also reads folders whose names have its endings, each as one source.
    vectors_only : bool
        Whether its files hold vectors and nothing else, so that files of other
        kinds beside them in a folder describe the rows.
    """

    kind: ClassVar[str] = "loader"

    suffixes: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    needs_source: bool = True
    folders: bool = field(default=False, kw_only=True)
    vectors_only: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class ReducerSpec(Spec):
    """Offers a reducer: a dataset becomes one with other vectors for the same rows.

    Parameters
    ----------
    memory : str or callable, optional
        As for a `ClustererSpec`.
    """

    kind: ClassVar[str] = "reducer"

    memory: Factory | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class ArtifactSpec(Spec):
    """Offers an artifact: something dear computed once from a dataset and shared.

    Parameters
    ----------
    cache : bool
        Whether it is worth keeping on disk for the next process.
    """

    kind: ClassVar[str] = "artifact"

    cache: bool = True


@dataclass(frozen=True)
class ClustererSpec(Spec):
    """Offers a clusterer: a dataset becomes a clustering.

    Parameters
    ----------
    order_free : bool
        Whether it promises the same partition in whatever order the rows come.
    memory : str or callable, optional
        For an estimator of another library, which has no ``memory`` method of
        embkit's: ``"package.module:function"``, or the function, which takes
        ``(parameters, n_samples, n_features, budget)`` and returns an `Estimate`.
    """

    kind: ClassVar[str] = "clusterer"

    order_free: bool = False
    memory: Factory | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class NamerSpec(Spec):
    """Offers a namer: groups of rows get a name each."""

    kind: ClassVar[str] = "namer"


@dataclass(frozen=True)
class ValidatorSpec(Spec):
    """Offers a validator: scores, tables and notes about its subject.

    Parameters
    ----------
    subject : {"clustering", "dataset"}
        What it judges; those of a dataset run in ``embkit inspect``.
    scores : mapping of str to Score
        Which of its scores can be ranked, and which way is better.
    """

    kind: ClassVar[str] = "validator"

    subject: Literal["clustering", "dataset"] = "clustering"
    scores: Mapping[str, Score] = field(default_factory=dict, hash=False, kw_only=True)


@dataclass(frozen=True)
class VisualizerSpec(Spec):
    """Offers a visualizer: a clustering, or a dataset, becomes figures.

    Parameters
    ----------
    subject : {"clustering", "dataset"}
        What it draws; those of a dataset are drawn by ``embkit inspect --out``.
    of : {"reduced", "source"}
        Whose vectors it sees unless it is asked for others by ``of=``: those that the
        reducers made, or those of the source, as a map does that reduces them itself.
    """

    kind: ClassVar[str] = "visualizer"

    subject: Literal["clustering", "dataset"] = "clustering"
    of: Literal["reduced", "source"] = "reduced"


@dataclass(frozen=True)
class ExporterSpec(Spec):
    """Offers an exporter: a finished run or study becomes files.

    Parameters
    ----------
    subjects : tuple of {"run", "study"}
        What it can export.
    """

    kind: ClassVar[str] = "exporter"

    subjects: tuple[Literal["run", "study"], ...] = ("run",)
