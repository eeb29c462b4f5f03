"""The command line. Modules here import what computes only inside the commands."""

from embkit.cli.app import main

__all__ = ["main"]
