"""Imported once by the process that trials are forked from: the host's modules that a trial uses."""

from embkit import registry, runner, store, tables

__all__ = ["registry", "runner", "store", "tables"]
