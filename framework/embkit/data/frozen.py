"""Values that stay as they are: read-only mappings and arrays, which pickle and copy."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

__all__ = ["FrozenMapping", "Remade"]

K = TypeVar("K")
V = TypeVar("V")


class FrozenMapping(Mapping[K, V]):
    """A mapping that cannot be changed; unlike `types.MappingProxyType`, it pickles and copies."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[K, V]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: K) -> V:
        return self._values[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __or__(self, other: Mapping[K, V]) -> dict[K, V]:
        return self._values | dict(other)

    def __ror__(self, other: Mapping[K, V]) -> dict[K, V]:
        return dict(other) | self._values

    def __repr__(self) -> str:
        return repr(self._values)

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMapping, (self._values,)


class Remade:
    """Base of frozen dataclasses that are pickled and copied by their fields.

    The copy is made by the constructor, so that its arrays are read-only again.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        values = {item.name: getattr(self, item.name) for item in fields(self)}  # type: ignore[arg-type]  # its heirs are dataclasses
        return _remade, (type(self), values)


def _remade(kind: type[Any], values: Mapping[str, Any]) -> Any:
    return kind(**values)
