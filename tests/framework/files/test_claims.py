"""A name is one process's: the others are told, and what the dead claimed is free."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from embkit.errors import LockedError
from embkit.files import claims
from embkit.files.claims import claimed, first_claimed
from embkit.files.folders import replaced_folder
from embkit.files.owners import Owner


def refuse(folder: Path) -> None:
    raise FileExistsError(folder)


def accept(folder: Path) -> None:
    """Whatever is there may be replaced."""


def die_in(claim: Callable[[], AbstractContextManager[object]]) -> None:
    """Claim in a process that ends without a word."""
    child = os.fork()
    if child == 0:
        with claim():
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_a_new_folder_is_one_processs_and_gone_if_nothing_came(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with claimed(out, refuse):
        with (
            pytest.raises(
                LockedError,
                match=rf"out is in use by process {os.getpid()} of .* on .* since .*; one process writes a "
                "run's folder; wait for it, or choose another --out",
            ),
            claimed(out, refuse),
        ):
            pass
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not list(tmp_path.iterdir())


def test_results_stay(tmp_path: Path) -> None:
    with claimed(tmp_path / "out", refuse) as out, replaced_folder(out) as staging:
        (staging / "run.json").write_text("{}")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "run.json"]


def test_an_empty_folder_is_free(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with claimed(tmp_path / "out", refuse):
        pass


@pytest.mark.parametrize("existing", ["file", "link", "full"])
def test_what_is_there_is_asked_about(existing: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if existing == "file":
        out.write_text("")
    elif existing == "link":
        out.symlink_to(tmp_path)
    else:
        (out / "full").mkdir(parents=True)
    with pytest.raises(FileExistsError), claimed(out, refuse):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_old_folder_is_locked_and_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "full").mkdir(parents=True)
    with claimed(out, accept):
        with pytest.raises(LockedError), claimed(out, accept):
            pass
        assert [path.name for path in out.iterdir()] == ["full"]
    with claimed(out, accept):
        pass


def test_what_the_dead_claimed_is_free_and_is_tidied_up(tmp_path: Path) -> None:
    die_in(lambda: claimed(tmp_path / "first", refuse))
    die_in(lambda: claimed(tmp_path / "second", refuse))
    with claimed(tmp_path / "first", refuse):
        assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_a_claim_from_another_host_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    die_in(lambda: claimed(out, refuse))
    note = next(out.iterdir())
    found = json.loads(note.read_text())
    elsewhere = replace(Owner.parse(found["owner"]), host="00000000")
    note.write_text(json.dumps({**found, "owner": str(elsewhere)}))
    with pytest.raises(LockedError), claimed(out, refuse):
        pass
    note.write_text("{}")
    with claimed(out, refuse):
        pass


def test_where_folders_cannot_be_locked_the_owner_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_lock", lambda _: None)
    out = tmp_path / "out"
    with claimed(out, refuse), pytest.raises(LockedError), claimed(out, refuse):
        pass
    die_in(lambda: claimed(out, refuse))
    with claimed(out, refuse):
        pass


def test_the_first_free_name_is_taken(tmp_path: Path) -> None:
    (tmp_path / "run-0" / "results").mkdir(parents=True)

    def names() -> Iterator[Path]:
        return (tmp_path / f"run-{number}" for number in count())

    with first_claimed(names()) as first, first_claimed(names()) as second:
        assert [first.name, second.name] == ["run-1", "run-2"]
