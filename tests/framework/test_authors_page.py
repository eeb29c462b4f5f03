"""The page for authors of plugins says what is so: every snippet runs, every hook is there."""

import inspect
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit.data.configuration.run import RunConfig
from embkit.plugin.hookspecs import HookSpecs
from embkit.plugin.kinds import KINDS
from embkit.runs.runner import execute
from embkit.testing import check_component, registry_of
from fixture_types import MakeContext

PAGE = (Path(__file__).parents[2] / "plugins" / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PYTHON = [text for language, text in SNIPPETS if language == "python"]


def run(text: str, **names: Any) -> dict[str, Any]:
    names = {"__name__": "snippet_of_the_page", **names}
    exec(compile(text, "plugins/README.md", "exec"), names)
    return names


def snippet(word: str) -> str:
    found: list[str] = [text for text in PYTHON if word in text]
    assert len(found) == 1, word
    return found[0]


def plugin(word: str, **specs: Callable[[dict[str, Any]], Any]) -> types.ModuleType:
    """The plugin that a snippet is, or one that offers the class in it by the given spec."""
    module = types.ModuleType(f"page_{re.sub('[^a-z]', '_', word.lower())}")
    vars(module).update(run(snippet(word)))
    for hook, make in specs.items():
        setattr(module, f"embkit_register_{hook}", _hook(f"embkit_register_{hook}", make, module))
    return module


def test_work_that_is_divided_is_that_of_the_whole(
    make_context: MakeContext, blobs: embkit.Dataset
) -> None:
    total = run(snippet("context.scatter"))["total"]
    expected = (blobs.vectors - blobs.vectors[0]).sum(axis=0)
    assert np.array_equal(total(blobs, make_context(blobs)), expected)


def _hook(name: str, make: Callable[..., Any], module: types.ModuleType) -> Callable[[], Any]:
    def register() -> Any:
        yield from make(vars(module))

    register.__name__ = name
    return embkit.hookimpl(register)


def test_a_heading_for_every_hook_with_its_signature() -> None:
    headings = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
    hooks = {name: hook for name, hook in vars(HookSpecs).items() if name.startswith("embkit_")}
    assert headings == [_signature(name, hook) for name, hook in hooks.items()]


def _signature(name: str, hook: Callable[..., Any]) -> str:
    signature = inspect.signature(hook)
    arguments = ", ".join(
        f"{item.name}: {str(item.annotation).strip(chr(39))}"
        for item in signature.parameters.values()
        if item.name != "self"
    )
    returned = signature.return_annotation
    words = "None" if returned is None else re.sub(r"[\w.]+\.(\w+)", r"\1", str(returned))
    return f"{name}({arguments}) -> {words}"


def test_a_section_for_every_contract_with_its_method() -> None:
    for kind in KINDS.values():
        if kind.name == "artifact":
            assert "\n## Artifacts" in PAGE
        else:
            article = "an" if kind.name[0] in "aeiou" else "a"
            assert f"\n## Contract of {article} {kind.name}\n\n`{kind.method}(" in PAGE


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_every_python_snippet_runs(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "my_kmedoids", plugin("class MyKmedoids"))
    run(PYTHON[number])


def test_hello_world_passes_the_kit() -> None:
    registry = registry_of(plugin("class MyKmedoids"))
    check_component("clusterer", "my-kmedoids", registry=registry)


@pytest.mark.parametrize(
    ("word", "kind", "name"),
    [
        ("class Sign:", "reducer", "Sign"),
        ("class Signs:", "clusterer", "Signs"),
        ("class FirstWords:", "namer", "FirstWords"),
        ("class Largest:", "validator", "Largest"),
        ("class Bars:", "visualizer", "Bars"),
        ("class Groups:", "exporter", "Groups"),
        ("class Center:", "artifact", "Center"),
    ],
)
def test_the_contracts_examples_pass_the_kit(word: str, kind: str, name: str) -> None:
    def make(names: dict[str, Any]) -> Any:
        yield KINDS[kind].spec(f"page-{name.lower()}", names[name], summary="Of the page.")

    registry = registry_of(plugin(word, **{f"{kind}s": make}))
    check_component(kind, f"page-{name.lower()}", registry=registry)


def test_its_one_line_examples_run(blobs: embkit.Dataset) -> None:
    registry = registry_of(plugin("fowlkes_mallows_score"))
    offered = {str(item) for item in registry.components() if not item.provider.bundled}
    assert offered == {
        "clusterer hdbscan-package", "clusterer fast-hdbscan", "reducer ica", "validator fmi", "validator dunn"
    }  # fmt: skip
    chain = {"clusterer": "hdbscan-package:min_cluster_size=10", "reducers": ["ica:n_components=3"]}
    config = RunConfig.from_mapping(
        {**chain, "validators": ["fmi", "dunn:metric=cosine"], "seed": 0}, "page"
    )
    run = execute(config, registry, dataset=blobs)
    assert run.clustering is not None
    assert run.clustering.n_clusters == 3
    assert run.scores["fmi"]["fmi"] > 0.9
    assert run.scores["dunn"]["dunn"] > 0
    for name in ("fmi", "dunn"):
        check_component("validator", name, registry=registry)


def test_what_it_says_of_words_and_shared_means(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one 1 2\ntwo 3 4\n", "utf-8")
    loaded = run(snippet("class Words:"))["Words"]().load(str(tmp_path / "words.txt"))
    assert loaded.texts == ("one", "two")
    assert loaded.vectors.tolist() == [[1, 2], [3, 4]]

    names = run(snippet("class Center:"))
    center = names["Center"]().compute(loaded, None)
    context = types.SimpleNamespace(artifact=lambda _name: center)
    assert np.array_equal(names["Shift"]().reduce(loaded, context).vectors, [[-1, -1], [1, 1]])


def test_its_error_says_what_why_and_what_to_do() -> None:
    with pytest.raises(
        embkit.ParameterError, match="perplexity=30 for 40 rows; .*; give perplexity of at"
    ):
        run(snippet("def refuse"))["refuse"](30, 40)


def test_its_commands_exist() -> None:
    from typer.main import get_command

    from embkit.cli.app import program

    commands: Any = get_command(program())
    lines = [line for language, text in SNIPPETS if language == "console" for line in text.splitlines()]
    used = [line.removeprefix("$ embkit ").split() for line in lines if line.startswith("$ embkit ")]
    assert [words[:2] for words in used] == [
        ["plugins", "new"], ["plugins", "check"], ["run", "--clusterer"]
    ]  # fmt: skip
    assert {"new", "check", "list", "show", "doctor"} <= set(commands.commands["plugins"].commands)
    for name in re.findall(r"`embkit plugins (\w+)", PAGE):
        assert name in commands.commands["plugins"].commands
