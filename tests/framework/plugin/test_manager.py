"""Discovery: every plugin alone, the broken ones named with their cause."""

import pytest

from embkit.errors import ExitCode, PluginError
from embkit.plugin.manager import Selection
from embkit.plugin.registry import Registry
from fixture_types import Install

CLUSTERER = """
    import embkit
    @embkit.hookimpl
    def embkit_register_clusterers():
        yield embkit.ClustererSpec({name!r}, "fixture:Nothing", summary="Nothing.")
"""
BROKEN = {
    "raises": ("raise OSError('no such device')", "import failed: OSError: no such device"),
    "exits": ("raise SystemExit(3)", "import failed: SystemExit: 3"),
    "syntax": ("def (:", "import failed: SyntaxError: invalid syntax (fixture_syntax.py, line 1)"),
    "misspelt": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterer():
            yield
        """,
        "unknown hook embkit_register_clusterer; did you mean embkit_register_clusterers?",
    ),
    "signature": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers(names):
            yield
        """,
        "Argument(s) {'names'} are declared in the hookimpl but can not be found in the hookspec",
    ),
    "wrong-type": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            yield embkit.LoaderSpec("thing", "fixture:Thing", summary="A loader.")
        """,
        "embkit_register_clusterers: yielded LoaderSpec, expected ClustererSpec",
    ),
    "bad-name": (
        CLUSTERER.format(name="No Name"),
        "ValueError: 'No Name' is not a component name: use lower-case words and hyphens",
    ),
    "hook-raises": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            raise RuntimeError("no table")
        """,
        "embkit_register_clusterers: RuntimeError: no table",
    ),
    "taken": (CLUSTERER.format(name="kmeans"), "clusterer name 'kmeans' is taken by embkit-clusterers"),
    "future": ("embkit_api = 2", "written for plugin API 2, this embkit has API 1"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_named_with_its_cause_and_breaks_nothing_else(
    case: str, install: Install
) -> None:
    source, cause = BROKEN[case]
    install(case, source)
    install("good")

    registry = Registry.discover()

    assert [fault.provider.plugin for fault in registry.broken] == [case]
    assert cause in registry.broken[0].cause
    assert str(registry.broken[0].provider) == f"{case} ({case} 1.2)"
    assert registry.get("clusterer", "halves").provider.distribution == "good"
    assert registry.get("clusterer", "kmeans").provider.bundled


def test_all_broken_plugins_at_once(install: Install) -> None:
    for case, (source, _) in BROKEN.items():
        install(case, source)
    install("good")

    registry = Registry.discover()

    assert {fault.provider.plugin for fault in registry.broken} == set(BROKEN)
    assert registry.get("clusterer", "halves")


@pytest.mark.parametrize("case", BROKEN)
def test_strict_selection_raises(case: str, install: Install) -> None:
    install(case, BROKEN[case][0])
    with pytest.raises(PluginError, match=rf"plugin {case} \({case} 1.2\) is broken") as caught:
        Registry.discover(Selection(strict=True))
    assert caught.value.exit_code is ExitCode.PLUGIN


def test_two_plugins_of_one_name_clash_and_neither_wins(install: Install) -> None:
    install("one", CLUSTERER.format(name="twin"))
    install("two", CLUSTERER.format(name="twin"))
    registry = Registry.discover()
    with pytest.raises(
        PluginError, match=r"two plugins offer clusterer twin: one \(one 1.2\) and two \(two 1.2\)"
    ):
        registry.get("clusterer", "twin")
    assert "also offered by two (two 1.2)" in registry.broken[0].cause
    chosen = Registry.discover(Selection(blocked=("two",)))
    assert chosen.get("clusterer", "twin").provider.plugin == "one"


def test_a_plugin_that_offers_a_name_twice_is_broken(install: Install) -> None:
    spec = 'embkit.ClustererSpec("twin", "nowhere:Nothing", summary="Nothing.")'
    install(
        "double",
        f"""
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            return [{spec}, {spec}]
        """,
    )
    assert Registry.discover().broken[0].cause == "offers clusterer name 'twin' twice"


def test_a_keyboard_interrupt_at_import_is_not_swallowed(install: Install) -> None:
    install("interrupted", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry.discover()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, {"good", "bundled"}), ("", set()), ("good", {"good"}), ("embkit-framework", {"bundled"})],
)
def test_the_environment_selects(
    value: str | None, expected: set[str], install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("good")
    if value is None:
        monkeypatch.delenv("EMBKIT_PLUGINS", raising=False)
    else:
        monkeypatch.setenv("EMBKIT_PLUGINS", value)
    components = Registry.discover().components()
    found = {"bundled" if item.provider.bundled else item.provider.plugin for item in components}
    assert found - {"example", "openai-namer"} == expected  # the examples may be installed


def test_no_plugin_leaves_one_out(install: Install) -> None:
    install("good")
    registry = Registry.discover(Selection.from_environment(["good"]))
    assert not registry.find("halves")
    assert registry.find("kmeans")
