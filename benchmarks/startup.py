"""How long the program takes to start, against the import of what it is made of."""

import compileall
import sys
import tempfile
from pathlib import Path

from _processes import compare

PLUGIN = """
import embkit
@embkit.hookimpl
def embkit_register_clusterers():
    yield embkit.ClustererSpec("fixture-{number}", "fixture_{number}:Nothing", summary="Nothing.")
"""


def main() -> None:
    """Print the table: the interpreter with typer and rich, help, listing, listing with 50 plugins."""
    embkit = str(Path(sys.executable).with_name("embkit"))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(50):
            _write_distribution(Path(folder), number)
        compileall.compile_dir(folder, quiet=1)  # as pip does when it installs
        commands = {
            "python -c 'import typer, rich'": [sys.executable, "-c", "import typer, rich"],
            "embkit --help": [embkit, "--help"],
            "embkit plugins list": [embkit, "plugins", "list"],
            "embkit plugins list, 50 plugins installed": [
                "env", f"PYTHONPATH={folder}", embkit, "plugins", "list"
            ],
        }  # fmt: skip
        compare(commands, repeats=11)


def _write_distribution(site: Path, number: int) -> None:
    (site / f"fixture_{number}.py").write_text(PLUGIN.format(number=number))
    metadata = site / f"fixture_{number}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: fixture-{number}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[embkit]\nfixture-{number} = fixture_{number}\n")


if __name__ == "__main__":
    main()
