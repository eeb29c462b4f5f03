"""``embkit plugins`` and broken plugins, as a user meets them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fixture_types import Embkit, Install

FAULTY = {
    "raises": ("raise OSError('no such device')", "import failed: OSError: no such device"),
    "exits": ("raise SystemExit('bye')", "import failed: SystemExit: bye"),
    "syntax": ("def (:", "import failed: SyntaxError: invalid syntax"),
    "misspelt": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusteres():
            yield
        """,
        "unknown hook embkit_register_clusteres; did you mean embkit_register_clusterers?",
    ),
    "signature": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers(config):
            yield
        """,
        "{'config'} are declared in the hookimpl but can not be found in the hookspec",
    ),
    "wrong-type": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            return [{"name": "thing"}]
        """,
        "embkit_register_clusterers: yielded dict, expected ClustererSpec",
    ),
    "taken": (
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_clusterers():
            yield embkit.ClustererSpec("kmeans", "nowhere:Nothing", summary="Mine.")
        """,
        "clusterer name 'kmeans' is taken by embkit-clusterers (embkit-framework",
    ),
    "future": ("embkit_api = 7", "written for plugin API 7, this embkit has API 1"),
}
FAILING = """
    import embkit

    class Failing:
        def __init__(self, *, how: str = "raise"):
            self.how = how
            if how == "constructor":
                raise KeyError("constructor")
        def cluster(self, dataset, context):
            print("on standard output")
            if self.how == "exit":
                raise SystemExit(0)
            if self.how == "type":
                return [0] * dataset.n_samples
            raise KeyError("the middle")

    @embkit.hookimpl
    def embkit_register_clusterers():
        yield embkit.ClustererSpec("failing", Failing, summary="Fails.")
"""


def test_eight_faulty_plugins_at_once_break_nothing(embkit: Embkit, install: Install) -> None:
    for name, (source, _) in FAULTY.items():
        install(name, source)
    install("good")

    done = embkit("run", "--clusterer", "kmeans", "--validator", "sizes", "--seed", "0", "--json")
    assert json.loads(done.stdout)["status"] == "done"

    done = embkit("run", "--clusterer", "halves", "--loader", "blobs", "--seed", "0")
    assert "clusters  2 by halves" in done.stdout

    listed = embkit("plugins", "list")
    lines = [line for line in listed.stdout.splitlines() if line.startswith("broken: ")]
    assert len(lines) == len(FAULTY)
    for name, (_, cause) in FAULTY.items():
        assert any(line.startswith(f"broken: {name} ({name} 1.2): ") and cause in line for line in lines)
    assert "halves" in listed.stdout

    document = json.loads(embkit("plugins", "list", "--json").stdout)
    assert {item["plugin"] for item in document["broken"]} == set(FAULTY)


def test_strict_plugins_refuses_to_start(embkit: Embkit, install: Install) -> None:
    install("raises", FAULTY["raises"][0])
    done = embkit("run", "--clusterer", "kmeans", "--strict-plugins", code=5)
    assert done.stderr == (
        "error: plugin raises (raises 1.2) is broken; import failed: OSError: no such device; "
        "--no-plugin raises\n"
    )
    embkit("run", "--clusterer", "kmeans", "--strict-plugins", "--no-plugin", "raises", "--seed=1")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("raise", "failed in cluster(); KeyError: 'the middle'; run again with --debug"),
        ("exit", "failed in cluster(); SystemExit: 0; run again with --debug"),
        ("constructor", "failed in __init__(); KeyError: 'constructor'; run again with --debug"),
        ("type", "returned list; expected Clustering; report it to the author"),
    ],
)
def test_an_exception_inside_a_plugin_names_it_and_ends_in_code_5(
    how: str, expected: str, embkit: Embkit, install: Install
) -> None:
    install("unstable", FAILING)
    done = embkit("run", "--clusterer", f"failing:how={how}", "--json", code=5)
    assert json.loads(done.stdout)["error"]["code"] == 5
    error = done.stderr.splitlines()[-1]
    assert error.startswith("error: clusterer failing of plugin unstable (unstable 1.2) ")
    assert expected in error


def test_fifty_plugins_are_listed_without_numpy(site: Path, tmp_path: Path, install: Install) -> None:
    for number in range(50):
        source = f"""
            import embkit
            @embkit.hookimpl
            def embkit_register_clusterers():
                yield embkit.ClustererSpec("one-{number}", "nowhere:Nothing", summary="One.")
        """
        install(f"many-{number}", source)
    code = (
        "import sys; from embkit.cli import main\n"
        "try: main(['plugins', 'list'])\n"
        "finally: print('numpy' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(site)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.count("[many-") == 50
    assert done.stderr == "False\n"


def test_check_passes_fails_and_says_why(embkit: Embkit, install: Install) -> None:
    install("good")
    done = embkit("plugins", "check", "halves", code=5)
    assert done.stdout.startswith("clusterer halves (good 1.2): ")
    assert "\n  failed            parameters-in-toml" not in done.stdout
    assert (
        "\n  failed            duplicates: 60 of 60 pairs of equal rows are in different" in done.stdout
    )
    done = embkit("plugins", "check", "normalize", "--json")
    component = json.loads(done.stdout)["components"][0]
    assert component["passed"] is True
    assert {check["status"] for check in component["checks"]} <= {"passed", "does not apply"}


def test_check_takes_a_plugin_for_all_of_its_components(embkit: Embkit, install: Install) -> None:
    install("good")
    done = embkit("plugins", "check", "good", "--json", code=5)
    assert [item["name"] for item in json.loads(done.stdout)["components"]] == ["halves"]
    done = embkit("plugins", "check", "good", "--kind", "reducer", code=2)
    assert "there is no reducer 'good'" in done.stderr


def test_check_needs_a_name_that_exists(embkit: Embkit) -> None:
    assert "name one component, or all with --all" in embkit("plugins", "check", code=2).stderr
    done = embkit("plugins", "check", "kmean", code=2)
    assert "there is no component 'kmean'; did you mean 'kmeans'?" in done.stderr
    assert (
        "there is no kind 'clusterers'"
        in embkit("plugins", "check", "--all", "--kind", "clusterers", code=2).stderr
    )


def test_doctor_says_what_is_wrong_and_what_to_do(
    embkit_process: Embkit, site: Path, install: Install
) -> None:
    for name in ("raises", "misspelt", "taken", "future"):
        install(name, FAULTY[name][0])
    install("good")
    install("crashes", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    install(
        "hollow",
        """
        import embkit
        @embkit.hookimpl
        def embkit_register_loaders():
            yield embkit.LoaderSpec("hollow", "no_such_library:Loader", summary="Nothing.")
        """,
    )
    install("slow", "import time; time.sleep(0.6)")
    done = embkit_process(
        "plugins", "doctor", "--no-plugin", "embkit-framework", "--json", code=5, PYTHONPATH=str(site)
    )
    found = {item["plugin"]: item for item in json.loads(done.stdout)["plugins"]}
    problems = {name: [finding["what"] for finding in item["findings"]] for name, item in found.items()}
    assert problems["good"] == []
    assert found["good"]["components"].keys() == {"clusterer halves"}
    assert problems["raises"] == ["import failed: OSError: no such device"]
    assert problems["crashes"] == ["died while importing its module (SIGSEGV)"]
    assert "did you mean embkit_register_clusterers?" in problems["misspelt"][0]
    assert "written for plugin API 7" in problems["future"][0]
    assert "needs no_such_library; it is not installed" in problems["hollow"][0]
    assert found["hollow"]["findings"][0]["fix"].startswith(
        "pip install no_such_library, or leave it out"
    )
    assert re.search(r"takes \d.\d s to import, whenever names are listed", problems["slow"][0])
    for item in found.values():
        assert all(finding["fix"] for finding in item["findings"])


def test_doctor_finds_clashes(embkit_process: Embkit, site: Path, install: Install) -> None:
    install("one")
    install("two")
    done = embkit_process(
        "plugins",
        "doctor",
        "--no-plugin",
        "embkit-framework",
        "--no-plugin",
        "example",
        code=5,
        PYTHONPATH=str(site),
    )
    assert "one (one 1.2): API 1, imported in" in done.stdout
    assert "problem: clusterer halves is also offered by two (two 1.2)" in done.stdout
    assert "do:      choose one with --no-plugin one or --no-plugin two" in done.stdout


def test_new_writes_a_project_and_says_what_comes_next(embkit: Embkit, tmp_path: Path) -> None:
    done = embkit("plugins", "new", "my-kmedoids", "--kind", "clusterer")
    assert sorted(done.stdout.split()) == sorted(
        f"my-kmedoids/{name}"
        for name in ("pyproject.toml", "README.md", "my_kmedoids.py", "tests/test_my_kmedoids.py")
    )
    assert "next: cd my-kmedoids && pip install -e . && embkit plugins check my-kmedoids" in done.stderr
    embkit("plugins", "new", "my-kmedoids", "--kind", "clusterer", code=2)
    assert (
        "there is a clusterer kmeans already"
        in embkit("plugins", "new", "kmeans", "--kind", "clusterer", code=2).stderr
    )
    assert (
        "did you mean 'clusterer'"
        in embkit("plugins", "new", "mine", "--kind", "cluster", code=2).stderr
    )
    assert [path.name for path in tmp_path.iterdir() if path.name != "site"] == ["my-kmedoids"]
