"""Figures of names against counting by hand, and the parts of the score."""

from collections.abc import Iterable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from embkit import Dataset, Groups
from embkit_plugins.algorithms.naming.candidates import Terms, find_terms
from embkit_plugins.algorithms.naming.choosing import Chooser
from embkit_plugins.algorithms.naming.evidence import Evidence, gather
from embkit_plugins.algorithms.naming.quality import areas, hits, jaccard
from embkit_plugins.algorithms.naming.scoring import Scores, score, significance
from embkit_plugins.algorithms.naming.titles import Titles, excerpt
from embkit_plugins.algorithms.naming.tokens import tokenize


def rows(n: int) -> Dataset:
    """A dataset of so many rows, of which only the number matters."""
    return Dataset(np.ones((max(n, 1), 1), dtype=np.float32))


VOCABULARY = ["amber", "birch", "cedar", "dune", "ember", "frost", "grove", "heath"]


Scene = tuple[list[str], Groups, Terms, Evidence, Scores]


@pytest.fixture
def scene() -> Scene:
    """Nested groups over 60 rows of random words."""
    rng = np.random.default_rng(4)
    texts = [" ".join(rng.choice(VOCABULARY, size=3)) for _ in range(60)]
    groups = Groups(
        rng.permutation(60)[:50],
        np.array([0, 0, 20, 20]),
        np.array([20, 8, 50, 35]),
        np.array([-1, 0, -1, 2]),
        rows(60),
    )
    terms = find_terms(tokenize(texts))
    evidence = gather(terms, rng.normal(size=(60, 5)), groups, normalize=True)
    pairs = np.array([(g, t) for g in range(4) for t in range(len(terms))]).T
    return texts, groups, terms, evidence, score(evidence, *pairs)


def holders(terms: Terms, chosen: Iterable[int]) -> set[int]:
    return {row for t in chosen for row in terms.texts[terms.starts[t] : terms.starts[t + 1]].tolist()}


def test_hits_are_rows_with_any_of_the_terms(scene: Scene) -> None:
    _, groups, terms, evidence, _ = scene
    chosen = [(0, 1), (2,), (), (1, 3, 4)]
    inside, around = hits(evidence, chosen)
    for group, some in enumerate(chosen):
        holding = holders(terms, some) if some else set()
        parent = groups.parents[group]
        family = set(range(60)) if parent < 0 else set(groups.rows(parent).tolist())
        assert inside[group] == len(holding & set(groups.rows(group).tolist()))
        assert around[group] == len(holding & family)


def test_areas_are_those_of_scikit_learn(scene: Scene) -> None:
    _, groups, _, evidence, scores = scene
    chosen = [(0, 1), (2,), (), (1, 3, 4)]
    found = areas(evidence, scores, chosen)
    assert np.isnan(found[2])
    for group, some in enumerate(chosen):
        if some:
            name = scores.vectors[np.searchsorted(scores.known, some)].sum(axis=0)
            unit = evidence.vectors / np.linalg.norm(evidence.vectors, axis=1, keepdims=True)
            starts, stops = evidence.around
            family = np.arange(starts[group], stops[group])
            member = (family >= groups.starts[group]) & (family < groups.stops[group])
            assert found[group] == pytest.approx(roc_auc_score(member, unit[family] @ name), abs=2e-3)


def test_a_terms_vector_is_the_mean_of_its_rows(scene: Scene) -> None:
    _, groups, terms, evidence, scores = scene
    order = np.concatenate([groups.order, np.setdiff1d(np.arange(60), groups.order)])
    for term in range(len(terms)):
        rows = np.isin(order, terms.texts[terms.starts[term] : terms.starts[term + 1]])
        mean = evidence.vectors[rows].mean(axis=0)
        np.testing.assert_allclose(scores.vectors[term], mean / np.linalg.norm(mean), atol=1e-5)


def test_fit_is_the_cosine_to_the_way_from_parent_and_whole(scene: Scene) -> None:
    _, groups, _, evidence, scores = scene
    centres = [
        evidence.vectors[a:b].mean(axis=0) for a, b in zip(groups.starts, groups.stops, strict=True)
    ]
    for pair in range(0, len(scores.groups), 3):
        group = scores.groups[pair]
        above = centres[groups.parents[group]] if groups.parents[group] >= 0 else 0
        way = centres[group] + (centres[group] - above)
        cosine = scores.vectors[scores.terms[pair]] @ way / np.linalg.norm(way)
        assert scores.fits[pair] == pytest.approx(cosine, abs=1e-5)


def test_unfit_terms_are_worth_nothing(scene: Scene) -> None:
    _, _, _, evidence, scores = scene
    rates = scores.counts / evidence.sizes[scores.groups]
    unfit = (scores.fits < 0.25) | (rates < 0.03)
    assert unfit.any()
    assert (scores.titles[unfit] == 0).all()
    assert (scores.details[unfit] == 0).all()
    assert ((scores.titles >= 0) & (scores.titles <= 1)).all()


def test_p_values_grow_with_the_number_of_groups() -> None:
    texts = ["red wine"] * 8 + [f"dull {word}" for word in VOCABULARY] * 8
    terms = find_terms(tokenize(texts))
    found = []
    for n_groups in (1, 6):
        starts = np.concatenate([[0], 8 + 8 * np.arange(n_groups - 1)])
        groups = Groups(
            np.arange(len(texts)), starts, starts + 8, np.full(n_groups, -1), rows(len(texts))
        )
        evidence = gather(terms, np.ones((len(texts), 2)), groups, normalize=True)
        wine = np.array([[terms.surface(t) for t in range(len(terms))].index("red wine")])
        group = np.array([0])
        p = significance(evidence, group, wine, evidence.counts(group, wine), terms.frequencies, 0.05)
        found.append(p[0])
    assert found[1] == pytest.approx(6 * found[0])
    assert found[1] < 1e-6


def test_no_two_terms_of_a_name_are_of_one_family(scene: Scene) -> None:
    _, groups, _, _, _ = scene
    texts = ["print printing printer ink", "print prints printer ink", "printer ink print"] * 4 + [
        "paper"
    ] * 12
    order = np.arange(24)
    groups = Groups(order, np.array([0, 12]), np.array([12, 24]), np.array([-1, -1]), rows(24))
    terms = find_terms(tokenize(texts))
    vectors = np.eye(2, 3)[np.repeat([0, 1], 12)] + np.random.default_rng(0).normal(
        scale=0.1, size=(24, 3)
    )
    evidence = gather(terms, vectors, groups, normalize=True)
    pairs = np.array([(0, t) for t in range(len(terms))]).T
    (chosen, _) = Chooser(terms, 3).choose(score(evidence, *pairs), groups.parents, groups.sizes)
    words = [terms.surface(term).split() for term in chosen]
    assert len(words) >= 1
    assert sum(any(word.startswith("print") for word in term) for term in words) == 1


def test_jaccard() -> None:
    assert jaccard([1, 2], [2, 3]) == pytest.approx(1 / 3)
    assert jaccard([], []) == 0.0


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("one\n\n two\tthree", "one two three"),
        ("<b>bold</b>\x1b[31m red\x00\x07", "bold red"),
        ("word " * 30, "word word word word word word word word word word word…"),
        ("x" * 100, "x" * 59 + "…"),
        ("", ""),
    ],
)
def test_excerpt(text: str, short: str) -> None:
    assert excerpt(text) == short
    assert len(excerpt(text)) <= 60


def test_titles_differ_from_parent_and_siblings() -> None:
    groups = Groups(
        np.arange(9), np.array([0, 0, 3, 6]), np.array([9, 3, 6, 9]), np.array([-1, 0, 0, 0]), rows(9)
    )
    titles = Titles(["same text"] * 9, ["Oak", "oak", "elm"].__getitem__, groups)
    assert titles.write(0, (0,), (0,)) == ("Oak", (0,))
    assert titles.write(1, (1, 2), (0,)) == ("elm", (2, 1))
    assert titles.write(2, (2,), (3,)) == ("elm (3 rows)", (2,))
    assert titles.write(3, (2,), (6,)) == ("elm (3 rows; 2)", (2,))
    fresh = Titles(["same text"] * 9, str, groups)
    assert fresh.write(0, (), (0, 1))[0] == "same text"
    assert fresh.write(1, (), (0, 1))[0] == "same text (3 rows)"
