"""The names that parts of the score choose."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from _names_data import Named

from embkit import Groups
from embkit.data.names import groups_of_labels
from embkit_plugins.algorithms.naming.candidates import find_terms
from embkit_plugins.algorithms.naming.chance import log_tail
from embkit_plugins.algorithms.naming.choosing import Chooser
from embkit_plugins.algorithms.naming.evidence import gather
from embkit_plugins.algorithms.naming.scoring import score
from embkit_plugins.algorithms.naming.shortlist import shortlist
from embkit_plugins.algorithms.naming.tokens import tokenize

Lists = list[list[str]]


def variants(named: Named) -> Iterator[tuple[str, Lists]]:
    """c-TF-IDF, lexical, with vectors, siblings, both; on the same terms, chosen the same way."""
    n_labels = len(named.names)
    terms = find_terms(tokenize(named.texts))
    flat, nested = groups_of_labels(named.dataset, named.labels), _beneath(named)
    for siblings, groups in ((False, flat), (True, nested)):
        evidence = gather(terms, named.vectors, groups, normalize=True)
        of, term, counts = shortlist(evidence, groups.parents)
        scores = score(evidence, of, term)
        starts, stops = evidence.around
        around, whole = evidence.count(term, starts[of], stops[of]), evidence.totals(term)
        sizes, parent = evidence.sizes[of], (stops - starts)[of]
        lexical = -_tails(counts, sizes, around, parent)
        ctfidf = counts / sizes * np.log1p(terms.frequencies.sum() / n_labels / whole)
        chooser = Chooser(terms, 5)

        def chosen(
            merits: Any, chooser: Any = chooser, scores: Any = scores, groups: Any = groups
        ) -> Lists:
            picked = chooser.choose(
                dataclasses.replace(
                    scores, titles=np.maximum(merits[0], 0), details=np.maximum(merits[1], 0)
                ),
                np.full(len(groups), -1),
                groups.sizes,
            )
            return [[terms.surface(one) for one in of_label] for of_label in picked[:n_labels]]

        if siblings:
            yield "lexical, against siblings", chosen((lexical, lexical))
            yield "lexical and vectors, against siblings", chosen((scores.titles, scores.details))
        else:
            yield "c-TF-IDF, on embkit's terms", chosen((ctfidf, ctfidf))
            yield "lexical (hypergeometric p)", chosen((lexical, lexical))
            yield "vectors (cosine) alone", chosen((scores.fits, scores.fits))
            yield "lexical and vectors (what is used)", chosen((scores.titles, scores.details))


def _tails(counts: Any, sizes: Any, frequencies: Any, n_rows: Any) -> Any:
    tails = np.zeros(len(counts))
    for n in np.unique(n_rows):
        now = n_rows == n
        tails[now] = log_tail(counts[now], sizes[now], frequencies[now], int(n))
    return tails


def _beneath(named: Named) -> Groups:
    """The labels as groups beneath their parents, which come last."""
    of_row = named.parents[named.labels]
    order = np.lexsort((named.labels, of_row))
    n_labels, n_parents = len(named.names), int(named.parents.max()) + 1
    ranges = []
    for values, count in ((named.labels[order], n_labels), (of_row[order], n_parents)):
        ranges += [
            (int(np.flatnonzero(values == one)[0]), int((values == one).sum())) for one in range(count)
        ]
    starts, lengths = np.array(ranges).T
    above = np.concatenate([n_labels + named.parents, np.full(n_parents, -1)])
    return Groups(order, starts, starts + lengths, above, named.dataset)
