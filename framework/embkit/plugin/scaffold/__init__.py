"""Write the project of a new plugin: small, installable, and passing the conformance kit."""

import keyword
import re
import sys
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from embkit.__about__ import __version__
from embkit.errors import ParameterError, ResourceError
from embkit.plugin.kinds import KINDS

__all__ = ["check_name", "new_project"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_name(name: str) -> str:
    """The module that a plugin of that name gets.

    Raises
    ------
    ParameterError
        If the name is not made of lower-case words and hyphens, or another
        module has it already.
    """
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module):
        raise ParameterError(
            f"{name!r} is no name for a plugin",
            "it names a component, a distribution and a module",
            "use lower-case words and hyphens, such as my-kmedoids",
        )
    if module in sys.stdlib_module_names or find_spec(module) is not None:
        raise ParameterError(
            f"there is a module {module} already", "a plugin must not hide it", "choose another name"
        )
    return module


def new_project(name: str, kind: str, parent: Path) -> list[Path]:
    """Write the project of a plugin with one component.

    Parameters
    ----------
    name : str
        Of the component, the distribution and, with underscores, the module.
    kind : str
        ``"loader"``, ``"clusterer"`` and so on.
    parent : Path
        Where the project's folder, called `name`, is made.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ParameterError
        If the name cannot be used, or the folder exists.
    ResourceError
        If the folder cannot be written.
    """
    module = check_name(name)
    folder = parent / name
    if folder.exists():
        raise ParameterError(
            f"{folder} exists", "nothing is overwritten", "choose another name or folder"
        )
    words = {
        "name": name,
        "module": module,
        "kind": kind,
        "class_name": "".join(word.capitalize() for word in name.split("-")),
        "embkit": ".".join(__version__.split(".")[:2]),
        "use": Template(KINDS[kind].use).substitute(name=name),
    }
    texts = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{module}.py": f"{kind}.py",
        f"tests/test_{module}.py": "test_contract.py",
    }
    try:
        return [_write(folder / path, template, words) for path, template in texts.items()]
    except OSError as error:
        raise ResourceError(
            f"{folder} cannot be written", error.strerror or str(error), "choose another folder"
        ) from error


def _write(path: Path, template: str, words: dict[str, str]) -> Path:
    text = (files(__name__) / "templates" / f"{template}.txt").read_text("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template(text).substitute(words), "utf-8")
    return path
