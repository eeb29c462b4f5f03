"""The names of the nodes of a tree, computed once for the table, the picture and the page."""

from embkit_plugins.artifacts.node_names.component import MIN_SIZE, NodeNames
from embkit_plugins.artifacts.node_names.named import NamedNodes, node_names_of

__all__ = ["MIN_SIZE", "NamedNodes", "NodeNames", "node_names_of"]
