"""The project file says what is used: every import is declared, every extra that an error names exists."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
SOURCES = [path for room in ("framework", "plugins") for path in (ROOT / room).rglob("*.py")]
OWN = {"embkit", "embkit_plugins"}
# The kit is for those who have pytest, and what shows itself in a notebook runs in one.
OF_THE_CALLER = {"pytest", "IPython"}


def _distribution(requirement: str) -> str:
    return _canonical(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def _extras_in_errors(path: Path) -> Iterator[str]:
    """The last argument of every ``MissingExtraError(...)``."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("MissingExtraError"):
            extra = node.args[-1]
            assert isinstance(extra, ast.Constant), f"{path}, line {node.lineno}"
            yield str(extra.value)


def test_every_extra_that_an_error_or_a_page_names_exists() -> None:
    named = {extra for path in SOURCES for extra in _extras_in_errors(path)}
    assert named
    pages = [*SOURCES, *ROOT.glob("*.md"), *(ROOT / "plugins").glob("*.md"), *ROOT.glob("docs/**/*.md")]
    for page in pages:
        for extras in re.findall(r"embkit-framework\[([\w, -]+)\]", page.read_text("utf-8")):
            named |= {extra.strip() for extra in extras.split(",")}
    assert named <= set(EXTRAS)


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    modules = {name for path in SOURCES for name in _imports(path)}
    modules -= sys.stdlib_module_names | OWN | OF_THE_CALLER
    distributions = packages_distributions()
    used = {_canonical(name) for module in modules for name in distributions.get(module, [module])}
    extras = {_distribution(item) for items in EXTRAS.values() for item in items}
    required = {_distribution(item) for item in PROJECT["dependencies"]}
    brought = {"dask", "pydantic-core", "pynndescent", "traitlets"}  # by those that need them
    optional_sources = {"polars"}  # a frame of the caller's
    assert used - required - extras - brought - optional_sources == set()
    assert required - used == set()


def test_the_tests_allow_no_older_versions_than_the_extras() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    bounds = {_distribution(item): item for items in EXTRAS.values() for item in items}
    for item in groups["test"]:
        assert bounds.get(_distribution(item), item) == item
