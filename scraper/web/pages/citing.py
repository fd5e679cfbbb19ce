"""How to cite an article: BibTeX, CSL-JSON and a line of text, on its page and as files."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.article import Article
from scraper.export.about import About, Selection
from scraper.export.bibliography import bibtex_entry, csl_item, plain_text
from scraper.export.cells import json_text
from scraper.store import Archive
from scraper.web.visits import Answer, Route, Visit

_TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    bib: str
    json: str
    """A list with one reference: what programs for references read."""
    txt: str


def citations(article: Article, archive: Archive, *, of_revision: bool) -> Citations:
    """The references to an article; with `of_revision`, their keys name the revision."""
    about = About(archive=archive.path.name, made_at=archive.now(), selection=Selection(all_revisions=of_revision))
    return Citations(
        bib=bibtex_entry(article, about),
        json=json_text([csl_item(article, about)], indent=2) + "\n",
        txt=plain_text(article, about) + "\n",
    )


def _show(archive: Archive, visit: Visit) -> Answer:
    page_id, revision = int(visit.parts["id"]), visit.number("revision")
    article = archive.article(page_id) if revision is None else archive.browsing().article(page_id, revision)
    suffix = visit.parts["suffix"]
    text: str = getattr(citations(article, archive, of_revision=revision is not None), suffix)
    name = f"article-{page_id}{'' if revision is None else f'-r{revision}'}.{suffix}"
    return Answer(
        body=text.encode("utf-8", "replace"),
        content_type=_TYPES[suffix],
        headers={"Content-Disposition": f'{"inline" if suffix == "txt" else "attachment"}; filename="{name}"'},
    )


ROUTES = (Route(r"/article/(?P<id>\d{1,15})/cite\.(?P<suffix>bib|json|txt)", _show),)
