"""Names of methods where there is little room."""

from embkit_plugins.drawing.text import fit, printable, width_of, wrap

__all__ = ["lines_of", "squeezed"]


def squeezed(name: str, width: float, size: float) -> str:
    """The name, cut in the middle where it is wider than `width` inches.

    Methods of one clusterer differ in their last parameters most often.
    """
    text = printable(name)
    if width_of(text, size) <= width:
        return text
    head = fit(text, width * 0.3, size)
    room = width - width_of(head, size)
    start = len(head)
    while start < len(text) and width_of(text[start:], size) > room:
        start += 1
    return head + text[start:]


def lines_of(name: str, width: float, size: float) -> list[str]:
    """The name on at most two lines, broken after a parameter."""
    return [line.replace(", ", ",") for line in wrap(printable(name).replace(",", ", "), width, size, 2)]
