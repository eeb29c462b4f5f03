"""Examples for the conformance kit of artifacts whose parameters are arrays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["labels", "tree"]


def labels(folder: Path) -> Mapping[str, Any]:  # noqa: ARG001
    """Label the kit's rows; three clusters and some noise."""
    return {"labels": np.arange(60) % 4 - 1}


def tree(folder: Path) -> Mapping[str, Any]:  # noqa: ARG001
    """Make a tree of the kit's rows."""
    from embkit.testing.examples import blobs, tree_of

    return {"linkage": tree_of(blobs().vectors)}
