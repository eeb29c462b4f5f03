"""What keeps a part of a computation, for tests."""

from collections.abc import Callable
from dataclasses import dataclass

from embkit import Artifact

__all__ = ["Keeps"]


@dataclass
class Keeps:
    """Keeps every part, as a context does once a minute."""

    part: Artifact | None = None

    def unfinished_part(self) -> Artifact | None:
        return self.part

    def keep_part(self, make: Callable[[], Artifact]) -> None:
        part = make()
        self.part = Artifact({name: array.copy() for name, array in part.arrays.items()}, part.facts)
