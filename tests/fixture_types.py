"""Types of the fixtures that several modules of tests use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    import numpy as np
    from matplotlib.figure import Figure

    from embkit.data.dataset import Dataset
    from embkit.data.results import Clustering
    from embkit.runs.context import RunContext
    from embkit.testing.checks import CheckOutcome
    from embkit_plugins.exporters.page.payload import DiffPage, RunPage, StudyPage


class MakeContext(Protocol):
    """Makes a context for a dataset."""

    def __call__(
        self, dataset: Dataset, *, seed: int = 0, threads: int = 2, memory: int = 10**9
    ) -> RunContext: ...


class Install(Protocol):
    """Installs a distribution with an entry point of its name."""

    def __call__(self, name: str, source: str = ..., version: str = ...) -> None: ...


class Embkit(Protocol):
    """Calls the command with arguments and variables of the environment."""

    def __call__(
        self, *arguments: object, code: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]: ...


class WriteStudy(Protocol):
    """Writes a study of some clusterers."""

    def __call__(self, rest: str, *, seeds: list[int] | None = None, head: str = "") -> Path: ...


class Start(Protocol):
    """Starts the command in a process group of its own."""

    def __call__(self, *arguments: object, quiet: bool = False) -> subprocess.Popen[str]: ...


class OutcomesOf(Protocol):
    """What comes of the kit's checks of a class."""

    def __call__(
        self, kind: str, component: type, only: str | None = None, **spec: Any
    ) -> dict[str, CheckOutcome]: ...


class Cut(Protocol):
    """Clusters a dataset as agglomerative would."""

    def __call__(
        self,
        dataset: Dataset,
        *,
        threshold: float | None = None,
        n_clusters: int | None = None,
        metric: str = "cosine",
        linkage: str = "complete",
    ) -> Clustering: ...


class Words(Protocol):
    """The words of a figure."""

    def __call__(self, figure: Figure) -> list[str]: ...


class CheckLayout(Protocol):
    """Asserts that a figure's words stay on the page and apart."""

    def __call__(self, figure: Figure) -> None: ...


class FindArtist(Protocol):
    """The one artist of a figure with a gid, of whatever class, or None."""

    def __call__(self, figure: Figure, gid: str) -> Any: ...


if TYPE_CHECKING:
    from playwright import sync_api

    Browser = sync_api.Browser

    class OpenedPage(sync_api.Page):
        """A page of embkit in Chromium."""

        errors: list[str]

        def settle(self) -> None:
            """Wait until the page has drawn any change."""

else:  # Playwright may be missing
    Browser = OpenedPage = Any


class OpenPage(Protocol):
    """Opens a page on a payload, with options of the browser's context."""

    def __call__(
        self, payload: RunPage | DiffPage | StudyPage, address: str = "", **options: Any
    ) -> OpenedPage: ...


class MakePayload(Protocol):
    """Makes the payload of a page from a tree over some vectors."""

    def __call__(
        self,
        vectors: np.ndarray,
        tree: np.ndarray,
        *,
        metric: str,
        thresholds: tuple[float, float],
        **rows: Any,
    ) -> RunPage: ...


class ReferenceCut(Protocol):
    """Labels by merging all that is strictly below a threshold."""

    def __call__(self, tree: np.ndarray, threshold: float) -> np.ndarray: ...


class LabelsOf(Protocol):
    """The label of each row at one of the lines, as a page has it."""

    def __call__(self, page: OpenedPage, line: str = "to") -> np.ndarray: ...
