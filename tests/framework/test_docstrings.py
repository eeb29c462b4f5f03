"""The examples in the docstrings of the public face are run."""

import doctest

import pytest

import embkit

EXAMPLES = [
    test
    for name in embkit.__all__
    for test in doctest.DocTestFinder(recurse=False).find(getattr(embkit, name), f"embkit.{name}", False)
    if test.examples and str(getattr(getattr(embkit, name), "__module__", "")).startswith("embkit")
]


def test_what_one_begins_with_has_examples() -> None:
    assert {test.name for test in EXAMPLES} >= {
        "embkit.as_estimator",
        "embkit.canonical_labels",
        "embkit.components",
        "embkit.load",
        "embkit.run",
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_print_what_they_say(example: doctest.DocTest) -> None:
    said: list[str] = []
    found = doctest.DocTestRunner().run(example, out=said.append)
    assert found.failed == 0, "".join(said)
