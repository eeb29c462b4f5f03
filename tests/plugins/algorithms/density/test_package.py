"""What of the hdbscan package is loaded, in a process of its own."""

import subprocess
import sys

ALONE = """
import sys
import numpy as np
from embkit_plugins.algorithms.density.package import hdbscan_tree
from embkit_plugins.algorithms.density.selection import selected_clusters

tree = np.array([[0, 1, 1, 2], [2, 3, 1, 2], [4, 5, 9, 4]], dtype=float)
assert selected_clusters(tree, 2)[0].tolist() == [0, 0, 1, 1]
assert not {"hdbscan", "sklearn", "pandas"} & set(sys.modules), "more than the trees was imported"

import hdbscan

assert hdbscan.hdbscan_.condense_tree is not None
rows = np.random.default_rng(0).normal(size=(8, 10, 2)) + 50 * np.arange(8)[:, None, None]
labels = hdbscan.HDBSCAN(min_cluster_size=5).fit(rows.reshape(80, 2)).labels_
assert labels.max() == 7
assert hdbscan_tree() is hdbscan_tree()
assert selected_clusters(tree, 2)[0].tolist() == [0, 0, 1, 1]
"""


def test_the_trees_come_without_the_package_and_do_not_stand_in_its_way() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
