"""The log of a run: to the logger ``embkit``, and to ``run.log`` in its folder."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime

from embkit.text import printable

__all__ = ["Log"]

_LOGGER = logging.getLogger("embkit")
# Without a handler of its own Python would print warnings that the summary has already.
_LOGGER.addHandler(logging.NullHandler())


@dataclass
class Log:
    """What happened in a run, line by line.

    Parameters
    ----------
    lines : list of str
        Time in UTC, level and message of each.
    """

    lines: list[str] = field(default_factory=list)

    def note(self, level: int, message: str) -> None:
        """Keep a message, and log it.

        Parameters
        ----------
        level : int
            As in `logging`: DEBUG where a step begins, INFO where it ends, WARNING for
            what the user should know, ERROR for a step that failed while the rest stands.
        message : str
            One line.
        """
        text = printable(message)
        _LOGGER.log(level, "%s", text)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.lines.append(f"{now} {logging.getLevelName(level)} {text}")
