"""One pass over vectors finds what several would."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embkit.data.intake import scanning
from embkit.data.intake.scanning import count_distinct, scan

VALUES = st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0, 1e20, np.nan, np.inf, -np.inf])
SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 4))


def ignored(done: float, note: str) -> None:
    """Take no notice."""


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, SHAPES, elements=VALUES.map(np.float32)),
    st.sampled_from([np.float32, np.float64]),
    st.integers(1, 60),
)
def test_a_scan_says_what_plain_numpy_says(values: np.ndarray, dtype: type, block_bytes: int) -> None:
    vectors: np.ndarray = values.astype(dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_CACHED_BYTES", block_bytes)
        found = scan(vectors, 1e18, ignored)
    finite = np.isfinite(vectors).all(axis=1)
    assert found.nonfinite.tolist() == np.flatnonzero(~finite).tolist()
    assert found.zero.tolist() == np.flatnonzero((vectors == 0).all(axis=1)).tolist()
    if finite.all():
        assert found.n_distinct == len({tuple(row.tolist()) for row in vectors + 0})
        assert found.n_distinct == count_distinct(vectors)
        constant = (vectors == vectors[0]).all(axis=0).sum() if len(vectors) > 1 else 0
        assert found.n_constant == constant
        assert (found.beyond is None) == bool((np.abs(vectors) <= 1e18).all())
        if found.beyond is not None:
            row, column, value = found.beyond
            assert abs(float(vectors[row, column])) == value > 1e18


def test_values_of_both_signs_at_the_end_of_the_range_are_beyond() -> None:
    largest = np.finfo(np.float64).max
    found = scan(np.array([[1.0, 2.0], [largest, -largest]]), 1e150, ignored)
    assert not len(found.nonfinite)
    assert found.beyond == (1, 0, largest)


def test_progress_is_told_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning.vector_blocks, "__defaults__", (40,))
    told: list[tuple[float, str]] = []
    scan(np.ones((8, 5), dtype=np.float32), 1e18, lambda done, note: told.append((done, note)))
    assert told == [(number / 4, f"{2 * number} of 8 rows") for number in range(1, 5)]
