"""What a run is to do: read from TOML, from a run's own record, or from the command line."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from embkit.data.request import Request, parse_request
from embkit.errors import ParameterError
from embkit.text import suggestion

__all__ = ["NOTHING", "RunConfig", "Slot", "as_request", "read_config", "slots"]

_CHOICES = {"nonfinite": ("error", "drop"), "zero_vectors": ("error", "drop")}
_TYPES: Mapping[str, type] = {
    "source": str,
    "table": str,
    "memory": str,
    "seed": int,
    "threads": int,
    "sample": int,
    "sample_seed": int,
}
_LEAST = {"seed": 0, "threads": 1, "sample": 1, "sample_seed": 0}
# What every random generator below accepts (numpy's legacy seeding: 32 bits).
LARGEST_SEED = 2**32 - 1


NOTHING = Request("none", {})
"""Stated in place of a component that would otherwise be chosen."""


@dataclass(frozen=True)
class RunConfig:
    """One chain of components and how to run it.

    Parameters
    ----------
    source : str, optional
        Path of the data; None for a generator.
    loader : Request, optional
        How to read it; chosen by file name and content where not given.
    table : str, optional
        ``FILE`` or ``FILE:text=column,...``, a row-aligned table to attach.
    reducers, validators, visualizers, exporters : tuple of Request
        In the order in which they run.
    clusterer : Request, optional
        None to inspect the dataset alone.
    namer : Request, optional
        What names the clusters; the default one, if omitted and the rows have
        texts, and nothing if it is called ``none``.
    names : str or mapping, optional
        What clusters are called whatever the namer says: a table, the folder of an
        earlier run, or names by number; see `embkit.files.names.read_given_names`.
    seed : int, optional
        Drawn, and recorded, where not given.
    threads : int, optional
        Thread budget; all processors where not given.
    memory : str, optional
        Memory budget such as ``4GB``; 80 % of what is free where not given.
    sample : int, optional
        Work on a random sample of that many rows.
    sample_seed : int, optional
        Seed of the sample; the run's where not given.
    nonfinite, zero_vectors : {"error", "drop"}
        What to do with rows that cannot be used.

    Raises
    ------
    ParameterError
        If a value is of the wrong type or out of range.
    """

    source: str | None = None
    loader: Request | None = field(default=None, metadata={"kind": "loader"})
    table: str | None = None
    reducers: tuple[Request, ...] = field(default=(), metadata={"kind": "reducer"})
    clusterer: Request | None = field(default=None, metadata={"kind": "clusterer"})
    namer: Request | None = field(default=None, metadata={"kind": "namer"})
    validators: tuple[Request, ...] = field(default=(), metadata={"kind": "validator"})
    visualizers: tuple[Request, ...] = field(default=(), metadata={"kind": "visualizer"})
    exporters: tuple[Request, ...] = field(default=(), metadata={"kind": "exporter"})
    names: str | Mapping[Any, Any] | None = None
    seed: int | None = None
    threads: int | None = None
    memory: str | None = None
    sample: int | None = None
    sample_seed: int | None = None
    nonfinite: str = field(default="error")
    zero_vectors: str = field(default="error")

    def __post_init__(self) -> None:
        if not isinstance(self.names, str | Mapping | None):
            raise ParameterError(
                f"names={self.names!r} is of the wrong type", "it is a path, or names by number", ""
            )
        for name, kind in _TYPES.items():
            value = getattr(self, name)
            if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
                raise ParameterError(
                    f"{name}={value!r} is of the wrong type", f"it is a {kind.__name__}", ""
                )
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ParameterError(f"{name}={value} is too small", f"the least is {least}", "")
        if self.seed is not None and self.seed > LARGEST_SEED:
            raise ParameterError(f"seed={self.seed} is too large", f"the largest is {LARGEST_SEED}", "")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ParameterError(
                    f"{name}={getattr(self, name)!r} is unknown", "", f"give one of {', '.join(choices)}"
                )

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], origin: str) -> "RunConfig":
        """Read what `to_mapping` wrote, or what a user wrote in TOML.

        Raises
        ------
        ParameterError
            If a key is unknown or a component has no name.
        """
        known = [item.name for item in fields(cls)]
        for key in mapping:
            if key not in known:
                raise ParameterError(f"{origin}: unknown key {key!r}", "", suggestion(key, known))
        values = dict(mapping)
        for slot in slots():
            entry, place = values.get(slot.key), f"{origin}: {slot.key}"
            if not slot.several:
                values[slot.key] = None if entry is None else as_request(entry, place)
                continue
            if not isinstance(entry or (), list | tuple):
                raise ParameterError(f"{place} is not a list", "", f"write it as [[{slot.key}]] tables")
            values[slot.key] = tuple(as_request(item, place) for item in entry or ())
        return cls(**values)

    def to_mapping(self) -> dict[str, Any]:
        """A JSON-like mapping from which `from_mapping` makes the same configuration."""
        values: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        for slot in slots():
            stated = values[slot.key]
            if slot.several:
                values[slot.key] = [_flat(request) for request in stated]
            else:
                values[slot.key] = None if stated is None else _flat(stated)
        return values

    def anchored(self) -> "RunConfig":
        """The same configuration with absolute paths, so that it means the same from any folder."""
        source = None if self.source is None else str(Path(self.source).expanduser().absolute())
        table = None
        if self.table is not None:
            file, colon, columns = self.table.partition(":")
            table = f"{Path(file).expanduser().absolute()}{colon}{columns}"
        names = self.names
        if isinstance(names, str):
            names = str(Path(names).expanduser().absolute())
        return replace(self, source=source, table=table, names=names)

    def requests(self, slot: "Slot") -> tuple[Request, ...]:
        """The components that stand in one place."""
        value = getattr(self, slot.key)
        return value if slot.several else () if value in (None, NOTHING) else (value,)

    def with_requests(self, requests: "Mapping[Slot, Sequence[Request]]") -> "RunConfig":
        """The same configuration with other components in some places."""
        values: dict[str, Any] = {
            slot.key: tuple(found) if slot.several else next(iter(found), None)
            for slot, found in requests.items()
        }
        return replace(self, **values)


@dataclass(frozen=True)
class Slot:
    """Where components of one kind stand in a configuration.

    Parameters
    ----------
    key : str
        Name of the field: the kind, or its plural where several may stand.
    kind : str
        ``"loader"``, ``"clusterer"`` and so on.
    several : bool
        Whether it is a list.
    """

    key: str
    kind: str
    several: bool


def slots() -> tuple[Slot, ...]:
    """Every place for components in a configuration, in the order in which they run."""
    return tuple(
        Slot(item.name, item.metadata["kind"], item.default == ())
        for item in fields(RunConfig)
        if "kind" in item.metadata
    )


def as_request(entry: Any, origin: str) -> Request:
    """A component written as ``"NAME:key=value"`` or as a table with a ``name``.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if isinstance(entry, Request):
        return entry
    if isinstance(entry, str):
        return parse_request(entry)
    if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
        return Request(entry["name"], {key: value for key, value in entry.items() if key != "name"})
    raise ParameterError(f"{origin}: {entry!r} names no component", "", 'give it a name = "..."')


def _flat(request: Request) -> dict[str, Any]:
    return {"name": request.name, **request.params}


def read_config(path: Path) -> RunConfig:
    """Read a TOML file, or the ``run.json`` (or folder) that a run left.

    Raises
    ------
    ParameterError
        If the file is missing, not of that form, or names unknown keys.
    """
    file = path / "run.json" if path.is_dir() else path
    try:
        text = file.read_text("utf-8")
        mapping = json.loads(text)["config"] if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ParameterError(f"{file} cannot be read", error.strerror or "", "check the path") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(
            f"{file} is no configuration",
            str(error),
            "give a TOML file, or the run.json that a run left",
        ) from None
    return RunConfig.from_mapping(mapping, str(file))
