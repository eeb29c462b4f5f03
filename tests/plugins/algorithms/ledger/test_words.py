import numpy as np
import pytest

from embkit_plugins.algorithms.ledger.words import contrast, count_words, keywords, shared, tokenize


def test_tokens_are_lower_case_words_without_numbers_and_function_words() -> None:
    assert tokenize("The dog's 404 errors: a 2FA login, don't!") == ["dog", "errors", "2fa", "login"]


def test_tokens_of_other_scripts_keep_their_marks() -> None:
    assert tokenize("हिन्दी München 日本語。東京") == ["हिन्दी", "münchen", "日本語", "東京"]


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert len(tokenize("word " * 10_000)) == 800


def test_keywords_follow_the_formula() -> None:
    words = count_words(["apple apple pear", "pear plum", "plum plum plum pear"])
    labels = np.array([0, 0, 1])
    # A = 9 / 2; apple: 2/5 log(1 + 4.5/2), pear: 2/5 log(1 + 4.5/3), plum: 1/5 log(1 + 4.5/4)
    assert keywords(words, labels) == [("apple", "pear", "plum"), ("plum", "pear")]
    by_hand = {"apple": 0.4 * np.log1p(2.25), "pear": 0.4 * np.log1p(1.5), "plum": 0.2 * np.log1p(1.125)}
    assert tuple(sorted(by_hand, key=by_hand.__getitem__, reverse=True)) == ("apple", "pear", "plum")


def test_noise_is_in_no_group_and_ties_are_alphabetical() -> None:
    words = count_words(["zebra ant", "moth", "moth"])
    assert keywords(words, np.array([0, -1, 1])) == [("ant", "zebra"), ("moth",)]


def test_contrast_leaves_out_what_the_parts_share() -> None:
    words = count_words(["oak tree", "pine tree", "red car", "blue car"])
    found = contrast(words, np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1]), n_groups=4)
    assert found == [("oak",), ("pine",), ("red",), ("blue",)]


def test_shared_words_are_in_most_parts() -> None:
    words = count_words(["oak tree", "pine tree", "elm tree", "red car", "blue bike"])
    found = shared(words, np.arange(5), np.array([0, 0, 0, 1, 1]), n_groups=5)
    assert found == [("tree",), ()]


@pytest.mark.parametrize("texts", [[], ["", ""], ["42", "the"]])
def test_texts_without_words_give_no_keywords(texts: list[str]) -> None:
    labels = np.arange(len(texts))
    words = count_words(texts)
    assert keywords(words, labels) == [()] * len(texts)
    assert contrast(words, labels, np.zeros(len(texts), int), n_groups=2) == [()] * len(texts)
    assert shared(words, labels, np.zeros(len(texts), int), n_groups=2) == [()] * bool(texts)
