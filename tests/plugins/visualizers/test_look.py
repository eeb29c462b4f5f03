"""Title and width of every picture: as the user wants them, and nothing outside the sheet."""

from collections.abc import Mapping

import numpy as np
import pytest
from matplotlib.figure import Figure

import embkit
from embkit_plugins.drawing.sheet import Look, Sheet

PICTURES = ("dendrogram", "umap", "tsne", "pca", "silhouette", "sizes", "threshold-curve", "k-sweep")


@pytest.fixture(scope="module")
def rows() -> embkit.Dataset:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(150, 6)) + 4 * rng.normal(size=(25, 6))[np.arange(150) % 25]
    return embkit.Dataset(
        vectors.astype(np.float32), texts=[f"a text of row {row}" for row in range(150)]
    )


def drawn(rows: embkit.Dataset, parameters: str) -> Mapping[str, Figure]:
    extra = {"k-sweep": "n_clusters=[2,3],n_null=2", "sizes": "max_clusters=10"}
    wanted = [f"{name}:{','.join(filter(None, (extra.get(name), parameters)))}" for name in PICTURES]
    run = embkit.run(
        rows, "agglomerative:n_clusters=25", visualizers=wanted, namer="none", seed=0, cache=False
    )
    assert not run.failures
    return run.figures


@pytest.mark.parametrize("width", [5.0, 6.5, 16.0])
def test_title_and_width(rows: embkit.Dataset, width: float) -> None:
    pytest.importorskip("openTSNE", reason="needs openTSNE, an extra")
    for name, figure in drawn(rows, f"title=For slides,width={width}").items():
        across, up = figure.get_size_inches()
        assert across == pytest.approx(width), name
        written = [text.get_text() for text in figure.texts]
        assert written[0] == "For slides"
        assert not any(
            "agglomerative(" in text or "150 rows \N{MULTIPLICATION SIGN}" in text for text in written
        )
        for axes in figure.axes:
            box = axes.get_position()
            assert 0 <= box.x0 < box.x1 <= 1, name
            assert 0 <= box.y0 < box.y1 <= 1, name
            assert (box.x1 - box.x0) * across > 0.8, name
            assert (box.y1 - box.y0) * up > 0.15, name


def test_lying_dendrogram_takes_its_width_too(rows: embkit.Dataset) -> None:
    run = embkit.run(
        rows,
        "agglomerative:n_clusters=25",
        visualizers=["dendrogram:orientation=right,width=7"],
        namer="none",
        seed=0,
        cache=False,
    )
    figure = run.figures["dendrogram"]
    assert figure.get_size_inches()[0] == pytest.approx(7)
    assert any("agglomerative(" in text.get_text() for text in figure.texts)  # no title of one's own


def test_widths_out_of_range_are_refused(rows: embkit.Dataset) -> None:
    with pytest.raises(embkit.ParameterError, match="visualizer sizes: width=4 is not valid"):
        embkit.run(rows, "kmeans:n_clusters=2", visualizers=["sizes:width=4"], cache=False)


def test_titles_are_made_printable() -> None:
    sheet = Sheet(6, 1, "made", "settings", "below", Look("a\x1b[31m\nb"))
    assert [text.get_text() for text in sheet.figure.texts] == ["a[31m b", "", "below"]
