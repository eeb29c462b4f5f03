"""Imported once by the process that trials are forked from, and by nothing else.

It imports the modules of the host that a trial uses, and does once what is slow
the first time only; trials find it done. The fork server calls no functions, so
that importing this module has to be enough.
"""

from pydantic import TypeAdapter

from embkit import registry, runner, store, tables
from embkit.provenance import environment

__all__ = ["registry", "runner", "store", "tables"]

TypeAdapter(int)
environment()
