"""The words that BERTopic's and turftopic's formulas choose, where these packages are installed."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _names_data import Named

Lists = list[list[str]]


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
