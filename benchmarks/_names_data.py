"""Texts with human names: glosses, the bundled sample, docstrings; and when a term matches a name."""

import csv
import importlib
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _bench import DATA

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "plugins" / "embkit_plugins" / "loaders" / "data" / "sample"

# WordNet's own description of each lexicographer file (the manual page lexnames(5WN)), without "nouns
# denoting" and words such as "natural", "and", "things". Files named by grammar alone (adj.*, adv.all,
# noun.Tops) have no name that a text could hold and are left out.
LEXNAMES = {
    "noun.act": "action",
    "noun.animal": "",
    "noun.artifact": "man-made object",
    "noun.attribute": "",
    "noun.body": "",
    "noun.cognition": "cognitive",
    "noun.communication": "communicative",
    "noun.event": "",
    "noun.feeling": "emotion",
    "noun.food": "drink",
    "noun.group": "grouping",
    "noun.location": "spatial position",
    "noun.motive": "goal",
    "noun.object": "natural",
    "noun.person": "people",
    "noun.phenomenon": "phenomena",
    "noun.plant": "",
    "noun.possession": "transfer",
    "noun.process": "",
    "noun.quantity": "unit measure",
    "noun.relation": "",
    "noun.shape": "dimensional",
    "noun.state": "",
    "noun.substance": "",
    "noun.time": "temporal",
    "verb.body": "bodily grooming dressing care",
    "verb.change": "intensify",
    "verb.cognition": "think judge analyze doubt",
    "verb.communication": "tell ask order sing",
    "verb.competition": "compete fight athletic",
    "verb.consumption": "eat drink",
    "verb.contact": "touch hit tie dig",
    "verb.creation": "create sew bake paint perform",
    "verb.emotion": "feeling",
    "verb.motion": "walk fly swim",
    "verb.perception": "see hear feel",
    "verb.possession": "buy sell own",
    "verb.social": "political",
    "verb.stative": "spatial",
    "verb.weather": "rain snow thaw thunder",
}
# What else a person might call a topic of the sample; written before any name was looked at.
SYNONYMS = {
    "late delivery": "delay delayed",
    "wifi pairing": "network connect",
    "forgotten password": "reset",
    "sales tax": "vat",
    "charged twice": "double duplicate",
    "camera and time-lapse": "timelapse photo video",
    "dark mode and readability": "theme contrast font",
    "mould and algae": "mold green",
    "grow light failure": "lamp led",
    "pests": "bug insect gnat aphid fly",
    "notifications": "alert push",
    "invoice needed": "receipt",
    "language": "translation translate",
    "return an item": "send back",
    "damaged in transit": "broken cracked smashed",
    "noisy pump": "noise loud",
    "water leak": "leaking",
    "seeds not sprouting": "germinate germination",
    "plant food": "nutrient fertiliser fertilizer",
    "suspicious sign-in": "login hacked",
    "two-factor code": "verification",
    "discount code": "coupon promo voucher",
    "price increase": "cost",
    "customs and abroad": "international import duty country",
    "cancel subscription": "membership",
    "pause subscription": "holiday",
    "delete my data": "erase gdpr privacy account",
    "refund status": "money back",
    "warranty claim": "guarantee",
    "wrong item sent": "incorrect",
    "sharing with the family": "share household member",
    "harvest and pruning": "trim pick cut",
    "firmware update": "upgrade",
    "change email": "mail",
    "address change": "move moving",
    "marked delivered but missing": "lost stolen",
    "card declined": "payment rejected",
}
MODULES = """
argparse ast asyncio base64 calendar cmd collections configparser csv ctypes datetime decimal
difflib dis email fractions ftplib gettext gzip heapq html http imaplib importlib inspect ipaddress
json locale logging mailbox multiprocessing operator os pathlib pdb pickle platform plistlib pprint
profile queue random re sched secrets shelve shutil signal smtplib socket sqlite3 ssl statistics
string subprocess symtable tarfile tempfile textwrap threading timeit tokenize trace traceback
tracemalloc turtle typing unittest urllib uuid warnings wave weakref xml zipfile zoneinfo
"""

PACKAGES = """
scipy.cluster scipy.fft scipy.integrate scipy.interpolate scipy.io scipy.linalg scipy.ndimage
scipy.optimize scipy.signal scipy.sparse scipy.spatial scipy.special scipy.stats sklearn.calibration
sklearn.cluster sklearn.compose sklearn.covariance sklearn.datasets sklearn.decomposition
sklearn.ensemble sklearn.feature_extraction sklearn.feature_selection sklearn.gaussian_process
sklearn.impute sklearn.inspection sklearn.kernel_approximation sklearn.linear_model sklearn.manifold
sklearn.metrics sklearn.mixture sklearn.model_selection sklearn.naive_bayes sklearn.neighbors
sklearn.neural_network sklearn.preprocessing sklearn.random_projection sklearn.semi_supervised
sklearn.svm sklearn.tree
"""
_DULL = "a an and the with my but not in of to needed"


@dataclass(frozen=True, eq=False)
class Named:
    """Texts with vectors, a label each, the words that each label's name consists of, and its parent."""

    title: str
    texts: list[str]
    vectors: Any
    labels: Any
    names: list[str]
    own: list[set[str]]
    synonyms: list[set[str]]
    parents: Any

    @property
    def counted(self) -> list[int]:
        """The labels that have a name to be found."""
        return [number for number, words in enumerate(self.own) if words]


def glosses(size: str) -> Named:
    """WordNet's definitions by lexicographer file, beneath parts of speech."""
    rows = _table(DATA / f"glosses-{size}.tsv")
    vectors = np.load(DATA / f"glosses-{size}.npy").astype(np.float32)
    labels = [row["label"] for row in rows]
    names, own, more = sorted(set(labels)), [], []
    for name in names:
        words = name.split(".")[1] if name in LEXNAMES else ""
        own.append(_stems(words))
        more.append(_stems(LEXNAMES.get(name, "")))
    parts = [name.split(".")[0] for name in names]
    return _named(
        f"glosses-{size}", [row["text"] for row in rows], vectors, labels, (names, own, more), parts
    )


def sample() -> Named:
    """The bundled support tickets by topic, beneath areas."""
    rows = _table(SAMPLE.with_suffix(".tsv"))
    vectors = np.load(SAMPLE.with_suffix(".npy")).astype(np.float32)
    labels = [row["label"] for row in rows]
    names = sorted(set(labels))
    own = [_stems(name) if name != "other" else set() for name in names]
    more = [_stems(SYNONYMS.get(name, "")) for name in names]
    area = {row["label"]: row["area"] for row in rows}
    parts = [area[name] for name in names]
    return _named("sample", [row["text"] for row in rows], vectors, labels, (names, own, more), parts)


def docstrings() -> Named:
    """First paragraphs of docstrings of Python's library by module; vectors are an LSA of the texts."""
    return _modules("docstrings", MODULES, "lib$|^base|pool$")


def packages() -> Named:
    """The same of scipy and scikit-learn: not looked at while the constants were chosen."""
    return _modules("packages", PACKAGES, "^scipy|^sklearn")


def _modules(title: str, modules: str, dull: str) -> Named:
    texts, labels = [], []
    for name in modules.split():
        found = sorted(set(_documented(importlib.import_module(name), name)))
        if len(found) >= 8:
            texts += found[:120]
            labels += [name] * len(found[:120])
    names = sorted(set(labels))
    own = [_stems(re.sub("[._]", " ", re.sub(dull, "", name))) for name in names]
    more = [_stems(name.split(".")[-1]) for name in names]
    parts = [name.split(".")[0] if "." in name else "library" for name in names]
    return _named(title, texts, _lsa(texts), labels, (names, own, more), parts)


def matches(named: Named, label: int, term: str, *, synonyms: bool) -> bool:
    """Whether a term has a word of a label's name, inflections (-s, -es, -ies, -ed, -ing) aside."""
    wanted = named.own[label] | (named.synonyms[label] if synonyms else set())
    return any(_forms(word) & wanted for word in _words(term))


def _named(
    title: str, texts: list[str], vectors: Any, labels: list[str], named: Any, parts: list[str]
) -> Named:
    names, own, more = named
    numbers = np.unique(parts, return_inverse=True)[1]
    of = {name: number for number, name in enumerate(names)}
    return Named(
        title, texts, vectors, np.array([of[label] for label in labels]), names, own, more, numbers
    )


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def _words(text: str) -> list[str]:
    return [
        word
        for word in re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower())
        if word not in _DULL.split()
    ]


def _forms(word: str) -> set[str]:
    word = word.replace("-", "")
    forms = {word}
    for ending, instead in (
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ing", ""),
        ("ing", "e"),
        ("ed", ""),
        ("ed", "e"),
    ):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            forms |= {stem + instead, stem[:-1] if stem[-1] == stem[-2] else stem + instead}
    return forms


def _stems(text: str) -> set[str]:
    return set().union(*(_forms(word) for word in _words(text)))


def _documented(module: Any, name: str) -> list[str]:
    """The first paragraphs of what a module defines, in one line each."""
    found = []
    things = [thing for _, thing in inspect.getmembers(module)]
    classes = [thing for thing in things if inspect.isclass(thing)]
    for thing in [*things, *(value for one in classes for value in vars(one).values())]:
        text = inspect.getdoc(thing) if callable(thing) else None
        if text and str(getattr(thing, "__module__", "")).startswith(name):
            paragraph = " ".join(text.split("\n\n")[0].split())
            if len(paragraph) > 25:
                found.append(paragraph)
    return found


def _lsa(texts: list[str], n_components: int = 100) -> Any:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(sublinear_tf=True, min_df=2, stop_words="english").fit_transform(texts)
    reduced = TruncatedSVD(n_components, random_state=0).fit_transform(weights).astype(np.float32)
    # A text of unknown words lies nowhere; somewhere near the origin, it has a cosine.
    return reduced + np.random.default_rng(0).normal(scale=1e-6, size=reduced.shape).astype(np.float32)
