"""``embkit plugins doctor``: what is wrong with the installed plugins, and what to do."""

import sys
from typing import TYPE_CHECKING, Any

import typer

from embkit.cli import options as opt

if TYPE_CHECKING:
    from embkit.plugin.doctor import Diagnosis

__all__ = ["doctor"]


def doctor(json: opt.Json = False, no_plugin: opt.NoPlugin = None) -> int:
    """Find what is wrong with the installed plugins, and what to do.

    Imports every plugin and component in a process of its own. Exit code 5 if
    something is wrong.
    """
    from embkit.cli.output.terminal import write_document
    from embkit.errors import ExitCode
    from embkit.plugin.doctor import diagnose
    from embkit.plugin.manager import Selection
    from embkit.text import printable_lines

    diagnoses = diagnose(Selection.from_environment(no_plugin or []))
    if json:
        write_document(sys.stdout, {"plugins": [_document(item) for item in diagnoses]})
    else:
        typer.echo(printable_lines("\n".join(map(_report, diagnoses))) or "no plugins")
    return ExitCode.PLUGIN if any(item.findings for item in diagnoses) else ExitCode.OK


def _document(diagnosis: "Diagnosis") -> dict[str, Any]:
    provider = diagnosis.provider
    return {
        "plugin": provider.plugin,
        "distribution": provider.distribution,
        "version": provider.version,
        "api": diagnosis.api,
        "seconds": diagnosis.seconds,
        "components": dict(diagnosis.components),
        "findings": [vars(finding) for finding in diagnosis.findings],
    }


def _report(diagnosis: "Diagnosis") -> str:
    from embkit.text import format_seconds, printable

    count, seconds = len(diagnosis.components), sum(diagnosis.components.values())
    if diagnosis.api is None:
        state = "not usable"
    else:
        state = (
            f"API {diagnosis.api}, imported in {format_seconds(diagnosis.seconds)}, "
            f"{count} component{'' if count == 1 else 's'} in {format_seconds(seconds)}"
        )
    lines = [f"{diagnosis.provider}: {state}"]
    for finding in diagnosis.findings:
        lines += [f"  problem: {printable(finding.what)}", f"  do:      {printable(finding.fix)}"]
    return "\n".join(lines)
