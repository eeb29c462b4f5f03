"""The kit over every component there is: bundled, and those of the example plugin."""

from embkit.testing import parametrize_with_components
from embkit.testing.parametrize import BoundCheck


@parametrize_with_components()
def test_component_keeps_to_its_contract(check: BoundCheck) -> None:
    check()
