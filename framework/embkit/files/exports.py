"""Files that exporters make, written into the folder of a run or study: all of them or none."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Union

from embkit.errors import PluginError
from embkit.files.folders import disk_errors, replaced_file, staging_folder
from embkit.files.writing import write_json, write_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LEDGER", "Content", "exported_files", "is_inside", "write_exports"]

Content = Union[str, bytes, "Figure"]

LEDGER = "exports.json"


def is_inside(path: object) -> bool:
    """Whether a path is relative, plain, and stays below the folder that it is joined to."""
    if not isinstance(path, str) or not path or "\\" in path or not path.isprintable():
        return False
    parts = PurePosixPath(path).parts
    return not PurePosixPath(path).is_absolute() and not any(part.startswith(".") for part in parts)


def write_exports(folder: Path, exports: "Mapping[str, Mapping[str, Content]]") -> list[Path]:
    """Write the files of several exporters into a folder, and note which exporter each is of.

    What the same exporter wrote there before, and does not write now, is removed, unless
    another's. A path that several have is written once, as the last of them has it.

    Parameters
    ----------
    folder : Path
        Of a run or a study.
    exports : mapping of str to mapping
        For each exporter, its files by relative path.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    PluginError
        If a file of that name is there which no exporter wrote.
    ResourceError
        If the folder cannot be written; what stood there is unchanged then.
    """
    known = _known(folder)
    owned = {path for paths in known.values() for path in paths}
    for exporter, files in exports.items():
        foreign = [path for path in files if path not in owned and (folder / path).exists()]
        if foreign:
            raise PluginError(
                f"exporter {exporter} would replace {foreign[0]}",
                f"it is in {folder} already, and not from an exporter",
                "rename it, or report it to the author of the plugin",
            )
    with disk_errors(folder), staging_folder(folder) as staging:
        contents = {path: content for files in exports.values() for path, content in files.items()}
        written = [_write(staging / path, content) for path, content in contents.items()]
        # First what will be there, so that no file is ever nobody's.
        _note(folder, known | {name: {*known.get(name, ()), *files} for name, files in exports.items()})
        targets = [folder / file.relative_to(staging) for file in written]
        for file, target in zip(written, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        earlier = {path for exporter in exports for path in known.get(exporter, ())}
        known |= {exporter: list(files) for exporter, files in exports.items()}
        for path in earlier.difference(*known.values()):
            (folder / path).unlink(missing_ok=True)
        _note(folder, known)
    return targets


def exported_files(folder: Path) -> set[str]:
    """The files of a folder that exporters wrote, by relative path, and the list of them."""
    known = _known(folder)
    return {path for paths in known.values() for path in paths} | ({LEDGER} if known else set())


def _note(folder: Path, known: Mapping[str, Iterable[str]]) -> None:
    exporters = {exporter: sorted(paths) for exporter, paths in known.items()}
    with replaced_file(folder / LEDGER) as staged:
        write_json(staged, {"schema_version": 1, "exporters": exporters})


def _write(path: Path, content: Content) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8", errors="backslashreplace", newline="")
    else:
        write_png(path, content)
    return path


def _known(folder: Path) -> dict[str, list[str]]:
    try:
        document = json.loads((folder / LEDGER).read_text("utf-8"))
        return {
            str(name): [path for path in paths if is_inside(path)]
            for name, paths in document["exporters"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
