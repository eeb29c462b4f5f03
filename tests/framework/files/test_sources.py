import os
import stat
from pathlib import Path

import pytest

from embkit.errors import DataError
from embkit.files.sources import check_source, read_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("vectors.npy", "vectors.tsv", ".hidden"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_source(folder / "vectors.npy") == folder / "vectors.npy"
    monkeypatch.setenv("HOME", str(folder))
    assert check_source("~/vectors.tsv") == folder / "vectors.tsv"


def test_missing_names_what_is_near(folder: Path) -> None:
    with pytest.raises(
        DataError, match=r"there is no file 'vector.npy' in .*; did you mean '.*/vectors.npy'\?"
    ):
        check_source(folder / "vector.npy")
    with pytest.raises(DataError, match=r"there is no file 'q'.*; check the path"):
        check_source(folder / "q")
    with pytest.raises(DataError, match=rf"there is no folder 'x' in {folder}"):
        check_source(folder / "x" / "y" / "z.npy")
    with pytest.raises(DataError, match=r"vectors.npy is a file, not a folder"):
        check_source(folder / "vectors.npy" / "z.npy")
    (folder / "link.npy").symlink_to("nowhere")
    with pytest.raises(DataError, match=r"a link to nowhere; which does not exist"):
        check_source(folder / "link.npy")


def test_missing_beside_the_working_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(DataError, match=r"did you mean 'vectors.npy'"):
        check_source("vectors.npz")


def test_folders_list_what_they_hold(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(
        DataError, match=r"it is a folder; it holds vectors.npy, vectors.tsv; give one file"
    ):
        check_source(folder)
    with pytest.raises(DataError, match=r"it is a folder; it holds no files"):
        check_source(tmp_path_factory.mktemp("empty"))


def test_what_cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"it is a pipe, socket or device"):
        check_source(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"standard input is not read; .*; write it to a file"):
        check_source("-")
    with pytest.raises(DataError, match=r"it is a URL; only local files are read"):
        check_source("https://example.org/a.npy")


@pytest.mark.parametrize("source", ["a\0b", "x" * 5000, "~nobody-of-that-name/a.npy", ""])
def test_impossible_paths(source: str) -> None:
    with pytest.raises(DataError):
        check_source(source)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission(folder: Path) -> None:
    (folder / "vectors.npy").chmod(stat.S_IWUSR)
    with pytest.raises(DataError, match=r"permission denied"):
        check_source(folder / "vectors.npy")


def test_what_has_no_end_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"/dev/zero: it is a pipe, socket or device"):
        check_source("/dev/zero")
    (tmp_path / "harmless.csv").symlink_to("/proc/self/status")
    for path in ("/proc/self/status", "/proc/kmsg", tmp_path / "harmless.csv", "/proc/self/../version"):
        with pytest.raises(DataError, match=r"the kernel makes it up while it is read"):
            check_source(path)


def test_long_paths_are_not_repeated_in_whole() -> None:
    with pytest.raises(DataError) as caught:
        check_source("x/" * 100_000)
    assert len(str(caught.value)) < 400


def test_texts_are_read_as_a_whole_within_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(b"\xef\xbb\xbfseed = 1\n")
    assert read_text(path) == "seed = 1\n"
    with pytest.raises(DataError, match=r"it has more than 4 B; .*never that large"):
        read_text(path, largest=4)
    path.write_bytes(b"a = '\xfc'")
    with pytest.raises(DataError, match=r"byte 5 \(0xfc\) is not valid utf-8; .*iconv"):
        read_text(path)
    for source in ("/dev/zero", "/proc/kmsg", tmp_path):
        with pytest.raises(DataError):
            read_text(source)
