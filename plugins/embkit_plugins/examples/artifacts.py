"""Examples for the conformance kit of artifacts whose parameters are arrays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["labels", "later_rows", "tree", "tree_and_texts"]


def labels(folder: Path) -> Mapping[str, Any]:  # noqa: ARG001
    """Label the kit's rows; three clusters and some noise."""
    return {"labels": np.arange(60) % 4 - 1}


def later_rows(folder: Path) -> Mapping[str, Any]:  # noqa: ARG001
    """Place some rows beside the kit's."""
    from embkit.testing.examples import blobs

    return {"vectors": blobs((4, 3)).vectors}


def tree(folder: Path) -> Mapping[str, Any]:  # noqa: ARG001
    """Make a tree of the kit's rows."""
    from embkit.testing.examples import blobs, tree_of

    return {"linkage": tree_of(blobs().vectors)}


def tree_and_texts(folder: Path) -> Mapping[str, Any]:
    """Make a tree of the kit's rows, with their texts."""
    from embkit.testing.examples import blobs
    from embkit_plugins.artifacts.node_names.packing import packed

    return {**tree(folder), "texts": packed(blobs().texts)}
