"""TEI: well-formed whatever the text, of the TEI's structure, and saying where it came from."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from lxml import etree

from scraper.article import Article
from scraper.export.tei import fields, write_tei
from scraper.store import Archive
from tests.export import corpus

TEI = "{http://www.tei-c.org/ns/1.0}"
NAMES = {"t": TEI.strip("{}")}
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("tei_subset.rng")))


def parsed(raw: bytes) -> etree._Element:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, huge_tree=True))


def of(article: Article) -> etree._Element:
    out = io.BytesIO()
    write_tei([article], out, corpus.about())
    return parsed(out.getvalue())


@pytest.mark.parametrize("selection", [{}, {"all_revisions": True}, {"verdicts": None}, {"site": "nowhere.example"}])
def test_it_has_the_structure_of_tei(nasty: Archive, schema: etree.RelaxNG, selection: dict[str, object]) -> None:
    root = parsed(corpus.exported(nasty, "tei", **selection))
    schema.assertValid(root)
    ids = [one.get(XML_ID) for one in root.iter(f"{TEI}TEI") if one.get(XML_ID)]
    articles = corpus.stored(nasty, **selection)
    assert ids == [f"article-{one.id}-r{one.revision}" for one in articles]
    assert root.tag == TEI + ("teiCorpus" if articles else "TEI")


def test_an_article_with_nothing_in_it(schema: etree.RelaxNG) -> None:
    schema.assertValid(of(Article(id=1, revision=1)))


def test_the_check_finds_what_is_no_tei(schema: etree.RelaxNG) -> None:
    root = of(Article(id=1, revision=1, headline="x", body="y"))
    schema.assertValid(root)
    next(root.iter(f"{TEI}div")).append(etree.Element(f"{TEI}title"))
    assert not schema.validate(root)


def test_headers_say_what_was_captured(nasty: Archive) -> None:
    root = parsed(corpus.exported(nasty, "tei"))
    for tei, article in zip(root.findall("t:TEI", NAMES), corpus.stored(nasty), strict=True):

        def said(path: str, tei: etree._Element = tei) -> list[str]:
            found = tei.xpath(f"t:teiHeader//t:{path.replace('/', '/t:')}", namespaces=NAMES)
            return [one.text or "" for one in found]

        def held(*texts: str | None) -> list[str]:
            return [re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", t) for t in texts if t]

        assert article.capture
        assert said("titleStmt/title") == (held(article.headline) or [""])
        assert said("titleStmt/author") == held(*article.authors)
        assert said("bibl/publisher") == [article.site]
        assert said("bibl/date[@type='published']") == held(article.published_at)
        assert said("bibl/ref[@type='source']") == [article.url]
        assert said("bibl/idno[@type='sha256']") == [article.capture.sha256]
        assert said("bibl/date[@type='captured']") == [article.as_dict()["capture"]["fetched_at"]]
        assert said("keywords[@n='tags']/term") == held(*article.tags)
        assert said("abstract/p") == held(article.lead)


def test_the_dictionary_names_what_is_there(nasty: Archive) -> None:
    root = parsed(corpus.exported(nasty, "tei"))
    for field in fields():
        if field.name != "sourceDesc/bibl/idno[@type='rendered-sha256']":  # a browser drew none of these pages
            assert root.xpath("//t:" + field.name.replace("/", "/t:"), namespaces=NAMES), field.name


def test_control_characters_are_seen_to_be_missing() -> None:
    text = "a\x00b\x08c\ufffed\ud800e\r\nf ]]> &amp; <b> \x85\u2028."
    *_, paragraph = of(Article(id=1, revision=1, body=text)).iter(f"{TEI}p")
    assert paragraph.text == "a\ufffdb\ufffdc\ufffdd\ufffde\r\nf ]]> &amp; <b> \x85\u2028."


def test_headings_make_divisions() -> None:
    root = of(Article(id=1, revision=1, headline="Rich", language="en-GB", body="…", body_html=corpus.RICH_HTML))
    [tei] = root.findall("t:TEI", NAMES)
    outer = tei.find("t:text/t:body/t:div", NAMES)

    def heads(div: etree._Element) -> list[object]:
        head = "".join(div.find("t:head", NAMES).itertext())
        return [head, *(heads(inner) for inner in div.findall("t:div", NAMES))]

    assert heads(outer) == ["Rich", ["The first part & more", ["Deeper"]], ["The second part"]]
    assert tei.xpath("string(.//t:ref/@target[contains(., 'other')])", namespaces=NAMES) == (
        "https://other.example/a?b=1&c=(2)"
    )
    assert "javascript" not in etree.tostring(tei.find("t:text", NAMES)).decode()
    assert [one.get("rend") for one in tei.iter(f"{TEI}list")] == ["bulleted", "bulleted", "numbered"]
    assert [len(one) for one in tei.iter(f"{TEI}quote")] == [2]
    assert next(tei.iter(f"{TEI}ab")).text == 'def f():\n    return "```"'
    assert [one.get("role") for one in tei.iter(f"{TEI}cell")] == ["label", "label", None, None]


def test_the_text_is_all_there() -> None:
    root = of(Article(id=1, revision=1, body="…", body_html=corpus.RICH_HTML))
    words, expected = (
        " ".join(tree.itertext()).split() for tree in (next(root.iter(f"{TEI}body")), etree.HTML(corpus.RICH_HTML))
    )
    assert [word for word in words if word not in ("A", "boat", "pic]")] == [
        word for word in expected if word not in ("A", "boat")
    ]


HOSTILE = [
    "<p>" * 3000 + "deep" + "</p>" * 3000,
    "<div>" * 3000 + "deep",
    "<em>" * 3000 + "deep",
    "<blockquote>" * 500 + "deep",
    "<ul><li>" * 500 + "deep",
    "<p>a<script>alert(1)</script></p><style>x</style>",
    "<p>unclosed <b>bold <i>both</b> it",
    "</p></div><table><tr></table><ul></ul><h2></h2>",
    "<h2>Only</h2><h2>Headings</h2>",
    "<a href='https://x.example/'><p>inside out</p></a>",
    "<table><tr><td><p>a</p><p>b</p></td></tr></table>",
    "<li>loose</li>",
    "<figure><figcaption>alone</figcaption></figure><img src='data:x'>",
    "&#0; &#xd800; &#x1f; &nosuch; <!-- c --> <![CDATA[x]]> <?pi?>",
    "<p title='\"'>q</p><a href='https://x.example/ a\nb'>c</a>",
    "",
]


@pytest.mark.parametrize("markup", HOSTILE, ids=range(len(HOSTILE)))
def test_markup_of_strangers(schema: etree.RelaxNG, markup: str) -> None:
    root = of(Article(id=1, revision=1, headline="x", body="x", body_html=markup))
    schema.assertValid(root)
    text = "".join(next(root.iter(f"{TEI}body")).itertext())
    assert "alert" not in text
    assert ("deep" in text) == ("deep" in markup)
