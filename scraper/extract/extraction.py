"""The way from bytes to an article: read, gather candidates, choose a field at a time, judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from scraper.article import Article, Link, Provenance
from scraper.extract.body import Body, choose_body, with_standfirst, without_heading_lines
from scraper.extract.candidates import Candidate, Evidence
from scraper.extract.dates.model import DateModel
from scraper.extract.dates.shown import ShownDate, frame_of, read_shown_dates, texts_near
from scraper.extract.fields.authors import choose_authors
from scraper.extract.fields.choice import Choice, Considered, absent, best_of
from scraper.extract.fields.dates import choose_dates, reading_of
from scraper.extract.fields.headline import choose_headline
from scraper.extract.fields.simple import choose_simple
from scraper.extract.links import classify_links
from scraper.extract.metadata import read_metadata
from scraper.extract.models import Models, packaged_models
from scraper.extract.page import Page
from scraper.extract.page_signs import facts_of
from scraper.extract.pagination import next_page
from scraper.extract.plain_text import read_plain_text
from scraper.extract.render import text_as_html
from scraper.extract.shell import is_shell
from scraper.extract.sitefiles import SiteFile, SiteFiles, SiteReading, apply_layout, load_site_files
from scraper.extract.surroundings import Surroundings, look_around
from scraper.extract.verdict import Judgement, judge
from scraper.extract.visible import read_visible
from scraper.settings import VERSION
from scraper.urls import canonical, host_of, site_of, without_credentials

EXTRACTOR = f"news-archiver {VERSION}"
_WALLS = ("consent", "blocked")
"""Verdicts under which nothing on the page is the page's own: neither headline nor links."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """An article and how it came about."""

    article: Article
    choices: tuple[Choice, ...] = ()
    """One per field, with every candidate and why it won or lost."""
    body: Body = field(default_factory=Body)
    site_file: SiteFile | None = None
    missed: tuple[str, ...] = ()
    """Fields of the site file whose selectors matched nothing on this page."""
    encoding: str = ""
    next_page: str | None = None
    """Where the same article goes on, for one that is spread over several pages."""
    is_shell: bool = False
    """Whether scripts put the page's text there, and without them there is none."""
    notes: tuple[str, ...] = ()
    """What a reader of the result should know: characters lost, text found outside the visible page …"""


def extract(
    html: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    captured_at: datetime | None = None,
    sites: SiteFiles | None = None,
) -> Article:
    """The article on a page. No I/O, and nothing is raised on bad HTML: see `article.verdict` and its reason.

    `html` is best given as bytes as received, with the Content-Type header where there was one; `captured_at`
    (timezone-aware) tells which of a site's dated layouts applies and which dates lie in the future. `sites` are the
    site files to use; the packaged ones by default.
    """
    return extract_with_reasons(html, url=url, content_type=content_type, captured_at=captured_at, sites=sites).article


def extract_with_reasons(
    html: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    captured_at: datetime | None = None,
    sites: SiteFiles | None = None,
    models: Models | None = None,
) -> Extraction:
    """As `extract`, with each field's candidates and the reason why each won or lost.

    `models` are the fitted ones that extraction applies; those of the package by default.
    """
    page = Page.read(
        html, url=without_credentials(url) if url else None, content_type=content_type, captured_at=captured_at
    )
    if page.not_text:
        reason = f"the page is {page.not_text}"
        return Extraction(_bare(page, Judgement("other", "not_article", reason)), encoding=page.encoding)
    if not page.is_html:
        return _from_plain_text(page)
    return _from_html(page, sites if sites is not None else load_site_files(), models or packaged_models())


def _from_html(page: Page, sites: SiteFiles, models: Models) -> Extraction:
    evidence = Evidence()
    site_file = sites.for_url(page.url)
    reading: SiteReading | None = None
    if site_file is not None:
        evidence.site_names.add(site_file.name)
        layout = site_file.layout_on(page.captured_at.date() if page.captured_at else None)
        reading = apply_layout(layout, page, evidence)
    read_metadata(page, evidence)
    if site_file is not None and site_file.language and not any(evidence.of("language")):
        evidence.add("language", site_file.language, "site_file", "language")
    body = choose_body(page, evidence, reading, models.blocks)
    headline = choose_headline(
        evidence, page.outline, body.blocks[0].index if body.blocks else None, host_of(page.url) if page.url else ""
    )
    around = look_around(page.outline, _text(headline), body.blocks)
    language = choose_simple("language", evidence, url=page.url)
    shown = read_shown_dates(
        page.outline,
        frame_of(page.outline, around.title, body.blocks),
        reading_of(_text(language), host_of(page.url) if page.url else None),
        page.captured_at,
    )
    without_heading_lines(body, _text(headline), [*around.texts(), *texts_near(shown)])
    choices = _choose_fields(
        page, evidence, models.dates, headline=headline, around=around, dates=shown, language=language, body=body
    )
    with_standfirst(body, evidence, page.outline)
    links = classify_links(page.outline, body.blocks, reading.link_boxes if reading else {}, page.url)
    title = page.first("title")
    judgement = judge(
        page.outline,
        evidence,
        facts_of(page.url, body, choices, around),
        models.page_type,
        title=(title.text() or "") if title else "",
        body_text=body.text,
        is_article=reading.is_article if reading else None,
    )
    shell = is_shell(page, judgement, body.words)
    if shell and judgement.verdict == "not_article":
        # What it shows without scripts is a line that asks for them: nobody's text.
        reason = "scripts put the page's text there, and without them there is none"
        judgement = Judgement(judgement.page_type, "empty", reason, keeps_text=False)
    if judgement.keeps_text:
        body.render(page)
    article = _article(page, choices, body, judgement, links)
    missed = tuple(reading.missed) if reading else ()
    following = (reading.next_page if reading else None) or next_page(page)
    return Extraction(
        article,
        tuple(choices.values()),
        body,
        site_file,
        missed,
        page.encoding,
        following,
        shell,
        page.notes,
    )


def _choose_fields(
    page: Page,
    evidence: Evidence,
    date_model: DateModel,
    *,
    headline: Choice,
    around: Surroundings,
    dates: list[ShownDate],
    language: Choice,
    body: Body,
) -> dict[str, Choice]:
    host = host_of(page.url) if page.url else ""
    read_visible(page, body, _text(headline), evidence)
    shown = f"{_text(headline) or ''} {body.text}"
    published, modified = choose_dates(
        evidence, dates, url=page.url, language=_text(language), captured_at=page.captured_at, model=date_model
    )
    choices = [headline, choose_authors(evidence, around.bylines, host), published, modified]
    choices += [
        choose_simple(name, evidence, url=page.url, text=shown) for name in ("lead", "section", "tags", "image")
    ]
    choices += [language, choose_simple("canonical_url", evidence, url=page.url)]
    return {choice.field: choice for choice in choices}


def _article(
    page: Page, choices: dict[str, Choice], body: Body, judgement: Judgement, links: tuple[Link, ...]
) -> Article:
    kept = judgement.keeps_text and body.words > 0
    if not judgement.keeps_text:
        choices = _withheld(choices, judgement)
    if judgement.verdict in _WALLS:
        links = ()
    provenance = {name: choice.provenance for name, choice in choices.items()}
    provenance["body"] = (
        body.provenance if kept and body.text else Provenance(source="none", confidence=0.0, reason=judgement.reason)
    )
    return Article(
        url=page.url,
        canonical_url=_text(choices["canonical_url"]) or (canonical(page.url) if page.url else None),
        site=site_of(page.url) if page.url else None,
        headline=_text(choices["headline"]),
        authors=_list(choices["authors"]),
        published_at=_text(choices["published_at"]),
        modified_at=_text(choices["modified_at"]),
        lead=_text(choices["lead"]),
        body=body.text or None if kept else None,
        body_html=body.html or None if kept else None,
        language=_text(choices["language"]),
        section=_text(choices["section"]),
        tags=_list(choices["tags"]),
        image=_text(choices["image"]),
        links=links,
        word_count=body.words if kept else 0,
        page_type=judgement.page_type,
        verdict=judgement.verdict,
        verdict_reason=judgement.reason,
        provenance=provenance,
        extractor=EXTRACTOR,
    )


def _withheld(choices: dict[str, Choice], judgement: Judgement) -> dict[str, Choice]:
    """Without what describes an article the page does not show."""
    names = ["authors", "published_at", "modified_at"]
    if judgement.verdict in _WALLS:
        names += ["headline", "lead"]
    reason = judgement.reason or judgement.verdict
    return choices | {name: absent(name, reason, list(choices[name].considered)) for name in names}


def _from_plain_text(page: Page) -> Extraction:
    reading = read_plain_text(page.source)
    text = "\n\n".join(reading.paragraphs)
    body = Body(text, text_as_html(text))
    if text:
        body.provenance = Provenance(source="text", confidence=0.5, reason="the longest stretch of sentences")
        judgement = Judgement("article", "ok", None)
    elif page.source.strip():
        judgement = Judgement("other", "not_article", "the text holds no sentences")
    else:
        judgement = Judgement("other", "empty", "the page has no text")
    line = reading.headline
    stated = [Considered(Candidate("headline", line, "text"), line, 0.5, "the line above the text")] if line else []
    headline = best_of("headline", stated, missing="no line stands above the text")
    reason = "copied text has no markup to tell it from"
    choices = {"headline": headline}
    for name in (
        "authors",
        "published_at",
        "modified_at",
        "lead",
        "section",
        "tags",
        "image",
        "language",
        "canonical_url",
    ):
        choices[name] = absent(name, reason)
    article = _article(page, choices, body, judgement, ())
    return Extraction(article, tuple(choices.values()), body, encoding=page.encoding, notes=page.notes)


def _bare(page: Page, judgement: Judgement) -> Article:
    return Article(
        url=page.url,
        canonical_url=canonical(page.url) if page.url else None,
        site=site_of(page.url) if page.url else None,
        page_type=judgement.page_type,
        verdict=judgement.verdict,
        verdict_reason=judgement.reason,
        provenance={"body": Provenance(source="none", confidence=0.0, reason=judgement.reason)},
        extractor=EXTRACTOR,
    )


def _text(choice: Choice) -> str | None:
    return choice.value if isinstance(choice.value, str) else None


def _list(choice: Choice) -> tuple[str, ...]:
    if choice.value is None:
        return ()
    return choice.value if isinstance(choice.value, tuple) else (choice.value,)
