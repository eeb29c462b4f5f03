from typing import Any

import numpy as np

from embkit.data.dataset import Dataset
from embkit_plugins.artifacts.k_sweep import sweep_of
from embkit_plugins.visualizers.k_sweep import KSweep
from fixture_types import CheckLayout, MakeContext, Words

SMALL: dict[str, Any] = {"n_clusters": (2, 3, 4, 6), "n_null": 4, "max_samples": 60, "null": "gaussian"}


def test_curves_and_band_are_the_sweep(
    blobs: Dataset, make_context: MakeContext, words: Words, check_layout: CheckLayout
) -> None:
    context = make_context(blobs)
    figure = KSweep(**SMALL).draw(blobs, context)
    swept = sweep_of(context, **SMALL)
    shown: list[Any] = figure.findobj(lambda one: one.get_gid() == "curve")
    for curve, values in zip(shown, (swept.silhouette, swept.excess, swept.gap), strict=True):
        assert curve.get_xdata().tolist() == [2, 3, 4, 6]
        assert np.allclose(curve.get_ydata(), values)
    assert len(figure.findobj(lambda one: one.get_gid() == "band")) == 1
    said = words(figure)
    assert "k = 3 stands out" in said
    assert any("On 60 rows, drawn at random" in line for line in said)
    check_layout(figure)


def test_rows_that_no_k_divides_are_a_sentence(make_context: MakeContext, words: Words) -> None:
    dataset = Dataset(np.ones((9, 2)), name="equal")
    figure = KSweep().draw(dataset, make_context(dataset))
    assert not figure.axes
    assert "too few different rows" in " ".join(words(figure))
