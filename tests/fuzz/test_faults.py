"""Some faults of each kind, in a short run; all of them: ``python tests/fuzz/faults.py run``."""

import faults


def test_after_a_fault_the_same_command_gives_the_same_and_leaves_nothing() -> None:
    found = faults.loop(faults.SHORT, every=23)
    assert (found.differences, found.leftovers, found.ends) == ([], [], []), str(found)
    assert found.operations > 40
    assert found.faults >= 7
