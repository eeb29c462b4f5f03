"""The process that trials are forked from: started early, it imports what they will need."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from multiprocessing import current_process, forkserver, get_context, util
from pathlib import Path

from embkit.errors import ResourceError
from embkit.files.owners import clear_leftovers, staging_name
from embkit.resources import export_threads, require_open_files
from embkit.runs.workers.children import safe_path

__all__ = ["DRAWING", "LIBRARIES", "start_server"]

DRAWING = ("matplotlib.figure", "matplotlib.style", "matplotlib.backends.backend_agg")
"""What is imported when figures are drawn."""

# What bundled components import when they run; what is not installed is passed over.
_HOST = "embkit.studies.executors.preload"
LIBRARIES = (
    "pydantic",
    "scipy.sparse",
    "scipy.sparse.csgraph",
    "scipy.spatial.distance",
    "sklearn.cluster",
    "sklearn.metrics",
    "sklearn.mixture",
    *DRAWING,
    *(f"PIL.{name}ImagePlugin" for name in ("Bmp", "Gif", "Jpeg", "Ppm", "Png")),
    "openTSNE",
    "embkit_plugins.drawing.preloaded",
)
_LONGEST_SOCKET = 107 if sys.platform == "linux" else 103
_SOCKET = "listener-12345678"
# What multiprocessing and the study itself keep open, and what each trial adds.
_OPEN_FILES, _OPEN_FILES_OF_TRIAL = 20, 4


def start_server(
    threads: int, jobs: int, modules: Iterable[str] = (), libraries: Iterable[str] = LIBRARIES
) -> None:
    """Start the process that trials are forked from; it imports while the caller goes on.

    Parameters
    ----------
    threads : int
        What numerical libraries may start when they are imported there.
    jobs : int
        Trials at a time.
    modules : iterable of str
        Modules of components to import.
    libraries : iterable of str
        What else it imports, beside the host.

    Raises
    ------
    ResourceError
        If it cannot have a socket, or too few files may be open.
    """
    require_open_files(
        _OPEN_FILES + _OPEN_FILES_OF_TRIAL * jobs, f"a study with {jobs} trials at a time"
    )
    get_context("forkserver").set_forkserver_preload([_HOST, *libraries, *modules])
    _choose_temporary_folder()
    with safe_path():
        kept = dict(os.environ)
        try:
            export_threads(threads)
            forkserver.ensure_running()
        finally:
            os.environ.clear()
            os.environ.update(kept)


def _choose_temporary_folder() -> None:
    """Give multiprocessing's sockets a folder that says whose it is, and whose path is short enough.

    Its own would stay for ever if this process were killed.
    """
    settings = vars(current_process())["_config"]
    if settings.get("tempdir") is not None:
        return
    name = staging_name()
    for place in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - a folder of one's own in it
        folder = place / name
        clear_leftovers(place)
        if len(os.fsencode(folder / _SOCKET)) <= _LONGEST_SOCKET and os.access(place, os.W_OK | os.X_OK):
            folder.mkdir(mode=0o700)
            util.Finalize(None, shutil.rmtree, args=(folder, True), exitpriority=-100)
            settings["tempdir"] = str(folder)
            return
    raise ResourceError(
        f"the path of the temporary folder is too long: {tempfile.gettempdir()}",
        f"paths of sockets end at {_LONGEST_SOCKET} characters",
        "set TMPDIR to a shorter path",
    )
