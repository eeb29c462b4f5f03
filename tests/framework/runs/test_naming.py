"""How the clusters of a run are called: the same in all of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embkit
from embkit.data.configuration.request import as_request
from embkit.data.configuration.run import RunConfig
from embkit.data.labels import canonical_labels
from embkit.files.labels import RecordedLabels
from embkit.plugin.registry import Registry
from embkit.runs.naming import overlaps
from embkit.runs.records.opened import open_run
from embkit.runs.runner import execute
from fixture_types import Embkit
from narrowing import present


@pytest.fixture
def spread() -> embkit.Dataset:
    """60 rows in 12 dimensions without much structure, with texts."""
    vectors = np.random.default_rng(3).normal(size=(60, 12)).astype(np.float32)
    return embkit.Dataset(vectors, texts=[f"sentence number {row}" for row in range(60)])


@pytest.mark.parametrize("namer", ["none", "words"])
def test_a_cluster_is_called_the_same_whatever_vectors_a_component_sees(
    spread: embkit.Dataset, namer: str
) -> None:
    run = embkit.run(
        spread,
        "kmeans:n_clusters=5",
        reducers=["pca:n_components=2"],
        namer=namer,
        validators=["sizes", "sizes:of=source"],
        seed=1,
    )
    assert not run.failures
    one, other = (table for name, table in run.tables.items() if "sizes" in name)
    assert one["example"] == other["example"]
    if namer == "words":
        assert run.tables["clusters"]["example"] == one["example"]


SUBJECTS = ("oak", "iron", "violin", "salmon")


@pytest.fixture
def subjects() -> embkit.Dataset:
    """Four subjects of 20 rows, with a text and an id each."""
    rng = np.random.default_rng(4)
    subject = np.repeat(np.arange(4), 20)
    vectors = 4.0 * np.eye(4, 6)[subject] + rng.normal(scale=0.2, size=(80, 6))
    texts = [f"{SUBJECTS[which]}. x{row}" for row, which in enumerate(subject)]
    ids = [f"id{row}" for row in range(80)]
    return embkit.Dataset(vectors.astype(np.float32), ids=ids, texts=texts)


@pytest.fixture
def saved(subjects: embkit.Dataset, tmp_path: Path) -> Path:
    """The rows as a file, with a table beside."""
    np.save(tmp_path / "subjects.npy", subjects.vectors)
    lines = [
        f"{name}\t{text}"
        for name, text in zip(present(subjects.ids), present(subjects.texts), strict=True)
    ]
    (tmp_path / "subjects.tsv").write_text("\n".join(["id\ttext", *lines]) + "\n", "utf-8")
    return tmp_path / "subjects.npy"


FOUR = "agglomerative:linkage=average,n_clusters=4"


def run(source: Any, **settings: Any) -> embkit.Run:
    if isinstance(source, Path):
        settings["table"] = str(source.with_suffix(".tsv"))
    return embkit.run(source, settings.pop("clusterer", FOUR), seed=1, cache=False, **settings)


def of_subject(run: embkit.Run, subject: int) -> int:
    return int(present(run.labels)[20 * subject])


def test_given_names_are_kept_as_given(subjects: embkit.Dataset) -> None:
    plain = run(subjects)
    named = run(subjects, names={0: "Mine", 9: "nobody"})
    first = present(named.names)[0]
    assert (first.title, first.note) == ("Mine", "edited")
    assert first.terms == present(plain.names)[0].terms
    assert first.rows == present(plain.names)[0].rows
    assert present(named.names)[1] == present(plain.names)[1]
    table = named.tables["clusters"]
    assert (table["name"][0], table["note"][0]) == ("Mine", "edited")
    assert "1 name from the configuration" in present(named.names).notes
    assert (
        "the configuration names clusters that do not exist: 9 (there are 4 clusters)"
        in present(named.names).notes
    )
    summary = named.summary()
    assert "Mine " in summary
    assert f"Mine, {first.terms[0]}" not in summary


def test_a_namer_does_not_call_another_cluster_as_one_is_called(subjects: embkit.Dataset) -> None:
    plain = run(subjects)
    named = run(subjects, names={0: present(plain.names)[1].title.upper()})
    assert present(named.names)[0].title == present(plain.names)[1].title.upper()
    titles = [title.casefold() for title in present(named.names).titles]
    assert len(set(titles)) == 4
    assert (
        present(named.names)[1].title == f"{present(plain.names)[1].title} (20 rows)"
    )  # it has no second term


def test_names_can_be_given_where_there_is_no_namer(subjects: embkit.Dataset) -> None:
    for source, namer in ((subjects, "none"), (np.asarray(subjects.vectors), None)):
        named = run(source, names={1: "Mine"}, namer=namer)
        assert present(named.names).titles == ("", "Mine", "", "")
        assert named.tables["clusters"]["example"]
        assert not any(plugin["plugin"] == "embkit-namers" for plugin in named.record["plugins"])


def test_a_record_brings_its_names_along(saved: Path, tmp_path: Path) -> None:
    given = tmp_path / "mine.csv"
    given.write_text("cluster,name\n2,Mine\n", "utf-8")
    first = run(saved, names=given, out=tmp_path / "first")
    given.unlink()
    record = json.loads((tmp_path / "first" / "run.json").read_text("utf-8"))
    assert record["clustering"]["names"]["names"][2]["title"] == "Mine"
    config = RunConfig.from_mapping(record["config"], "run.json")
    again = execute(config, Registry.discover())
    assert present(again.names).titles == present(first.names).titles
    assert present(again.names)[2].note == "edited"
    assert again.record["config"] == record["config"]
    others = execute(
        replace(config, clusterer=as_request("agglomerative:linkage=average,n_clusters=3", "")),
        Registry.discover(),
    )
    assert not any(name.is_given for name in present(others.names).names)
    assert any("are of other clusters and were left out" in note for note in present(others.names).notes)


def test_a_run_opened_again_has_its_names(saved: Path, tmp_path: Path) -> None:
    run(saved, names={"clusters": {2: "Mine"}, "nodes": {158: "All"}}, out=tmp_path / "first")
    opened = open_run(tmp_path / "first", Registry.discover(), None)
    assert present(opened.names)[2].title == "Mine"
    assert present(opened.clustering).node_names == {158: "All"}


@pytest.mark.parametrize("edited_in_place", [False, True])
def test_names_are_carried_over_to_the_clusters_of_the_same_rows(
    saved: Path, subjects: embkit.Dataset, tmp_path: Path, edited_in_place: bool
) -> None:
    first = run(saved, names=None if edited_in_place else {0: "Mine"}, out=tmp_path / "first")
    source: Path = tmp_path / "first"
    mine = int(np.flatnonzero(present(first.labels) == 0)[0] // 20)  # the subject of cluster 0
    if edited_in_place:
        source = source / "tables" / "clusters.csv"
        text = source.read_text("utf-8")
        source.write_text(text.replace(f",{SUBJECTS[mine]},", ",Mine,", 1), "utf-8")
    # Other rows, of which the subjects have other shares, so that clusters have other numbers.
    kept = np.concatenate([np.arange(20 * subject, 20 * subject + 12 + subject) for subject in range(4)])
    second = run(subjects.take(kept[::-1]), names=source)
    renamed = present(second.names)[
        int(present(second.labels)[np.flatnonzero(kept[::-1] // 20 == mine)[0]])
    ]
    overlap = (12 + mine) / 20
    assert (renamed.title, renamed.note) == ("Mine", f"edited, carried over, overlap {overlap:.2f}")
    assert sum(name.is_given for name in present(second.names).names) == 4
    assert "4 of 4 names carried over from first, overlap 0.60 to 0.75" in present(second.names).notes
    third = run(subjects, names={"clusters": {}}, namer="none")
    assert third.names is None


def test_a_name_goes_to_no_cluster_that_shares_half_of_its_rows_or_less(
    saved: Path, tmp_path: Path
) -> None:
    run(saved, names={0: "Mine"}, out=tmp_path / "first")
    second = run(saved, clusterer="agglomerative:linkage=average,n_clusters=1", names=tmp_path / "first")
    assert not present(second.names)[0].is_given
    assert present(second.names).notes[-2:] == (
        "0 of 4 names carried over from first",
        "no cluster has more than half of its rows in common with: Mine",
    )


def test_names_of_nodes_stay_with_the_tree(saved: Path, tmp_path: Path) -> None:
    nodes = {"clusters": {0: "Mine"}, "nodes": {158: "Everything", 3: "no merge"}}
    first = run(saved, names=nodes, validators=["nodes"], out=tmp_path / "first")
    assert present(first.clustering).node_names == {158: "Everything"}
    table = first.tables["nodes"]
    assert (table["node"][0], table["name"][0], table["note"][0]) == (158, "Everything", "edited")
    same_tree = run(
        saved, clusterer="agglomerative:linkage=average,n_clusters=2", names=tmp_path / "first"
    )
    assert present(same_tree.clustering).node_names == {158: "Everything"}
    other = run(saved, clusterer="agglomerative:linkage=single,n_clusters=2", names=tmp_path / "first")
    assert present(other.clustering).node_names == {}


@given(seed=st.integers(0, 2**32 - 1), n_rows=st.integers(0, 60))
@settings(deadline=None, max_examples=60)
def test_overlaps_are_the_pairs_above_one_half(seed: int, n_rows: int) -> None:
    rng = np.random.default_rng(seed)
    before = canonical_labels(rng.integers(-1, 4, size=60), 60, "test")
    changed = np.where(rng.random(60) < 0.3, rng.integers(-1, 4, size=60), before)
    rows = rng.permutation(60)[:n_rows] if n_rows else np.arange(60)
    labels = canonical_labels(changed[rows], len(rows), "test")
    dataset = embkit.Dataset(np.ones((len(rows), 1)), ids=[f"r{row}" for row in rows])
    earlier = RecordedLabels(Path("x"), tuple(f"r{row}" for row in range(60)), tuple(before.tolist()))
    found = overlaps(earlier, embkit.Clustering(dataset, labels))
    expected = {}
    for old in range(before.max(initial=-1) + 1):
        for new in range(labels.max(initial=-1) + 1):
            one, other = set(np.flatnonzero(before == old)), set(rows[labels == new])
            share = len(one & other) / len(one | other)
            if share > 0.5:
                expected[old, new] = share
    assert {(same.earlier, same.cluster): same.jaccard for same in found} == pytest.approx(expected)
    assert len({same.earlier for same in found}) == len({same.cluster for same in found}) == len(found)


def test_the_command_takes_names(embkit: Embkit, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("cluster,name\n0,Mine\n", "utf-8")
    options = [str(saved), "--table", str(saved.with_suffix(".tsv")), "--clusterer", FOUR, "--seed", "1"]
    said = embkit("run", *options, "--names", "mine.csv", "--out", "first").stdout
    assert "1 name from mine.csv" in said
    assert "Mine" in said
    said = embkit("run", *options, "--names", "first", "--out", "second").stdout
    assert "4 of 4 names carried over from first, overlap 1.00 to 1.00" in said
    said = embkit("run", *options, "--names", "nothing.csv", "--out", "third", code=3).stderr
    assert "nothing.csv" in said
    assert "Mine" in embkit("run", "--config", "first/run.json", "--out", "fourth").stdout
