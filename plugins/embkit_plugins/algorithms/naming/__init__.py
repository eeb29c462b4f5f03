"""Names for groups of texts: what each is about, and how far the name can be trusted."""

from embkit_plugins.algorithms.naming.grouping import cluster_groups, node_groups
from embkit_plugins.algorithms.naming.types import Groups, Name, Names
from embkit_plugins.algorithms.naming.words import name_groups

__all__ = ["Groups", "Name", "Names", "cluster_groups", "name_groups", "node_groups"]
