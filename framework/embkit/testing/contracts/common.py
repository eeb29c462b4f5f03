"""The contract of all components, whatever their kind."""

import io
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from embkit.data.configuration.request import Request, parse_request
from embkit.errors import ParameterError, PluginError
from embkit.plugin.kinds import KINDS
from embkit.plugin.params import Parameter, parameters_of, resolve
from embkit.plugin.protocols import Estimate
from embkit.plugin.steps import create
from embkit.testing.checks import checks
from embkit.testing.failures import CheckFailed, NotApplicable, require
from embkit.testing.soundness import examine
from embkit.testing.state import GlobalState, undisturbed
from embkit.testing.subject import MEMORY, Subject

__all__ = ["COMMON", "Traces", "traces"]


def made(subject: Subject) -> None:
    """It can be imported, its parameters listed, and an instance made."""
    try:
        step = subject.step()
    except PluginError as error:
        raise CheckFailed(str(error)) from error
    require(callable(getattr(step.instance, KINDS[subject.kind].method)), "its method cannot be called")


def unknown_parameter(subject: Subject) -> None:
    """A parameter that it does not have is refused."""
    try:
        create(subject.component, Request(subject.component.name, {"no_such_parameter": 1}))
    except ParameterError:
        return
    except PluginError as error:
        raise CheckFailed(str(error)) from error
    raise CheckFailed("accepted the parameter no_such_parameter=1")


def parameters_stored(subject: Subject) -> None:
    """The constructor stores every parameter under its name, unchanged."""
    step = subject.step()
    if type(step.instance) is not subject.component.factory():
        raise NotApplicable("it is not made by its own class")
    for name, value in step.params.items():
        require(hasattr(step.instance, name), f"the constructor does not store {name}")
        stored = getattr(step.instance, name)
        require(stored is value or stored == value, f"{name}={value!r} is stored as {stored!r}")


def parameters_in_toml(subject: Subject) -> None:
    """Its parameters mean the same written as TOML and on the command line."""
    parameters = parameters_of(subject.component.factory())
    label = str(subject.component)
    given = {key: value for key, value in subject.example.items() if key != "source"}
    values = resolve(label, parameters, given)
    for parameter in parameters:
        value = values[parameter.name]
        if isinstance(value, np.ndarray) or (value is None and parameter.default is None):
            continue  # handed over by another component; left out
        if not _writable(value):
            require(value is parameter.default, f"{parameter.name}={value!r} cannot be written as TOML")
            continue
        read = tomllib.loads(f"value = {_toml(value)}")["value"]
        _require_same(label, parameters, parameter, read, value, given)
        request = parse_request(str(Request(subject.component.name, {parameter.name: value})))
        _require_same(label, parameters, parameter, request.params[parameter.name], value, given)


def _require_same(
    label: str,
    parameters: tuple[Parameter, ...],
    parameter: Parameter,
    read: Any,
    value: Any,
    given: Mapping[str, Any],
) -> None:
    back = resolve(label, parameters, {**given, parameter.name: read})[parameter.name]
    require(
        back == value and type(back) is type(value),
        f"{parameter.name}={value!r} comes back from a configuration as {back!r}",
    )


def _writable(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_writable, value))
    return value is None or isinstance(value, bool | int | float | str)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if value is None or isinstance(value, str):
        text = "none" if value is None else value
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return repr(value)


def sound(subject: Subject) -> None:
    """Its result is of the right type and shape, finite, and complete."""
    examine(subject.baseline, None)


def repeatable(subject: Subject) -> None:
    """The same twice with one seed, from a fresh instance and from one used before."""
    step = subject.step()
    for which in ("a fresh", "a used"):
        changed = subject.changes(subject.call(step=step))
        require(not changed, f"{which} instance with the same seed gave other {', '.join(changed)}")


def silent(subject: Subject) -> None:
    """Nothing is written to standard output."""
    written = traces(subject).written
    require(not written, f"wrote to standard output: {''.join(written)[:60]!r}")


@dataclass(frozen=True)
class Traces:
    """What one call left beside its result."""

    written: list[str]
    changed: list[str]


def traces(subject: Subject) -> Traces:
    """The traces of one call, made once for all checks."""
    _ = subject.baseline  # what importing its libraries changes is not its doing
    if "traces" not in subject.memo:
        with undisturbed(), _captured() as written:
            np.random.seed(20_040)  # noqa: NPY002 - a seed that nobody else sets
            before = GlobalState.now()
            subject.call_plainly()
            changed = before.changes()
        subject.memo["traces"] = Traces(written, changed)
    found: Traces = subject.memo["traces"]
    return found


@contextmanager
def _captured() -> Iterator[list[str]]:
    """What Python and native code write to standard output, once the block is over."""
    written: list[str] = []
    text = io.StringIO()
    sys.stdout.flush()
    kept = os.dup(1)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            with redirect_stdout(text):
                yield written
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            file.seek(0)
            native = file.read().decode(errors="replace")
            written += [part for part in (text.getvalue(), native) if part]


def shared_state_kept(subject: Subject) -> None:
    """No state of the process is left changed: generators, warnings, folder, threads and others."""
    changed = traces(subject).changed
    require(not changed, f"changed {', '.join(changed)}")


def memory_estimated(subject: Subject) -> None:
    """If it estimates its memory, the figure is sound and grows with the rows."""
    memory = getattr(subject.step().instance, "memory", None)
    if subject.kind == "loader" or not callable(memory):
        raise NotApplicable("it has no method memory")
    peaks = []
    for n_samples in (100, 1000, 10_000):
        estimate = memory(n_samples, 64, MEMORY)
        require(isinstance(estimate, Estimate), f"memory returned {type(estimate).__name__}")
        require(isinstance(estimate.peak, int), f"peak is {type(estimate.peak).__name__}, not int")
        require(estimate.peak >= 0, f"peak is {estimate.peak}")
        peaks.append((estimate.route, estimate.peak))
    for (route, less), (other, more) in pairwise(peaks):
        require(route != other or less <= more, f"ten times the rows need less: {less}, then {more}")


COMMON = checks(
    made,
    sound,
    repeatable,
    silent,
    shared_state_kept,
    unknown_parameter,
    parameters_stored,
    parameters_in_toml,
    memory_estimated,
)
"""The checks of every kind."""
