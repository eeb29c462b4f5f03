"""What the dead left is removed, and nothing else."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from embkit.files import folders
from embkit.files.folders import replaced_folder, staging_folder
from embkit.files.owners import Owner, clear_leftovers, in_words, staging_name


def dead() -> Owner:
    """A process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return replace(Owner.me(), pid=ended.pid)


def name_of(owner: Owner) -> str:
    return f".embkit-{owner}-0123abcd"


def test_an_owner_survives_being_written_down() -> None:
    assert Owner.parse(str(Owner.me())) == Owner.me()
    assert len(os.fsencode(staging_name())) < 100


def test_who_is_gone() -> None:
    me = Owner.me()
    assert not me.is_gone
    assert dead().is_gone
    assert replace(me, started=me.started + 1).is_gone  # the number was given out again
    assert replace(me, boot="00000000").is_gone
    assert not replace(dead(), host="00000000").is_gone  # cannot be known here
    assert not replace(dead(), namespace=1).is_gone


def test_a_zombie_is_gone() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    started = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[19])
    assert replace(Owner.me(), pid=child, started=started).is_gone
    os.waitpid(child, 0)


def test_only_what_the_dead_left_is_removed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "dear.txt").write_text("dear")
    place = tmp_path / "place"
    place.mkdir()
    left = name_of(dead())
    (place / left).mkdir()
    (place / left / "half").write_text("")
    (place / left / "link").symlink_to(elsewhere)
    (place / f"{left[:-1]}e").write_text("half")
    (place / f"{left[:-1]}f").symlink_to(elsewhere)
    kept = {name_of(Owner.me()), f"{left}.txt", ".embkit-notes", "run"}
    for name in kept:
        (place / name).mkdir()
    clear_leftovers(place)
    assert {path.name for path in place.iterdir()} == kept
    assert (elsewhere / "dear.txt").exists()


def test_a_place_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    clear_leftovers(tmp_path / "nowhere")


@pytest.mark.parametrize("killed_after", ["first rename", "second rename"])
def test_where_nothing_can_be_exchanged_the_next_one_puts_it_right(
    killed_after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text("old")
    monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    owner = dead()
    child = os.fork()
    if child == 0:
        real = Path.rename

        def rename(path: Path, target: Path) -> Path:
            first = path == out
            moved = real(path, target)
            if path != out and killed_after == "second rename":
                os._exit(9)
            if first and killed_after == "first rename":
                os._exit(9)
            return moved

        monkeypatch.setattr(Path, "rename", rename)
        monkeypatch.setattr(Owner, "me", lambda: owner)
        with replaced_folder(out) as staging:
            (staging / "run.json").write_text("new")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    clear_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in out.iterdir()] == ["run.json"]
    assert (out / "run.json").read_text() == ("old" if killed_after == "first rename" else "new")


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_is_replaced_with_and_without_an_exchange(
    exchange: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    out = tmp_path / "out"
    for text in ("old", "new"):
        with replaced_folder(out) as staging:
            (staging / text).write_text(text)
    assert [path.name for path in out.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_staging_folder_respects_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with staging_folder(tmp_path) as staging:
            assert staging.stat().st_mode & 0o777 == 0o750
    finally:
        os.umask(before)


def test_an_introduction_that_cannot_be_read() -> None:
    assert in_words({"pid": 3}) == "another process"
