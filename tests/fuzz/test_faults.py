"""Some faults of each kind, in a short run; all of them: ``python tests/fuzz/faults.py run``."""

import importlib.util
import sys
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("faults", Path(__file__).parent / "faults.py")
assert _SPEC is not None
assert _SPEC.loader is not None
faults = importlib.util.module_from_spec(_SPEC)
sys.modules["faults"] = faults
_SPEC.loader.exec_module(faults)


def test_after_a_fault_the_same_command_gives_the_same_and_leaves_nothing() -> None:
    found = faults.loop(faults.SHORT, every=23)
    assert (found.differences, found.leftovers, found.ends) == ([], [], []), str(found)
    assert found.operations > 40
    assert found.faults >= 7
