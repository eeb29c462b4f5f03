"""embkit from Python: every setting is a keyword, and errors say what to write in Python."""

import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

import embkit
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.runs.keywords import as_keywords

ROOT = Path(__file__).parents[2]
DOCUMENTS = [(ROOT / place).read_text("utf-8") for place in ("README.md", "plugins/README.md")]


@pytest.mark.parametrize("function", [embkit.run, embkit.load, embkit.study, embkit.export])
def test_every_setting_is_a_typed_keyword_that_is_documented(function: Any) -> None:
    parameters = inspect.signature(function).parameters
    assert all(item.kind is not item.VAR_KEYWORD for item in parameters.values())
    hints = typing.get_type_hints(function)
    document = inspect.getdoc(function) or ""
    stated = re.findall(r"^([a-z_]+(?:, [a-z_]+)*) : ", document, re.MULTILINE)
    assert {name for names in stated for name in names.split(", ")} == set(parameters)
    for name in parameters:
        assert name in ("source", "table") or hints[name] is not Any, name


def test_run_has_every_setting_of_a_configuration() -> None:
    assert {item.name for item in fields(RunConfig)} <= set(inspect.signature(embkit.run).parameters)


def test_settings_reach_the_run(blobs: Dataset, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.r_[blobs.vectors, [[np.nan] * 8], [[0.0] * 8]])
    (tmp_path / "t.tsv").write_text("words\n" + "".join(f"row {row}\n" for row in range(92)))
    run = embkit.run(
        tmp_path / "v.npy", "kmeans:n_clusters=3", table=f"{tmp_path / 't.tsv'}:text=words", seed=4,
        sample=50, sample_seed=2, nonfinite="drop", zero_vectors="drop", threads=1, memory="1GB",
        cache=False,
    )  # fmt: skip
    config = run.config
    assert (config.seed, config.sample, config.sample_seed) == (4, 50, 2)
    assert (config.nonfinite, config.zero_vectors) == ("drop", "drop")
    assert (config.threads, config.memory) == (1, 10**9)
    assert run.dataset.texts is not None


def test_one_component_stands_for_a_list_of_one(blobs: Dataset, tmp_path: Path) -> None:
    run = embkit.run(
        blobs, "kmeans:n_clusters=3", reducers="center", validators="silhouette",
        visualizers={"name": "sizes"}, exporters="tree", seed=0, out=tmp_path / "out",
    )  # fmt: skip
    assert list(run.scores) == ["silhouette"]
    assert list(run.figures) == ["sizes"]
    assert [request.name for request in run.config.reducers] == ["center"]


def test_numbers_of_numpy_are_numbers(blobs: Dataset) -> None:
    numbers: dict[str, Any] = {"seed": np.int64(3), "sample": np.int32(60)}
    run = embkit.run(
        blobs, {"name": "kmeans", "n_clusters": np.int64(3)}, validators=[{"name": "silhouette"}],
        cache=False, **numbers,
    )  # fmt: skip
    assert run.config.seed == 3
    assert run.clustering is not None
    assert run.clustering.n_clusters == 3


@pytest.mark.parametrize(
    ("clusterer", "keywords", "message"),
    [
        (
            "kmeans",
            {"n_clusters": 3},
            ("run: unknown keyword 'n_clusters'; a component's parameters are written with its name; "
            'write "kmeans:n_clusters=3"'),
        ),
        (
            "kmeans:n_clusters=3",
            {"max_iter": 5},
            ("run: unknown keyword 'max_iter'; a component's parameters are written with its name; "
            'write "kmeans:n_clusters=3,max_iter=5"'),
        ),
        ("kmeans", {"sede": 3}, "run: unknown keyword 'sede'; did you mean 'seed'? available: cache, "),
        ("no-such", {"n_clusters": 3}, "run: unknown keyword 'n_clusters'; "),
        ("kmeans", {"viz": "umap"}, "run: unknown keyword 'viz'; write visualizers="),
        ("kmeans", {"no_cache": True}, "run: unknown keyword 'no_cache'; write cache="),
        (
            "kmeans",
            {"min_cluster_size": 9},
            ("run: unknown keyword 'min_cluster_size'; it is a parameter of agglomerative, hdbscan, "
            'optics; write clusterer="NAME:min_cluster_size=9"'),
        ),
        (
            KMeans(n_clusters=3),
            {},
            ("clusterer: it is a sklearn KMeans; components are named, not handed over; "
            'write "kmeans:key=value" or {"name": "kmeans", key: value}; plugins/README.md says'),
        ),
        (KMeans, {}, "clusterer: it is a sklearn KMeans; components are named"),
        (
            "kmeans",
            {"names": ["a", "b"]},
            "run: names: a table, a folder, or names by number are wanted; write {0: 'a'}",
        ),
        ("kmeans", {"seed": np.random.default_rng(0)}, "run: seed=<Generator> is not valid; it should be"),
        ("kmeans", {"seed": np.int64(-1)}, "run: seed=-1 is not valid; it should be greater than or equal"),
        ("kmeans", {"validators": [3]}, 'validators: it is an int; components are named, not handed over; '),
        ("kmeans", {"reducers": KMeans()}, "reducers: it is a sklearn KMeans; components are named"),
    ],
)  # fmt: skip
def test_errors_say_what_to_write(
    clusterer: Any, keywords: dict[str, Any], message: str, blobs: Dataset
) -> None:
    with pytest.raises(embkit.ParameterError) as caught:
        embkit.run(blobs, clusterer, **keywords)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("source", "keywords", "message"),
    [
        (
            ["red apples", "a" * 5000],
            {},
            "no file is called as any of the 2 strings of the source; .*embed",
        ),
        (["a" * 5000], {}, "cannot be opened; File name too long; check the path"),
        (["no-such.npy"], {}, "there is no file 'no-such.npy'"),
        (
            [[1, 2], [3, 4]],
            {"labels": np.zeros((2, 3))},
            "column 'label' is a matrix; ids, texts and labels",
        ),
        (
            [[1, 2], [3, 4]],
            {"texts": "rows.tsv"},
            "column 'text' is a single value; .*is given as table",
        ),
        ([[1, 2], [3, 4]], {"ids": ["a"]}, "column 'id' has 1 value, array has 2 rows"),
    ],
)
def test_what_is_beside_the_vectors_or_in_place_of_them(
    source: list[Any], keywords: dict[str, Any], message: str
) -> None:
    with pytest.raises(embkit.DataError, match=message):
        embkit.load(source, **keywords)


def test_errors_name_keywords_where_the_command_line_has_flags(blobs: Dataset, tmp_path: Path) -> None:
    with pytest.raises(embkit.DataError, match=r'or leave the rows out with nonfinite="drop"$'):
        embkit.load([[1.0, np.nan], [1, 2]])
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(embkit.ParameterError, match=r"choose another out, or overwrite=True$") as caught:
        embkit.run(blobs, "kmeans", out=tmp_path)
    assert caught.value.fix == "choose another out, or overwrite=True"
    with pytest.raises(embkit.ParameterError, match=r"use: embkit run visualizers=\[\"umap\"\]$"):
        embkit.inspect(blobs, visualizers="umap")
    with pytest.raises(embkit.ResourceError, match=r'what would fit: .*clusterer="minibatch-kmeans'):
        embkit.run(np.ones((50_000, 20), np.float32), "agglomerative", memory="100MB")


@pytest.mark.parametrize(
    ("flags", "keywords"),
    [
        ("--nonfinite drop, or --sample 5800", 'nonfinite="drop", or sample=5800'),
        ("use --loader csv or --loader tsv", 'use loader="csv" or loader="tsv"'),
        ("with --reducer normalize with", 'with reducers=["normalize"] with'),
        ("--clusterer a:linkage=ward,metric=l2, --sample N", 'clusterer="a:linkage=ward,metric=l2", sample=N'),
        ("--loader jsonl:vector=FIELD (dotted)", 'loader="jsonl:vector=FIELD" (dotted)'),
        ("name one with --loader, see: x", "name one with loader, see: x"),
        ("as in --viz silhouette:metric=cosine", 'as in visualizers=["silhouette:metric=cosine"]'),
        ("a larger --memory; --memory 4GB", 'a larger memory; memory="4GB"'),
        ("--no-cache and --wait, or --out", "cache=False and wait=True, or out"),
        ("fewer --jobs leave more", "fewer jobs leave more"),
        ("--no-plugin x, --debug, a -- b, --samples 3", "--no-plugin x, --debug, a -- b, --samples 3"),
        ("check --scheduler ADDRESS; give out=DIR", "check scheduler=ADDRESS; give out=DIR"),
    ],
)  # fmt: skip
def test_flags_as_keywords(flags: str, keywords: str) -> None:
    assert as_keywords(flags) == keywords


def test_every_flag_of_the_commands_that_python_has_too_is_known() -> None:
    """So that a new option of the command line does not turn up in an error from Python."""
    from typer.main import get_command

    from embkit.cli.app import program

    commands: Any = get_command(program())
    flags = {
        name
        for command in ("run", "study", "export")
        for param in commands.commands[command].params
        for name in param.opts
        if name.startswith("--")
    }
    # What Python has no keyword for: plugins are chosen by EMBKIT_PLUGINS, the rest is display.
    rest = {"--no-plugin", "--strict-plugins", "--json", "--config", "--dry-run", "--open"}
    assert {flag for flag in flags if as_keywords(flag) == flag} == rest


def test_every_public_name_is_in_the_documents() -> None:
    words = set(re.findall(r"\w+", " ".join(DOCUMENTS)))
    assert [name for name in embkit.__all__ if name != "__version__" and name not in words] == []
    mentioned = set(re.findall(r"embkit\.([A-Za-z]\w*)", " ".join(DOCUMENTS)))
    assert mentioned - set(embkit.__all__) - {"reading", "testing"} == set()


def _classes(hint: Any) -> Iterator[type]:
    inner = typing.get_args(hint)
    if not inner:
        yield hint
    for item in inner:
        yield from _classes(item)


def test_what_public_functions_return_is_public() -> None:
    functions = [getattr(embkit, name) for name in embkit.__all__]
    returned = {
        item
        for function in functions
        if inspect.isfunction(function)
        for item in _classes(typing.get_type_hints(function)["return"])
    }
    ours = {item for item in returned if getattr(item, "__module__", "").startswith("embkit.")}
    assert {embkit.Run, embkit.Study, embkit.StudyDiff, embkit.Replay, embkit.Component} <= ours
    assert [item for item in ours if getattr(embkit, item.__name__, None) is not item] == []


def test_a_summary_names_the_columns_that_are_metadata() -> None:
    columns = {name: ["x", "y"] for name in "abcdefg"}
    run = embkit.run({"embedding": [[0, 1], [1, 0]], **columns}, "kmeans:n_clusters=2", cache=False)
    assert "with metadata a, b, c, d, e, 2 further columns" in run.summary()


def test_a_loader_beside_vectors_in_memory_is_refused() -> None:
    for call in (embkit.load, embkit.run):
        with pytest.raises(
            embkit.ParameterError, match="loader beside vectors in memory; a loader reads files"
        ):
            call(np.eye(3), loader="npy")
