"""Calls made in this process, and what every place where calls are made has."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from embkit.runs.workers.parts import parts_of

__all__ = ["LocalWorkers", "Workers"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers(Protocol):
    """Where the calls of `embkit.plugin.protocols.Context.map` are made."""

    @property
    def distributed(self) -> bool:
        """Whether that is other processes."""
        ...

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item, in their order."""
        ...

    def scatter(self, vectors: Any, n_rows: int) -> Sequence[Any]:
        """Consecutive parts of the rows, each in the place where functions will read it."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """What the record of a run says of it."""
        ...


@dataclass(frozen=True)
class LocalWorkers:
    """Calls one after the other in this process; see `Workers`."""

    distributed: bool = False

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item, computed when it is asked for."""
        return map(function, items)

    def scatter(self, vectors: Any, n_rows: int) -> Sequence[Any]:
        """Views of the rows; those in files stay there."""
        return tuple(parts_of(vectors, n_rows))

    def facts(self) -> Mapping[str, Any]:
        """What the record of a run says of it."""
        return {"name": "local"}
