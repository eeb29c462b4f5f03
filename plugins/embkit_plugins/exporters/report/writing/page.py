"""The page that a report is written on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from embkit.text import slug
from embkit_plugins.exporters.report.writing import markdown as _markdown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Page"]


@dataclass
class Page:
    """Blocks of Markdown and the figures they refer to.

    What is written must be Markdown already: texts of users are escaped before.
    """

    blocks: list[str] = field(default_factory=list)
    figures: "dict[str, Figure]" = field(default_factory=dict)

    def write(self, *blocks: str) -> None:
        """Add blocks, each a paragraph, a heading, a list or a table."""
        self.blocks += blocks

    def draw(self, name: str, figure: "Figure", words: str) -> None:
        """Add a figure under a name made of `name`, with what it shows in words."""
        unique = base = slug(name)
        count = 2
        while unique in self.figures:
            unique = f"{base}-{count}"
            count += 1
        self.figures[unique] = figure
        self.write(_markdown.figure(unique, words))

    @property
    def markdown(self) -> str:
        """The whole page."""
        return "\n\n".join(self.blocks) + "\n"
