"""The page as a widget of a notebook, which knows the rows selected in it."""

from collections.abc import Callable
from typing import Any, Protocol

from embkit.errors import MissingExtraError

__all__ = ["PageWidget", "make_widget"]


class PageWidget(Protocol):
    """What users see of the widget; it is an ``anywidget.AnyWidget`` besides.

    Attributes
    ----------
    selected : list of str
        The ids of the rows selected, in the order of the page. Assigning to it
        selects those rows; ids that do not exist are passed over.
    """

    selected: list[str]

    def observe(self, handler: Callable[[Any], None], names: str = ...) -> None:
        """Call a function whenever ``names="selected"`` changes."""
        ...


def make_widget(module: str, style: str, data: str) -> PageWidget:
    """Make a widget of a module as anywidget wants it, its styles, and what it shows.

    Raises
    ------
    MissingExtraError
        If anywidget is not installed.
    """
    try:
        import anywidget
        from traitlets import List, Unicode
    except ImportError:
        raise MissingExtraError("run.widget()", "anywidget", "notebook") from None

    class Widget(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]  # Any where anywidget is absent
        _esm = module
        _css = style
        data = Unicode().tag(sync=True)
        selected = List(Unicode()).tag(sync=True)

    made: PageWidget = Widget(data=data)
    return made
