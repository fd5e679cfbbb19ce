"""An archive of articles that are as bad as the web: what every format must carry without breaking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from scraper.article import Article, Link, Provenance
from scraper.export.about import About, Selection
from scraper.export.formats import FORMATS, export_to_stream
from scraper.store import Archive
from tests.store.conftest import Builder

MADE_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

RICH_HTML = """\
<h2>The <em>first</em> part &amp; more</h2>
<p>A <a href="https://other.example/a?b=1&amp;c=(2)">link</a>, <strong>bold </strong>text, <code>x</code><br>next line.
</p>
<p>A <a href="javascript:alert(1)">bad link</a> and <img src="https://other.example/p.png" alt="pic]"> inline.</p>
<h3>Deeper</h3>
<ul><li>one<ul><li>one a</li><li>one b</li></ul></li><li><p>two</p><p>more of two</p></li></ul>
<ol><li>first</li><li>second</li></ol>
<blockquote><p>Quoted once.</p><p>Quoted twice.</p></blockquote>
<h2>The second part</h2>
<pre>def f():
    return "```"</pre>
<table><tr><th>a|b</th><th>c</th></tr>
<tr><td>1</td><td></td></tr></table>
<figure><img src="https://other.example/big.jpg" alt="A boat"><figcaption>The <em>boat</em></figcaption></figure>
"""

NASTY: list[dict[str, Any]] = [
    {
        "headline": "سوق \u202eالسمك\u202c في مرسى",
        "language": "ar",
        "authors": ("ليلى الحدّاد",),
        "tags": ("سوق", "سمك"),
    },
    {
        "headline": "Boats 🚣🏽‍♀️ sink\x00 \x1b[31mred\x07 \x85 \u2028 \ufeff \ufffe"
        " ]]> <b>&amp;</b> --> \\ { } } %$#_^~ \"q\" 'a'"
    },
    {"headline": "--- \nkey: [value]\n...\n- *anchor &x !tag", "lead": "---\n# no\theading\n```"},
    {"headline": "Long " + "words and more of them " * 13},
    {"headline": "../../etc/passwd", "section": "../..", "site": "example.com"},
    {"headline": "CON"},
    {"headline": "Ends in dots. . . "},
    {"headline": "Twice the same"},
    {"headline": "Twice the same"},
    {"headline": None, "authors": (), "published_at": None, "lead": None, "language": None},
    {"headline": "Half \ud83d of an emoji", "tags": ("\udc00",), "authors": ("\ud83dAda\x00",)},
    {
        "headline": '=HYPERLINK("http://evil.example","x")',
        "lead": " \u200b\t+1",
        "authors": ("=1+1", "Bell; Ada", "back\\slash;", "@handle"),
        "tags": ("-1", "＝2"),
        "section": "＋3",
        "body": "First;=cmd|' /C calc'!A0\n\n- an item\n  @more\nplain - text; fine\t=4",
    },
    {"headline": "Rich", "body": "The first part & more\n\nA link …", "body_html": RICH_HTML, "tags": ("one", "two")},
    {
        "headline": "Ends \\",
        "authors": ("Smith and Sons", "Bell, Ada", "Reuters", "Ursula von der Leyen", "others", "{x"),
    },
    {"headline": "Soon", "published_at": "soon", "modified_at": "0001-01-01T00:00:00+14:00", "language": "x y"},
    {"headline": "A day", "published_at": "2024-07-22", "modified_at": "2024-07"},
    {"headline": "雨が降った" * 40, "language": "ja", "authors": ("山田太郎",)},
]
"""Fields of articles, numbered from 1 by their order."""


def article(make: Builder, number: int, fields: dict[str, Any]) -> Article:
    url = f"https://example.com/{number}?a={{b}}&c=%zz"
    values: dict[str, Any] = {
        "url": url,
        "canonical_url": f"https://example.com/{number}",
        "lead": "A lead.",
        "section": "News",
        "tags": ("a", "b"),
        "image": "https://example.com/i.jpg",
        "modified_at": "2024-07-23T10:00:00Z",
        "links": (Link("https://a.example/;=1", "-link; text", "inline"), Link("https://b.example/", "", "related")),
        "provenance": {"headline": Provenance(source="json_ld", confidence=0.9, selector="$.headline", reason="first")},
        **fields,
    }
    body = values.pop("body", "Water rose.\n\nIt fell.")
    markup = values.pop("body_html", "".join(f"<p>{escape(part)}</p>" for part in body.split("\n\n")))
    return replace(make.article(body, **values), body_html=markup)


def fill(path: Path) -> None:
    """Make the archive: the nasty articles, a page with two revisions (18), one that is no article (19), and one
    that was none at first (20)."""
    make = Builder()
    with Archive.open(path, write=True, clock=lambda: MADE_AT) as archive:
        for number, fields in enumerate(NASTY, 1):
            make.store(archive, article(make, number, fields), url=f"https://example.com/{number}")
        for text in ("Before.", "After."):
            edited = make.article(text, url="https://two.example/a", site="two.example", headline=f"Edited {text}")
            make.store(archive, edited, url="https://two.example/a")
        for host, texts in (("wall.example", (None,)), ("opened.example", (None, "What was behind it."))):
            for text in texts:
                verdict = "consent" if text is None else "ok"
                page = make.article(text, url=f"https://{host}/", site=host, verdict=verdict, headline="Cookies?")
                make.store(archive, page, url=f"https://{host}/")


def about(**selection: Any) -> About:
    return About(archive="nasty.db", made_at=MADE_AT, selection=Selection(**selection))


def exported(archive: Archive, form: str, **selection: Any) -> bytes:
    """What an export to stdout gives."""
    out = BytesIO()
    export_to_stream(FORMATS[form], archive, about(**selection), out)
    return out.getvalue()


def stored(archive: Archive, **selection: Any) -> list[Article]:
    """What is to be exported, in its order."""
    return list(Selection(**selection).articles(archive))


def by_id(articles: Iterable[Article]) -> dict[int, Article]:
    return {one.id or 0: one for one in articles}
