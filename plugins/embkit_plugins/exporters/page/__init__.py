"""The page: tree, map and texts of a run linked in one HTML file that makes no request.

Python makes a payload (`payload`, of `parts`) from a run or a study (`from_run`,
`from_study`), packs it (`documents`, `pack`) and joins it with the modules in
``assets`` (`join`, `write`). In the browser ``state`` holds what is known,
``views`` what is seen, and ``pages`` put views together.
"""

from embkit_plugins.exporters.page.exporter import Page

__all__ = ["Page"]
