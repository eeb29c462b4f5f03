"""The trees of the hdbscan package, without the rest of it."""

from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any

__all__ = ["hdbscan_tree"]

_NAME = "hdbscan._hdbscan_tree"


@cache
def hdbscan_tree() -> Any:
    """The package's compiled module that condenses trees and selects clusters in them.

    It needs NumPy alone, but to import it by its name imports the package, and with that
    scikit-learn, pandas and joblib: longer than 10,000 rows take to be clustered.
    """
    package = find_spec("hdbscan")
    spec = package and PathFinder.find_spec(_NAME, package.submodule_search_locations)
    if not (spec and spec.loader):
        return import_module(_NAME)  # not in files, or not there at all
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
