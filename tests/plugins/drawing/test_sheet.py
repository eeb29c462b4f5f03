import subprocess
import sys

import matplotlib as mpl

from embkit_plugins.drawing.sheet import Sheet, styled
from fixture_types import CheckLayout

_PROGRAM = """
import sys
import numpy as np
from embkit import Clustering, Dataset
from embkit_plugins.visualizers import dendrogram, scatter, silhouette, sizes, threshold_curve
assert "matplotlib" not in sys.modules and "scipy" not in sys.modules
vectors = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
data = Dataset(vectors)
from scipy.cluster.hierarchy import fcluster, linkage
tree = linkage(vectors, "average")
labels = np.unique(fcluster(tree, 4, "maxclust"), return_inverse=True)[1]
import matplotlib
def settings():  # asking for the backend would import pyplot
    return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != "backend"}
before = settings()
clustering = Clustering(data, labels, {"metric": "euclidean"}, tree)
from embkit.runs.context import RunContext
from embkit.plugin.registry import Registry
context = RunContext(Registry.discover(), data, seed=0, threads=1, memory=10**9)
made = (dendrogram.Dendrogram, silhouette.Silhouette, sizes.Sizes, threshold_curve.ThresholdCurve)
for one in made:
    one().draw(clustering, context).savefig("/dev/null", format="png")
assert "matplotlib.pyplot" not in sys.modules
assert settings() == before
print("done")
"""


def test_nothing_heavy_on_import_no_pyplot_and_no_settings_left_behind() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout == "done\n", done.stderr


def test_the_users_settings_do_not_reach_the_figure() -> None:
    with mpl.rc_context({"text.usetex": True, "font.size": 30, "axes.facecolor": "black"}):
        with styled():
            sheet = Sheet(5, 2, "$\\foo$ title", "subtitle " * 40, "caption " * 40)
            axes = sheet.axes(1, 0.5, 3, 1)
        assert mpl.rcParams["text.usetex"]
    sheet.figure.draw_without_rendering()
    assert axes.get_facecolor() == (1, 1, 1, 1)


def test_a_sheet_grows_by_what_is_written(check_layout: CheckLayout) -> None:
    with styled():
        small = Sheet(5, 2, "title", "subtitle")
        large = Sheet(5, 2, "title", "subtitle " * 40, "caption " * 40)
    assert small.figure.get_size_inches()[1] < large.figure.get_size_inches()[1]
    check_layout(large.figure)
