"""pydantic is imported when something is checked, and not before."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "arguments",
    [["-c", "import embkit"], ["-m", "embkit", "--help"], ["-m", "embkit", "plugins", "list"]],
)
def test_what_starts_often_imports_neither_pydantic_nor_numpy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "embkit" in imported
    assert not imported & {"pydantic", "pydantic_core", "numpy"}
