import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from embkit.errors import DataError, ParameterError
from embkit_plugins.loaders.jsonl import Jsonl


def written(path: Path, *records: object) -> str:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_usual_fields(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        {"id": 7, "text": "a", "embedding": [0.5, 1], "label": None, "lang": "en", "tags": ["x"]},
        "",
        {"embedding": [2, -3.25], "id": "b", "content": "later", "label": True},
    )
    dataset = Jsonl().load(path)
    np.testing.assert_array_equal(dataset.vectors, [[0.5, 1], [2, -3.25]])
    assert dataset.vectors.dtype == np.float32
    assert dataset.ids == ("7", "b")
    assert dataset.texts == ("a", "")
    assert dataset.reference == ("", "true")
    assert dict(dataset.metadata) == {"lang": ["en", None], "content": [None, "later"]}
    assert dataset.notes[0] == "the vector is the field embedding"


def test_named_and_nested_fields(tmp_path: Path) -> None:
    records = [
        {"key": f"k{row}", "meta": {"title": f"t{row}", "v": [[9], [row, 2.5]]}, "vector": [1, 2, 3]}
        for row in range(3)
    ]
    dataset = Jsonl(vector="meta.v.1", id="key", text="meta.title", label="").load(
        written(tmp_path / "a.ndjson", *records)
    )
    np.testing.assert_array_equal(dataset.vectors, [[0, 2.5], [1, 2.5], [2, 2.5]])
    assert dataset.ids == ("k0", "k1", "k2")
    assert dataset.texts == ("t0", "t1", "t2")


def test_batches_of_openai_compressed(tmp_path: Path) -> None:
    path = tmp_path / "batch.jsonl.gz"
    lines = [
        json.dumps({"custom_id": f"r{row}", "response": {"body": {"data": [{"embedding": [row, 0.5]}]}}})
        for row in range(2)
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode("utf-8-sig")))
    dataset = Jsonl().load(str(path))
    np.testing.assert_array_equal(dataset.vectors, [[0, 0.5], [1, 0.5]])
    assert dataset.ids == ("r0", "r1")


def test_a_field_whose_name_has_dots(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", {"a.b": [1, 2], "embedding": [1]})
    assert Jsonl(vector="a.b").load(path).n_features == 2


def test_ragged(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *[{"embedding": [0.5] * 384}] * 16, {"embedding": [0.5] * 383})
    with pytest.raises(DataError, match=r"a.jsonl: line 17: 383 values, expected 384 \(from line 1\)"):
        Jsonl().load(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"embedding": [1, NaN]}', "line 2 is not strict JSON; NaN is not JSON"),
        ('{"embedding": [1, -Infinity]}', "-Infinity is not JSON"),
        ('{"embedding": [1, 2], "embedding": [3, 4]}', "the key 'embedding' is repeated"),
        ('{"embedding": [1, 2]', "line 2, column 22 is not strict JSON; expecting ',' delimiter"),
        ("{'embedding': [1, 2]}", "line 2, column 2 is not strict JSON"),
        ("[1, 2]", "line 2 is not a JSON object but a list; .*jq -c"),
        ("[" * 100_000, "line 2 is not strict JSON; it is nested too deeply"),
        ('{"embedding": [1, ' + "9" * 5000 + "]}", "line 2 is not strict JSON"),
        (
            '{"embedding": [1, ' + "9" * 400 + "]}",
            "line 2: the vector holds an integer beyond any float",
        ),
        ('{"embedding": "AAAAPw=="}', "line 2: 1 values, expected 2"),
        (
            '{"embedding": "as text"}',
            "line 2: the vector in 'embedding' is 'as text'; 'as' is not a number; write it as",
        ),
        ('{"embedding": []}', "line 2: the vector is an empty list"),
        ('{"embedding": [1, "2"]}', "line 2: value 1 of the vector is a string"),
        ('{"embedding": [1, true]}', "line 2: value 1 of the vector is a boolean"),
        ('{"embedding": [[1, 2], [3, 4]]}', "line 2: value 0 of the vector is a list"),
        (
            '{"vector": [1, 2]}',
            "line 2: there is no field 'embedding'; 'embedding' is missing; the fields are vector",
        ),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path / "a.jsonl", {"embedding": [1, 2]}, line)
    with pytest.raises(DataError, match=message):
        Jsonl().load(path)


def test_null_vectors_are_nan_for_the_host_to_judge(tmp_path: Path) -> None:
    vectors = [None, [1.5, 2], [None, 3], None]
    dataset = Jsonl(vector="embedding").load(
        written(tmp_path / "a.jsonl", *[{"embedding": v} for v in vectors])
    )
    nan = np.nan
    np.testing.assert_array_equal(dataset.vectors, [[nan, nan], [1.5, 2], [nan, 3], [nan, nan]])
    assert "3 vectors are null or hold nulls, the first in line 1" in dataset.notes


def test_failed_request_in_a_batch_is_named(tmp_path: Path) -> None:
    good = {"response": {"body": {"data": [{"embedding": [1, 2]}]}}}
    path = written(tmp_path / "a.jsonl", good, {"response": None, "error": {"code": 500}})
    with pytest.raises(
        DataError, match=r"line 2: there is no field 'response.body.data.0.embedding'; 'body' is missing"
    ):
        Jsonl().load(path)


def test_which_field_is_the_vector(tmp_path: Path) -> None:
    several = written(tmp_path / "a.jsonl", {"embedding": [1, 2], "values": [1, 2, 3]})
    with pytest.raises(
        DataError,
        match=r"lists are in embedding \(2 values\), values \(3 values\); .*jsonl:vector=embedding",
    ):
        Jsonl().load(several)
    unusual = written(tmp_path / "b.jsonl", {"id": 1, "features": [1, 2]})
    with pytest.raises(
        DataError, match=r"lists are in features \(2 values\); name it: --loader jsonl:vector=features"
    ):
        Jsonl().load(unusual)
    none = written(tmp_path / "c.jsonl", {"id": 1, "x": 0.5})
    with pytest.raises(
        DataError, match=r"no field holds a list; its fields are id, x; name the vector's field"
    ):
        Jsonl().load(none)
    with pytest.raises(ParameterError, match=r"no column 'txt'; text=txt was given"):
        Jsonl(vector="features", text="txt").load(unusual)


def test_unpaired_surrogates_are_replaced(tmp_path: Path) -> None:
    dataset = Jsonl().load(
        written(tmp_path / "a.jsonl", '{"embedding": [1], "text": "a\\ud800b\\ud83d\\ude00"}')
    )
    assert dataset.texts == ("a\N{REPLACEMENT CHARACTER}b\N{GRINNING FACE}",)


def test_nothing_and_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"the file is empty"):
        Jsonl().load(written(tmp_path / "a.jsonl"))
    (tmp_path / "b.jsonl").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"not JSON lines; it is a Parquet file; use --loader parquet"):
        Jsonl().load(str(tmp_path / "b.jsonl"))
    (tmp_path / "c.jsonl").write_bytes(b'{"embedding": [1], "text": "\xff"}\n')
    with pytest.raises(DataError, match=r"line 1, byte 28 \(0xff\) is not valid utf-8"):
        Jsonl().load(str(tmp_path / "c.jsonl"))
    broken = written(tmp_path / "d.jsonl", "[", '{"embedding": [1]},', "]")
    with pytest.raises(DataError, match=r"line 3, column 1 is not strict JSON; .*repair the document"):
        Jsonl().load(broken)


@pytest.mark.parametrize("first", ['"id": "a", ', ""])
def test_a_missing_id_is_refused(first: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        f'{{{first}"embedding": [1, 2]}}',
        '{"id": "b", "embedding": [3, 4]}',
        '{"id": null, "embedding": [5, 6]}',
    ]
    path.write_text("\n".join(lines))
    absent = 1 if first else 2
    with pytest.raises(DataError, match=f"a.jsonl: id is missing in {absent} of 3 rows"):
        Jsonl().load(str(path))
