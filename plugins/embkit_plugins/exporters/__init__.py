"""Exporters: files made from a finished run or study."""
