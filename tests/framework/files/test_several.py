"""Sources of several files, and their order."""

from pathlib import Path

import pytest

from embkit.errors import DataError
from embkit.files.several import SourceFiles, as_sources, files_of


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    for name in ("part-10.csv", "part-2.csv", "part-1.csv", "notes.txt", ".hidden", "_SUCCESS"):
        (tmp_path / name).write_text("1,2\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "part-3.csv").write_text("1,2\n")
    return tmp_path


def names(found: SourceFiles) -> list[str]:
    return [file.name for file in found.files]


def test_a_folder_in_natural_order(parts: Path) -> None:
    found = files_of(str(parts), (".csv",))
    assert names(found) == ["part-1.csv", "part-2.csv", "part-10.csv"]
    assert found.unread == ("notes.txt",)
    assert found.name == parts.name
    assert found.notes == ("3 files, in this order: part-1.csv, part-2.csv, part-10.csv",)
    assert names(files_of(str(parts), (".npy",))) == [
        "notes.txt",
        "part-1.csv",
        "part-2.csv",
        "part-10.csv",
    ]
    assert files_of(str(parts), folders=True).files == (parts,)


def test_patterns_and_lists(parts: Path) -> None:
    assert names(files_of(f"{parts}/part-*.csv")) == ["part-1.csv", "part-2.csv", "part-10.csv"]
    assert names(files_of(f"{parts}/**/part-[23].csv")) == ["part-3.csv", "part-2.csv"]
    given = [str(parts / name) for name in ("part-10.csv", "part-2.csv")]
    found = files_of(given)
    assert names(found) == ["part-10.csv", "part-2.csv"]
    assert found.name == "part-10.csv and 1 more"


def test_one_file(parts: Path) -> None:
    found = files_of(str(parts / "part-2.csv"))
    assert (names(found), found.name, found.notes) == (["part-2.csv"], "", ())
    odd = parts / "what[1]?.csv"
    odd.write_text("1\n")
    assert files_of(str(odd)).files == (odd,)
    only = files_of(str(parts), ("2.csv",))
    assert only.notes == ("the file part-2.csv",)


def test_many_files_are_not_all_named(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.npy").touch()
    assert files_of(str(tmp_path)).notes == (
        "12 files, in this order: 0.npy, 1.npy, 2.npy, ..., 11.npy",
    )


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\*.npy: no file is called like that; it is a pattern"):
        files_of(f"{tmp_path}/x*.npy")
    with pytest.raises(DataError, match="it is a folder without files; it is empty; check the path"):
        files_of(str(tmp_path))
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match=r"it holds the folders a; give a pattern, such as '.*/\*\*/\*"):
        files_of(str(tmp_path))
    with pytest.raises(DataError, match="there is no file 'gone.npy'"):
        files_of([str(tmp_path / "gone.npy")])


@pytest.mark.parametrize(
    ("kind", "names"),
    [("run", ("run.json", "run.log", "linkage.npy")), ("study", ("study.json", "trials.json", "a.csv"))],
)
def test_what_a_run_or_a_study_left_is_not_read_as_vectors(
    kind: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).write_text("{}")
    with pytest.raises(DataError, match=rf"is the folder of a {kind}, not of vectors; .*open_{kind}\("):
        files_of(str(tmp_path))


def test_as_sources() -> None:
    assert as_sources(None) == ()
    assert as_sources("a") == ("a",)
    assert as_sources(["a", "b"]) == ("a", "b")
