"""Names and texts as arrays, which an artifact can take, keep and give back."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit import Artifact, Name, Names

__all__ = ["arrays_of", "names_of", "packed", "unpacked"]

_MEASURES = ("p_value", "fit", "precision", "recall", "auc", "stability")
_N_ROWS = 3


def packed(value: Any) -> NDArray[np.uint8]:
    """Write a value as JSON, in an array of its bytes."""
    return np.frombuffer(json.dumps(value).encode("ascii"), dtype=np.uint8)


def unpacked(array: NDArray[np.uint8]) -> Any:
    """Read a value that `packed` wrote."""
    return json.loads(array.tobytes())


def arrays_of(names: Names) -> dict[str, NDArray[Any]]:
    """Write names in arrays without NaN: measures that are missing are 0, and not ``known``."""
    measures = [[getattr(name, measure) for measure in _MEASURES] for name in names.names]
    values = np.array(measures, dtype=np.float64).reshape(-1, len(_MEASURES))
    rows = [(*name.rows, *[-1] * _N_ROWS)[:_N_ROWS] for name in names.names]
    return {
        "titles": packed(names.titles),
        "terms": packed([name.terms for name in names.names]),
        "notes": packed([name.note for name in names.names]),
        "rows": np.array(rows, dtype=np.int64).reshape(-1, _N_ROWS),
        "measures": np.nan_to_num(values),
        "known": ~np.isnan(values),
    }


def names_of(found: Artifact) -> list[Name]:
    """Read the names that `arrays_of` wrote."""
    titles, terms, notes = (unpacked(found[part]) for part in ("titles", "terms", "notes"))
    rows, measures, known = (found[part].tolist() for part in ("rows", "measures", "known"))
    return [
        Name(
            title,
            tuple(terms[node]),
            tuple(row for row in rows[node] if row >= 0),
            notes[node],
            **{
                measure: value
                for measure, value, measured in zip(_MEASURES, measures[node], known[node], strict=True)
                if measured
            },
        )
        for node, title in enumerate(titles)
    ]
