import gzip
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from embkit.errors import DataError
from embkit_plugins.loaders.delimited import Delimited
from embkit_plugins.loaders.word2vec import Word2Vec

X = np.random.default_rng(0).normal(size=(8, 5)).round(5)
PLAIN = ["the", ",", '"', "2012", "of", "...", "to", "café"]
SPACED = ["the", ",", '"', "2012", ". . .", "at name@host.org", "to", "café"]


def saved(path: Path, words: Iterable[str], header: str = "", end: str = "") -> str:
    lines = [" ".join([word, *map(str, row)]) + end for word, row in zip(words, X, strict=True)]
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("words", [PLAIN, SPACED])
@pytest.mark.parametrize(("header", "end"), [("", ""), ("8 5\n", " ")])
@pytest.mark.parametrize("loader", [Word2Vec, Delimited])
def test_words_are_ids_and_texts(
    tmp_path: Path, words: list[str], header: str, end: str, loader: type
) -> None:
    dataset = loader().load(saved(tmp_path / "a.txt", words, header, end))
    np.testing.assert_array_equal(dataset.vectors, X)
    assert dataset.texts == tuple(words)
    assert dataset.ids == tuple(words)
    assert dataset.notes == ("words with vectors of 5 numbers",)


def test_words_that_are_all_numbers_need_the_length(tmp_path: Path) -> None:
    words = [str(2000 + row) for row in range(8)]
    path = saved(tmp_path / "a.vec", words)
    with pytest.raises(DataError, match=r"no words with vectors; .*word2vec:dim=LENGTH"):
        Word2Vec().load(path)
    assert Word2Vec(dim=5).load(path).ids == tuple(words)
    assert Word2Vec().load(saved(tmp_path / "b.vec", words, "8 5\n")).ids == tuple(words)


def test_repeated_words_are_texts_only(tmp_path: Path) -> None:
    dataset = Word2Vec().load(saved(tmp_path / "a.vec", ["a"] * 8, "8 5\n"))
    assert dataset.ids is None
    assert dataset.texts == ("a",) * 8
    assert "words are repeated, so that they are texts and no ids" in dataset.notes


def test_a_table_that_is_asked_for_is_one(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", PLAIN)
    assert Delimited(text="column 1").load(path).ids is None
    assert Delimited(header=True, column="*").load(path).n_samples == 7


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("3 2\na 1 2\nb 3 4\n", "line 1 says 3 words, there are 2; the file is cut"),
        ("2 2\na 1 2\nb 3\n", r"line 3: it does not end in 2 numbers; it is 'b 3'"),
        ("2 2\na 1 2\nb 3 1_0\n", "line 3: it does not end in 2 numbers"),
        ("some words\nwithout any\n", "no words with vectors"),
        ("", "no words with vectors|empty"),
    ],
)
def test_what_is_none(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.vec").write_text(content)
    with pytest.raises(DataError, match=message):
        Word2Vec().load(str(tmp_path / "a.vec"))


def test_compressed_and_binary(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", PLAIN, "8 5\n")
    packed = tmp_path / "a.vec.gz"
    packed.write_bytes(gzip.compress(Path(path).read_bytes()))
    assert Word2Vec().load(str(packed)).ids == tuple(PLAIN)


def test_binary(tmp_path: Path) -> None:
    words = ["the", "of", "café", "the"]
    content = b"4 5\n" + b"".join(
        word.encode() + b" " + row.astype("<f4").tobytes() + b"\n"
        for word, row in zip(words, X, strict=False)
    )
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    dataset = Word2Vec().load(str(path))
    np.testing.assert_array_equal(dataset.vectors, X[:4].astype(np.float32))
    assert dataset.texts == tuple(words)
    assert dataset.ids is None
    for damaged, message in [
        (content[:-10], "the file is too short for them|has no end"),
        (content.replace(b"4 5", b"9 5"), "says 9 words of 5 numbers; the file is too short"),
        (content.replace(b"the ", b"the_"), "word . of 4 has no end, or no vector after it"),
        (content.replace(b"4 5", b"0 5"), "says 0 words of 5 numbers; there is nothing to read"),
    ]:
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=message):
            Word2Vec().load(str(path))
    path.write_bytes(content)
    with pytest.raises(DataError, match="says 4 words of 5 numbers; dim=3 was given"):
        Word2Vec(dim=3).load(str(path))


def test_what_gensim_writes(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim is not installed")
    words = models.KeyedVectors(5)
    words.add_vectors(["a", "b", "ü"], X[:3].astype(np.float32))
    for name, binary in (("a.bin", True), ("a.vec", False)):
        words.save_word2vec_format(str(tmp_path / name), binary=binary)
        dataset = Word2Vec().load(str(tmp_path / name))
        np.testing.assert_allclose(dataset.vectors, X[:3], rtol=1e-6)
        assert dataset.ids == ("a", "b", "ü")
