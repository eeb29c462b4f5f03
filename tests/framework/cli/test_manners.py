"""What the program says of itself and of mistakes in its arguments."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.main import get_command

from embkit.__about__ import __version__
from embkit.cli import main
from embkit.cli.app import program
from embkit.plugin.kinds import KINDS

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Calls the program in this process: ``code, stdout, stderr``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        written = capsys.readouterr()
        code = end.value.code
        assert isinstance(code, int)
        return int(code), written.out, written.err

    return run


def _commands(group: Any, *names: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*names, name)
        if hasattr(command, "commands"):
            yield from _commands(command, *names, name)


COMMANDS = [(), *_commands(get_command(program()))]
GROUPS = [names for names in COMMANDS if names in ((), ("plugins",), ("cache",))]


def _listed(page: str) -> list[str]:
    """The lines under ``Commands:``."""
    return page.partition("\nCommands:\n")[2].partition("\n\n")[0].splitlines()


@pytest.mark.parametrize("names", GROUPS, ids=" ".join)
def test_summaries_are_whole_and_take_one_line(names: tuple[str, ...], call: Call) -> None:
    code, page, _ = call(*names, "--help")
    assert code == 0
    group: Any = get_command(program())
    for name in names:
        group = group.commands[name]
    listed = _listed(page)
    assert [line.split()[0] for line in listed] == list(group.commands)
    for line in listed:
        assert re.search(r"[a-z]\.$", line), line
        assert not line.endswith("..."), line


@pytest.mark.parametrize("names", GROUPS, ids=" ".join)
def test_summaries_are_wrapped_on_a_narrow_terminal(
    names: tuple[str, ...], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = " ".join(_listed(call(*names, "--help")[1]))
    monkeypatch.setenv("COLUMNS", "40")
    narrow = " ".join(_listed(call(*names, "--help")[1]))
    assert narrow.split() == wide.split()


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_help_is_short_and_long_and_in_plain_words(names: tuple[str, ...], call: Call) -> None:
    code, page, errors = call(*names, "--help")
    assert (code, errors) == (0, "")
    assert call(*names, "-h") == (code, page, errors)
    assert "-h, --help" in page
    assert not re.search(r"<\w|\[\[|[{}]|x>=|Optional|NoneType|\[required\]", page), page
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("names", GROUPS, ids=" ".join)
def test_a_group_alone_shows_its_help_and_that_is_no_error(names: tuple[str, ...], call: Call) -> None:
    assert call(*names) == call(*names, "--help")
    assert "error" not in call(*names)[1].lower()


def test_the_version_has_a_short_flag(call: Call) -> None:
    assert call("-V") == call("--version") == (0, f"embkit {__version__}\n", "")


@pytest.mark.parametrize("command", ["new", "list", "show", "check"])
def test_the_kinds_in_the_help_are_those_of_the_table(command: str, call: Call) -> None:
    page = " ".join(call("plugins", command, "--help")[1].split())
    kinds = list(KINDS)
    if command != "list":  # which has no options but flags
        assert f"{', '.join(kinds[:-1])} or {kinds[-1]}" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["rum"],
            (
                "there is no command 'rum'; did you mean 'run'? available: assign, cache, completion, diff, "
                "export, inspect, plugins, replay, run, study; see: embkit --help"
            ),
        ),
        (
            ["plugins", "lst"],
            (
                "there is no command 'lst'; did you mean 'list'? available: check, doctor, list, new, "
                "show; see: embkit plugins --help"
            ),
        ),
        (["--colour"], "No such option: --colour; see: embkit --help"),
        (["run", "--seed", "x"], "--seed needs a whole number; see: embkit run --help"),
        (
            ["run", "--threads", "0"],
            "--threads needs a whole number of at least 1; see: embkit run --help",
        ),
        (["diff", "--from", "low"], "--from needs a number; see: embkit diff --help"),
        (
            ["study", "s.toml", "--timeout", "long"],
            "--timeout needs a number of seconds of at least 0.001; see: embkit study --help",
        ),
        (["study"], "Missing argument 'FILE.toml|report|verify'; see: embkit study --help"),
        (["run", "--clusterer"], "Option '--clusterer' requires an argument"),
        (
            ["cache", "clear", "all"],
            "Got unexpected extra argument(s) (all); see: embkit cache clear --help",
        ),
    ],
)
def test_a_mistake_is_told_in_plain_words_with_the_way_to_help(
    arguments: list[str], message: str, call: Call
) -> None:
    assert call(*arguments) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run", "--clusterer", "kmeans", "--clusterer", "hdbscan"],
            (
                "--clusterer is given 2 times; it holds one value; leave all but one out, "
                "or compare several with: embkit study"
            ),
        ),
        (
            ["run", "--loader=blobs", "--clusterer", "kmeans", "--loader", "moons", "--loader", "blobs"],
            (
                "--loader is given 3 times; it holds one value; leave all but one out, "
                "or compare several with: embkit study"
            ),
        ),
        (
            ["run", "--namer", "words", "--clusterer", "kmeans", "--namer", "none"],
            "--namer is given 2 times; it holds one value; leave all but one out",
        ),
        (
            ["diff", "--from", "1", "--to", "2", "--from", "3"],
            "--from is given 2 times; it holds one value; leave all but one out",
        ),
    ],
)
def test_an_option_that_holds_one_value_is_not_given_twice(
    arguments: list[str], message: str, call: Call
) -> None:
    assert call(*arguments) == (2, "", f"error: {message}\n")


def test_options_that_can_be_repeated_and_flags_may_stand_twice(call: Call) -> None:
    code, listed, _ = call("plugins", "list", "--json", "--json")
    assert code == 0
    assert listed.startswith("{")
    again = ["--no-plugin", "embkit-loaders", "--no-plugin", "embkit-reducers"]
    assert call("plugins", "show", "kmeans", *again)[0] == 0


@pytest.mark.parametrize("command", [("run", "", "--clusterer", "kmeans"), ("inspect", " ")])
def test_an_empty_source_is_not_the_folder_one_is_in(command: tuple[str, ...], call: Call) -> None:
    np.save("vectors.npy", np.eye(9))
    code, output, errors = call(*command)
    assert (code, output) == (2, "")
    assert "source: it is empty, as the value of a variable that is not set" in errors


@pytest.mark.filterwarnings("default::embkit.EmbkitWarning")
def test_warnings_are_one_line(call: Call) -> None:
    np.save("vectors.npy", np.repeat(np.eye(9), 3, axis=0))
    assert call("run", "vectors.npy", "--clusterer", "kmeans:n_clusters=3", "--out", "out")[0] == 0
    code, _, errors = call("export", "out", "csv")
    assert (code, errors) == (0, "warning: vectors.npy: 18 rows (66.7%) repeat another row exactly\n")
