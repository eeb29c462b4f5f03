"""Sources that are not on the disk: standard input and remote files, put there for a while."""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from embkit.data.configuration.run import RunConfig
from embkit.errors import DataError, EmbkitError, MissingExtraError, ParameterError, ResourceError
from embkit.files.folders import temporary_folder
from embkit.files.several import as_sources, natural_key
from embkit.text import format_bytes, shorten

__all__ = ["fetched", "is_on_disk"]

_BLOCK = 1 << 22
_SPARED = 1 << 28  # bytes of the disk that are left free
_STDIN = "-"


@contextmanager
def fetched(config: RunConfig, *, again: bool = False) -> Iterator[RunConfig]:
    """The configuration with its source on this disk, for as long as the block lasts.

    What is on the disk already is left where it is. Files stay readable for those
    that opened or mapped them.

    Parameters
    ----------
    config : RunConfig
        Its source may be ``-`` for standard input, or an address such as
        ``s3://bucket/part-*.parquet`` that fsspec knows.
    again : bool
        Whether the source is read once more, for which standard input is gone.

    Raises
    ------
    DataError
        If it cannot be read.
    MissingExtraError
        If fsspec is not installed.
    ResourceError
        If it does not fit on the disk.
    """
    if is_on_disk(config):
        yield config
        return
    sources = as_sources(config.source)
    with temporary_folder() as folder:
        local: list[str] = []
        for number, source in enumerate(sources):
            into = folder / str(number)
            into.mkdir()
            if source == _STDIN:
                local.append(str(_standard_input(into, again=again)))
            else:
                local += _downloaded(source, into) if _is_remote(source) else [source]
        try:
            yield replace(config, source=local[0] if len(local) == 1 else tuple(local))
        except EmbkitError as error:
            # What a user gave is not a file of this folder.
            error.reword(lambda words: re.sub(rf"{re.escape(str(folder))}/\d+/", "", words))
            raise


def is_on_disk(config: RunConfig) -> bool:
    """Whether the source is on this disk, or there is none."""
    return not any(source == _STDIN or _is_remote(source) for source in as_sources(config.source))


def _is_remote(source: str) -> bool:
    scheme, mark, _ = source.partition("://")
    return bool(mark) and scheme.replace("+", "").replace("-", "").replace("::", "").isalnum()


def _standard_input(folder: Path, *, again: bool) -> Path:
    if again or sys.stdin is None:
        raise DataError(
            "source '-': standard input cannot be read again",
            "nothing keeps what was piped in",
            "write it to a file and run that",
        )
    if sys.stdin.isatty():
        raise DataError(
            "source '-': nothing is piped in",
            "standard input is the keyboard",
            "pipe a file into embkit, or give its path",
        )
    path = folder / "stdin"
    with path.open("wb") as file:
        _copy(sys.stdin.buffer, file, "standard input")
    if not path.stat().st_size:
        raise DataError(
            "source '-': standard input is empty", "there is nothing to read", "check what is piped in"
        )
    return path


def _downloaded(address: str, folder: Path) -> list[str]:
    """The files of an address; of a folder there, the folder they are copied to."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError(f"source {shorten(address, 80)}", "fsspec", "remote") from error
    try:
        files, inside = url_to_fs(address)
        if "file" in _protocols(files):
            return [inside]
        if any(mark in inside for mark in "*?["):
            found = sorted(files.glob(inside), key=natural_key)
        elif files.isdir(inside):
            found = sorted(item for item in files.ls(inside, detail=False) if not files.isdir(item))
        else:
            found = [inside]
        copies = [_copied(files, item, folder, address) for item in found]
        is_folder = found != [inside] and not any(mark in inside for mark in "*?[")
    except EmbkitError:
        raise
    except ImportError as error:
        raise ParameterError(
            f"{shorten(address, 200)}: what reads such addresses is not installed",
            shorten(str(error), 200),
            "install it with pip",
        ) from error
    except Exception as error:
        raise DataError(
            f"{shorten(address, 200)}: it cannot be read",
            shorten(f"{type(error).__name__}: {error}", 200),
            "check the address, and that you may read it",
        ) from error
    if not copies:
        raise DataError(f"{shorten(address, 200)}: no file is there", "", "check the address")
    return [str(folder)] if is_folder else [str(copy) for copy in copies]


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)


def _copied(files: Any, item: str, folder: Path, address: str) -> Path:
    name = item.rstrip("/").rpartition("/")[2]
    if not name or name in (".", "..") or "\0" in name or "\\" in name:
        raise DataError(f"{shorten(address, 200)}: it names no file", "", "give the address of a file")
    path = folder / name
    number = 1
    while path.exists():  # of another folder that the pattern matches
        number += 1
        path = folder / f"{number}-{name}"
    with files.open(item, "rb") as source, path.open("wb") as file:
        _copy(source, file, address)
    return path


def _copy(source: IO[bytes], file: IO[bytes], name: str) -> None:
    """Copy to the end, as long as the disk has room."""
    while block := source.read(_BLOCK):
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if free < _SPARED + len(block):
            raise ResourceError(
                f"{shorten(name, 200)}: it does not fit on the disk of {tempfile.gettempdir()}",
                f"{format_bytes(free)} are free",
                "set TMPDIR to a folder on a larger disk",
            )
        file.write(block)
