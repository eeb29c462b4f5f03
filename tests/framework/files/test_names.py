"""Names that a user gives: tables, mappings, earlier runs."""

from pathlib import Path
from typing import Any

import pytest

from embkit.errors import DataError, ParameterError
from embkit.files.names import read_given_names


def table(folder: Path, text: str, name: str = "names.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("names.csv", 'cluster,name\n0,Birds\n2,"Fish, mostly"\n3,\n'),
        ("names.tsv", "name\tsize\tcluster\nBirds\t9\t0\nFish, mostly\t4\t2\n"),
        ("names.csv", "\ufeffcluster;name\n0;Birds\n2;Fish, mostly\n0;Birds\n"),
    ],
)
def test_a_table_names_clusters_by_number(tmp_path: Path, name: str, text: str) -> None:
    given = read_given_names(table(tmp_path, text, name))
    assert given.clusters == {0: "Birds", 2: "Fish, mostly"}
    assert (dict(given.nodes), set(given.edited)) == ({}, {0, 2})
    assert (given.earlier, given.origin) == (None, name)


def test_a_table_names_nodes(tmp_path: Path) -> None:
    given = read_given_names(table(tmp_path, "node,cluster,name\n118,,Animals\n100,1,Birds\n99,,\n"))
    assert (given.clusters, given.nodes) == ({1: "Birds"}, {118: "Animals"})


def test_names_are_one_line_that_can_be_shown(tmp_path: Path) -> None:
    text = 'cluster,name\n0,"two\nlines"\n1,\x1b[2Jred\n2,\'=1+1\n3,  spaced   out \n'
    given = read_given_names(table(tmp_path, text))
    assert given.clusters == {
        0: "two lines",
        1: "\N{REPLACEMENT CHARACTER}[2Jred",
        2: "=1+1",
        3: "spaced out",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id,name\n1,a\n",
            "has no columns cluster and name; its columns are id, name; give a table with",
        ),
        ("cluster,title\n1,a\n", "has no columns cluster and name"),
        ("cluster,name\n0,a\none,b\n", "line 3: cluster 'one' is not an integer; write its number"),
        ("node,name\n1.5,a\n", "line 2: node '1.5' is not an integer"),
        ("cluster,name\n0,a\n0,b\n", "line 3: cluster 0 has two names; leave one out"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_given_names(table(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing.csv"):
        read_given_names(tmp_path / "nothing.csv")


def test_a_mapping_by_number() -> None:
    assert read_given_names({3: "Birds", "4": " Fish "}).clusters == {3: "Birds", 4: "Fish"}
    given = read_given_names({"clusters": {"0": "Birds"}, "nodes": {"118": "Animals"}, "of": "ab"})
    assert (given.clusters, given.nodes, given.fingerprint) == ({0: "Birds"}, {118: "Animals"}, "ab")


@pytest.mark.parametrize("wrong", [{"birds": 3}, {0: 1}, {"clusters": ["Birds"]}, {None: "Birds"}])
def test_a_mapping_of_another_form(wrong: dict[Any, Any]) -> None:
    with pytest.raises(ParameterError, match=r"is not names by number; .*; write \{3: \"birds\"\}"):
        read_given_names(wrong)


def test_a_folder_without_names(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="has no names of clusters; there is no tables/clusters.csv in it"
    ):
        read_given_names(tmp_path)
    (tmp_path / "tables").mkdir()
    table(tmp_path / "tables", "cluster,name\n0,Birds\n", "clusters.csv")
    with pytest.raises(DataError, match="is not the folder of a run with names; run.json does not hold"):
        read_given_names(tmp_path)
