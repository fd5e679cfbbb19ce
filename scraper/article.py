"""An article: what a reader would call the page. The names here are the JSON fields and the columns of archive.db."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

LinkKind = Literal["inline", "related", "popular"]
PageType = Literal["article", "listing", "other"]
Verdict = Literal["ok", "paywall", "consent", "blocked", "empty", "not_article"]

LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
PAGE_TYPES: tuple[PageType, ...] = get_args(PageType)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
READABLE: tuple[Verdict, ...] = ("ok", "paywall")
"""Verdicts under which `body` is the article's own text (all of it, or the teaser a paywall shows)."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page. `url` is absolute and as the page writes it, without fragment and `utm_` parameters."""

    url: str
    text: str
    kind: LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a field's value came from, or, for an absent field, why it is absent."""

    source: str
    """`site_file`, `json_ld`, `opengraph`, `meta`, `microdata`, `page`, `trafilatura`, `url`, `text`, or `none`."""
    confidence: float
    """0 to 1: how sure the merge was, from the source's rank and from how many others agreed."""
    selector: str | None = None
    """The CSS selector, JSON path or meta name that held the value."""
    reason: str | None = None
    """Why the field is absent, or why this value won."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFrom:
    """The file that a capture was imported from."""

    source: str
    """Its name."""
    record: str
    """Where in it: the WARC-Record-ID, or the name of the file."""
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRef:
    """The stored capture an article was read from."""

    id: int
    fetched_at: datetime
    status: int | None
    final_url: str
    sha256: str | None
    size: int | None
    rendered_sha256: str | None = None
    """Of the document as a browser drew it, where the article was read from that."""
    imported: ImportedFrom | None = None
    """None when it was fetched by this program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page as a reader would describe it. A field the page does not give is None (or empty), never a guess."""

    url: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    headline: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    """ISO 8601: with its offset where the page gives one, a plain date where it gives only a day."""
    modified_at: str | None = None
    lead: str | None = None
    body: str | None = None
    """Plain text, paragraphs separated by a blank line, in reading order."""
    body_html: str | None = None
    """The same content as clean HTML: no scripts, styles or event handlers."""
    language: str | None = None
    """BCP 47."""
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    links: tuple[Link, ...] = ()
    word_count: int = 0
    page_type: PageType = "other"
    verdict: Verdict = "empty"
    verdict_reason: str | None = None
    """One sentence: why the verdict is not `ok`."""
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    extractor: str = ""
    """Name and version, as `news-archiver 0.1.0`."""
    id: int | None = None
    """The page's number in the archive; None while not stored."""
    revision: int | None = None
    """1 for the first text seen of this page."""
    capture: CaptureRef | None = None

    def as_dict(self) -> dict[str, Any]:
        """The article as JSON-ready values. `id`, `revision` and `capture` are there only when it is stored."""
        out: dict[str, Any] = {
            "url": self.url,
            "canonical_url": self.canonical_url,
            "site": self.site,
            "headline": self.headline,
            "authors": list(self.authors),
            "published_at": self.published_at,
            "modified_at": self.modified_at,
            "lead": self.lead,
            "body": self.body,
            "body_html": self.body_html,
            "language": self.language,
            "section": self.section,
            "tags": list(self.tags),
            "image": self.image,
            "links": [{"url": link.url, "text": link.text, "kind": link.kind} for link in self.links],
            "word_count": self.word_count,
            "page_type": self.page_type,
            "verdict": self.verdict,
            "verdict_reason": self.verdict_reason,
            "provenance": {name: _provenance_dict(p) for name, p in self.provenance.items()},
            "extractor": self.extractor,
        }
        if self.id is not None:
            out = {"id": self.id, "revision": self.revision, **out}
        if self.capture is not None:
            out["capture"] = {
                "id": self.capture.id,
                "fetched_at": utc_text(self.capture.fetched_at),
                "status": self.capture.status,
                "final_url": self.capture.final_url,
                "sha256": self.capture.sha256,
                "size": self.capture.size,
                "rendered_sha256": self.capture.rendered_sha256,
            }
            if (imported := self.capture.imported) is not None:
                out["capture"]["imported"] = {
                    "source": imported.source,
                    "record": imported.record,
                    "imported_at": utc_text(imported.imported_at),
                }
        return out


def _provenance_dict(p: Provenance) -> dict[str, Any]:
    out: dict[str, Any] = {"source": p.source, "confidence": round(p.confidence, 3), "selector": p.selector}
    if p.reason is not None:
        out["reason"] = p.reason
    return out


def utc_text(moment: datetime) -> str:
    """`moment` (timezone-aware) as ISO 8601 in UTC with milliseconds: `2024-07-23T10:15:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
