"""Names: found, missing, suggested; hooks called one by one."""

import pytest

import embkit.plugin.hookspecs
from embkit.errors import ParameterError, PluginError
from embkit.plugin.kinds import KINDS
from embkit.plugin.registry import Registry
from fixture_types import Install


def test_every_kind_has_its_registration_hook() -> None:
    hooks = [
        name for name in vars(embkit.plugin.hookspecs.HookSpecs) if name.startswith("embkit_register_")
    ]
    assert hooks == [f"embkit_register_{kind}s" for kind in KINDS]


def test_a_wrong_name_is_met_with_the_closest_and_all(registry: Registry) -> None:
    with pytest.raises(
        ParameterError, match=r"there is no clusterer 'hdbscn'; did you mean 'hdbscan'\? available: agg"
    ):
        registry.get("clusterer", "hdbscn")


def test_a_wrong_name_cites_broken_plugins(install: Install) -> None:
    install("broken", "import nothing_of_that_name")
    with pytest.raises(
        ParameterError, match=r"it may belong to a broken plugin: broken \(broken 1.2\): import failed"
    ):
        Registry.discover().get("clusterer", "wanted")


def test_a_factory_that_cannot_be_imported_names_plugin_and_cause(install: Install) -> None:
    source = """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            yield embkit.ClustererSpec("lost", "fixture_hollow:Lost", summary="Lost.")
            yield embkit.ClustererSpec("moved", "fixture_hollow.away:Moved", summary="Moved.")
    """
    install("hollow", source)
    for name in ("lost", "moved"):
        with pytest.raises(
            PluginError,
            match=rf"clusterer {name} of plugin hollow \(hollow 1.2\) cannot be imported .*; reinstall hollow, or",
        ):
            Registry.discover().get("clusterer", name).factory()


def test_a_library_that_is_not_installed_is_an_error_with_the_command(
    install: Install,
) -> None:
    source = """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            yield embkit.ClustererSpec("foreign", "no_such_library.cluster:Foreign")
    """
    install("borrows", source)
    component = Registry.discover().get("clusterer", "foreign")
    with pytest.raises(ParameterError) as caught:
        component.factory()
    assert str(caught.value) == (
        "clusterer foreign of plugin borrows (borrows 1.2) needs no_such_library; "
        "it is not installed; run: pip install no_such_library"
    )


def test_a_notification_reaches_every_plugin_whatever_another_does(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(
        "fails",
        """
        import embkit
        @embkit.hookimpl
        def embkit_run_finished(run):
            raise ValueError("cannot post")
        """,
    )
    install(
        "hears",
        """
        import embkit
        @embkit.hookimpl
        def embkit_run_finished(run):
            print("heard of", run)
        """,
    )
    failures = Registry.discover().notify("embkit_run_finished", run="a run")
    assert capsys.readouterr().out == "heard of a run\n"
    assert failures == ["plugin fails (fails 1.2): embkit_run_finished failed: ValueError: cannot post"]


@pytest.mark.parametrize(
    "written", ["kmeans,n_clusters=3", "kmeans n_clusters=3", "kmeans(n_clusters=3)"]
)
def test_parameters_follow_a_colon(written: str) -> None:
    with pytest.raises(ParameterError, match="write kmeans:n_clusters=3$"):
        Registry.discover().get("clusterer", written)


def test_a_score_or_a_component_of_another_kind_is_recognized() -> None:
    registry = Registry.discover()
    with pytest.raises(ParameterError, match="'ari'; ari is a score of the validator external$"):
        registry.get("validator", "ari")
    with pytest.raises(
        ParameterError, match="'V-measure'; v_measure is a score of the validator external$"
    ):
        registry.get("validator", "V-measure")
    with pytest.raises(ParameterError, match="there is no visualizer 'page'; there is an exporter of"):
        registry.get("visualizer", "page")
    with pytest.raises(ParameterError, match="'kmeans'; there is a clusterer of that name$"):
        registry.get("validator", "kmeans")
