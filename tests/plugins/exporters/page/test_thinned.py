"""Pages of very many rows: which of them are shown, and that it is said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.data.dataset import Dataset
from embkit_plugins.exporters.page.exporter import Page
from embkit_plugins.exporters.page.payload import RunPage
from embkit_plugins.exporters.page.sources import thinned as module
from embkit_plugins.exporters.page.sources.thinned import thinned
from fixture_types import MakeContext, OpenPage
from narrowing import present


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 80)
    monkeypatch.setattr(module, "SHOWN_ROWS", 30)


def payload_of(monkeypatch: pytest.MonkeyPatch, page: Page, run: Any, context: Any) -> RunPage:
    """What the exporter hands to the writer of the page."""
    found: list[RunPage] = []
    monkeypatch.setattr(page, "form", "widget")
    from embkit_plugins.exporters.page import write

    def keep(payload: RunPage) -> tuple[str, str, str]:
        found.append(payload)
        return "", "", ""

    monkeypatch.setattr(write, "to_widget", keep)
    page.export(run, context)
    return found[0]


@pytest.mark.usefixtures("small")
def test_some_rows_are_shown_with_their_own_labels_and_texts(
    blobs: Dataset, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = embkit.run(
        blobs, "kmeans:n_clusters=5", validators=["silhouette"], namer="words", seed=1, cache=False
    )
    page = payload_of(monkeypatch, Page(maps=["pca"]), run, make_context(blobs))
    clusters, clustering = present(page.clusters), present(run.clustering)
    assert 30 <= len(page.rows) <= 35
    rows = [present(blobs.texts).index(text) for text in present(page.rows.texts)]
    assert rows == sorted(set(rows))
    assert clusters.labels.tolist() == clustering.labels[rows].tolist()
    assert page.maps["PCA"].coordinates.shape == (len(rows), 2)
    assert clusters.health["rows in all"] == clustering.sizes.tolist()
    for name, own in zip(clusters.names, present(run.names).names, strict=True):
        shown = [rows[row] for row in name.rows]
        assert shown == [row for row in own.rows if row in rows]
        assert shown[0] == own.rows[0]
    every = run.tables["silhouettes"]["silhouette"] if "silhouettes" in run.tables else None
    if every is not None:
        assert present(clusters.silhouettes).tolist() == [every[row] for row in rows]
    (warning,) = page.warnings
    assert warning == (
        f"90 rows are too many for one page. It shows {len(rows)} of them, drawn at random; the maps are "
        "of these, and so are all numbers of rows, but for the column “rows in all”."
    )


@pytest.mark.usefixtures("small")
def test_the_tree_is_left_out_and_that_is_said(blobs: Dataset) -> None:
    run = embkit.run(blobs, "agglomerative:distance_threshold=2.0", seed=1, cache=False)
    shown, note = thinned(run, 0)
    assert present(shown.clustering).linkage is None
    assert note.endswith("The tree, which is of all rows, is left out.")
    assert set(present(shown.clustering).labels) == set(range(present(run.clustering).n_clusters))


@pytest.mark.usefixtures("small")
def test_an_inspected_dataset_is_thinned_too(
    blobs: Dataset, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = embkit.inspect(blobs, seed=1, validators=["health"], visualizers=[], cache=False)
    page = payload_of(monkeypatch, Page(maps=["pca"]), run, make_context(blobs))
    assert page.clusters is None
    assert len(page.rows) == 30
    assert page.warnings[0].endswith("the maps are of these, and so are all numbers of rows.")


def test_up_to_the_stated_number_all_rows_are_shown(
    blobs: Dataset, make_context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 90)
    run = embkit.run(blobs, "kmeans:n_clusters=3", seed=1, cache=False)
    page = payload_of(monkeypatch, Page(maps=["pca"]), run, make_context(blobs))
    assert len(page.rows) == 90
    assert not page.warnings
    assert "rows in all" not in present(page.clusters).health


@pytest.mark.usefixtures("small")
def test_two_clusterings_and_studies_of_too_many_rows_are_refused(
    blobs: Dataset, make_context: MakeContext, tmp_path: Path
) -> None:
    run = embkit.run(blobs, "kmeans:n_clusters=3", seed=1, cache=False, out=tmp_path / "run")
    context = make_context(blobs)
    with pytest.raises(
        embkit.DataError,
        match=r"exporter page: .* has 90 rows; a page of two clusterings holds 80 at most; take some of",
    ):
        Page(other=str(tmp_path / "run")).export(run, context)
    np.save(tmp_path / "x.npy", blobs.vectors)
    study = embkit.study(
        {
            "seeds": [1],
            "datasets": [{"label": "x", "source": str(tmp_path / "x.npy")}],
            "clusterers": [{"name": "kmeans", "n_clusters": 2}],
        },
        out=tmp_path / "study",
        jobs=1,
        cache=False,
    )
    with pytest.raises(embkit.DataError, match="a page of a study holds 80 at most"):
        Page().export(study.record, context)


def test_clusters_keep_their_numbers_whatever_their_share(
    open_page: OpenPage, flat_payload: RunPage
) -> None:
    clusters = present(flat_payload.clusters)
    labels = np.arange(len(clusters.labels)) % 3
    labels[labels == 0] = np.where(np.arange((labels == 0).sum()) < 5, 0, 2)  # the first is the smallest
    shown = replace(
        clusters, labels=labels, names=[], health={"rows in all": [12345, 2, 1]}, silhouettes=None
    )
    page = open_page(replace(flat_payload, clusters=shown))
    cells = page.locator(".clusters-grid .grid-body .grid-row:not([hidden])")
    found = {}
    for line in range(3):
        words = cells.nth(line).locator(".cell")
        found[words.nth(0).inner_text().strip()] = words.nth(2).inner_text().strip()
    assert found == {str(label): str(int((labels == label).sum())) for label in range(3)}
    assert "12,345" in str(page.locator(".clusters-grid .grid-body").text_content())
