"""Vectors and numbers as people and programs write them into a single cell.

A vector in one cell comes as JSON, as Python or NumPy print lists, tuples and
arrays, as PostgreSQL writes arrays, as numbers between commas or blanks, as
base64, or as the bytes of its numbers. What is not plainly one of these is
refused with the reason.
"""

import base64
import binascii
import json
import re
from typing import Any

import numpy as np

__all__ = ["MISSING", "is_missing", "is_number", "looks_like_list", "parse_vector", "plain_number"]

MISSING = frozenset(
    ("", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "null", "none", "nil", "-1.#ind", "1.#qnan")
)
"""How programs write that there is no value, in lower case."""

_POINT = re.compile(
    r"\s*[-+\u2212]?(\d++(?:\.\d*+)?|\.\d++)([eE][-+\u2212]?\d+)?\s*|\s*[-+]?(nan|inf|infinity)\s*",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*[-+\u2212]?(\d+,\d*|,\d+)([eE][-+\u2212]?\d+)?\s*")
_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">"}
# array([...]), np.array(...), tensor(...): a name and its bracket around the rest.
_NAMED = re.compile(r"[A-Za-z_][\w.]*\s*(?=[\[({])")
_OPTION = re.compile(r",\s*[a-z_]+\s*=\s*[^\[\](){}]*$")
# np.float32(0.5), Decimal('0.5'): a name and a bracket around a single number.
_WRAPPED = re.compile(
    r"""(?<![\w.])[A-Za-z_][\w.]*\(\s*['"]?([-+]?[\d.]+(?:[eE][-+]?\d+)?|nan)['"]?\s*\)"""
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}")
# Embeddings are neither larger nor, where not zero, smaller; other bytes read as floats mostly are.
_LARGEST, _SMALLEST = 1e6, 1e-12


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is written as a number with that decimal sign."""
    return bool(_POINT.fullmatch(cell) or (decimal == "," and _COMMA.fullmatch(cell)))


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


def looks_like_list(cell: str) -> bool:
    """Whether a cell is written as a list: in brackets, with or without a name before them."""
    text = cell.strip()
    text = text[named.end() :] if (named := _NAMED.match(text)) else text
    return text[:1] in _CLOSING and text[-1:] in _CLOSING.values() and len(text) > 1


def plain_number(text: str) -> float:
    """Return the number that a text is, with a point or without.

    Raises
    ------
    ValueError
        If it is none; Python's digits grouped by underscores are none.
    """
    if "_" in text:
        raise ValueError("an underscore")
    return float(text.replace("\u2212", "-"))


def parse_vector(cell: str | bytes) -> Any:
    """Read the vector of a cell.

    Parameters
    ----------
    cell : str or bytes
        The text; or the numbers' own bytes, float32 or float64, little-endian.

    Returns
    -------
    list or None
        The values as they stand, NaN for those that are missing; None where
        the cell is empty or says that there is no value.

    Raises
    ------
    ValueError
        If it is written in no known way, or values were left out when it was
        printed.
    """
    if isinstance(cell, bytes):
        try:
            text = cell.decode()
        except UnicodeDecodeError:
            return _floats_of(cell)
        if not "".join(text.split()).isprintable():
            return _floats_of(cell)
        cell = text
    text = cell.strip()
    if is_missing(text):
        return None
    if text[0] == "[":
        try:
            return _row_of(json.loads(text))
        except (ValueError, RecursionError):
            pass  # what JSON does not know may still be a list that Python or NumPy wrote
    return _tolerant(text)


def _row_of(value: Any) -> Any:
    """A vector that was kept as the one row of a matrix, without that bracket."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    return value


def _tolerant(text: str) -> list[float]:
    if "..." in text or "…" in text:
        raise ValueError("values were left out (...) when the array was printed")
    if _BASE64.fullmatch(text) and not is_number(text):
        return _floats_of(_decoded(text))
    body = _unwrapped(_WRAPPED.sub(r"\1", text))
    values = _divided(body)
    if len(values) < 2 and body == text:
        raise ValueError(f"it is {'a single number' if is_number(text) else 'not a list of numbers'}")
    return [_value(value) for value in values]


def _unwrapped(text: str) -> str:
    body = text
    while True:
        inner = body[named.end() :] if (named := _NAMED.match(body)) else body
        if len(inner) < 2 or _CLOSING.get(inner[0]) != inner[-1]:
            return body
        body = inner[1:-1].strip()
        # What follows an array in its brackets is short; a search in all of a long cell is not.
        if option := _OPTION.search(body, max(0, len(body) - 200)):
            body = body[: option.start()].rstrip()
        body = body.removesuffix(",").rstrip()


def _divided(body: str) -> list[str]:
    """The values, by what stands between them; a decimal comma only where something else divides."""
    for separator in ";|":
        if separator in body:
            return _with_point(body.removesuffix(separator).split(separator))
    if "," in body:
        blank = re.search(r"\s", body.strip())
        if re.search(r",\s|\s,", body) or not blank:
            return body.removesuffix(",").split(",")
        return _with_point(body.split())
    return body.split()


def _with_point(values: list[str]) -> list[str]:
    if any("," in value for value in values) and all("." not in value for value in values):
        return [value.replace(",", ".") for value in values]
    return values


def _value(text: str) -> float:
    text = text.strip()
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        text = text[1:-1]
    if not text:
        raise ValueError("a value is empty")
    if is_missing(text):
        return float("nan")
    try:
        return plain_number(text)
    except ValueError:
        shown = text if len(text) <= 30 else f"{text[:29]}…"
        raise ValueError(f"{shown!r} is not a number") from None


def _decoded(text: str) -> bytes:
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"it is neither a list nor base64: {error}") from None


def _floats_of(raw: bytes) -> list[float]:
    """The numbers whose bytes these are: float32 as APIs send them, or float64."""
    for dtype in ("<f4", "<f8"):
        if raw and len(raw) % int(dtype[2]) == 0:
            with np.errstate(invalid="ignore"):  # of NaNs that signal
                values = np.frombuffer(raw, dtype=dtype).astype(np.float64)
            sizes = np.abs(values[values != 0])
            if np.isfinite(values).all() and ((sizes > _SMALLEST) & (sizes < _LARGEST)).all():
                numbers: list[float] = values.tolist()
                return numbers
    raise ValueError("its bytes (of base64, or raw) are not float32 or float64 numbers")
