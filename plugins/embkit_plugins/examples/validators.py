"""Examples for the conformance kit of validators whose parameters name files."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["other_run"]


def other_run(folder: Path) -> Mapping[str, str]:
    """Write labels of another run, by the kit's ids and by row numbers; two clusters."""
    ids = [f"{prefix}{row}" for prefix in ("id-", "") for row in range(1000)]
    lines = [f"{name},{position % 2}" for position, name in enumerate(ids)]
    (folder / "labels.csv").write_text("\n".join(["id,label", *lines]) + "\n", encoding="utf-8")
    return {"other": str(folder)}
