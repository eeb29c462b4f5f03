"""Words for the summary of a run: the parameters that say what a clusterer did, lines that fit."""

import math
import numbers
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from embkit.text import printable

__all__ = ["command_lines", "describe_settings", "is_in_force", "telling", "wrapped"]

# What says most comes first.
_FOREMOST = ("n_clusters", "n_components", "metric", "linkage", "distance_threshold")
# scikit-learn's names for how a fit is computed rather than for what it looks for.
_SOLVER = frozenset(
    {
        "algorithm", "batch_size", "bin_seeding", "compute_full_tree", "compute_labels",
        "convergence_iter", "copy", "copy_x", "eigen_solver", "eigen_tol", "init", "init_params",
        "init_size", "leaf_size", "max_iter", "max_no_improvement", "memory", "n_init", "n_jobs",
        "random_state", "reassignment_ratio", "reg_covar", "tol", "verbose", "verbose_interval",
        "warm_start",
    }
)  # fmt: skip

# How neighbours are approximated, where they are.
_APPROXIMATE = ("neighbors", "recall")


def telling(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that say what a clusterer looked for, those that say most first.

    Those that are off, that only concern the computation, such as how a search for neighbours
    that was exact would be approximated, or that are not plain numbers or words are left out.
    """
    if parameters.get("neighbors") == "exact":
        parameters = {name: value for name, value in parameters.items() if name not in _APPROXIMATE}
    ordered = [name for name in _FOREMOST if name in parameters]
    ordered += [name for name in parameters if name not in _FOREMOST and name not in _SOLVER]
    return {name: parameters[name] for name in ordered if _is_telling(parameters[name])}


def is_in_force(name: str, value: Any) -> bool:
    """Whether a parameter of a clusterer is more than a limit of 0 or infinity, which limits nothing."""
    if name.startswith("max_") and isinstance(value, float) and math.isinf(value):
        return False
    return bool(value) or name in _FOREMOST


def describe_settings(parameters: Mapping[str, Any], width: int) -> str:
    """Write ``metric=cosine, linkage=average``; empty if there is nothing to say.

    Parameters
    ----------
    parameters : mapping of str to value
        As resolved by the clusterer; `telling` says which are shown.
    width : int
        Columns there are; what does not fit ends in an ellipsis.
    """
    parts = [f"{name}={_value(value)}" for name, value in telling(parameters).items()]
    text = printable(", ".join(parts))
    if len(text) <= width:
        return text
    return f"{text[: width - 2].rpartition(', ')[0]}, …" if ", " in text[: width - 2] else text


def _is_telling(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value)
    return isinstance(value, numbers.Real) and value is not False


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def wrapped(line: str, width: int, label: int) -> str:
    """Wrap a line that is too wide under the place where its text begins; paths stay whole.

    Parameters
    ----------
    line : str
        It begins with a label, or with spaces.
    width : int
        Columns there are.
    label : int
        Columns of a label.
    """
    if len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) or label)
    lines = textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def command_lines(parts: Sequence[str], width: int) -> list[str]:
    """The lines of a command, broken between its parts so that a shell takes them as one.

    Parameters
    ----------
    parts : sequence of str
        The program with its arguments, and each option with its value.
    width : int
        Columns there are; a part that is wider stays whole.
    """
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + 1 + len(part) + len(" \\") <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]
