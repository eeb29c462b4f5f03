import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embkit.errors import DataError, ResourceError
from embkit_plugins.loaders.jsonl import Jsonl

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
L = X.astype(float).tolist()
IDS = [f"d{row}" for row in range(6)]
TEXTS = [f"text {row}" for row in range(6)]
RECORDS = [{"id": i, "text": t, "embedding": v} for i, t, v in zip(IDS, TEXTS, L, strict=True)]
FRAME = pd.DataFrame(RECORDS)

DOCUMENTS = {
    "array": RECORDS,
    "response": {"object": "list", "data": RECORDS, "model": "m", "usage": {"total": 3}},
    "nested": {"result": {"points": RECORDS}, "status": "ok"},
    "chroma": {"ids": IDS, "embeddings": L, "documents": TEXTS, "metadatas": None},
    "typed": {"id": IDS, "texts": TEXTS, "embeddings": {"float": L}},
    "columns of pandas": json.loads(FRAME.to_json(double_precision=15)),
    "split of pandas": json.loads(FRAME.to_json(orient="split", double_precision=15)),
    "index of pandas": json.loads(FRAME.set_index("id").to_json(orient="index", double_precision=15)),
}


def written(tmp_path: Path, document: object, **given: Any) -> str:
    path = tmp_path / "a.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document, **given))
    return str(path)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_layouts(tmp_path: Path, name: str, indent: int | None) -> None:
    dataset = Jsonl().load(written(tmp_path, DOCUMENTS[name], indent=indent))
    np.testing.assert_array_equal(np.asarray(dataset.vectors, dtype=np.float32), X)
    assert dataset.ids == tuple(IDS)
    assert dataset.texts == tuple(TEXTS)
    assert dataset.notes[0].startswith("a JSON document: ")


@pytest.mark.parametrize("indent", [None, 2])
def test_names_with_vectors_and_vectors_alone(tmp_path: Path, indent: int | None) -> None:
    by_name = dict(zip(IDS, L, strict=True))
    dataset = Jsonl().load(written(tmp_path, by_name, indent=indent))
    assert dataset.ids == tuple(IDS)
    np.testing.assert_array_equal(dataset.vectors.astype(np.float32), X)
    np.testing.assert_array_equal(Jsonl().load(written(tmp_path, L)).vectors.astype(np.float32), X)
    lines = "\n".join(map(json.dumps, L))
    np.testing.assert_array_equal(Jsonl().load(written(tmp_path, lines)).vectors.astype(np.float32), X)


def test_vectors_in_strings(tmp_path: Path) -> None:
    encoders: list[Callable[[np.ndarray], str]] = [
        lambda row: base64.b64encode(row.tobytes()).decode(),
        lambda row: json.dumps(row.tolist()),
        lambda row: ", ".join(map(str, row.tolist())),
    ]
    for encode in encoders:
        lines = "\n".join(
            json.dumps({"id": i, "embedding": encode(row)}) for i, row in zip(IDS, X, strict=True)
        )
        dataset = Jsonl().load(written(tmp_path, lines))
        np.testing.assert_array_equal(dataset.vectors.astype(np.float32), X)
        assert not dataset.metadata


def test_one_object_is_one_row(tmp_path: Path) -> None:
    assert Jsonl().load(written(tmp_path, RECORDS[0])).ids == ("d0",)
    assert Jsonl().load(written(tmp_path, RECORDS[0], indent=1)).ids == ("d0",)
    assert Jsonl(vector="x.y").load(written(tmp_path, {"x": {"y": [1, 2]}})).n_features == 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a": [1, 2], "b": [1, 2, 3]}, "lists are in a .*, b|which part of the JSON document"),
        (
            {"x": {"deep": 1}, "data": ["a"]},
            r"which part .* with x \(object of 1\), data \(array of 1\)",
        ),
        ([1, "a"], "an array of 2 values; make lines of it: jq"),
        ('{"data": [\n{"embedding": [1, 2]},\n]}', "line 3, column 1 is not strict JSON"),
        ("[\n1,\n\n\nx]", "line 5, column 1 is not strict JSON"),
        ("[\n" + "[" * 5000, "nested too deeply|not strict JSON"),
        ('[{"embedding": [1, ' + "9" * 5000 + "]}]", "not strict JSON"),
        ("{" * 10, "not strict JSON"),
        ('"text"', "line 1 is not a JSON object but a str"),
        (
            {"embedding": "as text"},
            "line 1: the vector in 'embedding' is 'as text'; 'as' is not a number",
        ),
    ],
)
def test_what_is_not_plain_is_named(tmp_path: Path, document: object, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        Jsonl().load(written(tmp_path, document))
    assert len(str(caught.value)) < 700


def test_a_document_that_does_not_fit_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embkit.files.text.documents.available_memory", lambda: 100)
    with pytest.raises(ResourceError, match=r"does not fit in memory; .*write it as JSON lines"):
        Jsonl().load(written(tmp_path, RECORDS, indent=1))


def test_a_position_of_many_digits_is_no_field(tmp_path: Path) -> None:
    path = written(tmp_path, {"v": [1, 2], "embedding": [1, 2]})
    with pytest.raises(DataError, match="there is no field"):
        Jsonl(vector="v." + "9" * 5000).load(path)


@pytest.mark.parametrize("name", ["ids", "documents", "metadatas"])
def test_columns_of_another_length_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"embeddings": [[1, 2], [3, 4], [5, 6]], name: ["a", "b"], "model": "m"}))
    with pytest.raises(
        DataError, match=f"a.json: {name} has 2 values, there are 3 vectors; every column"
    ):
        Jsonl().load(str(path))
