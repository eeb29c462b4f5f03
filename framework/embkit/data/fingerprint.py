"""Content digests: of arrays, and of what identifies a computation."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["array_fingerprint", "key_of", "without_arrays"]

_BLOCK_BYTES = 1 << 24


def array_fingerprint(array: NDArray[Any], progress: Callable[[float, str], None] | None = None) -> str:
    """Digest of an array's dtype, shape and values in row order.

    Parameters
    ----------
    array : ndarray
        Of any layout; a Fortran-ordered or strided array has the digest of its
        C-ordered copy. Read block by block, so that a memory map stays on disk.
    progress : callable, optional
        Receives the share of the rows that was read, and a note.

    Returns
    -------
    str
        32 hexadecimal digits (BLAKE2b).
    """
    digest = hashlib.blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    row_bytes = max(1, array[:1].nbytes)
    step = max(1, _BLOCK_BYTES // row_bytes)
    for start in range(0, len(array), step):
        digest.update(np.ascontiguousarray(array[start : start + step]).data)
        if progress is not None:
            n_read = min(start + step, len(array))
            progress(n_read / len(array), f"fingerprint of {n_read:,} of {len(array):,} rows")
    return digest.hexdigest()


def without_arrays(params: Mapping[str, Any]) -> dict[str, Any]:
    """The same parameters, each array among them replaced by its fingerprint."""
    return {
        name: array_fingerprint(value) if isinstance(value, np.ndarray) else value
        for name, value in params.items()
    }


def key_of(identity: Mapping[str, Any]) -> str:
    """Digest of a JSON-like mapping, whatever the order of its keys."""
    canonical = json.dumps(identity, sort_keys=True, allow_nan=True, default=str)
    return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()
