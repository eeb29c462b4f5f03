"""A finished run as HTML for a notebook: clusters, scores, pictures, and its page."""

import base64
import html
from collections.abc import Iterator

from embkit.data.finished import Finished
from embkit.data.results import Clustering
from embkit.data.shown.page import Page, inline
from embkit.data.shown.pictures import png_of
from embkit.data.shown.summary import summarize, verdicts
from embkit.data.shown.tables import html_table
from embkit.text import plural, printable

__all__ = ["run_html"]

_CLUSTERS = 20
_PICTURES = 4_000_000


def run_html(run: Finished) -> str:
    """The run as an HTML fragment without scripts, all texts escaped.

    The verdict, if a validator gives one; the largest clusters with their names, the
    scores and the space they were computed in, warnings, what failed, the pictures as
    data URIs up to 4 MB in all, the page if an exporter made one, and the summary to
    unfold. What is left out is named.
    """
    clusters = [] if run.clustering is None else list(_clusters(run.clustering))
    judged = [f"<p>{_text(line)}</p>" for line in verdicts(run)]
    problems = [*_warnings(run), *_failures(run)]
    parts = [
        _heading(run), *judged, *clusters, *_scores(run), *problems, *_pictures(run), *_pages(run),
    ]  # fmt: skip
    summary = f"<details><summary>Summary</summary><pre>{html.escape(summarize(run))}</pre></details>"
    return f"<div>{''.join(parts)}{summary}</div>"


def _text(text: str) -> str:
    return html.escape(printable(text))


def _heading(run: Finished) -> str:
    dataset, clustering = run.dataset, run.clustering
    shape = f"{plural(dataset.n_samples, 'row')} x {dataset.n_features:,}"
    found = ""
    if clustering is not None:
        noise = f", {plural(clustering.n_noise, 'row')} of noise" if clustering.n_noise else ""
        by = f"{clustering.clusterer}{f' after {space}' if (space := clustering.dataset.space) else ''}"
        found = f": {plural(clustering.n_clusters, 'cluster')} by {_text(by)}{noise}"
    return f"<p><b>{_text(dataset.name)}</b>, {shape}{found}</p>"


def _clusters(clustering: Clustering) -> Iterator[str]:
    n_shown = min(_CLUSTERS, clustering.n_clusters)
    if not n_shown:
        return
    sizes = clustering.sizes
    numbers = range(n_shown)
    representatives = clustering.representatives
    names = (
        {}
        if clustering.names is None
        else {"name": [clustering.names[cluster].title for cluster in numbers]}
    )
    yield html_table(
        {
            "cluster": list(numbers),
            "size": sizes[:n_shown],
            "share": [f"{size / clustering.dataset.n_samples:.1%}" for size in sizes[:n_shown]],
            **names,
            "example": [
                clustering.dataset.describe_row(int(representatives[cluster])) for cluster in numbers
            ],
        }
    )
    if clustering.n_clusters > n_shown:
        rest = plural(clustering.n_clusters - n_shown, "smaller cluster")
        yield f"<p>and {rest} of {plural(int(sizes[n_shown:].sum()), 'row')}</p>"


def _scores(run: Finished) -> Iterator[str]:
    found = [
        (f"{validator}, {validation.space}" if validation.space else validator, name, value)
        for validator, validation in run.validations.items()
        for name, value in validation.scores.items()
    ]
    if found:
        validators, names, values = (list(column) for column in zip(*found, strict=True))
        yield html_table({"validator": validators, "score": names, "value": values}, n_rows=len(found))
    for validator, validation in run.validations.items():
        if validation.skipped is not None:
            yield f"<p>{_text(validator)} was skipped: {_text(validation.skipped)}</p>"


def _warnings(run: Finished) -> Iterator[str]:
    for warning in run.record["warnings"]:
        yield f"<p><b>Warning</b>: {_text(warning)}</p>"


def _failures(run: Finished) -> Iterator[str]:
    for failure in run.failures:
        yield f"<p><b>{_text(failure.step)} failed</b>: {_text(str(failure.error))}</p>"


def _pictures(run: Finished) -> Iterator[str]:
    room = _PICTURES
    left_out = []
    for name, figure in run.figures.items():
        data = base64.b64encode(png_of(figure)).decode()
        if len(data) > room:
            left_out.append(f"<code>run.figures[{_text(repr(name))}]</code>")
            continue
        room -= len(data)
        yield (
            f'<p><img alt="{_text(name)}" style="max-width:100%" src="data:image/png;base64,{data}"></p>'
        )
    if left_out:
        yield f"<p>Further pictures, too large to show together: {', '.join(left_out)}</p>"


def _pages(run: Finished) -> Iterator[str]:
    for files in run.exports.values():
        for name, content in files.items():
            if name.endswith(".html") and isinstance(content, str):
                path = None if run.folder is None else run.folder / name
                yield inline(Page(content, path))
