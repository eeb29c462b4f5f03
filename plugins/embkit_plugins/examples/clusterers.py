"""Examples for the conformance kit of clusterers whose parameters name files."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["labels_file"]


def labels_file(folder: Path) -> Mapping[str, str]:
    """Write labels by the kit's ids and by row numbers; three clusters."""
    lines = [f"{prefix}{row},{row % 3}" for prefix in ("id-", "") for row in range(1000)]
    path = folder / "labels.csv"
    path.write_text("\n".join(["id,label", *lines]) + "\n", encoding="utf-8")
    return {"labels": str(path)}
