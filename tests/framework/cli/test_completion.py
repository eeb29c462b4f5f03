"""What a shell is answered when it asks how a line could go on."""

import os
import shutil
import subprocess
import sys

import pytest


def embkit(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "embkit", *arguments],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def completed(line: str) -> list[str]:
    """The words that bash is offered for the last one of a line."""
    words = line.split(" ")
    done = embkit(
        _EMBKIT_COMPLETE="complete_bash", COMP_WORDS="\n".join(words), COMP_CWORD=str(len(words) - 1)
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("embkit re", {"replay"}),
        ("embkit plugins ch", {"check"}),
        ("embkit run --zero", {"--zero-vectors"}),
        ("embkit run --seed 1 --seed 2 --zero", {"--zero-vectors"}),
        ("embkit rum --x", set()),
        ("embkit run --clusterer k", {"kmeans"}),
        ("embkit diff --reducer p", {"pca"}),
        ("embkit run --viz dend", {"dendrogram"}),
        ("embkit completion z", {"zsh"}),
    ],
)
def test_commands_options_and_components_are_completed(line: str, expected: set[str]) -> None:
    assert set(completed(line)) == expected


@pytest.mark.parametrize(
    ("shell", "check"),
    [("bash", "complete -o default -F _embkit_completion embkit"), ("zsh", "#compdef embkit"),
     ("fish", "complete --command embkit"), ("powershell", "Register-ArgumentCompleter")],
)  # fmt: skip
def test_there_is_a_script_for_every_shell(shell: str, check: str) -> None:
    done = embkit("completion", shell)
    assert done.returncode == 0
    assert check in done.stdout
    assert "_EMBKIT_COMPLETE" in done.stdout
    if shell == "bash" and shutil.which("bash"):
        subprocess.run(["bash", "-c", 'eval "$0"; complete -p embkit', done.stdout], check=True)


def test_another_shell_is_refused_with_those_that_there_are() -> None:
    done = embkit("completion", "csh")
    assert done.returncode == 2
    assert (
        done.stderr
        == "error: SHELL needs bash, zsh, fish or powershell; see: embkit completion --help\n"
    )
