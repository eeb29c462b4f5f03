"""The rows of a run whose source is not at hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embkit.data.dataset import Dataset, IntArray, read_only
from embkit.data.frozen import FrozenMapping
from embkit.errors import DataError

__all__ = ["Sourceless"]


class Sourceless(Dataset):
    """The rows of a run without their vectors, texts and reference labels.

    Parameters
    ----------
    error : DataError
        Why the source is not at hand; raised wherever vectors are asked for.
    record : mapping
        What the run recorded of its dataset.
    rows : sequence of int
        The row numbers in the source.
    ids : sequence of str
        Of the rows.
    dropped, dropped_ids : mapping of int to str
        The rows that were left out, why, and their ids.
    """

    error: DataError
    record: Mapping[str, Any]

    def __init__(
        self,
        error: DataError,
        record: Mapping[str, Any],
        rows: Sequence[int] | IntArray,
        ids: Sequence[str],
        dropped: Mapping[int, str],
        dropped_ids: Mapping[int, str],
    ) -> None:
        values = {
            "error": error,
            "record": dict(record),
            "name": record["name"],
            "ids": tuple(ids),
            "rows": read_only(np.array(rows, dtype=np.int64)),
            "metadata": FrozenMapping({}),
            "fitted": FrozenMapping({}),
            "dropped": FrozenMapping(dropped),
            "dropped_ids": FrozenMapping(dropped_ids),
            "notes": (*record["notes"], f"without vectors and texts: {error.what}"),
            "fingerprint": record["fingerprint"],
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}: {self.n_samples} x {self.n_features}, without its vectors)"

    def __reduce__(self) -> tuple[Any, ...]:
        rows = self.source_rows.copy()
        given = (self.error, self.record, rows, self.ids, self.dropped, self.dropped_ids)
        return Sourceless, given

    @property
    def vectors(self) -> NDArray[Any]:
        """Not at hand.

        Raises
        ------
        DataError
            Always, with the reason.
        """
        raise self.error

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return len(self.source_rows)

    @property
    def n_features(self) -> int:
        """Number of dimensions that each embedding had."""
        return int(self.record["n_features"])

    @property
    def dtype(self) -> str:
        """Name of the dtype that the vectors had."""
        return str(self.record["dtype"])

    @property
    def source_rows(self) -> IntArray:
        """Row number in the source for each row, shape (n_samples,)."""
        rows: IntArray = self.rows  # type: ignore[assignment]  # always given here
        return rows
