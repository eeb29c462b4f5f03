"""Read the memory and the threads of this machine, and keep to a share of them."""

import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from embkit.errors import ParameterError, ResourceError
from embkit.text import shorten

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

__all__ = [
    "available_memory",
    "cpu_count",
    "export_threads",
    "limit_threads",
    "memory_budget",
    "parse_bytes",
    "peak_memory",
    "require_open_files",
    "thread_pools",
]

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_CGROUP = Path("/sys/fs/cgroup")
_UNITS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}


def parse_bytes(text: str) -> int:
    """Read an amount of memory such as ``4GB``, ``512MiB`` or ``1.5e9``.

    Raises
    ------
    ParameterError
        If it is not a positive amount.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?(?:e\d+)?)\s*([kmgt]i?)?b?\s*", text.lower())
    amount = 0.0 if match is None else float(match.group(1)) * _UNITS[match.group(2) or ""]
    if not 1 <= amount < math.inf:
        raise ParameterError(
            f"invalid memory size {shorten(repr(text), 40)}", "", "write it like 4GB or 512MiB"
        )
    return int(amount)


_BUDGET: ContextVar[int | None] = ContextVar("_BUDGET", default=None)


@contextmanager
def memory_budget(n_bytes: int | None) -> Iterator[None]:
    """Let `available_memory` be `n_bytes`, or what it was before if that is None."""
    token = _BUDGET.set(_BUDGET.get() if n_bytes is None else n_bytes)
    try:
        yield
    finally:
        _BUDGET.reset(token)


def available_memory(share: float = 0.8, cgroup: Path = _CGROUP) -> int:
    """Bytes that may be used: the budget that was given, or a share of what is free.

    What is free is the least of the machine's free memory, the control group's
    (version 1 and 2) and what the address-space limit of the process leaves.

    Parameters
    ----------
    share : float
        Of what is free.
    cgroup : Path
        Where the control group tells its limits.
    """
    if (budget := _BUDGET.get()) is not None:
        return budget
    import psutil

    limits = [int(psutil.virtual_memory().available)]
    limits += [
        limit for limit in (_cgroup_headroom(cgroup), _address_space_headroom()) if limit is not None
    ]
    return int(share * max(0, min(limits)))


def _cgroup_headroom(root: Path) -> int | None:
    for limit_name, usage_name in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            limit = (root / limit_name).read_text().strip()
            usage = int((root / usage_name).read_text())
        except (OSError, ValueError):
            continue
        # Version 1 states "no limit" as a number near 2**63.
        if limit != "max" and int(limit) < 2**60:
            return max(0, int(limit) - usage)
    return None


def _address_space_headroom() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return None
    import psutil

    return max(0, soft - int(psutil.Process().memory_info().vms))


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def require_open_files(count: int, work: str) -> None:
    """Make sure that so many files may be open at a time; the limit is raised if it may be.

    Raises
    ------
    ResourceError
        If the system allows fewer.
    """
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return
    if hard != resource.RLIM_INFINITY and hard < count:
        raise ResourceError(
            f"{work} needs {count} open files, {hard} are allowed",
            "a limit of this shell, or of the system",
            "raise it: ulimit -n 1024",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def cpu_count(cgroup: Path = _CGROUP) -> int:
    """Number of processors this process may run on: affinity and control-group quota."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:
        count = os.cpu_count() or 1
    quota = _cgroup_quota(cgroup)
    return count if quota is None else max(1, min(count, int(quota)))


def _cgroup_quota(root: Path) -> float | None:
    try:
        quota, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else int(quota) / int(period)


def export_threads(threads: int) -> None:
    """Set the variables that numerical libraries read when they are first imported.

    For the command line only, before numpy is imported: a limit set later does
    not reach libraries that are loaded afterwards.
    """
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)))
    # OpenMP threads that wait for one another burn the processor that others need.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def thread_pools() -> "ThreadpoolController":
    """The thread pools of the BLAS and OpenMP libraries that are loaded."""
    return _thread_pools(len(sys.modules))


# Finding them reads the process's memory map; they change only when modules are imported.
@lru_cache(maxsize=1)
def _thread_pools(_n_modules: int) -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def limit_threads(threads: int) -> Iterator[None]:
    """Limit BLAS, OpenMP and numba to `threads`, and put everything back at the end."""
    numba = sys.modules.get("numba")
    before = numba.get_num_threads() if numba is not None else 0
    with thread_pools().limit(limits=threads):
        if numba is not None:
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        try:
            yield
        finally:
            if numba is not None:
                numba.set_num_threads(before)
