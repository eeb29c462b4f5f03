"""The check of names catches a visualizer that cuts nothing to its page."""

import types
from typing import Any

import pytest
from matplotlib.figure import Figure

import embkit
from embkit.testing import registry_of, run_checks


class Sound:
    """Write the beginning of each cluster's name on a line of its own."""

    def draw(self, clustering: embkit.Clustering, context: embkit.Context) -> Figure:
        figure = Figure(figsize=(4, 4))
        n_lines = min(clustering.n_clusters, 8)
        for line in range(n_lines):
            said = self.said(clustering, line)
            figure.text(0.1, 0.9 - 0.1 * line, said, size=6, parse_math=False)
        return figure

    def said(self, clustering: embkit.Clustering, cluster: int) -> str:
        return f"{cluster}: {clustering.describe(cluster)[:20]}"


class Uncut(Sound):
    def said(self, clustering: embkit.Clustering, cluster: int) -> str:
        named = clustering.names is not None
        return clustering.describe(cluster) if named else super().said(clustering, cluster)


@pytest.mark.parametrize(("visualizer", "status"), [(Sound, "passed"), (Uncut, "failed")])
def test_names_are_drawn_legibly(visualizer: type, status: str) -> None:
    def offer() -> Any:
        yield embkit.VisualizerSpec("tried", visualizer, summary="Tried.")

    module = types.ModuleType("plugin_of_the_test")
    offer.__name__ = "embkit_register_visualizers"
    module.embkit_register_visualizers = embkit.hookimpl(offer)  # type: ignore[attr-defined]
    registry = registry_of(module)
    found = {item.check: item for item in run_checks(registry.get("visualizer", "tried"), registry)}
    assert found["awkward-names"].status == status
