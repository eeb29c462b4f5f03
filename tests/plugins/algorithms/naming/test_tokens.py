# ruff: noqa: RUF001 - letters of many scripts are meant
"""Words of texts in any script, and what is no word."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embkit_plugins.algorithms.naming.folding import fold, is_number, related, spelling
from embkit_plugins.algorithms.naming.function_words import function_words
from embkit_plugins.algorithms.naming.tokens import LONGEST, clean, tokenize


def phrases(*texts: str) -> list[str]:
    """The words of each text, with | for whatever ends a phrase."""
    tokens = tokenize(texts)
    found: list[list[str]] = [[] for _ in texts]
    for word, text in zip(tokens.ids.tolist(), tokens.texts.tolist(), strict=True):
        found[text].append(tokens.words[word] if word >= 0 else "|")
    return [" ".join(words).rstrip(" |") for words in found]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Brothers of Italy, and more.", "Brothers of Italy | and more"),
        ("the two-factor code's won't", "the two-factor code's won't"),
        ("snake_case stays apart", "snake case stays apart"),
        ("मैं हिंदी बोलता हूँ। नमस्ते॥", "मैं हिंदी बोलता हूँ | नमस्ते"),
        ("مرحبا، كيف الحال؟", "مرحبا | كيف الحال"),
        ("می\u200cخواهم بروم؛ خوب", "می\u200cخواهم بروم | خوب"),
        ("Καλημέρα· τι κάνεις;", "Καλημέρα | τι κάνεις"),
        ("我爱北京。", "我 爱 北 京"),
        ("東京タワーに行く", "東 京 タワー | 行"),
        ("ＡＢＣ ﾀﾜｰ", "ABC タワー"),
        (
            "\U0001da00\x01 \U00011103\U00011127\U0001112e!\x01",
            "\U0001da00 | \U00011103\U00011127\U0001112e",
        ),
        ("", ""),
        ("!!! ... ---", ""),
    ],
)
def test_words_of_every_script(text: str, words: str) -> None:
    assert phrases(text) == [words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<b>bold</b> &amp; <script>alert</script>", "bold | alert"),
        ("a <br/>line<!-- no\nmore -->", "a line"),
        ("3 < 4 and 5 > 2", "3 | 4 and 5 | 2"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07text \x9b1mbold", "red text bold"),
        (
            "see https://example.org/a?b=c or www.example.org, write to a.b@example.org now",
            "see or write to now",
        ),
        ("soft\u00adhyphen \u202eright-to-left\u202c", "softhyphen right-to-left"),
    ],
)
def test_markup_escapes_and_addresses_are_no_words(text: str, words: str) -> None:
    assert phrases(text)[0].replace(" | |", " |") == words


def test_texts_stay_apart() -> None:
    assert phrases("one", "", "two\x00three", "") == ["one", "", "two three", ""]
    assert phrases() == []


def test_only_the_first_page_of_a_long_text_is_read() -> None:
    assert phrases("a" * 10 + " " * LONGEST + "unread") == ["a" * 10]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_words_hold_no_control_character_whatever_the_text(texts: list[str]) -> None:
    tokens = tokenize(texts)
    assert len(tokens.ids) == len(tokens.texts) == len(tokens.opening)
    assert all(word.isprintable() or "\u200c" in word or "\u200d" in word for word in tokens.words)
    assert not any(set("<>&\x1b\x00 \n") & set(word) for word in tokens.words)
    assert tokens.ids.max(initial=-1) < len(tokens.words)
    assert tokens.texts.max(initial=0) < max(len(texts), 1)


def test_clean_leaves_plain_text_alone() -> None:
    assert clean("Plain text, 3 < 4; (really)") == "Plain text, 3 < 4; (really)"


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Time-Lapse", "timelapse"),
        ("code's", "code"),
        ("don't", "don"),
        ("l’eau", "eau"),
        ("Straße", "strasse"),
        ("می\u200cخواهم", "میخواهم"),
        ("كِتَاب", "كتاب"),
        ("O'Brien", "obrien"),
    ],
)
def test_spelling(word: str, plain: str) -> None:
    assert spelling(word) == plain


@pytest.mark.parametrize("word", ["1999", "3rd", "1992jul3", "١٢", "kaa23761"])
def test_numbers_and_dates(word: str) -> None:
    assert is_number(word)


@pytest.mark.parametrize("word", ["mp3", "2fa", "b2b", "word"])
def test_words_with_digits(word: str) -> None:
    assert not is_number(word)


def test_inflections_fold_only_where_the_base_occurs() -> None:
    words = "print prints printed printing try tried setting set boxes box news new planes plan glass glasses"
    folded = fold(dict.fromkeys(words.split(), 1))
    assert {folded[word] for word in ("print", "prints", "printed", "printing")} == {"print"}
    assert (folded["tried"], folded["setting"], folded["boxes"], folded["glasses"]) == (
        "try",
        "set",
        "box",
        "glass",
    )
    assert (folded["news"], folded["planes"]) == ("news", "planes")
    assert fold({"making": 2, "make": 1, "mak": 0})["making"] == "make"
    assert fold({"bring": 1, "br": 1, "charging": 1}) == {
        "bring": "bring",
        "br": "br",
        "charging": "charging",
    }


@pytest.mark.parametrize("pair", [("print", "printer"), ("cancel", "cancellation"), ("same", "same")])
def test_families(pair: tuple[str, str]) -> None:
    assert related(*pair)
    assert related(*pair[::-1])


@pytest.mark.parametrize("pair", [("card", "care"), ("water", "watch"), ("on", "onto"), ("tea", "team")])
def test_no_families(pair: tuple[str, str]) -> None:
    assert not related(*pair)


def test_function_words_of_the_languages_of_the_texts_only() -> None:
    english = {"the": 60, "of": 40, "house": 50, "die": 9, "war": 5}
    assert {"the", "of"} <= function_words(english)
    assert not {"die", "war"} & function_words(english)
    german = {"die": 30, "und": 20, "haus": 60, "war": 10}
    assert {"die", "und", "war"} <= function_words(german)
    assert "haus" not in function_words(german)
    unknown = {"ni": 500, "ya": 300, **{f"neno{i}": 10 for i in range(300)}}
    assert {"ni", "ya"} <= function_words(unknown)
    assert "neno1" not in function_words(unknown)


def test_a_control_character_belongs_to_no_word_after_any_mark() -> None:
    marks = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code))[0] == "M"]
    assert not any("\x01" in word for word in tokenize([f"{mark}\x01" for mark in marks]).words)
