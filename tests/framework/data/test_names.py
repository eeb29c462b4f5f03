"""Names of clusters, as one meets them at a prompt."""

import embkit


def test_names_show_how_many_they_are_and_the_first_titles() -> None:
    names = embkit.Names(tuple(embkit.Name(title) for title in "abcdefg"), namer="words")
    assert repr(names) == "Names(7 by words: 'a', 'b', 'c', 'd', 'e', ...)"
    assert repr(embkit.Names((embkit.Name("it's"),))) == 'Names(1 by unnamed: "it\'s")'
