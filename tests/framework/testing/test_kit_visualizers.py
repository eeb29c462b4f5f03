"""Every check that visualizers must pass catches a visualizer that does not do what it is about."""

import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import embkit
from embkit.testing import CHECKS
from embkit.testing.contracts.common import COMMON
from embkit.testing.contracts.rows import ROWS
from fixture_types import OutcomesOf


class Sound:
    """Write the beginning of each cluster's name on a line of its own."""

    def draw(self, clustering: embkit.Clustering, context: embkit.Context) -> Figure:
        figure = self.figure(clustering)
        for line in range(self.n_lines(clustering)):
            said = self.said(clustering, line)
            figure.text(0.1, 0.9 - 0.1 * line, said, size=self.size(clustering), parse_math=False)
        return figure

    def figure(self, clustering: embkit.Clustering) -> Figure:
        return Figure(figsize=(4, 4))

    def n_lines(self, clustering: embkit.Clustering) -> int:
        return max(1, min(clustering.n_clusters, 8))

    def size(self, clustering: embkit.Clustering) -> float:
        return 6

    def said(self, clustering: embkit.Clustering, cluster: int) -> str:
        if not clustering.n_clusters:
            return "noise"
        return f"{cluster}: {clustering.describe(cluster)[:20]}"


class Uncut(Sound):
    def said(self, clustering: embkit.Clustering, cluster: int) -> str:
        named = clustering.names is not None
        return clustering.describe(cluster) if named else super().said(clustering, cluster)


class LeavesItOpen(Sound):
    def figure(self, clustering: embkit.Clustering) -> Figure:
        return plt.figure(figsize=(4, 4))


class TinyForOne(Sound):
    def size(self, clustering: embkit.Clustering) -> float:
        return 4 if clustering.n_clusters == 1 else 6


class OverlapsForMany(Sound):
    def draw(self, clustering: embkit.Clustering, context: embkit.Context) -> Figure:
        figure = Figure(figsize=(4, 4))
        for line in range(clustering.n_clusters):
            figure.text(0.1, 0.9 - 0.8 * line / clustering.n_clusters, f"cluster {line}", size=6)
        return figure


class GrowsForMany(Sound):
    def figure(self, clustering: embkit.Clustering) -> Figure:
        return Figure(figsize=(4, max(4.0, clustering.n_clusters / 3)))


class LeavesThePage(Sound):
    def n_lines(self, clustering: embkit.Clustering) -> int:
        return 12 if clustering.n_clusters > 100 else super().n_lines(clustering)


class NeedsAMember(Sound):
    def n_lines(self, clustering: embkit.Clustering) -> int:
        return int(clustering.sizes.max() > 0)


class NeedsTexts(Sound):
    def said(self, clustering: embkit.Clustering, cluster: int) -> str:
        return clustering.dataset.texts[0][:10]  # type: ignore[index]


class ReadsMathematics(Sound):
    def draw(self, clustering: embkit.Clustering, context: embkit.Context) -> Figure:
        figure = Figure(figsize=(4, 4))
        for line, text in enumerate(clustering.dataset.texts or ()):
            figure.text(0.1, line / 100, f"${text}$")
        return figure


class Blank(Sound):
    def n_lines(self, clustering: embkit.Clustering) -> int:
        return 0


MUTANTS: dict[str, list[type]] = {
    "without-pyplot": [LeavesItOpen],
    "one-cluster": [TinyForOne],
    "many-clusters": [OverlapsForMany, GrowsForMany, LeavesThePage],
    "all-noise": [NeedsAMember],
    "vectors-alone": [NeedsTexts],
    "awkward-texts": [ReadsMathematics],
    "awkward-names": [Uncut],
    "sound": [Blank],
}


def test_a_sound_visualizer_passes(outcomes_of: OutcomesOf) -> None:
    outcomes = outcomes_of("visualizer", Sound)
    assert [str(outcome) for outcome in outcomes.values() if outcome.bad] == []
    assert all(outcomes[check].status == "passed" for check in MUTANTS)


@pytest.mark.parametrize(
    ("check", "mutant"), [(check, mutant) for check, mutants in MUTANTS.items() for mutant in mutants]
)
def test_the_kit_catches_every_mutant(check: str, mutant: type, outcomes_of: OutcomesOf) -> None:
    assert outcomes_of("visualizer", mutant, only=check)[check].status == "failed"


def test_every_check_of_visualizers_has_a_mutant() -> None:
    shared = {check.name for check in COMMON + ROWS}
    assert {check.name for check in CHECKS["visualizer"]} - shared == set(MUTANTS) - shared
