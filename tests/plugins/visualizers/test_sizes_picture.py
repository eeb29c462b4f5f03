from typing import Any

import numpy as np
import pytest

from embkit.data.dataset import Dataset
from embkit.data.results import Clustering
from embkit.errors import DataError
from embkit_plugins.drawing.palette import cluster_colors
from embkit_plugins.visualizers.sizes import Sizes
from fixture_types import CheckLayout, FindArtist, Words


def draw(sizes: list[int], noise: int = 0, **parameters: Any) -> Any:
    labels = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.full(noise, -1)]).astype(int)
    texts = [f"a sentence that goes on for a while {row}" for row in range(len(labels))]
    data = Dataset(np.arange(len(labels), dtype=float)[:, None], texts=texts, name="data")
    return Sizes(**parameters).draw(Clustering(data, labels, clusterer="any"), None)  # type: ignore[arg-type]


def bars(figure: Any, gid: str) -> list[Any]:
    return list(figure.findobj(lambda one: one.get_gid() == gid))


def test_bars_are_the_sizes_in_the_clusters_colours(words: Words, check_layout: CheckLayout) -> None:
    figure = draw([50, 30, 15], noise=5)
    drawn = bars(figure, "bars")
    assert [bar.get_width() for bar in drawn] == [50, 30, 15]
    assert np.allclose([bar.get_facecolor()[:3] for bar in drawn], cluster_colors(3))
    said = words(figure)
    assert "50  50.0%" in said
    assert "data: 3 clusters, the largest of 50 rows (50.0%)" in said
    assert "3 clusters: 95 (95.0%) · noise: 5 (5.0%)" in said
    assert [bar.get_width() for bar in bars(figure, "strip")] == [50, 30, 15, 0, 5]
    assert len(figure.axes) == 2
    check_layout(figure)


def test_smaller_clusters_are_counted_together_and_shown_by_rank(
    words: Words, check_layout: CheckLayout, artist: FindArtist
) -> None:
    sizes = list(range(60, 20, -1))
    figure = draw(sizes)
    assert len(bars(figure, "bars")) == 20
    said = words(figure)
    rest = sum(sizes[20:])
    assert any(f"+ 20 clusters: {rest:,} " in text for text in said)
    assert artist(figure, "ranks").get_offsets()[:, 1].tolist() == sizes
    check_layout(figure)
    assert len(bars(draw(sizes, max_clusters=40), "bars")) == 40


def test_a_heavy_tail_is_drawn_logarithmically(check_layout: CheckLayout) -> None:
    even, heavy = draw([50, 40, 30]), draw([2000, 9, 8, 7, 6])
    assert even.axes[1].get_xscale() == "linear"
    assert heavy.axes[1].get_xscale() == "log"
    assert heavy.axes[1].get_xlabel() == "rows (logarithmic)"
    check_layout(heavy)


@pytest.mark.parametrize("sizes", [[1], [1] * 7, [3] * 300, [100_000, 1]])
def test_any_sizes(sizes: list[int], check_layout: CheckLayout) -> None:
    check_layout(draw(sizes))


def test_only_noise_is_refused() -> None:
    with pytest.raises(DataError, match="every row is noise; there are no clusters to draw"):
        draw([], noise=4)
