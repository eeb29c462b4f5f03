"""A context over a matrix, as a run would make one, with nothing kept on disk."""

from typing import Any

__all__ = ["context_of"]


def context_of(vectors: Any, seed: int = 0) -> Any:
    """Bind a matrix to the bundled components; every core of the machine, all memory at hand."""
    from embkit.artifacts import SharedWork
    from embkit.context import RunContext
    from embkit.data import Dataset
    from embkit.registry import Registry
    from embkit.resources import available_memory, cpu_count

    return RunContext(
        Registry.discover(),
        Dataset(vectors),
        seed=seed,
        threads=cpu_count(),
        memory=available_memory(),
        shared=SharedWork(None),
    )
