"""A study read from TOML or a mapping, every mistake reported at once.

A value that is to be swept is written ``{ grid = [1, 2, 3] }``, so that a list
stays a list.
"""

import itertools
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from embkit.data.config import LARGEST_SEED, NOTHING, RunConfig, as_request
from embkit.data.request import Request
from embkit.data.study import DATASET_KEYS, DatasetSource, StudyConfig
from embkit.errors import ParameterError
from embkit.resources import parse_bytes
from embkit.studies.grid import expanded
from embkit.text import suggestion

__all__ = ["parse_study", "read_study", "recorded_study"]

_KEYS = (
    "name", "seeds", "datasets", "reducers", "clusterers", "validators", "visualizers",
    "namer", "exporters", "timeout", "memory", "threads",
)  # fmt: skip
_MOST_TRIALS = 10_000


def parse_study(mapping: Mapping[str, Any], origin: str, base: Path | None = None) -> StudyConfig:
    """Read a study, and report everything that is wrong with it at once.

    Parameters
    ----------
    mapping : mapping
        As TOML has it.
    origin : str
        Where it is from, for messages; the stem of a file's name is the study's where it states none.
    base : Path, optional
        What relative paths in it are relative to.

    Raises
    ------
    ParameterError
        With every mistake in one message.
    """
    reader = _Reader(mapping, base)
    study = reader.read(Path(origin).stem)
    if reader.mistakes:
        raise ParameterError(
            f"{origin}: {len(reader.mistakes)} mistakes: " + " | ".join(reader.mistakes)
            if len(reader.mistakes) > 1
            else f"{origin}: {reader.mistakes[0]}"
        )
    return study


def read_study(path: Path) -> StudyConfig:
    """Read the TOML file of a study; relative paths in it are relative to the file.

    Raises
    ------
    ParameterError
        If it cannot be read, or for everything that is wrong in it.
    """
    try:
        mapping = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ParameterError(f"{path} cannot be read", error.strerror or "", "check the path") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(f"{path} is no TOML", str(error), "") from None
    return parse_study(mapping, str(path), path.parent)


def recorded_study(folder: Path) -> StudyConfig:
    """The study that a folder belongs to, as it was resolved.

    Raises
    ------
    ParameterError
        If its record cannot be read.
    """
    file = folder / "study.json"
    try:
        mapping = json.loads(file.read_text("utf-8"))["study"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{file} is no record of a study", str(error), "") from None
    return parse_study(mapping, str(file))


class _Reader:
    """Reads a study and collects its mistakes instead of stopping at the first."""

    def __init__(self, mapping: Mapping[str, Any], base: Path | None) -> None:
        self.mapping = mapping
        self.base = base
        self.mistakes: list[str] = []

    def read(self, default_name: str) -> StudyConfig:
        for key in self.mapping:
            if key not in _KEYS:
                self.mistakes.append(f"unknown key {key!r}; {suggestion(key, _KEYS)}")
        study = StudyConfig(
            name=self._name(default_name),
            seeds=self._seeds(),
            datasets=tuple(self._datasets()),
            reducers=self._chains(),
            clusterers=self._components("clusterers", required=True),
            validators=self._components("validators"),
            visualizers=self._components("visualizers"),
            timeout=self._number("timeout"),
            namer=self._component("namer", NOTHING),
            exporters=self._components("exporters"),
            memory=self._memory(),
            threads=self._threads(),
        )
        count = len(study.seeds) * len(study.datasets) * len(study.reducers) * len(study.clusterers)
        if count > _MOST_TRIALS:
            self.mistakes.append(f"{count} trials are more than {_MOST_TRIALS}; sweep fewer values")
        return study

    def _seeds(self) -> tuple[int, ...]:
        seeds = self.mapping.get("seeds", [0])
        valid = isinstance(seeds, list) and all(
            isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= LARGEST_SEED
            for seed in seeds
        )
        if not valid or not seeds:
            self.mistakes.append(f"seeds={seeds!r} is no list of whole numbers from 0 to {LARGEST_SEED}")
            return ()
        return tuple(dict.fromkeys(seeds))

    def _memory(self) -> str | None:
        value = self.mapping.get("memory")
        try:
            return None if value is None else f"{parse_bytes(str(value))}"
        except ParameterError as error:
            self.mistakes.append(str(error))
            return None

    def _component(self, key: str, default: Request) -> Request:
        try:
            return as_request(self.mapping.get(key, default), key)
        except ParameterError as error:
            self.mistakes.append(str(error))
            return default

    def _name(self, default: str) -> str:
        name = self.mapping.get("name", default)
        if not isinstance(name, str):
            self.mistakes.append(f"name={name!r} is no text")
        return str(name)

    def _number(self, key: str) -> float | None:
        value = self.mapping.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            self.mistakes.append(f"{key}={value!r} is no positive number")
            return None
        return float(value)

    def _threads(self) -> int | None:
        value = self._number("threads")
        if value is not None and not value.is_integer():
            self.mistakes.append(f"threads={value!r} is no whole number")
        return None if value is None else int(value)

    def _entries(self, key: str, *, required: bool = False) -> list[Mapping[str, Any]]:
        entries = self.mapping.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
            self.mistakes.append(f"{key} is no list of tables; write [[{key}]]")
            return []
        if required and not entries:
            self.mistakes.append(f"there are no {key}; write at least one [[{key}]]")
        return entries

    def _datasets(self) -> Iterator[DatasetSource]:
        taken: set[str] = set()
        for number, entry in enumerate(self._entries("datasets", required=True), 1):
            for key in entry:
                if key not in DATASET_KEYS:
                    self.mistakes.append(
                        f"datasets {number}: unknown key {key!r}; {suggestion(key, DATASET_KEYS)}"
                    )
            for values, swept in self._expanded(entry, f"datasets {number}"):
                known = {key: value for key, value in values.items() if key in DATASET_KEYS}
                label = self._label(known, number, swept)
                if label in taken:
                    self.mistakes.append(
                        f"datasets {number}: the label {label!r} is taken; give another"
                    )
                taken.add(label)
                known.pop("label", None)
                if known.get("sample") is not None:
                    known["sample_seed"] = 0  # every trial works on the same rows
                for key in ("source", "table"):
                    if self.base is not None and isinstance(known.get(key), str):
                        known[key] = str((self.base / Path(known[key]).expanduser()).resolve())
                try:
                    yield DatasetSource(label, RunConfig.from_mapping(known, f"datasets {number}"))
                except ParameterError as error:
                    self.mistakes.append(str(error))

    @staticmethod
    def _label(values: Mapping[str, Any], number: int, swept: Mapping[str, Any]) -> str:
        loader = values.get("loader")
        name = loader.get("name") if isinstance(loader, Mapping) else loader
        source = values.get("source")
        base = (
            values.get("label")
            or (Path(source).stem if isinstance(source, str) else name)
            or f"dataset {number}"
        )
        return " ".join([str(base), *(f"{key}={value}" for key, value in swept.items())])

    def _chains(self) -> tuple[tuple[Request, ...], ...]:
        chains: list[tuple[Request, ...]] = []
        for number, entry in enumerate(self._entries("reducers"), 1):
            origin = f"reducers {number}"
            links = entry["chain"] if set(entry) == {"chain"} else [entry]
            if not isinstance(links, list) or not all(isinstance(link, Mapping) for link in links):
                self.mistakes.append(f"{origin}: chain is no list of tables")
                continue
            alternatives = [self._requests(link, origin) for link in links]
            chains += [tuple(chosen) for chosen in itertools.product(*alternatives)]
        return tuple(chains) or ((),)

    def _components(self, key: str, *, required: bool = False) -> tuple[Request, ...]:
        found: list[Request] = []
        for number, entry in enumerate(self._entries(key, required=required), 1):
            found += [item for item in self._requests(entry, f"{key} {number}") if item not in found]
        return tuple(found)

    def _requests(self, entry: Mapping[str, Any], origin: str) -> list[Request]:
        if not isinstance(entry.get("name"), str):
            self.mistakes.append(f"{origin}: it names no component; give it a name")
            return []
        return [
            Request(values["name"], {key: value for key, value in values.items() if key != "name"})
            for values, _ in self._expanded(entry, origin)
        ]

    def _expanded(
        self, entry: Mapping[str, Any], origin: str
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Every choice of the swept values, with the values that were chosen by their key."""
        try:
            yield from expanded(entry)
        except ParameterError as error:
            self.mistakes.append(f"{origin}: {error}")
