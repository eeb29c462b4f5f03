"""Pages made of runs, of pairs of clusterings and of studies, as the host gives them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as reference_trust
from sklearn.metrics import adjusted_rand_score

import embkit
from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.agreement.changes import label_changes
from embkit_plugins.algorithms.ledger.merges import merge_ledger
from embkit_plugins.exporters.page.exporter import Page
from embkit_plugins.exporters.page.pack import unpack
from embkit_plugins.exporters.page.sources.pair import compared_page
from embkit_plugins.exporters.page.sources.run import diff_page, map_layouts, run_page
from embkit_plugins.exporters.page.sources.study import study_page
from embkit_plugins.exporters.page.sources.trust import trustworthiness
from embkit_plugins.exporters.page.write import to_html
from fixture_types import MakeContext, OpenPage
from narrowing import number, present


def tree_of(run: embkit.Run) -> np.ndarray:
    return present(present(run.clustering).linkage)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_trustworthiness_is_that_of_scikit_learn(metric: str) -> None:
    rng = np.random.default_rng(0)
    vectors, layout = rng.normal(size=(120, 5)) + 1, rng.normal(size=(120, 2))
    layout += vectors[:, :2]
    found = trustworthiness(vectors, [layout, vectors], cosine=metric == "cosine", n_neighbors=10)
    for points, value in zip((layout, vectors), found, strict=True):
        expected = reference_trust(vectors, points, n_neighbors=10, metric=metric)
        assert value == pytest.approx(expected, abs=1e-3)
    on_one_spot = trustworthiness(vectors, [np.zeros((120, 2))], cosine=False)
    assert 0 < present(on_one_spot[0]) < 1
    assert trustworthiness(vectors, [vectors], cosine=False) == [1.0]
    assert trustworthiness(vectors[:20], [layout[:20]], cosine=False) == [None]


def test_a_run_with_a_tree(blobs: Dataset, make_context: MakeContext) -> None:
    run = embkit.run(
        blobs,
        "agglomerative:linkage=complete,distance_threshold=2.0",
        validators=["silhouette", "sizes"],
        seed=1,
        cache=False,
    )
    maps = map_layouts(blobs, make_context(blobs), ["pca"], "euclidean")
    assert 0.5 < number(maps["PCA"].trust) <= 1
    page = run_page(run, maps)
    lower, upper = present(present(page.tree).thresholds)
    assert upper == 2.0
    assert lower < 2.0
    assert present(page.rows.texts)[3] == "a text 3"
    assert page.rows.columns["reference"][0] == "a"
    clusters = present(page.clusters)
    assert np.isfinite(present(clusters.silhouettes)).all()
    assert len(clusters.health["silhouette"]) == present(run.clustering).n_clusters
    assert ("silhouette", "silhouette") in {(item.validator, item.name) for item in page.scores}
    assert "distance_threshold=2.0" in clusters.label
    assert len(to_html(page)) > 100_000


def test_the_line_of_a_number_of_clusters_has_few_digits(blobs: Dataset) -> None:
    run = embkit.run(blobs, "agglomerative:n_clusters=4,linkage=complete", seed=1, cache=False)
    _, upper = present(present(run_page(run, {}).tree).thresholds)
    heights = present(present(run.clustering).linkage)[:, 2]
    low, high = heights[len(heights) - 4], heights[len(heights) - 3]
    assert low < upper < high
    assert len(str(upper)) <= 6


def test_the_ledger_lends_its_silhouettes_and_p_values(blobs: Dataset) -> None:
    run = embkit.run(blobs, "agglomerative:linkage=average,distance_threshold=2.0", seed=1, cache=False)
    ledger = merge_ledger(blobs, tree_of(run), start=1.0, stop=2.0, metric="euclidean")
    band = present(present(run_page(run, {}, lines=(1.0, 2.0), ledger=ledger).tree).band)
    merge = ledger.merges[0]
    assert (band.start, band.stop) == (1.0, 2.0)
    found = (
        present(band.silhouette_before)[merge.cluster],
        present(band.silhouette_after)[merge.cluster],
    )
    assert (
        found == tuple(np.nan if value is None else value for value in merge.silhouette)
        or np.isnan(found).any()
    )


def test_the_ledger_of_the_page_is_that_of_diff(open_page: OpenPage, blobs: Dataset) -> None:
    run = embkit.run(blobs, "agglomerative:linkage=average,distance_threshold=2.0", seed=1, cache=False)
    ledger = merge_ledger(blobs, tree_of(run), start=0.9, stop=2.0, metric="euclidean")
    page = open_page(run_page(run, {}, lines=(0.9, 2.0), ledger=ledger))
    found = page.evaluate(
        """() => {
            const { ledger, model } = document.querySelector("#embkit").page;
            const { tree, rows } = model;
            return ledger.all.map((group) => ({
                parts: group.parts.map(({ node, joined }) => [tree.size(node), joined, rows.row[model.central(node)]]),
                closest: [rows.row[group.closest[0]], rows.row[group.closest[1]]].sort((a, b) => a - b),
                silhouette: [group.before, group.after], p: group.p,
            }));
        }"""
    )
    assert len(found) == len(ledger.merges)
    for shown, merge in zip(found, ledger.merges, strict=True):
        assert [part[0] for part in shown["parts"]] == [part.size for part in merge.parts]
        np.testing.assert_allclose(
            [part[1] for part in shown["parts"]], [part.joined_at for part in merge.parts]
        )
        assert [part[2] for part in shown["parts"]] == [part.representative for part in merge.parts]
        assert shown["closest"] == sorted([merge.closest.first, merge.closest.second])
        assert shown["silhouette"] == pytest.approx(list(merge.silhouette), abs=1e-6)
        assert shown["p"] == (None if merge.p_value is None else pytest.approx(merge.p_value, rel=1e-5))


def test_runs_without_lines(blobs: Dataset) -> None:
    flat = run_page(embkit.run(blobs, "kmeans:n_clusters=3", seed=1, cache=False), {})
    assert flat.tree is None
    assert [len(name.rows) for name in present(flat.clusters).names] == [3, 3, 3]
    dense = run_page(embkit.run(blobs, "hdbscan:min_cluster_size=5", seed=1, cache=False), {})
    tree = present(dense.tree)
    assert tree.thresholds is None
    assert "mutual reachability" in tree.metric
    assert "probability" in dense.rows.columns


def test_a_dataset_that_was_only_inspected(blobs: Dataset) -> None:
    run = embkit.run(blobs, validators=["structure"], seed=1, cache=False)
    page = run_page(run, {})
    assert page.clusters is None
    assert page.tree is None
    assert present(page.verdict).kind == "clusters"
    assert "clusterer" not in page.settings
    assert len(run.page(maps=["pca"]).html) > 100_000
    with pytest.raises(
        embkit.ParameterError, match="thresholds or other labels, and a run without clusters"
    ):
        run.page(maps=["pca"], lower=0.1, upper=0.2)


def test_two_clusterings(blobs: Dataset) -> None:
    first, second = (
        present(embkit.run(blobs, f"kmeans:n_clusters={k}", seed=1, cache=False).clustering)
        for k in (3, 5)
    )
    changes = label_changes(first.labels, second.labels)
    page = diff_page(first, second, changes, {})
    assert page.title == (
        "kmeans(metric=euclidean, n_clusters=3) and kmeans(metric=euclidean, n_clusters=5)"
    )
    assert [change.kind for change in page.changes] == [change.kind for change in changes.changes]
    assert page.scores[0].value == pytest.approx(adjusted_rand_score(first.labels, second.labels))


def test_a_run_beside_another_runs_labels(blobs: Dataset, tmp_path: Path) -> None:
    first, second = (
        embkit.run(blobs, f"kmeans:n_clusters={k}", seed=1, cache=False, out=tmp_path / f"k{k}")
        for k in (3, 5)
    )
    page = compared_page(present(first.clustering), str(second.folder), {}, seed=0)
    assert page.title == "kmeans(metric=euclidean, n_clusters=3) and k5"
    np.testing.assert_array_equal(page.after.labels, second.labels)
    assert page.scores[0].value == pytest.approx(adjusted_rand_score(first.labels, second.labels))
    for name, own in zip(page.after.names, present(second.names).names, strict=True):
        assert (name.terms, name.rows) == (own.terms, own.rows)
        assert (
            name.title == own.title or present(blobs.texts)[own.rows[0]] == own.title
        )  # not twice in the file
    assert not page.warnings
    half = replace(blobs, **{c: getattr(blobs, c)[:20] for c in ("vectors", "texts", "reference")})
    part = present(embkit.run(half, "kmeans:n_clusters=2", seed=1, cache=False).clustering)
    few = compared_page(part, str(second.folder), {}, seed=0, title="Few")
    assert few.title == "Few"
    n_more = blobs.n_samples - 20
    assert few.warnings == [f"{n_more} rows of k5 are not in {half.name}, and left out."]
    with pytest.raises(embkit.DataError, match="no such|cannot be read|there is no"):
        compared_page(part, str(tmp_path / "missing"), {}, seed=0)


def test_a_study(blobs: Dataset, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", blobs.vectors)
    study = embkit.study(
        {
            "seeds": [1, 2],
            "datasets": [{"label": "x", "source": str(tmp_path / "x.npy")}],
            "clusterers": [{"name": "kmeans", "n_clusters": {"grid": [2, 3]}}],
            "validators": [{"name": "silhouette"}],
        },
        out=tmp_path / "study",
        jobs=1,
        cache=False,
    )
    page = study_page(study.record, {"x": {}})
    assert [trial.method for trial in page.trials] == [record.method for record in study.record.trials]
    assert page.higher_is_better["silhouette"] is True
    matrix = page.agreement["x"]
    by_method: dict[str, list[Any]] = {}
    for trial in study.record.trials:
        by_method.setdefault(trial.method, []).append(trial.labels)
    first, second = by_method.values()
    expected = np.mean([adjusted_rand_score(a, b) for a in first for b in second])
    assert matrix.shape == (2, 2)
    assert matrix[0, 1] == pytest.approx(expected)
    assert matrix[0, 0] == pytest.approx(adjusted_rand_score(*first))
    assert len(to_html(page)) > 10_000


def test_the_exporter_writes_one_file(blobs: Dataset, make_context: MakeContext) -> None:
    run = embkit.run(blobs, "agglomerative:distance_threshold=2.0", seed=1, cache=False)
    page = Page(maps=["pca"], lower=1.0, upper=2.5, title="Blobs")
    page.check()
    files = page.export(run, make_context(blobs))
    assert list(files) == ["page.html"]
    assert "<title>Blobs</title>" in files["page.html"]
    document, arrays = unpack(files["page.html"].split('id="embkit-data">')[1].split("<")[0])
    assert document["tree"]["thresholds"] == [1.0, 2.5]
    assert np.isfinite(arrays[document["tree"]["band"]["after"]]).any()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"lower": 1.0}, "give both lower and upper"),
        ({"lower": 2.0, "upper": 1.0}, "above the upper one"),
        ({"lower": 1.0, "upper": 2.0, "other": "b"}, "one tree, or two clusterings; leave out lower"),
    ],
)
def test_thresholds_that_make_no_pair_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(embkit.ParameterError, match=message):
        Page(**parameters).check()
