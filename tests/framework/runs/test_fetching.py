"""Standard input and remote files, on fsspec's memory and local filesystems; shards."""

import io
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.data.configuration.run import RunConfig
from embkit.errors import DataError, EmbkitWarning, MissingExtraError, ParameterError, ResourceError
from embkit.runs.sources import loading as _loading
from embkit.runs.sources.fetching import fetched

X = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)


def npy(rows: Any = slice(None)) -> bytes:
    stream = io.BytesIO()
    np.save(stream, X[rows])
    return stream.getvalue()


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Any:
    def pipe(content: bytes, *, terminal: bool = False) -> None:
        stdin = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: terminal)
        monkeypatch.setattr(sys, "stdin", stdin)

    return pipe


@pytest.fixture
def remote() -> Any:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    files = fsspec.filesystem("memory")
    files.pipe({"/bucket/part-10.npy": npy(slice(20, 30)), "/bucket/part-9.npy": npy(slice(20))})
    yield files
    files.rm("/bucket", recursive=True)


def test_standard_input(piped: Any) -> None:
    piped(npy())
    dataset = embkit.load("-")
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.name == "stdin"
    piped(b'{"id": "a", "embedding": [1, 2]}\n')
    assert embkit.load("-", loader="jsonl").ids == ("a",)


def test_a_run_of_standard_input_is_recorded_and_cannot_be_opened(piped: Any, tmp_path: Path) -> None:
    piped(npy())
    run = embkit.run("-", "kmeans:n_clusters=2", seed=0, out=tmp_path / "run", cache=False)
    assert run.record["config"]["source"] == "-"
    assert run.record["dataset"]["files"] == []
    piped(npy())
    with pytest.raises(DataError, match="standard input cannot be read again; nothing keeps what was"):
        embkit.export(tmp_path / "run", "csv", cache=False)


def test_nothing_is_piped_in(piped: Any) -> None:
    piped(b"", terminal=True)
    with pytest.raises(
        DataError, match="source '-': nothing is piped in; standard input is the keyboard"
    ):
        embkit.load("-")
    piped(b"")
    with pytest.raises(DataError, match="source '-': standard input is empty"):
        embkit.load("-")
    piped(npy()[:-9])
    with pytest.raises(DataError, match="^stdin: the file is cut"):
        embkit.load("-")


def test_remote_files(remote: Any) -> None:
    np.testing.assert_array_equal(embkit.load("memory://bucket/part-9.npy").vectors, X[:20])
    for source in (
        "memory://bucket/*.npy",
        "memory://bucket",
        ["memory://bucket/part-9.npy", "memory://bucket/part-10.npy"],
    ):
        dataset = embkit.load(source)
        np.testing.assert_array_equal(dataset.vectors, X)
        assert dataset.notes[0] == "2 files, in this order: part-9.npy, part-10.npy"


def test_a_run_of_a_remote_file_can_be_exported(remote: Any, tmp_path: Path) -> None:
    run = embkit.run(
        "memory://bucket/*.npy", "agglomerative:n_clusters=2", seed=0, out=tmp_path / "run", cache=False
    )
    assert run.record["config"]["source"] == "memory://bucket/*.npy"
    assert embkit.export(tmp_path / "run", "newick", cache=False) == [tmp_path / "run" / "tree.nwk"]


def test_local_addresses_are_read_where_they_are(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    (tmp_path / "x.npy").write_bytes(npy())
    with fetched(RunConfig(source=f"file://{tmp_path}/x.npy")) as config:
        assert config.source == f"{tmp_path}/x.npy"


def test_remote_faults(remote: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        DataError, match="memory://bucket/gone.npy: it cannot be read; FileNotFoundError"
    ):
        embkit.load("memory://bucket/gone.npy")
    with pytest.raises(DataError, match=r"memory://bucket/\*.csv: no file is there"):
        embkit.load("memory://bucket/*.csv")
    with pytest.raises(DataError, match="nope://x: it cannot be read; ValueError: Protocol not known"):
        embkit.load("nope://x")
    remote.pipe({"/bucket/cut.npy": npy()[:-1]})
    with pytest.raises(DataError, match="^cut.npy: the file is cut"):
        embkit.load("memory://bucket/cut.npy")
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(
        ResourceError, match="part-9.npy: it does not fit on the disk of .*; 1.0 kB are free"
    ):
        embkit.load("memory://bucket/part-9.npy")


def test_without_fsspec_or_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec.core", reason="fsspec is not installed")

    def missing(_: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "url_to_fs", missing)
    with pytest.raises(ParameterError, match="what reads such addresses is not installed; Install s3fs"):
        embkit.load("s3://bucket/x.npy")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match=r"source s3://bucket/x.npy needs fsspec; .*\[remote\]'"):
        embkit.load("s3://bucket/x.npy")


def test_shards_of_a_folder(tmp_path: Path) -> None:
    for number, rows in (("10", slice(20, 30)), ("9", slice(20))):
        (tmp_path / f"part-{number}.npy").write_bytes(npy(rows))
    (tmp_path / "texts.tsv").write_text("text\n" + "a\n" * 30)
    with pytest.warns(
        EmbkitWarning, match="not read: texts.tsv; what describes the rows can be given with"
    ):
        dataset = embkit.load(tmp_path, table=tmp_path / "texts.tsv")
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.texts == ("a",) * 30
    (tmp_path / "texts.tsv").rename(tmp_path / "texts.jsonl")
    with pytest.raises(
        DataError, match=r"several kinds: 2 for loader .*give a pattern, such as '.*/\*.csv'"
    ):
        (tmp_path / "part-10.npy").rename(tmp_path / "a.csv")
        (tmp_path / "part-9.npy").rename(tmp_path / "b.csv")
        embkit.load(tmp_path)


def test_shards_keep_to_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.npy").write_bytes(npy())
    monkeypatch.setattr(_loading, "available_memory", lambda: 100)
    with pytest.raises(
        ResourceError, match="its files together take 960 B; 100 B of memory are available"
    ):
        embkit.load(tmp_path)


def test_a_run_of_several_files(tmp_path: Path) -> None:
    for number, rows in ((1, slice(20)), (2, slice(20, 30))):
        (tmp_path / f"{number}.npy").write_bytes(npy(rows))
    run = embkit.run(
        [tmp_path / "2.npy", tmp_path / "1.npy"],
        "kmeans:n_clusters=2",
        seed=0,
        out=tmp_path / "r",
        cache=False,
    )
    np.testing.assert_array_equal(run.dataset.vectors, np.vstack([X[20:], X[:20]]))
    assert [Path(file["path"]).name for file in run.record["dataset"]["files"]] == ["2.npy", "1.npy"]
    assert embkit.export(tmp_path / "r", "csv", cache=False)


def test_a_folder_of_other_files_and_of_folders(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.npy").write_bytes(npy())
    (tmp_path / "README.md").write_text("# words")
    with pytest.raises(
        DataError,
        match=r"no loader knows its files by their names: README.md; it holds the folders data; give",
    ):
        embkit.load(tmp_path)
    np.testing.assert_array_equal(embkit.load(f"{tmp_path}/**/*.npy").vectors, X)
    (tmp_path / "data" / "x.npy").rename(tmp_path / "data" / "x.csv")
    (tmp_path / "data" / "state.json").write_text("{}")
    with pytest.raises(DataError, match=r"1 for loader csv .*give a pattern, such as '.*/data/\*.csv'"):
        embkit.load(tmp_path / "data")


def test_what_a_killed_command_kept_of_its_input_goes_with_the_next(
    piped: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    program = "import embkit; embkit.load('-')"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": str(place)}
    )
    deadline = time.monotonic() + 60
    while not (left := list(place.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert stat.S_IMODE(left[0].stat().st_mode) == 0o700
    process.kill()
    process.communicate()
    assert list(place.iterdir()) == left
    piped(npy())
    embkit.load("-")
    assert not list(place.iterdir())
