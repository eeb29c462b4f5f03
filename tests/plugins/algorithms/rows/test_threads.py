"""Work in threads."""

import pytest

from embkit_plugins.algorithms.rows.threads import in_order


def test_results_come_in_order_from_threads() -> None:
    slices = [slice(start, start + 1) for start in range(50)]
    assert list(in_order(lambda rows: rows.start, iter(slices), 3)) == list(range(50))


def test_what_a_thread_raises_arrives() -> None:
    def fail(rows: slice) -> None:
        raise ValueError(rows.start)

    with pytest.raises(ValueError, match="0"):
        list(in_order(fail, iter([slice(0, 1), slice(1, 2)]), 2))
