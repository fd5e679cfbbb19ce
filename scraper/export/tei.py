"""Articles as TEI P5: one teiCorpus, each article a TEI element whose header says where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from scraper.article import Article, utc_text
from scraper.export.about import About
from scraper.export.body import (
    Block,
    Cell,
    Figure,
    Heading,
    Inline,
    LineBreak,
    Listing,
    Mark,
    Paragraph,
    Picture,
    Preformatted,
    Quote,
    Table,
    blocks_of,
)
from scraper.export.cells import utf8
from scraper.export.fields import Field, described
from scraper.export.stated import w3c

_NAMESPACE = "http://www.tei-c.org/ns/1.0"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_LABEL = ' role="label"'
_RENDITIONS = {
    "em": "italic", "strong": "bold", "code": "code", "del": "strikethrough", "sub": "subscript", "sup": "superscript",
    "u": "underline", "mark": "highlight",
}  # fmt: skip


def fields() -> tuple[Field, ...]:
    """Where in the file is what."""
    return described(
        {
            "titleStmt/title": "headline",
            "titleStmt/author": "authors",
            "sourceDesc/bibl/publisher": "site",
            "sourceDesc/bibl/date[@type='published']": "published_at",
            "sourceDesc/bibl/date[@type='modified']": "modified_at",
            "sourceDesc/bibl/ref[@type='source']": "url",
            "sourceDesc/bibl/ref[@type='canonical']": "canonical_url",
            "sourceDesc/bibl/date[@type='captured']": "fetched_at",
            "sourceDesc/bibl/idno[@type='sha256']": "sha256",
            "sourceDesc/bibl/idno[@type='rendered-sha256']": "rendered_sha256",
            "sourceDesc/bibl/idno[@type='capture']": "capture_id",
            "sourceDesc/bibl/idno[@type='article']": "id",
            "sourceDesc/bibl/idno[@type='revision']": "revision",
            "encodingDesc/p": "extractor",
            "profileDesc/abstract": "lead",
            "profileDesc/langUsage/language": "language",
            "profileDesc/textClass/keywords[@n='section']": "section",
            "profileDesc/textClass/keywords[@n='tags']": "tags",
            "profileDesc/textClass/keywords[@n='verdict']": "verdict",
            "text/body": "body_html",
        }
    )


def write_tei(articles: Iterable[Article], out: BinaryIO, about: About) -> int:
    """A teiCorpus of one TEI an article. Where there is none, a TEI that says so: a corpus must have a member."""
    out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    count = 0
    for article in articles:
        if count == 0:
            out.write(utf8(f'<teiCorpus xmlns="{_NAMESPACE}">\n{_corpus_header(about)}\n'))
        out.write(utf8("\n".join(filter(None, _tei(article))) + "\n"))
        count += 1
    if count:
        out.write(b"</teiCorpus>\n")
    else:
        nothing = "<text><body><p>No article was exported.</p></body></text>"
        out.write(utf8(f'<TEI xmlns="{_NAMESPACE}">\n{_corpus_header(about)}\n{nothing}\n</TEI>\n'))
    return count


def _corpus_header(about: About) -> str:
    return (
        "<teiHeader><fileDesc>"
        f"<titleStmt><title>News articles: {_escaped(about.selection.in_words())}</title></titleStmt>"
        f"<publicationStmt><p>Exported by {_escaped(about.program)} on"
        f' <date when="{about.made_at_text}">{about.made_at_text}</date>.</p></publicationStmt>'
        f"<sourceDesc><p>The archive {_escaped(about.archive)}.</p></sourceDesc>"
        "</fileDesc></teiHeader>"
    )


def _tei(article: Article) -> Iterator[str]:
    language = _language(article)
    in_language = f' xml:lang="{language}"' if language else ""
    yield f'<TEI xml:id="article-{article.id}-r{article.revision}"{in_language}>'
    yield "<teiHeader>"
    yield from _file_description(article)
    yield f"<encodingDesc><p>Read from the captured page by {_escaped(article.extractor)}.</p></encodingDesc>"
    yield from _profile(article, language)
    yield "</teiHeader>"
    yield "<text><body><div>"
    yield _element("head", article.headline)
    yield from _divisions(blocks_of(article))
    yield "</div></body></text>"
    yield "</TEI>"


def _file_description(article: Article) -> Iterator[str]:
    title = _element("title", article.headline) or "<title/>"
    authors = "".join(_element("author", name) for name in article.authors)
    yield f"<fileDesc><titleStmt>{title}{authors}</titleStmt>"
    yield "<publicationStmt><p>From an archive of captured pages; the rights are the publisher's.</p>"
    yield "</publicationStmt><sourceDesc><bibl>"
    yield title + authors + _element("publisher", article.site)
    for kind, stated in (("published", article.published_at), ("modified", article.modified_at)):
        when = w3c(stated)
        yield _element("date", stated, type=kind, **({"when": when} if when else {}))
    for kind, url in (("source", article.url), ("canonical", article.canonical_url)):
        yield _element("ref", url, type=kind, target=_pointer(url))
    if article.capture is not None:
        captured = utc_text(article.capture.fetched_at)
        yield _element("date", captured, type="captured", when=captured)
        yield _element("idno", article.capture.sha256, type="sha256")
        yield _element("idno", article.capture.rendered_sha256, type="rendered-sha256")
        yield _element("idno", str(article.capture.id), type="capture")
    yield _element("idno", str(article.id), type="article")
    yield _element("idno", str(article.revision), type="revision")
    yield "</bibl></sourceDesc></fileDesc>"


def _profile(article: Article, language: str) -> Iterator[str]:
    yield "<profileDesc>"
    if article.lead:
        yield f"<abstract>{_element('p', article.lead)}</abstract>"
    if language:
        yield f'<langUsage><language ident="{language}"/></langUsage>'
    yield "<textClass>"
    section = (article.section,) if article.section else ()
    for name, terms in (("section", section), ("tags", article.tags), ("verdict", (article.verdict,))):
        if terms:
            yield f'<keywords n="{name}">{"".join(_element("term", term) for term in terms)}</keywords>'
    yield "</textClass></profileDesc>"


def _divisions(blocks: Sequence[Block]) -> Iterator[str]:
    """Each heading begins a division, inside that of the heading above it; a division's own text stands before them."""
    under_way: list[int] = []
    empty = True
    for block in blocks:
        if isinstance(block, Heading):
            while under_way and under_way[-1] >= block.level:
                under_way.pop()
                yield "</div>"
            under_way.append(block.level)
            yield f"<div><head>{_inlines(block.content)}</head>"
        else:
            yield _block(block)
        empty = False
    yield from ["</div>"] * len(under_way)
    if empty:
        yield "<p/>"


def _block(block: Block) -> str:
    match block:
        case Paragraph(content):
            return f"<p>{_inlines(content)}</p>"
        case Heading(_, content):  # inside a quotation or a list, where no division can begin
            return f'<p rend="heading">{_inlines(content)}</p>'
        case Preformatted(text):
            return f'<ab type="preformatted" xml:space="preserve">{_escaped(text)}</ab>'
        case Quote(inside):
            return f"<quote>{''.join(map(_block, inside))}</quote>"
        case Listing(numbered, items):
            written = "".join(f"<item>{_item(item)}</item>" for item in items)
            return f"<list{_attributes(rend='numbered' if numbered else 'bulleted')}>{written}</list>"
        case Table(rows):
            return f"<table>{''.join(map(_row, rows))}</table>"
        case Figure(pictures, caption):
            head = f"<head>{_inlines(caption)}</head>" if caption else ""
            return f"<figure>{head}{''.join(map(_picture, pictures))}</figure>"


def _item(item: Sequence[Block]) -> str:
    first, *more = item
    begun = _inlines(first.content) if isinstance(first, Paragraph) else _block(first)
    return begun + "".join(map(_block, more))


def _row(cells: Sequence[Cell]) -> str:
    written = (f"<cell{_LABEL if one.heading else ''}>{_inlines(one.content)}</cell>" for one in cells)
    return f"<row>{''.join(written)}</row>"


def _picture(picture: Picture) -> str:
    described_as = _element("figDesc", picture.alt) if picture.alt else ""
    return f"<graphic{_attributes(url=_pointer(picture.url))}/>{described_as}"


def _inlines(content: Sequence[Inline]) -> str:
    return "".join(map(_inline, content))


def _inline(one: Inline) -> str:
    match one:
        case str():
            return _escaped(one)
        case LineBreak():
            return "<lb/>"
        case Picture():
            return f"<figure>{_picture(one)}</figure>"
        case Mark("a", content, url):
            return f"<ref{_attributes(target=_pointer(url))}>{_inlines(content)}</ref>"
        case Mark(name, content):
            return f'<hi rend="{_RENDITIONS[name]}">{_inlines(content)}</hi>'


def _language(article: Article) -> str:
    return article.language if article.language and _LANGUAGE.fullmatch(article.language) else ""


def _pointer(url: str | None) -> str:
    return re.sub(r"\s", "%20", url or "")


def _element(name: str, text: str | None, **attributes: str) -> str:
    """Nothing where there is no text."""
    return f"<{name}{_attributes(**attributes)}>{_escaped(text)}</{name}>" if text else ""


def _attributes(**attributes: str) -> str:
    return "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items())


def _attribute(text: str) -> str:
    return _escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _escaped(text: str) -> str:
    """For XML; what no XML may hold (control characters) becomes U+FFFD, so that its place is seen."""
    text = _NOT_XML.sub("\ufffd", text)
    # A carriage return that stands as it is would be read as a line feed; `>` for the sake of `]]>`.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
