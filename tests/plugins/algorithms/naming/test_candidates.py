"""Which phrases may name a group."""

import numpy as np

from embkit_plugins.algorithms.naming.candidates import find_terms
from embkit_plugins.algorithms.naming.tokens import tokenize


def terms(*texts: str) -> dict[str, list[int]]:
    """Each term as it is written, with the texts that hold it."""
    found = find_terms(tokenize(texts))
    return {
        found.surface(term): found.texts[found.starts[term] : found.starts[term + 1]].tolist()
        for term in range(len(found))
    }


def test_function_words_stand_inside_a_phrase_only() -> None:
    found = terms("I saw the Brothers of Italy", "we met the Brothers of Italy twice")
    assert found == {"Brothers of Italy": [0, 1]}


def test_a_passing_encounter_around_a_function_word_is_no_phrase() -> None:
    found = terms("fit the model", "fit the model", *["fit a line", "one model"] * 3)
    assert "fit the model" not in found
    assert found["fit"] == [0, 1, 2, 4, 6]


def test_a_word_with_texts_of_its_own_stays_beside_its_phrase() -> None:
    found = terms("red wine", "red wine", "white wine")
    assert found == {"red wine": [0, 1], "wine": [0, 1, 2]}


def test_variants_count_together_and_the_commonest_is_shown() -> None:
    found = terms("Printing fails", "the printing stopped", "it prints badly", "print it, printing")
    assert found == {"printing": [0, 1, 2, 3]}


def test_a_capital_counts_inside_a_sentence_only() -> None:
    assert list(terms("Refund me", "Refund now", "my refund")) == ["refund"]
    assert list(terms("to Italy", "in Italy", "Italy")) == ["Italy"]


def test_numbers_are_terms_but_end_no_phrase() -> None:
    found = find_terms(tokenize(["room 101 flooded", "room 101 burnt"]))
    assert {found.surface(term): bool(found.numeric[term]) for term in range(len(found))} == {
        "room": False,
        "101": True,
    }


def test_document_frequencies_not_tokens() -> None:
    assert terms("leak leak leak leak", "leak", "pump", "no") == {"leak": [0, 1]}


def test_punctuation_ends_a_phrase() -> None:
    assert terms("red, wine", "red, wine") == {"red": [0, 1], "wine": [0, 1]}


def test_characters_of_unspaced_scripts_join() -> None:
    assert list(terms("我爱北京", "他在北京住")) == ["北京"]
    assert list(terms("東京タワーへ", "タワーと東京")) == ["タワー", "東京"]


def test_words_of_a_single_letter_are_no_terms() -> None:
    assert terms("x y", "x y") == {}


def test_nothing_from_nothing() -> None:
    for texts in ([], [""], ["", ""], ["alone here"], ["?!"]):
        found = find_terms(tokenize(texts))
        assert len(found) == 0
        assert found.parts.shape == (0, 4)


def test_counts_agree_with_a_search_of_the_texts() -> None:
    rng = np.random.default_rng(0)
    words = np.array(["amber", "birch", "cedar", "dune", "ember", "frost"])
    texts = [" ".join(rng.choice(words, size=rng.integers(1, 7))) for _ in range(40)]
    found = terms(*texts)
    for term, rows in found.items():
        assert rows == [row for row, text in enumerate(texts) if f" {term} " in f" {text} "]
        assert len(rows) >= 2
    # Every word that is left out is always inside one longer term.
    for word in words:
        assert word in found or any(word in term.split() for term in found)


def test_a_tie_inside_sentences_goes_to_the_form_that_is_commoner_in_all() -> None:
    found = find_terms(tokenize(["of new worlds", "the new world", "new world one", "new world two"]))
    assert "new world" in [found.surface(term) for term in range(len(found))]
