"""The configuration of a run, read from a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embkit.data.configuration.run import RunConfig
from embkit.errors import ParameterError
from embkit.files.mappings import read_json, read_toml

__all__ = ["read_config", "recorded_config"]

_WHAT = "a configuration"
_FIX = "give a TOML file, or the run.json that a run left"


def read_config(path: Path) -> RunConfig:
    """Read a TOML file, or the ``run.json`` (or folder) that a run left.

    Relative paths in a TOML file are relative to the file.

    Raises
    ------
    ParameterError
        If the file is missing or is not a configuration, or for every mistake in it.
    """
    file = path / "run.json" if path.is_dir() else path
    if file.suffix != ".json":
        mapping = read_toml(file, _WHAT, _FIX)
        if {"datasets", "clusterers"} & mapping.keys():
            raise ParameterError(
                f"{file} declares a study",
                "a run has one source and one clusterer",
                f"use: embkit study {file}",
            )
        return RunConfig.from_mapping(mapping, str(file)).anchored(file.parent)
    record = read_json(file, _WHAT, _FIX)
    if not isinstance(record.get("config"), dict):
        raise ParameterError(f"{file} is not {_WHAT}", "it is not the record of a run", _FIX)
    return recorded_config(record, file)


def recorded_config(record: Mapping[str, Any], file: Path) -> RunConfig:
    """The configuration in the record of a run.

    Raises
    ------
    ParameterError
        For every mistake in it.
    """
    return RunConfig.from_mapping(_with_infinities(record["config"]), str(file))


def _with_infinities(value: Any) -> Any:
    """Infinite parameters as numbers again, which JSON has none for; see `run_record`."""
    if isinstance(value, Mapping):
        return {key: _with_infinities(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_infinities(item) for item in value]
    return float(value) if value in ("inf", "-inf") else value
