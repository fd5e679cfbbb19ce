"""Differences as one HTML page that needs nothing else: no script, no style sheet, no request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from scraper.article import Article, utc_text
from scraper.diff.differences import Change, Differences, with_context
from scraper.diff.paragraphs import Paragraph
from scraper.diff.words import Run

RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ks ku-arab nqo ps sd syr ug ur yi".split())

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_STYLE = """
:root { color-scheme: light dark; --gone: #ffd7d5; --new: #ccf2d0; --dim: #666; }
@media (prefers-color-scheme: dark) { :root { --gone: #6b1f1f; --new: #1d4d27; --dim: #aaa; } }
body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, .note, footer { color: var(--dim); font-size: .9rem; }
dd { margin: 0; }
del, ins { border-radius: .2em; padding: 0 .1em; }
del { background: var(--gone); text-decoration: line-through; }
ins { background: var(--new); text-decoration: underline; }
p { margin: .8em 0; white-space: pre-line; overflow-wrap: anywhere; }
p.moved { border-inline-start: .3em double var(--dim); padding-inline-start: .7em; }
p.noise { opacity: .7; }
""".strip()


def html_page(found: Differences, *, context: int | None = 2) -> str:
    """The page, as text to be written in UTF-8; `context` as in `with_context`."""
    article = found.after
    language = escape(article.language or "und")
    direction = "rtl" if _is_right_to_left(article.language) else "ltr"
    title = f"Revision {found.before.revision} to {article.revision}: {article.headline or article.url or ''}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">""",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{_safe(title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<header>",
            f'<h1 lang="{language}" dir="{direction}">{_headline(found)}</h1>',
            f'<p class="note">{_safe(article.url or "")}<br>{_seen("before", found.before)}'
            f"<br>{_seen('after', article)}</p>",
            "</header>",
            *_fields(change for change in found.fields if change.field != "headline"),
            f'<main lang="{language}" dir="{direction}">',
            *_body(found.paragraphs, context),
            "</main>",
            f"<footer>{found.words_added} words added, {found.words_removed} removed in the text. "
            "<del>Struck out</del>: only before. <ins>Underlined</ins>: only after.</footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _is_right_to_left(language: str | None) -> bool:
    return (language or "").lower().partition("-")[0] in RIGHT_TO_LEFT


def _headline(found: Differences) -> str:
    change = next((change for change in found.fields if change.field == "headline"), None)
    return _marked(change.runs) if change else _safe(found.after.headline or "(no headline)")


def _seen(word: str, article: Article) -> str:
    when = "" if article.capture is None else f", captured {utc_text(article.capture.fetched_at)}"
    return f"{word}: revision {article.revision}{when}"


def _fields(changes: Iterable[Change]) -> Iterator[str]:
    rows = [
        f'<dt>{_safe(change.field)}{" (minor)" if change.minor else ""}</dt><dd dir="auto">{_value(change)}</dd>'
        for change in changes
    ]
    if rows:
        yield from ("<dl>", *rows, "</dl>")


def _value(change: Change) -> str:
    if change.runs:
        return _marked(change.runs)
    before, after = (
        value if isinstance(value, str) else "; ".join(value or ()) for value in (change.before, change.after)
    )
    parts = [f"<del>{_safe(before)}</del>" if before else "", f"<ins>{_safe(after)}</ins>" if after else ""]
    return " ".join(filter(None, parts))


def _body(paragraphs: Iterable[Paragraph], context: int | None) -> Iterator[str]:
    for part in with_context(tuple(paragraphs), context):
        if isinstance(part, int):
            yield f'<p class="note" lang="en" dir="ltr">… {part} unchanged paragraph{"s" if part > 1 else ""} …</p>'
            continue
        kind = part.op + (" noise" if part.noise else "")
        note = (
            f'<span class="note" lang="en">moved: was paragraph {part.number_before}</span>\n'
            if part.op == "moved"
            else ""
        )
        text = _marked(part.runs) if part.runs else _safe(part.after or "")
        yield f'<p class="{kind}" dir="auto">{note}{text}</p>'


def _marked(runs: Iterable[Run]) -> str:
    tags = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}
    return "".join(tags[run.op].format(_safe(run.text)) for run in runs)


def _safe(text: str) -> str:
    return escape(_CONTROL.sub("", text))
