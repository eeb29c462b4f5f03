"""The example plugin: the kit over its components, and what each finds."""

import sys
import types
from pathlib import Path

import embkit_example_plugin
import numpy as np
import pytest

import embkit
from embkit.testing import parametrize_with_components
from embkit.testing.parametrize import BoundCheck

GROUPS = np.repeat(np.eye(3, 4, dtype=np.float32) * 10, 4, axis=0)
GROUPS += np.tile(np.linspace(0, 1, 4, dtype=np.float32), 3)[:, None]


@parametrize_with_components(embkit_example_plugin)
def test_contract(check: BoundCheck) -> None:
    check()


def test_dunn_is_the_gap_over_the_width() -> None:
    run = embkit.run(GROUPS, "kmeans:n_clusters=3", validators=["dunn"], cache=False, seed=0)
    gap = min(np.linalg.norm(one - two) for one in GROUPS[:4] for two in GROUPS[4:])
    scores = run.scores["dunn"]
    assert scores["width"] == pytest.approx(2.0)
    assert scores["dunn"] == pytest.approx(gap / 2.0)


def test_affinity_propagation_finds_the_groups() -> None:
    run = embkit.run(GROUPS, "affinity-propagation", cache=False, seed=0)
    assert run.clustering is not None
    assert run.clustering.sizes.tolist() == [4, 4, 4]


class StubModel:
    """Stands for SentenceTransformer: as many dimensions as letters it counts."""

    def __init__(self, folder: str, local_files_only: bool) -> None:
        assert local_files_only
        assert Path(folder).is_dir()

    def encode(
        self, sentences: list[str], batch_size: int, normalize_embeddings: bool, show_progress_bar: bool
    ) -> np.ndarray:
        assert not show_progress_bar
        return np.array([[text.count(letter) for letter in "aeiou"] for text in sentences], dtype=float)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("sentence_transformers")
    vars(module)["SentenceTransformer"] = StubModel
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)


def test_sentences_are_rows_with_their_texts(stub: None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a tea\n\nio  io\n", "utf-8")
    dataset = embkit.load(tmp_path / "notes.txt", loader={"name": "sentences", "model": str(tmp_path)})
    assert dataset.texts == ("a tea", "io io")
    assert dataset.source_rows.tolist() == [0, 2]
    assert dataset.dropped == {1: "empty line"}
    assert dataset.vectors.tolist() == [[2, 1, 0, 0, 0], [0, 0, 2, 2, 0]]


def test_a_missing_library_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("a tea\n", "utf-8")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(embkit.ParameterError, match=r"pip install 'embkit-example-plugin\[sentences\]'"):
        embkit.load(tmp_path / "notes.txt", loader={"name": "sentences", "model": str(tmp_path)})


def test_a_model_that_is_no_folder_is_refused(stub: None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a tea\n", "utf-8")
    with pytest.raises(embkit.ParameterError, match=r"model=all-MiniLM is no folder.*never downloaded"):
        embkit.load(tmp_path / "notes.txt", loader={"name": "sentences", "model": "all-MiniLM"})


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"a\x00b"])
def test_what_is_no_text_is_a_data_error(content: bytes, stub: None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(content)
    with pytest.raises(embkit.DataError, match=r"notes\.txt"):
        embkit.load(tmp_path / "notes.txt", loader={"name": "sentences", "model": str(tmp_path)})
