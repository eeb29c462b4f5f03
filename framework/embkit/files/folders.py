"""Replace a folder as a whole, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embkit.errors import ResourceError

__all__ = ["replaced_folder"]


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResourceError(
            f"{folder} cannot be written", error.strerror or str(error), "choose another --out"
        ) from error


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """A fresh folder to fill, which takes the place of `folder` when it is whole.

    On any failure it is removed, and what stood at `folder` is untouched.
    """
    with disk_errors(folder):
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        staging.chmod(0o755)
        try:
            yield staging
            if folder.exists():
                retired = staging.with_name(f"{staging.name}-old")
                folder.rename(retired)
                staging.rename(folder)
                shutil.rmtree(retired)
            else:
                staging.rename(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
