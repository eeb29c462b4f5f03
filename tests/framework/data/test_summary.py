"""The summary of a run: what was clustered how, within the width of the terminal."""

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

import embkit
from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.names import Name, Names
from embkit.data.results import Clustering, Validation
from embkit.data.run import Run


def finished(parameters: dict[str, Any], **changes: Any) -> Run:
    """A run of forty rows in two clusters with a row of noise."""
    rng = np.random.default_rng(0)
    dataset = Dataset(rng.normal(size=(40, 3)), texts=[f"text {row}" for row in range(40)], name="some")
    labels = np.repeat([0, 1, -1], [30, 9, 1])
    values: dict[str, Any] = {
        "config": RunConfig(),
        "dataset": dataset,
        "clustering": Clustering(dataset, labels, parameters, clusterer="some-clusterer"),
        "validations": {},
        "figures": {},
        "failures": (),
        "record": {"seed": 1, "warnings": [], "timings": [], "memory": {"peak": 10**6}},
    }
    return Run(**values | changes)


def below_clusters(run: Run, width: int = 100) -> str:
    lines = run.summary(width).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("clusters"))
    assert lines[first] == "clusters  2 by some-clusterer, 1 row of noise"
    return "\n".join(lines[first + 1 : lines.index("", first)])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (
            {
                "n_clusters": None, "metric": "cosine", "linkage": "average",
                "distance_threshold": 2.43219, "compute_full_tree": True,
            },
            "metric=cosine, linkage=average, distance_threshold=2.432",
        ),
        (
            {"min_cluster_size": 5, "alpha": 1.0, "allow_single_cluster": False, "metric": "euclidean"},
            "metric=euclidean, min_cluster_size=5, alpha=1",
        ),
        (
            {"n_clusters": np.int64(3), "init": "k-means++", "tol": 1e-4, "random_state": 7, "n_jobs": 2},
            "n_clusters=3",
        ),
        ({"metric": "cosine", "neighbors": "exact", "recall": 0.95}, "metric=cosine"),
        ({"neighbors": "leaves", "recall": 0.95}, "neighbors=leaves, recall=0.95"),
        ({"leader": 2, "words": ("a", "b"), "weights": np.ones(3)}, "leader=2"),
        ({"labels": "a\x1b[31m/labels.csv"}, "labels=a\N{REPLACEMENT CHARACTER}[31m/labels.csv"),
    ],
)  # fmt: skip
def test_it_says_how_the_clusters_were_found(parameters: dict[str, Any], words: str) -> None:
    assert below_clusters(finished(parameters)) == f"          with {words}"


def test_reducers_are_a_chain_with_their_settings_below() -> None:
    settings = {"n_components": 5, "metric": "cosine", "neighbors": "exact", "random_state": None}
    reducers = (Request("center", {}), Request("umap", settings))
    one = finished({}, config=RunConfig(reducers=reducers[1:])).summary().splitlines()
    at = one.index("reduced   umap -> 3 dimensions")
    assert one[at + 1] == "          with n_components=5, metric=cosine"
    both = finished({}, config=RunConfig(reducers=reducers)).summary().splitlines()
    at = both.index("reduced   center -> umap -> 3 dimensions")
    assert both[at + 1] == "          umap with n_components=5, metric=cosine"


def test_a_clusterer_without_parameters_has_no_such_line() -> None:
    assert below_clusters(finished({})) == ""


def test_parameters_that_do_not_fit_on_the_line_are_left_out() -> None:
    parameters = {"metric": "cosine", **{f"parameter_{number}": number + 1 for number in range(20)}}
    line = below_clusters(finished(parameters), width=80)
    assert line.startswith("          with metric=cosine, parameter_0=1, ")
    assert line.endswith(", …")
    assert 60 < len(line) <= 80


def test_one_row_is_one_row() -> None:
    one = embkit.run(np.eye(1, 3), "agglomerative", labels=["a"], seed=0, cache=False)
    assert one.summary().startswith(
        "data      array: 1 row x 3, float64\n          with 1 reference label\n"
    )
    assert (
        "all rows in one cluster: all rows are equal\n          1 cluster, of 1 row\n" in one.summary()
    )
    assert repr(one) == "<Run of array: 1 row, 1 cluster>"
    for clusterer in (
        "kmeans:n_clusters=2",
        "agglomerative:n_clusters=2",
        "birch:n_clusters=2",
        "hdbscan",
    ):
        with pytest.raises(embkit.ParameterError, match=r"(for|of) 1 row;"):
            embkit.run(np.eye(1, 3), clusterer, cache=False)


def test_limits_that_do_not_limit_are_left_out() -> None:
    parameters = {"metric": "cosine", "cluster_selection_epsilon": 0.0, "max_eps": np.inf, "p": np.inf}
    assert below_clusters(finished(parameters)) == "          with metric=cosine, p=inf"
    assert below_clusters(finished({"distance_threshold": 0.0})) == "          with distance_threshold=0"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    validation = Validation({"score": 0.5}, notes=("many words " * 30, "a table\n  of   two lines"))
    timings = [{"step": f"validate number-{number}", "seconds": 1.5} for number in range(20)]
    record = {"seed": 1, "warnings": ["a warning " * 20], "timings": timings, "memory": {"peak": 1}}
    run = finished({"metric": "cosine"}, validations={"one": validation}, record=record)
    lines = run.summary(width).splitlines()
    assert max(map(len, lines)) <= width
    assert "    of   two lines" in lines
    start = next(number for number, line in enumerate(lines) if line.startswith("time"))
    timed = lines[start : next(number for number, line in enumerate(lines) if line.startswith("memory"))]
    assert len(timed) > 1
    assert all(line.startswith(" " * 10) for line in timed[1:])
    assert " ".join(" ".join(timed).split()).count("1.5 s") == 20


def test_paths_are_never_broken(tmp_path: Path) -> None:
    folder = tmp_path / ("a-folder-with-a-very-long-name-" * 4)
    lines = finished({}).at(folder).summary(80).splitlines()
    assert any(line.endswith(str(folder)) for line in lines)


def test_agglomerative_says_its_metric_linkage_and_the_threshold_it_chose(blobs: Dataset) -> None:
    run = embkit.run(blobs, "agglomerative:metric=cosine,linkage=average", seed=0, cache=False)
    assert run.clustering is not None
    assert f"with metric=cosine, linkage=average, distance_threshold={run.clustering.threshold:.4g}" in (
        run.summary()
    )


def test_a_verdict_comes_first() -> None:
    judged = {
        "a": Validation({"x": 1}),
        "b": Validation({"verdict": "no"}, notes=("no: \x1b why", "more")),
    }
    lines = finished({}, validations=judged).summary().splitlines()
    assert lines[0] == "in short  no: \N{REPLACEMENT CHARACTER} why"
    assert lines[2].startswith("data")
    assert finished({}, validations={}).summary().startswith("data")


def test_advice_comes_last_as_a_command() -> None:
    advised = {"a": Validation({"advice": "--clusterer kmeans"}, notes=("it is quick",))}
    config = RunConfig(source="my rows.npy", table="t.csv")
    run = finished({}, validations=advised, clustering=None, config=config)
    assert run.summary().splitlines()[-2:] == [
        "next      embkit run 'my rows.npy' --table t.csv --clusterer kmeans",
        "          it is quick",
    ]
    assert "next " not in finished({}, validations=advised).summary()


def test_a_command_that_is_too_wide_can_still_be_pasted() -> None:
    options = (
        "--reducer umap:n_components=5,min_dist=0,metric=cosine --clusterer agglomerative:n_clusters=27"
    )
    advised = {"a": Validation({"advice": options})}
    config = RunConfig(source="a --b.npy", table="texts of the rows.tsv")
    run = finished({}, validations=advised, clustering=None, config=config)
    lines = run.summary(80).partition("next")[2].splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.endswith(" \\") for line in lines[:-1])
    typed = shlex.split("\n".join(lines).replace("\\\n", ""))
    assert typed == ["embkit", "run", "a --b.npy", "--table", "texts of the rows.tsv", *options.split()]


def test_exported_files_are_listed(tmp_path: Path) -> None:
    parts = {f"part-{number}.csv": "" for number in range(6)}
    run = finished({}, folder=tmp_path, exports={"page": {"page.html": ""}, "csv": parts})
    files = [line for line in run.summary(1000).splitlines() if line.startswith("file ")]
    assert files[0] == f"file      {tmp_path / 'page.html'}"
    assert len(files) == 5
    assert "          and 2 more" in run.summary()


def test_wide_characters_keep_the_columns_and_the_width() -> None:
    texts = [text * 6 for text in ("plain text ", "日本語の文章 ", "😀 emoji ", "e\u0301te\u0301 ")] * 10
    dataset = Dataset(np.arange(120.0).reshape(40, 3), texts=texts)
    names = Names(tuple(Name(text) for text in texts[:4]))
    clustering = Clustering(dataset, np.arange(40) % 4, {}, clusterer="some-clusterer", names=names)
    run = finished({}, dataset=dataset, clustering=clustering)
    table = [line for line in run.summary(80).splitlines() if "25.0%" in line]
    assert len(table) == 4
    assert all(cell_len(line) <= 80 for line in table)
    # The column of examples begins at the same place of every line.
    assert len({cell_len(line[: line.rindex("  ")]) for line in table}) == 1


def test_one_cluster_more_is_one() -> None:
    dataset = Dataset(np.arange(27.0).reshape(9, 3))
    run = finished({}, dataset=dataset, clustering=Clustering(dataset, np.arange(9), {}))
    assert "in 1 more cluster\n" in run.summary()
