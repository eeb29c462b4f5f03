"""One dataset of each kind against brute force; more: ``python tests/fuzz/brute_force.py 200``."""

import brute_force


def test_every_figure_of_awkward_datasets_is_that_of_brute_force() -> None:
    n_compared, found = brute_force.mismatches(len(brute_force.KINDS))
    assert found == []
    assert n_compared > 700
