"""The clean HTML: few elements and attributes, the same text as the plain body, whatever the page holds."""

from __future__ import annotations

import random
from html.parser import HTMLParser

import pytest

from tests.extract.pages import PARAGRAPHS, TEXT, page, read

ALLOWED = set(
    "p h2 h3 h4 h5 h6 ul ol li blockquote pre table tr td th figure img figcaption a strong em code sup sub".split()
)
ATTRIBUTES = {"a": ["href"], "img": ["src", "alt"]}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>click me now</a>",
    "<a href=' java\nscript:alert(1)'>click me now</a>",
    "<a href='&#106;avascript:alert(1)'>click me now</a>",
    "<a href='vbscript:x'>click me now</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>click me now</a>",
    "<a href='https://x.example/\"onmouseover=alert(1)'>click me now</a>",
    "<a href='https://x.example/' onclick='alert(1)' style='x:y'>click me now</a>",
    '<a href="https://x.example/?a=1&b=\'<>">click me now</a>',
    "<img src='javascript:alert(1)' srcset='javascript:alert(2) 2x, data:text/html,<script>alert(1)</script> 3x'>",
    "<img src='https://x.example/a.jpg' alt='\"><script>alert(1)</script>' title='\"onload=alert(1)'>",
    """<img alt="' onerror='alert(1)" src="https://x.example/'onerror='alert(1).jpg">""",
    "<figure><img src=/a.jpg><figcaption onclick=alert(1)>A <script>alert(1)</script>caption</figcaption></figure>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x><p>inside object</p></object>",
    "<embed src=x>",
    "<style>p{background:url(javascript:1)}</style>",
    "<link rel=stylesheet href=//x.example/y.css>",
    "<meta http-equiv=refresh content='0;url=javascript:1'>",
    "<base href='javascript:alert(1)//'>",
    "<form action=javascript:1><input autofocus onfocus=alert(1)></form>",
    "<p onclick=alert(1)>a paragraph that is clickable by nobody.</p>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; was typed as text.</p>",
    "<p>&amp;lt;img src=x onerror=alert(1)&amp;gt; twice escaped.</p>",
    "<math><mtext></p><script>alert(1)</script></mtext></math>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>x</p></noscript>",
    "<template><script>alert(1)</script></template>",
    "<xmp><script>alert(1)</script></xmp>",
    "<listing>&lt;b&gt;</listing>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title></title><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<details open ontoggle=alert(1)><summary>open</summary></details>",
    "<video><source onerror=alert(1)></video>",
    "<custom-element onclick=alert(1)>a custom element's text</custom-element>",
    "<p><a href='//evil.example/x'>protocol relative</a></p>",
    "<p><a href='https://user:pass@x.example/'>credentials</a></p>",
    "<table><tr><td onclick=x>cell one</td><td>cell <script>x</script>two</td></tr></table>",
]
WRAPS = [
    "{}",
    "<p>Before {} after the thing.</p>",
    "<blockquote>{}</blockquote>",
    "<ul><li>One {}</li></ul>",
    "<h2>{}</h2>",
]
CASES = [(wrap, snippet) for wrap in WRAPS for snippet in HOSTILE]


class Strict(HTMLParser):
    """Fails on anything that is not allowed; collects the text a block at a time."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert [name for name, _ in attrs] == ATTRIBUTES.get(tag, []), attrs
        for name, value in attrs:
            assert name == "alt" or (value or "").startswith(("https://", "http://")), value
        if tag == "img":
            assert self.stack[-1] == "figure"
            return
        self.stack.append(tag)
        if tag not in ("a", "strong", "em", "code", "sup", "sub"):
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if "figcaption" not in self.stack:  # the plain body has no captions
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")


def check(body: str | None, body_html: str | None) -> None:
    parser = Strict()
    parser.feed(body_html or "")
    parser.close()
    assert parser.stack == []
    assert "".join(parser.text).split() == (body or "").replace(" | ", " ").split()


def test_there_are_200_hostile_snippets() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("wrap", WRAPS, ids=["bare", "paragraph", "quote", "item", "heading"])
def test_hostile_snippets(wrap: str) -> None:
    first, rest = TEXT.split("\n", 1)
    for snippet in HOSTILE:
        article = read(page(text=f"{first}{wrap.format(snippet)}{rest}")).article
        check(article.body, article.body_html)
        assert PARAGRAPHS[0] in (article.body or ""), snippet
        assert "<script" not in (article.body_html or "").lower(), snippet


def test_hostile_json_ld_body_is_escaped() -> None:
    from tests.extract.pages import ld

    stated = "<script>alert(1)</script><p>" + "&lt;img src=x onerror=alert(1)&gt; ".join(PARAGRAPHS) + "</p>"
    html = page(
        text="", head=ld({"@type": "NewsArticle", "articleBody": stated}).replace("</script>alert", "<\\/script>alert")
    )
    article = read(html).article
    check(article.body, article.body_html)


def test_hostile_plain_text_is_escaped() -> None:
    text = "\n\n".join(p + " <script>alert(1)</script> & so on." for p in PARAGRAPHS)
    article = read(text.encode(), content_type="text/plain").article
    assert "<script" in (article.body or "")
    check(article.body, article.body_html)


def test_random_mixtures() -> None:
    rng = random.Random(5)
    for _ in range(60):
        parts = [f"<p>{p}</p>" for p in PARAGRAPHS] + rng.sample(HOSTILE, 6)
        rng.shuffle(parts)
        article = read(page(text="".join(parts))).article
        check(article.body, article.body_html)
