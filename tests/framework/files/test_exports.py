"""Files of exporters: all of them or none, and nothing that is not theirs."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from embkit.errors import PluginError, ResourceError
from embkit.files.exports import is_inside, write_exports


@pytest.mark.parametrize("path", ["page.html", "tree/tree.nwk", "a b.txt"])
def test_paths_below_the_folder(path: str) -> None:
    assert is_inside(path)


@pytest.mark.parametrize(
    "path", ["", "../x", "/x", "a/../x", ".hidden", "a/.hidden", "a\\b", "a\nb", "x\0", 3, "./x/../../y"]
)
def test_paths_that_lead_elsewhere(path: object) -> None:
    assert not is_inside(path)


def test_files_are_written_and_replaced_and_what_is_no_longer_made_is_removed(tmp_path: Path) -> None:
    write_exports(
        tmp_path, {"page": {"page.html": "one", "parts/a.bin": b"\x00"}, "tree": {"t.nwk": "();"}}
    )
    assert (tmp_path / "parts" / "a.bin").read_bytes() == b"\x00"
    write_exports(tmp_path, {"page": {"page.html": "two"}})
    assert (tmp_path / "page.html").read_text() == "two"
    assert not (tmp_path / "parts" / "a.bin").exists()
    assert (tmp_path / "t.nwk").exists()
    assert json.loads((tmp_path / "exports.json").read_text())["exporters"] == {
        "page": ["page.html"],
        "tree": ["t.nwk"],
    }
    assert not list(tmp_path.glob(".export-*"))


def test_a_file_of_two_exporters_is_written_once_and_stays_while_one_has_it(tmp_path: Path) -> None:
    both = {"newick": {"t.nwk": "();"}, "tree": {"t.nwk": "();", "t.json": "{}"}}
    assert write_exports(tmp_path, both) == [tmp_path / "t.nwk", tmp_path / "t.json"]
    write_exports(tmp_path, {"newick": {"n.txt": ""}})
    assert (tmp_path / "t.nwk").exists()
    write_exports(tmp_path, {"tree": {"t.json": "{}"}})
    assert not (tmp_path / "t.nwk").exists()
    write_exports(tmp_path, {"newick": {"a": ""}, "tree": {"n.txt": "taken over"}})
    assert (tmp_path / "n.txt").read_text() == "taken over"


def test_a_file_that_no_exporter_wrote_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("precious")
    with pytest.raises(
        PluginError, match=r"exporter page would replace labels\.csv; .* not from an exporter"
    ):
        write_exports(tmp_path, {"page": {"a.txt": "a", "labels.csv": "mine"}})
    assert (tmp_path / "labels.csv").read_text() == "precious"
    assert not (tmp_path / "a.txt").exists()


def test_a_ledger_that_was_changed_removes_nothing_outside(tmp_path: Path) -> None:
    outside = tmp_path / "precious.txt"
    outside.write_text("precious")
    folder = tmp_path / "run"
    folder.mkdir()
    ledger = {"schema_version": 1, "exporters": {"page": ["../precious.txt"]}}
    (folder / "exports.json").write_text(json.dumps(ledger))
    write_exports(folder, {"page": {"page.html": "x"}})
    assert outside.read_text() == "precious"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="cannot be written"):
        write_exports(tmp_path / "gone", {"page": {"page.html": "x"}})


def test_after_a_kill_between_two_files_the_same_export_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"page": {"a.html": "a", "b.html": "b"}}
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(Path, "replace", _once(Path.replace))
        write_exports(tmp_path, files)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert not (tmp_path / "b.html").exists()
    assert (tmp_path / "a.html").exists()
    write_exports(tmp_path, files)
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", "b.html", "exports.json"}


def _once(replace: Callable[..., Path]) -> Callable[..., Path]:
    """End the process after the first exported file is in place."""

    def replaced(path: Path, target: Path) -> Path:
        replace(path, target)
        if target.suffix == ".html":
            os._exit(9)
        return target

    return replaced
