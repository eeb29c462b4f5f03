"""Configuration of a run, from TOML, from the record of a run, or from the command line."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, PlainValidator, StrictStr
from pydantic_core import PydanticKnownError

from embkit.data.configuration.checking import Bytes, Count, Seed, Threads, check_mapping, mistake
from embkit.data.configuration.request import Request, as_request, result_names
from embkit.data.shown.pictures import FigureFormat
from embkit.errors import ParameterError

__all__ = [
    "CHOSEN",
    "NOTHING",
    "Component",
    "OnBadRows",
    "RunConfig",
    "Slot",
    "Sources",
    "anchored_path",
    "slots",
]

NOTHING = Request("none", {})
"""Stated in place of a component that would otherwise be chosen."""
CHOSEN = Request("auto", {})
"""Stated in place of a clusterer that is chosen once the dataset is known."""


def _as_component(entry: Any) -> Request:
    try:
        return as_request(entry)
    except ParameterError as error:
        raise mistake(error) from None


def _as_sources(value: Any) -> str | tuple[str, ...]:
    items = (value,) if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items:
        raise PydanticKnownError("string_type")
    if not all(isinstance(item, str) for item in items):
        raise PydanticKnownError("string_type")
    if any(not item.strip() for item in items):  # which would be the folder one is in
        raise mistake("it is empty, as the value of a variable that is not set")
    return value if isinstance(value, str) else tuple(items)


Sources = Annotated[str | tuple[str, ...], PlainValidator(_as_sources)]
"""A source, or several that are read as one."""


def _as_names(value: Any) -> Any:
    if value is None or isinstance(value, str | Mapping):
        return value
    first = f"{{0: {next(iter(value))!r}}}" if isinstance(value, list | tuple) and value else "{0: NAME}"
    raise mistake(f"a table, a folder, or names by number are wanted; write {first}")


Names = Annotated[str | Mapping[Any, Any] | None, PlainValidator(_as_names)]
"""Names of clusters: where they are, or the names by the clusters' numbers."""

Component = Annotated[Request, PlainValidator(_as_component)]
"""A component, which users may write as text or as a table."""

OnBadRows = Literal["error", "drop"]


@dataclass(frozen=True)
class RunConfig:
    """One chain of components and how to run it.

    The annotations are what `from_mapping` checks.

    Parameters
    ----------
    source : str or tuple of str, optional
        Path of the data, a folder, a pattern, ``-`` or an address; or several of
        them, read as one. None for a generator.
    loader : Request, optional
        How to read it; chosen by file name and content if omitted.
    table : str, optional
        ``FILE`` or ``FILE:text=column,...``, a row-aligned table to attach.
    reducers, validators, visualizers, exporters : tuple of Request
        In the order in which they run.
    clusterer : Request, optional
        None to inspect the dataset alone; ``auto`` for the one that suits the dataset.
    namer : Request, optional
        What names the clusters; the default one, if omitted and the rows have
        texts, and nothing if it is called ``none``.
    names : str or mapping, optional
        What clusters are called whatever the namer says: a table, the folder of an
        earlier run, or names by number; see `embkit.files.names.read_given_names`.
    seed : int, optional
        Drawn, and recorded, if omitted.
    threads : int, optional
        Thread budget; all processors if omitted.
    memory : int, optional
        Memory budget in bytes, written like ``4GB`` in files and on the command
        line; 80 % of what is free if omitted.
    sample : int, optional
        Work on a random sample of that many rows.
    sample_seed : int, optional
        Seed of the sample; the run's if omitted.
    figure_formats : tuple of {"png", "svg", "pdf"}
        What each picture is written as; none are written if empty.
    nonfinite, zero_vectors : {"error", "drop"}
        What to do with rows that cannot be used.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    source: Sources | None = None
    loader: Component | None = field(default=None, metadata={"kind": "loader"})
    table: StrictStr | None = None
    reducers: tuple[Component, ...] = field(default=(), metadata={"kind": "reducer"})
    clusterer: Component | None = field(default=None, metadata={"kind": "clusterer"})
    namer: Component | None = field(default=None, metadata={"kind": "namer"})
    validators: tuple[Component, ...] = field(default=(), metadata={"kind": "validator"})
    visualizers: tuple[Component, ...] = field(default=(), metadata={"kind": "visualizer"})
    exporters: tuple[Component, ...] = field(default=(), metadata={"kind": "exporter"})
    names: Names | None = None
    seed: Seed | None = None
    threads: Threads | None = None
    memory: Bytes | None = None
    sample: Count | None = None
    sample_seed: Seed | None = None
    figure_formats: tuple[FigureFormat, ...] = ("png",)
    nonfinite: OnBadRows = "error"
    zero_vectors: OnBadRows = "error"

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], origin: str) -> "RunConfig":
        """Read what `to_mapping` wrote, or what a user wrote in TOML.

        Components are written as ``"NAME:key=value"`` or as tables with a ``name``.

        Raises
        ------
        ParameterError
            With every mistake in one message.
        """
        return check_mapping(cls, mapping, origin, {"": [item.name for item in fields(cls)]})

    def to_mapping(self) -> dict[str, Any]:
        """A JSON-like mapping from which `from_mapping` makes the same configuration."""
        values: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        for slot in slots():
            stated = values[slot.key]
            if slot.several:
                values[slot.key] = [request.to_mapping() for request in stated]
            else:
                values[slot.key] = None if stated is None else stated.to_mapping()
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}

    def anchored(self, base: Path | None = None) -> "RunConfig":
        """The same configuration with absolute paths, so that it means the same from any folder.

        Parameters
        ----------
        base : Path, optional
            What relative paths are relative to; the working directory if omitted.
        """
        table = None
        if self.table is not None:
            file, colon, columns = self.table.partition(":")
            table = f"{anchored_path(file, base)}{colon}{columns}"
        source = self.source
        if isinstance(source, str):
            source = anchored_path(source, base)
        elif source is not None:
            source = tuple(anchored_path(item, base) for item in source)
        names = anchored_path(self.names, base) if isinstance(self.names, str) else self.names
        return replace(self, source=source, table=table, names=names)

    def requests(self, slot: "Slot") -> tuple[Request, ...]:
        """The components in one place."""
        value = getattr(self, slot.key)
        return value if slot.several else () if value in (None, NOTHING, CHOSEN) else (value,)

    def named_validators(self) -> dict[str, Request]:
        """The validators by what their results are called."""
        return dict(zip(result_names(self.validators), self.validators, strict=True))

    def all_requests(self) -> tuple[Request, ...]:
        """The components in all places, in the order in which they run."""
        return tuple(request for slot in slots() for request in self.requests(slot))

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
        Name of the field: the kind, or its plural if there may be several.
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


def anchored_path(path: str, base: Path | None = None) -> str:
    """A path made absolute; standard input and addresses stay as they are."""
    if path == "-" or "://" in path:
        return path
    return str(Path(base or "", os.path.expanduser(path)).absolute())  # noqa: PTH111 - never raises
