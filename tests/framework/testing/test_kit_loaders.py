"""Every check that loaders must pass catches a loader that does not do what it is about."""

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.testing import CHECKS
from embkit.testing.contracts.common import COMMON
from fixture_types import OutcomesOf

N_ROWS = 40


class Sound:
    """Lines of a text and two numbers."""

    name = "lines"

    def load(self, source: str) -> embkit.Dataset:
        try:
            lines = Path(source).read_bytes().decode("ascii").splitlines()
            cells = [line.split("\t") for line in lines]
            values = np.array([[float(x), float(y)] for _, x, y in cells], dtype=np.float32)
        except (OSError, ValueError) as error:
            raise embkit.DataError(
                f"{source} cannot be read", str(error), "give another file"
            ) from error
        if not len(values):
            raise embkit.DataError(f"{source} is empty")
        return self.made(values, [text for text, *_ in cells])

    def made(self, values: Any, texts: list[str]) -> embkit.Dataset:
        return embkit.Dataset(values, texts=texts, name=self.name)


class NotFinite(Sound):
    def made(self, values: Any, texts: list[str]) -> embkit.Dataset:
        values[0, 0] = np.nan
        return super().made(values, texts)


class Nameless(Sound):
    name = " "


class MovesRows(Sound):
    def made(self, values: Any, texts: list[str]) -> embkit.Dataset:
        return super().made(np.random.default_rng().permutation(values), texts)


class MovesTexts(Sound):
    def made(self, values: Any, texts: list[str]) -> embkit.Dataset:
        return super().made(values, [texts[row] for row in np.random.default_rng().permutation(N_ROWS)])


class Nan(Sound):
    def made(self, values: Any, texts: list[str]) -> embkit.Dataset:
        return super().made(values, ["nan", *texts[1:]])


class Touches(Sound):
    def load(self, source: str) -> embkit.Dataset:
        found = super().load(source)
        with Path(source).open("a") as file:
            file.write("more\t0\t0\n")
        return found


class LeavesAnIndex(Sound):
    def load(self, source: str) -> embkit.Dataset:
        Path(f"{source}.index").touch()
        return super().load(source)


class Invents(Sound):
    """Gives rows for what it cannot read."""

    def load(self, source: str) -> embkit.Dataset:
        try:
            return super().load(source)
        except embkit.DataError:
            return self.made(np.ones((2, 2), dtype=np.float32), ["a", "b"])


class Raises(Sound):
    """Lets the errors of others through."""

    def load(self, source: str) -> embkit.Dataset:
        try:
            return super().load(source)
        except embkit.DataError as error:
            raise ValueError("no idea") from error


class BlamesItself(Sound):
    def load(self, source: str) -> embkit.Dataset:
        try:
            return super().load(source)
        except embkit.DataError as error:
            raise embkit.ResourceError("no room") from error


class Repeats(Sound):
    """Fills up a file that is cut short."""

    def load(self, source: str) -> embkit.Dataset:
        whole = [line.split("\t") for line in Path(source).read_text("ascii").splitlines()]
        sound = [cells for cells in whole if len(cells) == 3 and cells[2]]
        rows = sound + sound[:1] * (N_ROWS + 1 - len(sound) if len(sound) < N_ROWS else 0)
        return self.made(np.ones((len(rows), 2), dtype=np.float32), [text for text, *_ in rows])


MUTANTS: dict[str, list[type]] = {
    "admitted": [NotFinite, Nameless],
    "aligned": [MovesRows, MovesTexts, Nan],
    "source-kept": [Touches, LeavesAnIndex],
    "missing-file": [Invents, Raises, BlamesItself],
    "empty-file": [Invents, Raises, BlamesItself],
    "foreign-file": [Invents, Raises, BlamesItself],
    "truncated-file": [Raises, BlamesItself, Repeats],
}


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a spec says of a loader of text files, with an example."""

    def write(folder: Path) -> dict[str, str]:
        lines = (f"text {row}\t{row + 0.5}\t{row * row + 0.25}\n" for row in range(N_ROWS))
        (folder / "example.lines").write_text("".join(lines), "ascii")
        return {"source": str(folder / "example.lines")}

    module = types.ModuleType("fixture_of_loaders")
    vars(module)["write"] = write
    monkeypatch.setitem(sys.modules, "fixture_of_loaders", module)
    return {"suffixes": (".lines",), "example": "fixture_of_loaders:write"}


def test_a_sound_loader_passes(outcomes_of: OutcomesOf, spec: dict[str, Any]) -> None:
    outcomes = outcomes_of("loader", Sound, **spec)
    assert [str(outcome) for outcome in outcomes.values() if outcome.bad] == []
    assert all(outcomes[check].status == "passed" for check in MUTANTS)


@pytest.mark.parametrize(
    ("check", "mutant"), [(check, mutant) for check, mutants in MUTANTS.items() for mutant in mutants]
)
def test_the_kit_catches_every_mutant(
    check: str, mutant: type, outcomes_of: OutcomesOf, spec: dict[str, Any]
) -> None:
    assert outcomes_of("loader", mutant, only=check, **spec)[check].status == "failed"


def test_every_check_of_loaders_has_a_mutant() -> None:
    assert {check.name for check in CHECKS["loader"]} - {check.name for check in COMMON} == set(MUTANTS)
