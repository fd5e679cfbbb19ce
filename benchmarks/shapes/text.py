"""What is said without end: in the head, in JSON-LD, and in text that tries every reader of dates, names and links."""

from __future__ import annotations

from benchmarks.shapes.article import HEADLINE, TEXT, Shape, around, many, numbered

_SPACES = " \n\t\u00a0\u2003\u200b"


def _ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


HEAD: dict[str, Shape] = {
    "a giant title": lambda size: around(title=f"{HEADLINE} {many('word ', size)}"),
    "a title of separators": lambda size: around(title=HEADLINE + many(" | a - b", size)),
    "a title of spaces": lambda size: around(title=f"{HEADLINE} {many(' ', size)}not"),
    "a million meta tags": lambda size: around(head=many("<meta a>", size)),
    "titles in meta tags": lambda size: around(head=numbered('<meta property="og:title" content="Title #">', size)),
    "a giant author": lambda size: around(head=f"<meta name=author content='{many('A Lee and B Ray, ', size)}'>"),
    "dates in meta tags": lambda size: around(
        head=numbered('<meta property="article:published_time" content="2024-05-03T10:00:#">', size)
    ),
    "canonical addresses": lambda size: around(head=numbered("<link rel=canonical href=/one-two-#>", size)),
    "bases": lambda size: around(head=numbered("<base href='https://www.gazette.example/#/'>", size)),
    "JSON-LD, 10,000 times": lambda size: around(
        head=many(_ld('{"@type":"NewsArticle","headline":"x","author":{"name":"Ann Lee"}}'), size)
    ),
    "JSON-LD, nested": lambda size: around(head=_ld("[" * (size // 2) + "]" * (size // 2))),
    "JSON-LD, unclosed": lambda size: around(head=_ld('{"@type":"NewsArticle","headline":"' + many("\\u0041", size))),
    "JSON-LD, all comment": lambda size: around(head=_ld('{"a": ' + many("/*", size))),
    "JSON-LD, a giant graph": lambda size: around(
        head=_ld('{"@graph":[' + numbered('{"@type":"NewsArticle","headline":"Ferry #","url":"/x#"},', size) + "{}]}")
    ),
    "JSON-LD, a giant body of tags": lambda size: around(
        head=_ld('{"@type":"NewsArticle","articleBody":"' + many("<p", size) + '"}')
    ),
    "JSON, a giant state": lambda size: around(
        below='<script id="__NEXT_DATA__" type="application/json">{"props":['
        + numbered('{"title":"Story #","body":"<p>Some words.</p>"},', size)
        + "{}]}</script>"
    ),
}

WORDS: dict[str, Shape] = {
    "one word": lambda size: around(below="<p>" + many("x", size)),
    "spaces": lambda size: around(text=f"{TEXT}<p>{many(' ', size)}x</p>"),
    "white space of all kinds": lambda size: around(text=f"{TEXT}<p>{many(_SPACES, size)}</p>"),
    "dots": lambda size: around(below="<p>" + many(".", size)),
    "digits": lambda size: around(above="<p>" + many("1", size)),
    "dates": lambda size: around(above="<p>" + many("3 May 2024 10:00, ", size)),
    "half dates": lambda size: around(above="<p>" + many("12/12/", size)),
    "quotation marks": lambda size: around(below="<p>" + many("'\"“”", size)),
    "by by by": lambda size: around(above="<p>By " + many("By and ", size)),
    "e-mail without end": lambda size: around(above="<p>By " + many("a@a.", size)),
    "addresses": lambda size: around(below="<p>" + many("http://", size)),
    "base64": lambda size: around(text=f"{TEXT}<p>{many('QUJDRA==', size)}</p>"),
    "marks of direction": lambda size: around(below="<p>" + many("\u202e\u200f\u2066", size)),
    "combining marks": lambda size: around(below="<p>a" + many("\u0300\u0301\u0489", size)),
    "emoji joined": lambda size: around(below="<p>" + many("👩\u200d", size)),
    "text without spaces": lambda size: around(text=f"{TEXT}<p>{many('渡し船が港に戻る', size)}</p>"),
    "angle brackets and brackets": lambda size: around(below="<p>" + many("[{(<", size)),
}
