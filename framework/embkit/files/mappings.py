"""JSON and TOML files that hold a mapping: configurations, studies, records."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embkit.errors import DataError, ParameterError
from embkit.files.sources import read_text

__all__ = ["read_json", "read_toml"]


def read_json(path: Path, what: str, fix: str = "") -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it should be, for messages, such as ``the record of a run``.
    fix : str
        What to do if it is not.

    Raises
    ------
    ParameterError
        If it cannot be read, is not JSON, or holds anything but an object.
    """
    return _read(path, json.loads, what, fix)


def read_toml(path: Path, what: str, fix: str = "") -> dict[str, Any]:
    """Read a TOML file; see `read_json`."""
    return _read(path, tomllib.loads, what, fix)


def _read(path: Path, parse: Callable[[str], Any], what: str, fix: str) -> dict[str, Any]:
    try:
        document = parse(read_text(path))
    except DataError as error:  # not there, not a regular file, endless, or not UTF-8
        raise ParameterError(error.what, error.why, fix or error.fix) from None
    except (ValueError, RecursionError) as error:  # undecodable bytes and numbers without end, too
        raise ParameterError(f"{path} is not {what}", str(error), fix) from None
    if not isinstance(document, Mapping):
        raise ParameterError(f"{path} is not {what}", f"it holds {type(document).__name__}", fix)
    return dict(document)
