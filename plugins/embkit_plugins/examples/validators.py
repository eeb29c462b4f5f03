"""Examples for the conformance kit of validators whose parameters name files."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["other_run", "other_tree"]


def other_run(folder: Path) -> Mapping[str, str]:
    """Write labels of another run, by the kit's ids and by row numbers; two clusters."""
    ids = [f"{prefix}{row}" for prefix in ("id-", "") for row in range(1000)]
    lines = [f"{name},{position % 2}" for position, name in enumerate(ids)]
    (folder / "labels.csv").write_text("\n".join(["id,label", *lines]) + "\n", encoding="utf-8")
    return {"other": str(folder)}


def other_tree(folder: Path) -> Mapping[str, str]:
    """Write a run with a tree of the kit's rows: a chain of them."""
    import numpy as np

    from embkit.testing.examples import blobs

    ids = blobs().ids or ()
    lines = [f"{row},{name},0" for row, name in enumerate(ids)]
    (folder / "labels.csv").write_text("\n".join(["row,id,label", *lines]) + "\n", encoding="utf-8")
    n_samples = len(ids)
    steps = np.arange(n_samples - 1, dtype=float)
    joined = np.concatenate([[0], n_samples + steps[:-1]])
    np.save(folder / "linkage.npy", np.column_stack([joined, steps + 1, steps + 1, steps + 2]))
    return {"other": str(folder)}
