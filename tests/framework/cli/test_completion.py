"""What a shell is answered when it asks how a line could go on."""

import shutil
import subprocess

import pytest

from fixture_types import Embkit


def completed(embkit: Embkit, line: str) -> list[str]:
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
def test_commands_options_and_components_are_completed(
    line: str, expected: set[str], embkit: Embkit
) -> None:
    assert set(completed(embkit, line)) == expected


def test_a_shell_asks_a_process_of_its_own(embkit_process: Embkit) -> None:
    assert completed(embkit_process, "embkit run --viz dend") == ["dendrogram"]


@pytest.mark.parametrize(
    ("shell", "check"),
    [("bash", "complete -o default -F _embkit_completion embkit"), ("zsh", "#compdef embkit"),
     ("fish", "complete --command embkit"), ("powershell", "Register-ArgumentCompleter")],
)  # fmt: skip
def test_there_is_a_script_for_every_shell(shell: str, check: str, embkit: Embkit) -> None:
    done = embkit("completion", shell)
    assert check in done.stdout
    assert "_EMBKIT_COMPLETE" in done.stdout
    if shell == "bash" and shutil.which("bash"):
        subprocess.run(["bash", "-c", 'eval "$0"; complete -p embkit', done.stdout], check=True)


def test_another_shell_is_refused_with_those_that_there_are(embkit: Embkit) -> None:
    done = embkit("completion", "csh", code=2)
    assert (
        done.stderr
        == "error: SHELL needs bash, zsh, fish or powershell; see: embkit completion --help\n"
    )
