"""What every command prints with ``--json`` is as documented."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from referencing import Registry, Resource

import embkit as api
from fixture_types import Embkit

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
COMMANDS, RUN = (
    json.loads((REFERENCE / f"{name}.schema.json").read_text("utf-8")) for name in ("commands", "run")
)
SCHEMAS = Registry().with_resources(
    [
        ("commands.schema.json", Resource.from_contents(COMMANDS)),
        ("run.schema.json", Resource.from_contents(RUN)),
    ]
)
STUDY = """
seeds = [0]

[[datasets]]
loader = { name = "blobs", n_samples = 60, n_features = 4, centers = 3, std = 0.05 }

[[clusterers]]
name = "kmeans"
n_clusters = { grid = [2, 3] }

[[validators]]
name = "external"
"""


def validate(document: Any, name: str) -> None:
    schema = {"$ref": f"commands.schema.json#/$defs/{name.replace(' ', '%20')}"}
    jsonschema.Draft202012Validator(schema, registry=SCHEMAS).validate(document)


@pytest.fixture
def said(embkit: Embkit, blobs: api.Dataset, tmp_path: Path) -> Any:
    """Calls a command with ``--json`` in a folder with a run, and returns the document."""
    np.save(tmp_path / "v.npy", blobs.vectors)
    embkit("run", "v.npy", "--clusterer", "kmeans:n_clusters=3", "--seed", "0", "--out", "first")

    def call(*arguments: str, code: int = 0) -> Any:
        return json.loads(embkit(*arguments, "--json", code=code).stdout)

    return call


def test_the_schema_is_one_and_documents_every_definition() -> None:
    jsonschema.Draft202012Validator.check_schema(COMMANDS)
    page = (REFERENCE / "json.md").read_text("utf-8")
    for name, schema in COMMANDS["$defs"].items():
        for key in schema.get("required", ()) if "schema_version" in schema.get("required", ()) else ():
            assert f"`{key}`" in page, f"{name}: {key}"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (
            "run",
            "run v.npy --clusterer agglomerative:n_clusters=3 --validator silhouette --viz sizes --out a",
        ),
        ("run", "inspect v.npy --validator health"),
        ("run", "diff v.npy --from 0.2 --to 0.3"),
        ("run", "diff first first"),
        ("export", "export first csv"),
        ("assign", "assign first v.npy"),
        ("replay", "replay first"),
        ("plugins list", "plugins list"),
        ("plugins show", "plugins show hdbscan"),
        ("plugins check", "plugins check normalize"),
        ("cache info", "cache info"),
    ],
)
def test_documents_are_as_the_schema_says(name: str, arguments: str, said: Any) -> None:
    validate(said(*arguments.split()), name)


def test_documents_of_studies_are_as_the_schema_says(said: Any, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(STUDY)
    validate(said("study", "study.toml", "--dry-run"), "study --dry-run")
    done = said("study", "study.toml", "--out", "s", "--jobs", "1")
    validate(done, "study")
    assert done["trials"] == done["statuses"]["done"] == 2
    validate(said("diff", "s", "s"), "diff of studies")
    report = said("study", "report", "s")
    validate(report, "export")
    assert sorted(report["files"]) == sorted(done["files"])
    sound = said("study", "verify", "s")
    validate(sound, "study verify")
    assert (sound["complete"], sound["damaged"]) == (2, [])
    (labels, *_) = sorted((tmp_path / "s").glob("trials/*/labels.csv"))
    labels.write_text("row,label\n")
    broken = said("study", "verify", "s", code=3)
    validate(broken, "study verify")
    assert broken["damaged"] == [str(labels.relative_to(tmp_path / "s"))]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("run v.npy --clusterer kmean", 2),
        ("run absent.npy --clusterer kmeans", 3),
        ("run v.npy --clusterer kmeans --memory 1kB", 4),
        ("study verify first", 2),
        ("plugins show absent", 2),
        ("cache clear", 2),  # which has no --json
    ],
)
def test_errors_are_documents_too(arguments: str, code: int, said: Any) -> None:
    document = said(*arguments.split(), code=code)
    validate(document, "error")
    assert document["error"]["code"] == code


def test_a_run_with_a_failed_step_is_a_document_of_a_run(said: Any) -> None:
    document = said("run", "v.npy", "--clusterer", "kmeans", "--export", "tree", code=2)
    validate(document, "run")
    assert document["status"] == "done with failures"


def test_the_schema_refuses_what_is_not_as_documented() -> None:
    for document, name in (
        ({"schema_version": 1}, "run"),
        ({"schema_version": 2, "files": []}, "export"),
    ):
        with pytest.raises(jsonschema.ValidationError):
            validate(document, name)
