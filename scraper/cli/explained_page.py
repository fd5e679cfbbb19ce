"""An explained page as one HTML file that is safe to open: no scripts, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from scraper.cli.messages import harmless

if TYPE_CHECKING:
    from scraper.extract import Extraction

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = """
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff }
#legend { position: sticky; top: 0; z-index: 1; max-height: 45vh; overflow: auto; padding: .6em 1.2em;
  background: #f4f4f6; border-bottom: 2px solid #888; font-size: 14px }
#legend h1 { margin: 0; font-size: 18px } #legend p { margin: .2em 0 }
#legend table { border-collapse: collapse } #legend td, #legend th { padding: .1em .6em; text-align: start;
  vertical-align: top; border-top: 1px solid #ccc; overflow-wrap: anywhere }
#page { max-width: 60em; margin: 1em auto; padding: 0 1.2em } #page table { border-collapse: collapse }
mark, section.kept { color: inherit; background: none } .kept { background: #b7ebc0 } .p0 { background: #fbeaea }
.p1 { background: #f7c4c0 } .p2 { background: #fbcf9b } .p3 { background: #ffe680 } .taken-out { background: #dcc9f2 }
.hidden { outline: 1px dashed #888 } .picture { color: #666 }
"""
_KEY = (
    ("kept", "kept"),
    ("p3", "left out, probability 0.4 or more"),
    ("p2", "0.2 to 0.4"),
    ("p1", "0.05 to 0.2"),
    ("p0", "below 0.05"),
    ("taken-out", "taken out for what it says"),
    ("hidden", "hidden on the page"),
)
_COLUMNS = ("field", "outcome", "source", "selector", "score", "value", "reason")


def explained_page(name: str, extraction: Extraction, rows: Iterable[dict[str, Any]], marked: str) -> str:
    """The document: a legend with the verdict and every candidate (`rows`) above the page's `marked` text."""
    article, opinion = extraction.article, extraction.body.opinion
    verdict = f"{article.page_type}, {article.verdict}"
    verdict += f": {article.verdict_reason}" if article.verdict_reason else ""
    sure = "no block was weighed"
    if opinion is not None:
        sure = f"threshold {opinion.threshold:.2f}, expected F1 {opinion.expected_f1:.2f}"
    facts = [("page", article.url or name), ("verdict", verdict), ("text", f"{article.word_count} words; {sure}")]
    if extraction.next_page:
        facts.append(("goes on at", extraction.next_page))
    headline = article.headline or "(no headline)"
    legend = [f"<h1>{_text(headline)}</h1>", *(f"<p><b>{label}</b> {_text(fact)}</p>" for label, fact in facts)]
    legend += ["<p>", *(f'<mark class="{kind}">{label}</mark>\n' for kind, label in _KEY), "</p>"]
    rows = list(rows)
    legend.append(_table("The text: candidates", [r for r in rows if r["field"] == "body" and "block" not in r], True))
    legend.append(_table("All other fields: candidates", [r for r in rows if r["field"] != "body"], False))
    document = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(headline)}: explained</title>\n<style>{_STYLE}</style></head>\n"
        f'<body><header id="legend">{"".join(legend)}</header>\n<main id="page">{marked}</main></body></html>\n'
    )
    return harmless(document)


def _table(title: str, rows: list[dict[str, Any]], is_open: bool) -> str:
    head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
    lines = ("".join(f"<td>{_text(_shown(row.get(column)))}</td>" for column in _COLUMNS) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return (
        f"<details{' open' if is_open else ''}><summary>{title}</summary><table><tr>{head}</tr>{body}</table></details>"
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:.2f}" if isinstance(value, float) else "" if value is None else str(value)


def _text(text: str) -> str:
    return escape(text, quote=False)
