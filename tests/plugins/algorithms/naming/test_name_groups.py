# ruff: noqa: RUF001 - letters of many scripts are meant
"""Names from end to end, on small made-up texts whose names are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from embkit import Dataset, Groups
from embkit.data.names import Names, groups_of_labels
from embkit_plugins.algorithms.naming import name_groups, node_groups
from narrowing import number


def rows(n: int) -> Dataset:
    """A dataset of so many rows, of which only the number matters."""
    return Dataset(np.ones((max(n, 1), 1), dtype=np.float32))


FRUIT = ["a ripe apple", "the apple pie", "green apple juice", "one apple a day"]
BOATS = ["the sailing boat", "a boat sails on", "their old boat sank", "our boat race"]
STARS = ["a bright star", "the star shines", "star maps of old", "each star burns"]
FILLER = ["grey {} stones", "small {} hills", "loud {} birds", "cold {} rain"]


def made(seed: int = 0, copies: int = 3) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Three subjects of 12 rows, with vectors around three axes."""
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    numbers: list[int] = []
    for label, subject in enumerate((FRUIT, BOATS, STARS)):
        for copy in range(copies):
            filler = FILLER[copy % len(FILLER)].format(rng.choice(["low", "high", "far"]))
            texts += [f"{text} {filler}" for text in subject]
            numbers += [label] * len(subject)
    labels = np.array(numbers)
    vectors = np.eye(3, 8)[labels] + rng.normal(scale=0.15, size=(len(texts), 8))
    return texts, vectors.astype(np.float32), labels


def named(texts: Sequence[str], vectors: np.ndarray, labels: np.ndarray, **options: Any) -> Names:
    return name_groups(texts, vectors, groups_of_labels(rows(len(labels)), labels), seed=0, **options)


def test_each_group_has_its_word() -> None:
    texts, vectors, labels = made()
    names = named(texts, vectors, labels).names
    assert [name.title for name in names] == ["apple", "boat", "star"]
    for name in names:
        assert name.note == ""
        assert name.terms[0] == name.title
        assert number(name.p_value) < 1e-4
        assert number(name.fit) > 0.8
        assert name.precision == name.recall == 1.0
        assert name.auc == pytest.approx(1.0)
        assert number(name.stability) > 0.3
        assert len(set(name.rows)) == 3


def test_rows_are_the_medoid_and_different_texts() -> None:
    texts, vectors, labels = made()
    names = named(texts, vectors, labels).names
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for label, name in enumerate(names):
        rows = np.flatnonzero(labels == label)
        nearest = np.argmin(np.linalg.norm(unit[rows] - unit[rows].mean(axis=0), axis=1))
        assert name.rows[0] == rows[nearest]
        assert set(labels[list(name.rows)]) == {label}
        assert len({texts[row] for row in name.rows}) == len(name.rows)


def test_the_same_whatever_the_order_of_rows() -> None:
    texts, vectors, labels = made()
    shuffled = np.random.default_rng(1).permutation(len(texts))
    names = named(texts, vectors, labels).names
    again = named([texts[row] for row in shuffled], vectors[shuffled], labels[shuffled]).names
    assert [name.title for name in names] == [name.title for name in again]
    assert [name.p_value for name in names] == pytest.approx([name.p_value for name in again])
    assert named(texts, vectors, labels) == named(texts, vectors, labels)


def test_labels_at_random_have_no_words() -> None:
    texts, vectors, labels = made(copies=6)
    groups = silent = 0
    for seed in range(20):
        names = named(texts, vectors, np.random.default_rng(seed).permutation(labels))
        groups += len(names.names)
        silent += sum(name.note == "no word stands out" for name in names.names)
    assert silent >= 0.95 * groups


def test_where_nothing_stands_out_the_most_central_text_speaks() -> None:
    texts, vectors, _ = made()
    labels = np.arange(len(texts)) % 2
    names = named(texts, vectors, labels)
    for name in names.names:
        assert name.note == "no word stands out"
        assert name.terms == ()
        assert name.title == texts[name.rows[0]]
        assert number(name.p_value) > 0.05
        assert name.fit is name.precision is name.recall is name.auc is name.stability is None
    assert names.notes == ("no word stands out in 2 of 2 groups",)


def test_the_parts_of_a_group_have_names_of_their_own() -> None:
    """A parent's name is what its parts share, a part's what sets it apart."""
    texts = [
        f"{kind}, here in the garden: {word}"
        for kind in ("rose", "tulip")
        for word in ("abc", "abd", "abe", "abf") * 3
    ]
    texts += [
        f"{kind}, part of an engine: {word}"
        for kind in ("valve", "piston")
        for word in ("abc", "abd", "abe", "abf") * 3
    ]
    kinds = np.repeat(np.arange(4), 12)
    corners = np.array([[1, 0.3, 0], [1, -0.3, 0], [-1, 0, 0.3], [-1, 0, -0.3]])
    vectors = corners[kinds] + np.random.default_rng(0).normal(scale=0.02, size=(48, 3))
    groups, _ = node_groups(rows(len(vectors)), linkage(vectors, "average"), min_size=12)
    names = name_groups(texts, vectors, groups, seed=0).names
    titles: dict[int, list[str]] = {int(groups.sizes[group]): [] for group in range(len(groups))}
    for group, name in enumerate(names):
        titles[int(groups.sizes[group])].append(name.title)
    assert sorted(titles[24]) == ["engine", "garden"]
    assert sorted(titles[12]) == ["piston", "rose", "tulip", "valve"]
    assert names[0].note == "no word stands out"  # nothing is beside the whole


@pytest.mark.parametrize("method", ["single", "complete"])
def test_no_node_is_named_as_its_parent(method: str) -> None:
    rng = np.random.default_rng(2)
    texts, vectors, _ = made(copies=8)
    texts = [*texts, *["same text"] * 10, *[""] * 10]
    vectors = np.concatenate([vectors, rng.normal(scale=0.5, size=(20, 8))])
    groups, _ = node_groups(rows(len(vectors)), linkage(vectors, method), min_size=2)
    names = name_groups(texts, vectors, groups, seed=0).names
    for group, parent in enumerate(groups.parents):
        if parent >= 0:
            assert names[group].title.casefold() != names[parent].title.casefold()
    siblings: dict[int, list[str]] = {}
    for group, parent in enumerate(groups.parents):
        siblings.setdefault(int(parent), []).append(names[group].title.casefold())
    assert all(len(set(titles)) == len(titles) for titles in siblings.values())


SCRIPTS = {
    "हिंदी": (
        ["ताज़ा सेब का रस", "लाल सेब है।", "सेब और केला"],
        ["नई नाव में लोग", "नाव डूब गई।", "पुरानी नाव का पाल"],
        {"सेब", "नाव"},
    ),
    "العربية": (
        ["التفاح الأحمر، طازج", "عصير التفاح", "التفاح والموز"],
        ["القارب الجديد", "غرق القارب؟", "القارب في البحر"],
        {"التفاح", "القارب"},
    ),
    "Ελληνικά": (
        ["κόκκινο μήλο", "το μήλο είναι γλυκό·", "μήλο και αχλάδι"],
        ["η βάρκα βυθίστηκε;", "μια βάρκα", "παλιά βάρκα"],
        {"μήλο", "βάρκα"},
    ),
    "中文": (
        ["红色的苹果很甜", "我吃了苹果。", "苹果和香蕉"],
        ["小船在海上", "他买了小船", "小船沉了。"],
        {"苹果", "小船"},
    ),
    "日本語": (
        ["赤い林檎です", "林檎を食べた。", "林檎とバナナ"],
        ["ヨットが沈んだ", "新しいヨット", "ヨットで海へ"],
        {"林檎", "ヨット"},
    ),
    "فارسی": (
        ["سیب\u200cهای قرمز و سیب سبز", "آب سیب", "سیب و موز"],
        ["قایق نو", "قایق غرق شد؛", "قایق در دریا"],
        {"سیب", "قایق"},
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script(script: str) -> None:
    first, second, titles = SCRIPTS[script]
    texts = first * 4 + second * 4
    labels = np.repeat([0, 1], 12)
    vectors = np.eye(2, 4)[labels] + np.random.default_rng(0).normal(scale=0.1, size=(24, 4))
    assert {name.title for name in named(texts, vectors, labels).names} == titles


def test_markup_and_escapes_never_come_out() -> None:
    nasty = [
        '<script>alert("x")</script> apple',
        "\x1b[31mapple\x1b[0m\x07",
        "=apple\x00 & <b>",
        "apple\u202e\x9b1m",
    ]
    texts = nasty * 5 + ["\x1b[2J<img src=x onerror=y>\x07\x00"] * 20
    labels = np.repeat([0, 1], 20)
    vectors = np.eye(2, 4)[labels] + np.random.default_rng(0).normal(scale=0.1, size=(40, 4))
    names = named(texts, vectors, labels).names
    assert names[0].title == "apple"
    assert names[1].title == "no word stands out"
    for name in names:
        assert all(text.isprintable() for text in (name.title, *name.terms))


def test_a_text_of_100_kilobytes() -> None:
    texts, vectors, labels = made()
    texts[0] += " word" * 20_000
    names = named(texts, vectors, labels)
    assert [name.title for name in names.names] == ["apple", "boat", "star"]
    assert names.notes == ("1 text is longer than 4,000 characters; its rest was not read",)


@pytest.mark.parametrize("texts", [[], [""] * 36])
def test_no_texts(texts: list[str]) -> None:
    _, vectors, labels = made()
    names = named(texts, vectors, labels)
    assert names.notes == ("the rows have no texts, so the groups have no names",)
    assert {name.note for name in names.names} == {"no word stands out"}
    assert len({name.title for name in names.names}) == 3


def test_some_empty_texts() -> None:
    texts, vectors, labels = made()
    names = named([text if row % 4 else "" for row, text in enumerate(texts)], vectors, labels).names
    assert [name.title for name in names] == ["apple", "boat", "star"]


def test_one_cluster_has_nothing_to_stand_out_from() -> None:
    texts, vectors, _ = made()
    (name,) = named(texts, vectors, np.zeros(len(texts), dtype=int)).names
    assert name.note == "no word stands out"
    assert name.p_value == 1.0


def test_a_cluster_beside_noise() -> None:
    texts, vectors, labels = made()
    (name,) = named(texts, vectors, np.where(labels == 1, 0, -1)).names
    assert name.title == "boat"
    assert set(labels[list(name.rows)]) == {1}


def test_all_noise() -> None:
    texts, vectors, _ = made()
    names = named(texts, vectors, np.full(len(texts), -1))
    assert names.names == ()
    assert names.notes == ()


def test_a_group_of_one_row() -> None:
    texts, vectors, _ = made()
    groups = Groups(
        np.arange(len(texts)), np.array([0]), np.array([1]), np.array([-1]), rows(len(texts))
    )
    (single,) = name_groups(texts, vectors, groups, seed=0).names
    assert (single.title, single.rows) == (texts[0], (0,))


def test_numbers_name_a_group_only_where_there_is_nothing_else() -> None:
    texts = [f"{year} {word}" for year, word in [("1999", ""), ("2001", "oak")] for _ in range(12)]
    labels = np.repeat([0, 1], 12)
    vectors = np.eye(2, 4)[labels] + np.random.default_rng(0).normal(scale=0.1, size=(24, 4))
    first, second = named(texts, vectors, labels).names
    assert (first.title, second.title) == ("1999", "oak")


def test_a_number_names_a_part_of_a_named_group() -> None:
    texts = [f"garden, {year}" for year in ("1999", "2001") for _ in range(12)] + ["engine"] * 12
    kinds = np.repeat(np.arange(3), 12)
    vectors = np.array([[1, 0.3], [1, -0.3], [-1, 0]])[kinds]
    vectors = vectors + np.random.default_rng(0).normal(scale=0.02, size=(36, 2))
    groups, _ = node_groups(rows(len(vectors)), linkage(vectors, "average"), min_size=12)
    titles = [name.title for name in name_groups(texts, vectors, groups, seed=0).names]
    assert sorted(titles[1:]) == ["1999", "2001", "engine", "garden"]


def test_vectors_of_length_zero_and_equal_vectors() -> None:
    texts, vectors, labels = made()
    for constant in (np.zeros_like(vectors), np.ones_like(vectors)):
        names = named(texts, constant, labels).names
        assert {name.note for name in names} == {"no word stands out"}


def test_euclidean_vectors_far_from_the_origin() -> None:
    texts, vectors, labels = made()
    names = named(texts, vectors + 100, labels, metric="euclidean").names
    assert [name.title for name in names] == ["apple", "boat", "star"]


def test_an_alpha_of_one_names_whatever_has_a_term() -> None:
    texts, vectors, labels = made(copies=1)
    assert {name.note for name in named(texts, vectors, labels, alpha=1e-9).names} == {
        "no word stands out"
    }
    names = named(texts, vectors, labels, alpha=1.0).names
    assert [name.title for name in names] == ["apple", "boat", "star"]


def test_n_terms() -> None:
    texts, vectors, labels = made()
    assert all(len(name.terms) == 1 for name in named(texts, vectors, labels, n_terms=1).names)


def test_names_that_are_not_judged_are_the_same_but_for_the_measures() -> None:
    judged, plain = (named(*made(), judged=choice) for choice in (True, False))
    assert plain.titles == judged.titles
    for name, other in zip(plain.names, judged.names, strict=True):
        assert (name.terms, name.rows, name.fit) == (other.terms, other.rows, other.fit)
        assert (name.precision, name.recall, name.auc, name.stability) == (None,) * 4
        assert other.precision is not None
