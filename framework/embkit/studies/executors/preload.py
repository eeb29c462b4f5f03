"""Imported once by the process that trials are forked from, and by nothing else.

It imports the modules of the host that a trial uses, and does once what is slow
the first time only; trials find it done. The fork server calls no functions, so
that importing this module has to be enough; what goes wrong is passed over, for
it will go wrong again, and be reported, in a trial.
"""

from contextlib import suppress

from pydantic import TypeAdapter

from embkit.files import writing
from embkit.files.tables import attach as tables
from embkit.plugin import registry
from embkit.runs import runner
from embkit.runs.records.provenance import environment

__all__ = ["registry", "runner", "tables", "writing"]

with suppress(Exception):
    TypeAdapter(int)
    environment()
