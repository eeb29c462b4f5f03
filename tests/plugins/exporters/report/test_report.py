"""The report: what it says is right, what it shows can be read, and nothing in it is unescaped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embkit import Context
from embkit.data.configuration.request import Request
from embkit.data.configuration.run import RunConfig
from embkit.data.dataset import Dataset
from embkit.data.names import Name, Names
from embkit.data.score import Score
from embkit.data.study import DatasetSource, StudyConfig, StudyRecord
from embkit.data.trial import Outcome, Status, Trial, TrialRecord
from embkit_plugins.exporters.report import Report
from embkit_plugins.exporters.report.clusters import names_by_label
from embkit_plugins.exporters.report.methods import Method
from embkit_plugins.exporters.report.writing.document import to_html
from embkit_plugins.exporters.report.writing.markdown import NONE
from fixture_types import CheckLayout, MakeContext, Words
from narrowing import present

RANKED = {
    ("silhouette", "silhouette"): Score("higher"),
    ("davies-bouldin", "davies_bouldin"): Score("lower", "Davies-Bouldin"),
    ("external", "ari"): Score("higher", "reference ARI", external=True),
}
HOSTILE = "evil | <script>alert(1)</script> [x](http://a.b) *b* `c` & www.d.e"


@pytest.fixture
def make_study(blobs: Dataset, tmp_path: Path) -> Callable[..., StudyRecord]:
    """A study of three methods and two seeds on as many datasets as asked for."""

    def make(labels: tuple[str, ...] = ("blobs",)) -> StudyRecord:
        truth = np.unique(np.array(blobs.reference), return_inverse=True)[1].astype(np.int64)
        rng = np.random.default_rng(0)
        trials = []
        for label in labels:
            for k in (2, 3, 5):
                for seed in (0, 1):
                    found = truth.copy() if k == 3 else rng.integers(0, k, len(truth))
                    if k == 5:
                        found[:9] = -1
                    trials.append(_record(label, k, seed, found))
        failed = Trial("f", labels[0], "", "kmeans", {"n_clusters": 999}, 0, RunConfig())
        trials.append(TrialRecord(failed, Outcome(Status.FAILED, f"bad {HOSTILE}")))
        study = StudyConfig(
            f"Study {HOSTILE}",
            (0, 1),
            tuple(DatasetSource(label, RunConfig()) for label in labels),
            ((),),
            (),
        )
        return StudyRecord(
            study, dict.fromkeys(labels, blobs), tuple(trials), tmp_path, dict.fromkeys(labels, 0)
        )

    return make


@dataclass(frozen=True)
class Told:
    """The page of a report and its figures by name."""

    markdown: str
    figures: dict[str, Any]
    html: str


def told(study: StudyRecord, contexts: Mapping[str, Context], **parameters: Any) -> Told:
    """What the report says of a study."""
    files = Report(**parameters).export(study, next(iter(contexts.values())))
    figures = {
        Path(path).stem: content for path, content in files.items() if path.startswith("figures/")
    }
    assert len(figures) + 2 == len(files)
    markdown, html = files["report.md"], files["report.html"]
    assert isinstance(markdown, str)
    assert isinstance(html, str)
    return Told(markdown, figures, html)


def _record(label: str, k: int, seed: int, found: Any) -> TrialRecord:
    scores = {
        ("silhouette", "silhouette"): 0.1 * k + 0.01 * seed,
        ("davies-bouldin", "davies_bouldin"): 1.0 / k + 0.01 * seed,
        ("external", "ari"): 1.0 if k == 3 else 0.01 * seed,
    }
    trial = Trial(
        f"{label}{k}{seed}",
        label,
        "",
        "kmeans",
        {"n_clusters": k, "init": "random"},
        seed,
        RunConfig(validators=(Request("silhouette", {}),)),
    )
    words = {("silhouette", "metric"): "euclidean"}
    return TrialRecord(trial, Outcome(Status.DONE), found, scores, RANKED, words, {}, 0.1 * k, 10**8 + k)


def test_the_page_ranks_and_escapes(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    study = make_study((HOSTILE,))
    report = told(study, {HOSTILE: make_context(blobs)}, projection="pca", n_random=5)
    page = report.markdown
    assert "<script>" not in page
    assert "[x](" not in page
    assert "http://" not in page
    assert "www.d" not in page
    assert r"evil \| &lt;script&gt;" in page
    assert "7 trials (6 done, 1 failed) on 1 dataset with 2 seeds" in page
    assert "out of the names of methods: " not in page  # the failed one has no init: nothing is shared
    table = page.split("### reference ARI, higher is better\n\n")[1].split("\n\n")[0].splitlines()
    assert len({line.count(" | ") for line in table}) == 1
    assert table[2].startswith(r"| kmeans:n\_clusters=3,init=random | 1 | 1.000 | same for all seeds |")
    table = page.split("### Davies-Bouldin, lower is better\n\n")[1].split("\n\n")[0].splitlines()
    assert table[2].startswith(r"| kmeans:n\_clusters=5,init=random | 1 |")
    assert "| 90.0% | 2 |" in table[2]  # the share in clusters beside an internal score
    assert {name.split("-")[0] for name in report.figures} == {"scores", "cost", "agreement", "maps"}
    for name in report.figures:
        assert f"(figures/{name}.png)" in page


def test_figures_can_be_read(
    make_study: Callable[..., StudyRecord],
    make_context: MakeContext,
    blobs: Dataset,
    check_layout: CheckLayout,
) -> None:
    context = make_context(blobs)
    study = make_study(("one", "two"))
    report = told(study, {"one": context, "two": context}, projection="pca", n_random=2)
    assert "mean-ranks" in report.figures
    assert "2 datasets" in report.markdown
    assert "No test: with fewer than 11 datasets ranks show no difference." in report.markdown
    assert "Friedman p =" not in report.markdown
    for name, figure in report.figures.items():
        if not name.startswith("cost"):  # numbers of points may touch
            check_layout(figure)


def _judged(record: TrialRecord, word: str, p_value: float, chain: str = "") -> TrialRecord:
    numbers = {"p_value": p_value}
    numbers |= {"n_clusters_low": 3.0, "n_clusters_high": 4.0} if word == "clusters" else {}
    return replace(
        record,
        trial=replace(record.trial, reducers=chain),
        words={**record.words, ("structure", "verdict"): word},
        scores={**record.scores, **{("structure", name): value for name, value in numbers.items()}},
    )


def test_datasets_that_were_judged_stand_side_by_side(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset, words: Words
) -> None:
    study = make_study(("one", "two"))
    judged = tuple(
        _judged(record, "clusters", 1e-5) if record.trial.dataset == "two" else record
        for record in study.trials
    )
    contexts = dict.fromkeys(("one", "two"), make_context(blobs))
    report = told(replace(study, trials=judged), contexts, projection="pca", n_random=2)
    assert "Beside each verdict: silhouette (euclidean) by method." in report.markdown
    table = report.markdown.split("## Clusters or continuum")[1].split("\n\n")[2].splitlines()
    assert table[2].startswith(f"| one | {NONE} | {NONE} | {NONE} |")
    assert table[3].startswith("| two | clusters | 1e-05 | 3 to 4 |")
    assert table[3].count("**") == 2
    assert report.markdown.count("Before any clustering: **clusters** (3 to 4 groups, p = 1e-05).") == 1
    whole = " ".join(words(report.figures["datasets"]))
    assert "clusters, 3 to 4 groups" in whole
    assert "no verdict" in whole
    unjudged = told(study, contexts, projection="pca", n_random=2)
    assert "Clusters or continuum" not in unjudged.markdown


def test_reduced_rows_have_a_verdict_of_their_own(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    """Reducers first in the plan, and another p-value for each seed: neither decides for the source."""
    study = make_study(("one", "two"))
    done = [record for record in study.trials if record.outcome.status is Status.DONE]
    reduced = [
        _judged(record, "continuum", 0.6 + 0.1 * record.trial.seed, "pca:n_components=2")
        for record in done
    ]
    whole = [_judged(record, "clusters", 0.001) for record in done]
    contexts = dict.fromkeys(("one", "two"), make_context(blobs))
    both = replace(study, trials=(*reduced, *whole))
    page = told(both, contexts, projection="none", n_random=2).markdown
    table = page.split("## Clusters or continuum")[1].split("\n\n")[2].splitlines()
    assert table[2].startswith("| one | clusters | 0.001 | 3 to 4 |")
    assert table[3].startswith(r"| one, after pca:n\_components=2 | continuum | 0.6 to 0.7 |")
    said = [line for line in page.splitlines() if line.startswith("Before any clustering")]
    assert said[0] == "Before any clustering: **clusters** (3 to 4 groups, p = 0.001)."
    assert said[1].startswith("Before any clustering, after pca")


def test_without_an_internal_score_nothing_is_called_best(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset, words: Words
) -> None:
    study = make_study(("one", "two"))
    bare = tuple(
        _judged(replace(record, scores={}, words={}), "clusters", 0.001)
        for record in study.trials
        if record.outcome.status is Status.DONE
    )
    contexts = dict.fromkeys(("one", "two"), make_context(blobs))
    report = told(replace(study, trials=bare), contexts, projection="pca", n_random=2)
    assert "In the colours of the first method" in " ".join(words(report.figures["datasets"]))


def test_costs_that_do_not_differ_are_a_sentence(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    study = make_study()
    quick = tuple(replace(record, cluster_seconds=0.02) for record in study.trials)
    report = told(
        replace(study, trials=quick), {"blobs": make_context(blobs)}, projection="none", n_random=2
    )
    assert "Every method takes less than 0.1 s" in report.markdown
    assert not any(name.startswith("cost") for name in report.figures)
    large = tuple(replace(quick[0], peak_memory=2 * 10**8) if n == 0 else r for n, r in enumerate(quick))
    again = told(
        replace(study, trials=large), {"blobs": make_context(blobs)}, projection="none", n_random=2
    )
    assert any(name.startswith("cost") for name in again.figures)


def test_a_study_without_any_result_has_a_report(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    study = make_study()
    nothing = StudyRecord(
        study.study, study.datasets, study.trials[-1:], study.folder, study.dataset_seeds
    )
    report = told(nothing, {"blobs": make_context(blobs)})
    assert "No trial has a result." in report.markdown
    assert "Without a result" in report.markdown
    assert not report.figures


def _named(record: TrialRecord, titles: tuple[str, ...]) -> TrialRecord:
    names = tuple(Name(title, (title, "more"), rows=(number,)) for number, title in enumerate(titles))
    return replace(record, names=Names(names, namer="words"))


def test_clusters_of_the_best_method_are_named(
    make_study: Callable[..., StudyRecord],
    make_context: MakeContext,
    blobs: Dataset,
    check_layout: CheckLayout,
) -> None:
    study = make_study()
    titles = (HOSTILE, "$x_1$", "third", "fourth", "fifth")
    trials = [
        record if record.labels is None else _named(record, titles[: record.labels.max() + 1])
        for record in study.trials
    ]
    report = told(
        replace(study, trials=tuple(trials)),
        {"blobs": make_context(blobs)},
        projection="pca",
        n_random=2,
    )
    page = report.markdown
    assert "<script>" not in page
    section = page.split("### Clusters\n\n")[1].split("###")[0].rstrip()
    best = page.split("**kmeans:")[1].split("**")[0]
    assert section.startswith(f"Of kmeans:{best}, seed 0, largest first.")
    n_clusters = int(best.split("n\\_clusters=")[1][0])
    labels = next(
        present(item.labels) for item in trials if item.trial.params["n_clusters"] == n_clusters
    )
    lines = section.splitlines()[4:]
    assert len(lines) == labels.max() + 1
    assert lines[2].startswith(f"| third, more | 2 | {np.count_nonzero(labels == 2)} |")
    assert lines[2].endswith(f"| {present(blobs.texts)[2]} |")
    (maps,) = (figure for name, figure in report.figures.items() if name.startswith("maps"))
    check_layout(maps)
    said = [text.get_text() for text in maps.findobj(lambda item: hasattr(item, "get_text"))]
    assert said.count("third") == 2  # of the methods with three clusters or more
    assert "fifth" not in said  # four names below a panel


def test_names_keep_their_colours_on_maps(
    make_study: Callable[..., StudyRecord], blobs: Dataset
) -> None:
    record = _named(make_study().trials[2], ("zero", "one", "two"))
    method = Method("m", (record,))
    swapped = np.array([5, 7, 6])[record.labels]
    assert names_by_label(method, swapped) == {5: "zero", 7: "one", 6: "two"}
    assert names_by_label(Method("m", (make_study().trials[2],)), swapped) == {}


def test_without_a_namer_no_cluster_is_listed(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    report = told(make_study(), {"blobs": make_context(blobs)}, projection="none", n_random=2)
    assert "### Clusters" not in report.markdown


class _Reader(HTMLParser):
    """Tags in their order, texts, and the attributes of images and links."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.attributes: dict[str, list[dict[str, str | None]]] = {}
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.setdefault(tag, []).append(dict(attrs))
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1:] != ["style"]:
            self.texts.append(data)


def test_the_document_says_what_the_markdown_says(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    label = HOSTILE + " a@b # {c}"
    report = told(make_study((label,)), {label: make_context(blobs)}, projection="pca", n_random=5)
    read = _Reader(report.html)
    assert read.open == []
    assert set(read.tags) == {
        *("html", "head", "meta", "title", "style", "body", "main", "nav", "ul", "li", "a", "p", "h1"),
        *("h2", "h3", "div", "table", "thead", "tbody", "tr", "th", "td", "figure", "img", "strong"),
        "code",
    }
    sections = [line[3:] for line in report.markdown.splitlines() if line.startswith("## ")]
    assert read.tags.count("h2") == len(sections) == len(read.attributes["a"])
    assert [link["href"] for link in read.attributes["a"]] == [
        f"#{section['id']}" for section in read.attributes["h2"]
    ]
    assert read.texts.count(label) >= 2  # as a link and as a heading, letter for letter
    assert f"Study {HOSTILE}" in read.texts
    assert {image["src"] for image in read.attributes["img"]} == {
        f"figures/{name}.png" for name in report.figures
    }
    assert all(
        label in present(image["alt"])
        for image in read.attributes["img"]
        if "cost" in present(image["src"])
    )
    rows = [line for line in report.markdown.splitlines() if line.startswith("| ")]
    assert read.tags.count("tr") == sum(not row.startswith("| :-- ") for row in rows)
    assert "default-src 'none'" in report.html
    assert "\\" not in "".join(read.texts)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (
            "a **b** `c<d` \\*e\\* &lt;f&gt;",
            "<p>a <strong>b</strong> <code>c&lt;d</code> *e* &lt;f&gt;</p>",
        ),
        ("- one\n- **two", "<ul><li>one</li><li><strong>two</strong></li></ul>"),
        ("![a](http://x/y.png)", "<p>![a](http://x/y.png)</p>"),
        (
            "![a \\| &amp;](figures/b-1.png)",
            '<figure><img src="figures/b-1.png" alt="a | &amp;" loading="lazy"></figure>',
        ),
        ("#### no heading", "<p>#### no heading</p>"),
    ],
)
def test_blocks_as_html(block: str, expected: str) -> None:
    assert expected in to_html(["# title", block])


def _with_noise(record: TrialRecord, share: float, score: float) -> TrialRecord:
    labels = np.array(record.labels)
    labels[: round(share * len(labels))] = -1
    return replace(record, labels=labels, scores={**record.scores, ("silhouette", "silhouette"): score})


def test_what_leaves_out_most_rows_is_not_best(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    study = make_study(("one", "two"))
    trials = tuple(
        _with_noise(record, 0.9, 0.99)
        if record.labels is not None and record.trial.params["n_clusters"] == 2
        else record
        for record in study.trials
    )
    contexts = dict.fromkeys(("one", "two"), make_context(blobs))
    page = told(replace(study, trials=trials), contexts, projection="none", n_random=2).markdown
    short = page.split("## In short")[1].split("##")[0]
    assert "n\\_clusters=2" not in short
    assert "silhouette (euclidean): **kmeans:n\\_clusters=5" in short
    table = page.split("### silhouette (euclidean), higher is better\n\n")[1].split("\n\n")[0]
    assert "0.990 (10% of rows)" in table
    assert "**0.990" not in table
    own = page.split("## one\n")[1].split("### silhouette (euclidean)")[1].split("\n\n")[1].splitlines()
    assert own[-1].startswith(f"| kmeans:n\\_clusters=2,init=random | {NONE} | 0.990 |")
    all_out = tuple(
        record if record.labels is None else _with_noise(record, 0.9, 0.99) for record in study.trials
    )
    page = told(replace(study, trials=all_out), contexts, projection="none", n_random=2).markdown
    assert "- one, silhouette (euclidean): no method has 50% of the rows in clusters" in page


def test_a_score_over_all_rows_ranks_in_place_of_one_that_leaves_noise_out(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    study = make_study()
    trials = tuple(
        replace(
            _with_noise(record, 0.3, 0.99),
            scores={
                **record.scores,
                ("silhouette", "silhouette"): 0.99,
                ("silhouette", "silhouette_all_rows"): 0.05,
            },
        )
        if record.labels is not None and record.trial.params["n_clusters"] == 2
        else record
        for record in study.trials
    )
    page = told(
        replace(study, trials=trials), {"blobs": make_context(blobs)}, projection="none", n_random=2
    ).markdown
    table = page.split("### silhouette (euclidean), higher is better\n\n")[1].split("\n\n")[0]
    assert table.splitlines()[-1].startswith("| kmeans:n\\_clusters=2,init=random | 3 | 0.050 |")
    assert "0.990" not in page


def test_a_method_that_failed_for_a_seed_is_not_ranked_by_the_others(
    make_study: Callable[..., StudyRecord], make_context: MakeContext, blobs: Dataset
) -> None:
    def page(trials: tuple[TrialRecord, ...]) -> str:
        study = replace(make_study(), trials=trials)
        return told(study, {"blobs": make_context(blobs)}, projection="none", n_random=5).markdown

    whole = make_study().trials
    place = next(at for at, record in enumerate(whole) if record.trial.params.get("n_clusters") == 3)
    broken = replace(whole[place], outcome=Outcome(Status.TIMEOUT, "ended after 9 s"), labels=None)
    best = r"kmeans:n\_clusters=3,init=random"
    assert f"reference ARI: **{best}** 1.000" in page(whole)
    found = page((*whole[:place], broken, *whole[place + 1 :]))
    assert f"**{best}**" not in found
    (line,) = (line for line in found.splitlines() if line.startswith(f"| {best} | {NONE} | 1.000 |"))
    assert line.endswith("| 1 of 2 |")
