"""What a run leaves is what the documented schema says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import embkit

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/reference/run.schema.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "settings",
    [
        {"clusterer": "agglomerative:n_clusters=3", "validators": ["cophenetic"], "exporters": ["tree"]},
        {"clusterer": "hdbscan", "reducers": ["pca:n_components=2"], "visualizers": ["sizes"]},
        {"clusterer": "kmeans:n_clusters=1", "validators": ["external"], "namer": "none"},
        {"validators": ["health"]},
    ],
)
def test_run_json_is_as_documented(
    settings: dict[str, Any], blobs: embkit.Dataset, tmp_path: Path
) -> None:
    np.save(tmp_path / "v.npy", blobs.vectors)
    embkit.run(tmp_path / "v.npy", **settings, seed=0, out=tmp_path / "out", cache=False)
    record = json.loads((tmp_path / "out/run.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(record, SCHEMA)
    assert set(record) == set(SCHEMA["properties"])


def test_the_schema_refuses_what_is_no_run() -> None:
    with pytest.raises(jsonschema.ValidationError, match="required property"):
        jsonschema.validate({"schema_version": 1}, SCHEMA)
