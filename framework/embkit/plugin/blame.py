"""Turn any exception of a component into an error that names it, its plugin and the call."""

from collections.abc import Iterator
from contextlib import contextmanager

from embkit.errors import EmbkitError, PluginError, ResourceError, is_exhaustion
from embkit.plugin.kinds import KINDS
from embkit.plugin.registry import Component

__all__ = ["blamed_on"]


@contextmanager
def blamed_on(component: Component | None, method: str | None = None) -> Iterator[None]:
    """Say which component failed and in which call, whatever it raised.

    Parameters
    ----------
    component : Component, optional
        Whose code runs; None for embkit's own, of which a failure is a bug.
    method : str, optional
        What is called; the method of the component's kind if omitted.

    Raises
    ------
    ResourceError
        In place of MemoryError, and where disk or open files run out.
    PluginError
        In place of any other error that is not embkit's.
    """
    try:
        yield
    except EmbkitError:
        raise
    except MemoryError as error:
        raise ResourceError(
            f"{component or 'embkit'} ran out of memory",
            str(error),
            "use --sample N or a smaller --memory",
        ) from error
    except (Exception, SystemExit) as error:
        if isinstance(error, OSError) and is_exhaustion(error):
            what, why = f"{component or 'embkit'} could not go on", error.strerror or str(error)
            raise ResourceError(what, why, "make room, or raise the limit") from error
        if component is None:
            raise
        called = method or KINDS[component.kind].method
        raise PluginError(
            f"{component} of plugin {component.provider} failed in {called}()",
            f"{type(error).__name__}: {' '.join(str(error).split())}",
            "run again with --debug for the traceback",
        ) from error
