"""Finished runs as people see them: in a terminal, in a notebook, as a page."""
