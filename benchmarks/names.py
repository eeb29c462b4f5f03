"""Names of groups beside the names that people gave them.

    python benchmarks/names.py                    all of it, some minutes
    python benchmarks/names.py --only match       one of match, ablation, chance, quality, read, time

Peers are measured on the same texts and labels where they are installed; their
formulas need none of their dependencies: ``pip install --no-deps bertopic turftopic``.
What came out, and what it means, is in ``names.md`` beside this file.
"""

import argparse
import dataclasses
import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _names_data import Named, docstrings, glosses, matches, packages, sample

from embkit_plugins.algorithms.naming import Groups, cluster_groups, name_groups, node_groups
from embkit_plugins.algorithms.naming.candidates import find_terms
from embkit_plugins.algorithms.naming.chance import log_tail
from embkit_plugins.algorithms.naming.choosing import Chooser
from embkit_plugins.algorithms.naming.evidence import gather
from embkit_plugins.algorithms.naming.scoring import score
from embkit_plugins.algorithms.naming.shortlist import shortlist
from embkit_plugins.algorithms.naming.tokens import tokenize

Lists = list[list[str]]


def rates(named: Named, terms: Lists, *, synonyms: bool) -> tuple[float, float]:
    """match@1 and match@5 over the labels that have a name."""
    hits = [
        [matches(named, label, term, synonyms=synonyms) for term in terms[label][:5]]
        for label in named.counted
    ]
    return float(np.mean([any(hit[:1]) for hit in hits])), float(np.mean([any(hit) for hit in hits]))


def report(named: Named, who: str, terms: Lists) -> None:
    own, more = (rates(named, terms, synonyms=flag) for flag in (False, True))
    print(
        f"{named.title:12} {who:44} {own[0]:8.2f} {own[1]:8.2f} {more[0]:10.2f} {more[1]:8.2f}",
        flush=True,
    )


def heading(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}")


# 1. Beside other tools


def embkit_terms(named: Named, alpha: float = 1.0) -> Lists:
    """Five terms a label; an alpha of 1 shows the ranking, the default what is shown to a user."""
    groups = cluster_groups(named.labels)
    names = name_groups(named.texts, named.vectors, groups, seed=0, n_terms=5, alpha=alpha).names
    return [list(name.terms) for name in names]


def peers(named: Named) -> Iterator[tuple[str, Lists]]:
    """The best words by BERTopic's and turftopic's formulas, of their default vectorizers."""
    from sklearn.feature_extraction.text import CountVectorizer

    members = np.eye(len(named.names))[named.labels]
    bertopic, turftopic = (
        _load("bertopic", "vectorizers/_ctfidf.py"),
        _load("turftopic", "feature_importance.py"),
    )
    for stop in (None, "english"):
        said = ", English stop words left out" if stop else ""
        if bertopic:
            vectorizer = CountVectorizer(stop_words=stop)
            counts = vectorizer.fit_transform(named.texts)
            of_class = counts.T.dot(members).T
            weighted = (
                bertopic.ClassTfidfTransformer().fit(_sparse(of_class)).transform(_sparse(of_class))
            )
            yield f"BERTopic c-TF-IDF{said}", _best(weighted.toarray(), vectorizer)
        if turftopic:
            for least in (1, 10):
                vectorizer = CountVectorizer(stop_words=stop, min_df=least)
                counts = vectorizer.fit_transform(named.texts)
                for formula in ("soft_ctf_idf", "npmi", "fighting_words"):
                    weighted = np.asarray(getattr(turftopic, formula)(members, counts))
                    yield f"turftopic {formula} min_df={least}{said[:13]}", _best(weighted, vectorizer)


def _load(package: str, file: str) -> Any:
    """One file of an installed package, without what the package imports."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        print(f"{package} is not installed; run: pip install --no-deps {package}")
        return None
    path = Path(spec.origin).parent / file
    loader = importlib.util.spec_from_file_location(f"_{package}", path)
    module = importlib.util.module_from_spec(loader)  # type: ignore[arg-type]
    loader.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def _sparse(array: Any) -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix(array).astype(float)


def _best(weights: Any, vectorizer: Any) -> Lists:
    words = vectorizer.get_feature_names_out()
    return [list(words[np.argsort(-row, kind="stable")[:5]]) for row in np.nan_to_num(weights)]


def match(sets: list[Named]) -> None:
    heading("1. match@1 and match@5: the label's own words | and its description or synonyms")
    for named in sets:
        ranking, shown = embkit_terms(named), embkit_terms(named, alpha=0.05)
        report(named, "embkit", ranking)
        flat = [[word for term in terms for word in term.split()][:5] for terms in ranking]
        report(named, "embkit, words of its phrases counted singly", flat)
        with_name = [label for label in named.counted if shown[label]]
        right = np.mean([matches(named, label, shown[label][0], synonyms=True) for label in with_name])
        share = f"{len(with_name)} of {len(named.counted)}"
        print(f"{'':12} as shown: {share} have a name, {right:.0%} of these match")
        for who, terms in peers(named):
            report(named, who, terms)


# 2. What each part of the score does


def variants(named: Named) -> Iterator[tuple[str, Lists]]:
    """c-TF-IDF, lexical, with vectors, siblings, both; on the same terms, chosen the same way."""
    n_labels = len(named.names)
    terms = find_terms(tokenize(named.texts))
    flat, nested = cluster_groups(named.labels), _beneath(named)
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
    return Groups(order, starts, starts + lengths, above)


def ablation(sets: list[Named]) -> None:
    heading("2. Parts of the score, each on the same terms")
    for named in sets:
        for who, terms in variants(named):
            report(named, who, terms)


# 3. Chance


def chance(sets: list[Named], draws: int = 20) -> None:
    heading(f"3. Groups in which no word stands out, labels permuted {draws} times, and as they are")
    for named in sets:
        groups, silent = 0, 0
        for draw in range(draws):
            labels = np.random.default_rng(draw).permutation(named.labels)
            names = name_groups(named.texts, named.vectors, cluster_groups(labels), seed=draw).names
            groups += len(names)
            silent += sum(bool(name.note) for name in names)
        names = name_groups(named.texts, named.vectors, cluster_groups(named.labels), seed=0).names
        real = sum(bool(name.note) for name in names)
        print(
            f"{named.title:12} permuted {silent} of {groups} ({silent / groups:.1%}),"
            f" real {real} of {len(names)}"
        )
        tree, _ = node_groups(linkage(named), min_size=10)
        groups, silent = 0, 0
        for draw in range(5):
            rows = np.random.default_rng(draw).permutation(len(named.texts))
            shuffled = dataclasses.replace(tree, order=rows[tree.order])
            names = name_groups(named.texts, named.vectors, shuffled, seed=draw).names
            groups += len(names)
            silent += sum(bool(name.note) for name in names)
        names = name_groups(named.texts, named.vectors, tree, seed=0).names
        real = sum(bool(name.note) for name in names)
        print(f"{'':12} nodes: permuted {silent / groups:.1%} of {groups}, real {real} of {len(names)}")


_TREES: dict[str, Any] = {}


def linkage(named: Named) -> Any:
    """Complete linkage of cosine distances, computed once."""
    if named.title not in _TREES:
        import fastcluster
        from scipy.spatial.distance import pdist

        _TREES[named.title] = fastcluster.linkage(pdist(named.vectors, "cosine"), "complete")
    return _TREES[named.title]


# 4. Read them


def line(name: Any) -> str:
    figures = " ".join(
        f"{label} {value:.2f}"
        for label, value in (
            ("fit", name.fit),
            ("P", name.precision),
            ("R", name.recall),
            ("AUC", name.auc),
            ("stable", name.stability),
        )
        if value is not None
    )
    title = ", ".join((name.title, *name.terms[1:])) if name.terms else f"“{name.title}”"
    return f"{title}   [{figures}]"


def read(sets: list[Named]) -> None:
    from scipy.cluster.hierarchy import fcluster

    for named in sets:
        heading(f"4. {named.title}: 20 clusters of a cut (complete linkage), then 40 nodes of the tree")
        tree = linkage(named)
        labels = fcluster(tree, 60 if len(named.texts) > 1000 else 40, "maxclust") - 1
        largest = np.argsort(-np.bincount(labels), kind="stable")
        labels = np.argsort(largest)[labels]
        names = name_groups(named.texts, named.vectors, cluster_groups(labels), seed=0).names
        for number in range(20):
            members = named.labels[labels == number]
            share = np.bincount(members).max() / len(members)
            gold = named.names[int(np.bincount(members).argmax())]
            print(f"  {len(members):5} {line(names[number])}   <{gold} {share:.0%}>")
        groups, _ = node_groups(tree, min_size=12)
        names = name_groups(named.texts, named.vectors, groups, seed=0).names
        print()
        walk(groups, names, 40)


def walk(groups: Groups, names: Any, limit: int) -> None:
    """Nodes from the top, the larger part first, each beneath its parent."""
    waiting, shown = [(int(np.flatnonzero(groups.parents < 0)[0]), 0)], 0
    while waiting and shown < limit:
        group, depth = waiting.pop()
        print(f"  {'. ' * depth}{groups.sizes[group]} {line(names[group])}")
        shown += 1
        parts = np.flatnonzero(groups.parents == group)
        waiting += [
            (int(part), depth + 1) for part in parts[np.argsort(groups.sizes[parts], kind="stable")]
        ]


def quality(sets: list[Named]) -> None:
    heading("Held-out figures of the names of the labels: medians")
    for named in sets:
        names = name_groups(named.texts, named.vectors, cluster_groups(named.labels), seed=0).names
        figures = {
            key: np.median([getattr(name, key) for name in names if getattr(name, key) is not None])
            for key in ("precision", "recall", "auc", "stability")
        }
        print(f"{named.title:12}", *(f"{key} {value:.2f}" for key, value in figures.items()))


# 5. Time


def timed(what: str, named: Named, groups: Groups, repeats: int = 3) -> None:
    """Print the best wall time and processor time of some runs."""
    wall, processor = [], []
    for _ in range(repeats):
        started = time.perf_counter(), time.process_time()
        name_groups(named.texts, named.vectors, groups, seed=0)
        wall.append(time.perf_counter() - started[0])
        processor.append(time.process_time() - started[1])
    print(f"{named.title}, {len(groups)} {what:32} {min(wall):8.2f} {min(processor):8.2f}", flush=True)


def clock(small: Named, large: Named | None) -> None:
    from scipy.cluster.hierarchy import fcluster

    heading("5. Seconds, best of three: on the wall, of processors")
    timed("clusters", small, cluster_groups(fcluster(linkage(small), 60, "maxclust") - 1))
    for named in (small, large):
        if named is not None:
            timed("nodes of 10 rows or more", named, node_groups(linkage(named), min_size=10)[0])
            chain = node_groups(_chain(len(named.texts)), min_size=10)[0]
            timed("nodes of a chain, the worst tree", named, chain, repeats=1)


def _chain(n: int) -> Any:
    first = np.concatenate([[0], n + np.arange(n - 2)])
    return np.stack([first, np.arange(1, n), np.arange(1, n), np.arange(2, n + 1)], axis=1).astype(float)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="match,ablation,chance,quality,read,time")
    parser.add_argument(
        "--large", action="store_true", help="time the tree of 20,000 glosses too (3 GB)"
    )
    given = parser.parse_args()
    wanted = given.only.split(",")
    small, tickets = glosses("4k"), sample()
    sets = [small, tickets, docstrings(), packages()]
    if "match" in wanted or "ablation" in wanted:
        print(f"{'':57} {'match@1':>8} {'@5':>8} {'match@1':>10} {'@5':>8}")
    large = glosses("20k") if {"match", "ablation"} & set(wanted) or given.large else None
    for name, work in (("match", match), ("ablation", ablation)):
        if name in wanted:
            work([small, large, *sets[1:]])  # type: ignore[list-item]
    for name, work in (("chance", chance), ("quality", quality), ("read", read)):
        if name in wanted:
            work(sets if name != "read" else sets[:2])
    if "time" in wanted:
        clock(small, large if given.large else None)


if __name__ == "__main__":
    main()
