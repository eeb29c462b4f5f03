"""Name groups by the words that set them apart."""

from typing import Annotated

import numpy as np
from annotated_types import Ge

from embkit import Context, Groups, Name, Names
from embkit.text import printable

__all__ = ["Words"]


class Words:
    """Name each group by its words of the highest class-based TF-IDF.

    See `embkit_plugins.algorithms.ledger.words` for the formula and its source.

    Parameters
    ----------
    n_words : int
        How many words to take.
    """

    def __init__(self, *, n_words: Annotated[int, Ge(1)] = 3) -> None:
        self.n_words = n_words

    def name(self, groups: Groups, context: Context) -> Names:  # noqa: ARG002
        """Return one name a group; none of them has a title if the rows have no texts."""
        from embkit_plugins.algorithms.ledger.words import count_words, keywords

        texts = groups.dataset.texts
        words = None if texts is None else count_words(texts)
        names = []
        for group in range(len(groups)):
            rows = groups.rows(group)
            vectors = groups.dataset.vectors[rows].astype(np.float64)
            central = int(rows[np.square(vectors - vectors.mean(axis=0)).sum(axis=1).argmin()])
            terms: tuple[str, ...] = ()
            if words is not None:
                labels = np.ones(groups.dataset.n_samples, dtype=np.int64)
                labels[rows] = 0
                terms = tuple(printable(term) for term in keywords(words, labels, self.n_words)[0])
            names.append(Name(", ".join(terms), terms, (central,)))
        return Names(tuple(names))
