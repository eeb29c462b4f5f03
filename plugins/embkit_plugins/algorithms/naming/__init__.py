"""Names for groups of texts: what each is about, and how far the name can be trusted."""

from embkit_plugins.algorithms.naming.grouping import node_groups
from embkit_plugins.algorithms.naming.titles import NOTHING_STANDS_OUT
from embkit_plugins.algorithms.naming.tokens import LONGEST
from embkit_plugins.algorithms.naming.words import name_groups

__all__ = ["LONGEST", "NOTHING_STANDS_OUT", "name_groups", "node_groups"]
