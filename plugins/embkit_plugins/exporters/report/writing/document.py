"""The report as an HTML document that any browser shows, made of the same blocks as the Markdown.

Only what the report writes is understood: headings, paragraphs, lists, tables and figures,
with bold words, code and escapes inside them. Everything else stays text.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from html import escape, unescape
from importlib.resources import files

__all__ = ["to_html"]

_INLINE = re.compile(r"\\(.)|`([^`]*)`|(\*\*)|([^\\`*]+|.)", re.DOTALL)
_HEADING = re.compile(r"(#{1,3}) (.*)", re.DOTALL)
_FIGURE = re.compile(r"!\[(.*)\]\((figures/[a-z0-9-]+\.png)\)", re.DOTALL)
_CELLS = re.compile(r"(?<!\\) \| ")

_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{hash}'; \
img-src 'self' file: data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="embkit">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def to_html(blocks: Sequence[str]) -> str:
    """Turn the Markdown blocks of a report into a whole document.

    It has no script and, by its own policy, loads nothing but its figures, which
    stay files beside it.

    Parameters
    ----------
    blocks : sequence of str
        Headings, paragraphs, lists, tables and figures; the first is the title.
    """
    title = _plain(blocks[0].removeprefix("# "))
    body = "\n".join(_with_contents(blocks))
    style = files("embkit_plugins.exporters.report").joinpath("report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _DOCUMENT.format(title=escape(title), hash=f"sha256-{digest}", style=style, body=body)


def _with_contents(blocks: Sequence[str]) -> Iterator[str]:
    """The blocks with links to the sections before the first of them."""
    sections = [block.removeprefix("## ") for block in blocks if block.startswith("## ")]
    number = 0
    for block in blocks:
        if not block.startswith("## "):
            yield _block(block)
            continue
        if not number:
            links = (f'<li><a href="#s{i}">{_inline(name)}</a></li>' for i, name in enumerate(sections))
            yield f'<nav aria-label="Sections"><ul>{"".join(links)}</ul></nav>'
        yield f'<h2 id="s{number}">{_inline(sections[number])}</h2>'
        number += 1


def _block(block: str) -> str:
    if heading := _HEADING.fullmatch(block):
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if figure := _FIGURE.fullmatch(block):
        words, source = escape(_plain(figure[1])), figure[2]
        return f'<figure><img src="{source}" alt="{words}" loading="lazy"></figure>'
    if block.startswith("| "):
        return _table(block.splitlines())
    if block.startswith("- "):
        items = (f"<li>{_inline(line.removeprefix('- '))}</li>" for line in block.splitlines())
        return f"<ul>{''.join(items)}</ul>"
    return f"<p>{_inline(block)}</p>"


def _table(lines: Sequence[str]) -> str:
    head, _, *rows = (_CELLS.split(line.removeprefix("| ").removesuffix(" |")) for line in lines)
    heading = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{_inline(first)}</th>'
        f"{''.join(f'<td>{_inline(cell)}</td>' for cell in others)}</tr>"
        for first, *others in rows
    )
    name = escape(_plain(head[0]))
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="Table by {name}">'
        f"<table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _inline(text: str) -> str:
    parts, strong = [], False
    for literal, code, bold, plain in _INLINE.findall(text):
        if bold:
            strong = not strong
            parts.append("<strong>" if strong else "</strong>")
        elif code:
            parts.append(f"<code>{escape(unescape(code))}</code>")
        else:
            parts.append(escape(literal or unescape(plain)))
    return "".join(parts) + ("</strong>" if strong else "")


def _plain(text: str) -> str:
    return "".join(
        literal or code or unescape(plain) for literal, code, _, plain in _INLINE.findall(text)
    )
