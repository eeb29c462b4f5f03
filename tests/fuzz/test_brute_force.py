"""One dataset of each kind against brute force; more: ``python tests/fuzz/brute_force.py 200``."""

import importlib.util
import sys
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("brute_force", Path(__file__).parent / "brute_force.py")
assert _SPEC is not None
assert _SPEC.loader is not None
brute_force = importlib.util.module_from_spec(_SPEC)
sys.modules["brute_force"] = brute_force
_SPEC.loader.exec_module(brute_force)


def test_every_figure_of_awkward_datasets_is_that_of_brute_force() -> None:
    n_compared, found = brute_force.mismatches(len(brute_force.KINDS))
    assert found == []
    assert n_compared > 700
