"""A context over a matrix, as a run would make one, with nothing kept on disk."""

from typing import Any

__all__ = ["context_of"]


def context_of(vectors: Any, seed: int = 0, threads: int | None = None) -> Any:
    """Bind a matrix to the bundled components, with all memory at hand; every core unless said."""
    from embkit.data.dataset import Dataset
    from embkit.plugin.registry import Registry
    from embkit.resources import available_memory, cpu_count
    from embkit.runs.context import RunContext
    from embkit.runs.shared import SharedWork

    return RunContext(
        Registry.discover(),
        Dataset(vectors),
        seed=seed,
        threads=threads or cpu_count(),
        memory=available_memory(),
        shared=SharedWork(None),
    )
