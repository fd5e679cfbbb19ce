"""What tells an article from a shop, a forum, a manual or a list: signs of a whole page, each a number with a name.

Nothing is walked twice: signs are read off the outline, the address, and what the metadata and the chosen body hold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from scraper.extract.body import Body
from scraper.extract.candidates import Evidence
from scraper.extract.fields.choice import Choice
from scraper.extract.outline import Block, Outline
from scraper.extract.surroundings import Surroundings

Signs = dict[str, float]

# Words that software and editors put into addresses, as whole words: /blog/, /collections/, forum.example.org.
_PLACES = {
    "blog": "blog blogs post posts weblog pulse diary",
    "news": """news article articles story stories magazine insights insight press press-release opinion politics sport
        business world nachrichten artikel noticias noticia actualites actualite notizie nyheter novosti""",
    "shop": """shop store product products item items dp sku cart buy p pd itm produkt produkte produit produits
        producto""",
    "list": """category categories tag tags topics list lists directory search listing listings page
        collections collection catalog catalogue c browse all shop-all results index resources""",
    "forum": """forum forums thread threads topic t questions question community discussion discussions discuss
        showthread viewtopic viewthread f board boards answers users comments r""",
    "docs": """docs doc documentation manual reference api guide guides wiki glossary help support kb faq faqs man en-us
        stable latest tutorial tutorials userguide learn readthedocs""",
    "service": """service services pricing plans solutions program programs course courses locations location contact
        about team careers training classes certification certificate admissions tuition reviews testimonials""",
}
_PLACE_OF = {word: place for place, words in _PLACES.items() for word in words.split()}
_DATE_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-]?(?:[01]?\d|[a-z]{3})(?:[/-]|\b)", re.IGNORECASE)

# schema.org types, by what they say of a page. Those of a site (Organization, WebSite) say nothing and are left out.
_TYPES = {
    "news": """newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle
        reviewnewsarticle liveblogposting report""",
    "article": "article techarticle scholarlyarticle satiricalarticle advertisercontentarticle medicalwebpage",
    "blog": "blogposting blog socialmediaposting",
    "product": """product productgroup productmodel offer aggregateoffer brand og:product og:product.item
        og:product.group""",
    "list": "itemlist collectionpage searchresultspage offercatalog productcollection",
    "person": "profilepage aboutpage contactpage og:profile",
    "forum": "qapage discussionforumposting question answer comment interactioncounter",
    "faq": "faqpage",
    "service": """service localbusiness professionalservice homeandconstructionbusiness movingcompany medicalbusiness
        educationalorganization collegeoruniversity course event educationalevent store postaladdress geocoordinates
        openinghoursspecification place""",
    "recipe": "recipe howto howtostep",
    "rating": "review aggregaterating rating",
    "software": "softwareapplication webapplication mobileapplication softwaresourcecode apireference",
    "crumbs": "breadcrumblist",
    "page": "webpage",
    "person_named": "person",
    "og_article": "og:article og:blog og:news",
    "og_website": "og:website",
}
_KIND_OF = {name: kind for kind, names in _TYPES.items() for name in names.split()}

_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:€|zł|kr\b|USD|EUR)")
_SHORT, _PROSE = 60, 200
"""Characters: a label or a price is shorter than the first, a paragraph of a text longer than the second."""
_HEADLINE = 25
"""Characters of link text from which it may be another page's headline."""
_NAME = re.compile(r"[a-z]{2,19}")
_LABEL_WORD = re.compile(r"[^\W\d_]{2,20}")
_MOST_NAMES = 4_000
"""Boxes whose names are read."""
_MOST_LABELS, _LONGEST_NAMES = 40_000, 4_000
"""Characters of labels and of names that are read."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was already made of a page when its type is asked for."""

    url: str | None
    blocks: list[Block]
    """The body's; empty when the text is not on the visible page."""
    words: int
    """The body's."""
    expected_f1: float
    """How sure the choice of the body was, 0 to 1."""
    dated: str
    """Source of the date of publication: `json_ld`, `page` …, `none`."""
    signed: str
    """Source of the authors."""
    title: int | None
    """Index of the block that shows the headline."""
    bylines: int
    """Bylines a reader sees around the headline."""


def facts_of(url: str | None, body: Body, choices: Mapping[str, Choice], around: Surroundings) -> Facts:
    """Gather what the signs are read from; the address a page gives itself serves where its own is not known."""
    stated = choices["canonical_url"].value
    return Facts(
        url=url or (stated if isinstance(stated, str) else None),
        blocks=body.blocks,
        words=body.words,
        # Nobody had to choose when a site file names the body.
        expected_f1=body.opinion.expected_f1 if body.opinion is not None else 1.0,
        dated=choices["published_at"].provenance.source,
        signed=choices["authors"].provenance.source,
        title=around.title,
        bylines=len(around.bylines),
    )


def read_signs(outline: Outline, evidence: Evidence, facts: Facts) -> Signs:
    """All signs of a page."""
    signs: Signs = {}
    _read_address(facts.url, signs)
    _read_types(evidence, signs)
    _read_fields(evidence, facts, signs)
    _read_body(facts, signs)
    _read_blocks(outline, facts, signs)
    _read_boxes(outline, signs)
    _read_anchors(outline, facts, signs)
    return signs


def _parts_of(url: str | None) -> SplitResult:
    """The parts of an address; empty ones for what is none."""
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


def is_front_page(url: str | None) -> bool:
    """Whether an address is that of a site itself; an unknown one is not."""
    parts = _parts_of(url)
    return bool(parts.hostname) and not parts.path.strip("/") and not parts.query


def _read_address(url: str | None, signs: Signs) -> None:
    parts = _parts_of(url)
    path = parts.path.strip("/")
    segments = [unquote(s).lower() for s in path.split("/") if s]
    last = segments[-1] if segments else ""
    slug = max((s.count("-") + s.count("_") for s in segments), default=0)
    signs["url_home"] = float(is_front_page(url))
    signs["url_depth"] = float(len(segments))
    signs["url_slug"] = float(slug)
    signs["url_last_slug"] = float(last.count("-") + last.count("_"))
    signs["url_last_length"] = float(len(last))
    signs["url_digits"] = float(sum(c.isdigit() for c in last))
    signs["url_query"] = float(bool(parts.query))
    signs["url_date"] = float(bool(_DATE_IN_PATH.search("/" + path)))
    for place in _PLACES:
        signs[f"host_{place}"] = signs[f"path_{place}"] = 0.0
    for word in (parts.hostname or "").split(".")[:-1]:
        for piece in word.split("-"):
            if piece in _PLACE_OF:
                signs[f"host_{_PLACE_OF[piece]}"] = 1.0
    # The last segment names the page itself, the others where it stands.
    for number, segment in enumerate(segments):
        if segment_place := _PLACE_OF.get(segment.rsplit(".", 1)[0]):
            sign = f"path_{segment_place}"
            signs[sign] = 1.0 if number < len(segments) - 1 else max(signs[sign], 0.5)


def _read_types(evidence: Evidence, signs: Signs) -> None:
    for kind in _TYPES:
        signs[f"type_{kind}"] = 0.0
    for name in evidence.types:
        if name in _KIND_OF:
            signs[f"type_{_KIND_OF[name]}"] = 1.0
    signs["type_og_other"] = float(any(name.startswith("og:") and name not in _KIND_OF for name in evidence.types))


_RANKS = {"meta": 3.0, "embedded": 3.0, "microdata": 4.0, "opengraph": 5.0, "json_ld": 6.0, "site_file": 7.0}
"""How clearly a source states that a page has an author and a date, which articles have and shops have not."""
_RANK_SHOWN, _RANK_OF_PART = 2.0, 3.5
_STATED = ("published_at", "modified_at", "authors", "section", "tags", "body", "lead")


def _read_fields(evidence: Evidence, facts: Facts, signs: Signs) -> None:
    stated = dict.fromkeys(_STATED, 0.0)
    for candidate in evidence.candidates:
        rank = _RANKS.get(candidate.source)
        if rank is not None and candidate.field in stated:
            if candidate.source == "json_ld" and "." in (candidate.selector or ""):
                rank = _RANK_OF_PART  # the date of something else, named with its type
            stated[candidate.field] = max(stated[candidate.field], rank)
    for name, rank in stated.items():
        signs[f"stated_{name}"] = rank
    signs["free_stated"] = float(evidence.free is not None)
    for name, source in (("dated", facts.dated), ("signed", facts.signed)):
        signs[name] = 0.0 if source == "none" else _RANKS.get(source, _RANK_SHOWN)
    signs["bylines"] = float(facts.bylines)


def _read_body(facts: Facts, signs: Signs) -> None:
    blocks = facts.blocks
    held = dict.fromkeys(("paragraph", "heading", "item", "quote", "caption", "cell", "preformatted"), 0)
    characters = linked = prose = questions = 0
    longest = 0
    boxes = set()
    for block in blocks:
        length = len(block.text)
        characters += length
        linked += int(length * block.link_share)
        held[block.kind] += length if block.kind != "heading" else 1
        boxes.add(block.box)
        if length >= _PROSE and block.link_share < 0.5:
            prose += length
        longest = max(longest, length)
        questions += block.text.endswith("?")
    total = characters or 1
    signs["body_words"] = float(facts.words)
    signs["body_blocks"] = float(len(blocks))
    signs["body_mean_block"] = characters / (len(blocks) or 1)
    signs["body_link_share"] = linked / total
    signs["body_prose"] = float(prose)
    signs["body_prose_share"] = prose / total
    signs["body_longest"] = float(longest)
    signs["body_headings"] = float(held["heading"])
    signs["body_per_heading"] = facts.words / (held["heading"] + 1)
    for kind in ("item", "quote", "cell", "preformatted"):
        signs[f"body_{kind}_share"] = held[kind] / total
    signs["body_questions"] = questions / (len(blocks) or 1)
    signs["body_expected"] = facts.expected_f1
    span = blocks[-1].index - blocks[0].index + 1 if blocks else 0
    signs["body_density"] = len(blocks) / span if span else 0.0
    signs["body_after_title"] = float(blocks[0].index - facts.title) if blocks and facts.title is not None else -1_000.0


def _read_blocks(outline: Outline, facts: Facts, signs: Signs) -> None:
    inside = {block.index for block in facts.blocks}
    characters = body = linked = prose_outside = short = prices = headings = code = hidden = h1 = questions = 0
    for block in outline.blocks:
        length = len(block.text)
        if block.hidden:
            hidden += length
            continue
        characters += length
        if block.index in inside:
            body += length
        elif length >= _PROSE and block.link_share < 0.5:
            prose_outside += length
        linked += int(length * block.link_share)
        if length < _SHORT:
            short += 1
            if _PRICE.search(block.text):
                prices += 1
        if block.kind == "heading":
            headings += 1
            h1 += block.level == 1
            questions += block.text.endswith("?")
        elif block.kind == "preformatted":
            code += 1
    total = characters or 1
    shown = len(outline.blocks) or 1
    signs["page_characters"] = float(characters)
    signs["page_blocks"] = float(shown)
    signs["page_body_share"] = body / total
    signs["page_link_share"] = linked / total
    signs["page_prose_outside"] = prose_outside / (prose_outside + body + 1)
    signs["page_short_share"] = short / shown
    signs["page_prices"] = float(prices)
    signs["page_headings"] = float(headings)
    signs["page_h1"] = float(h1)
    signs["page_questions"] = float(questions)
    signs["page_code"] = float(code)
    signs["page_hidden_share"] = hidden / (hidden + total)


_COUNTED_TAGS = ("article", "form", "time", "figure", "table", "section", "dl", "main", "label", "address")


def _read_boxes(outline: Outline, signs: Signs) -> None:
    counts = Counter([box.tag for box in outline.boxes])
    for tag in _COUNTED_TAGS:
        signs[f"tag_{tag}"] = float(counts[tag])
    signs["page_boxes"] = float(len(outline.boxes))


def _read_anchors(outline: Outline, facts: Facts, signs: Signs) -> None:
    inside = {block.index for block in facts.blocks}
    headlines = texts = in_body = 0
    for anchor in outline.anchors:
        length = len(anchor.text)
        texts += length > 0
        headlines += length >= _HEADLINE
        in_body += anchor.block in inside
    signs["links"] = float(len(outline.anchors))
    signs["links_headlines"] = float(headlines)
    signs["links_in_body"] = float(in_body)
    signs["links_per_100_words"] = 100 * len(outline.anchors) / (facts.words + 50)
    signs["headlines_per_100_words"] = 100 * headlines / (facts.words + 50)


def read_words(outline: Outline, evidence: Evidence, url: str | None) -> dict[str, set[str]]:
    """The words of a page by where they stand: in short lines (`label`), names of elements (`name`, `top`), `type` …"""
    parts = _parts_of(url)
    names = " ".join({box.names for box in outline.boxes[:_MOST_NAMES]})
    labels = " ".join([block.text for block in outline.blocks if len(block.text) < _SHORT and not block.hidden])
    return {
        "label": set(_LABEL_WORD.findall(labels[:_MOST_LABELS].lower())),
        "name": set(_NAME.findall(names[:_MOST_LABELS])),
        # What software names the whole page: "single-post", "archive category".
        "top": set(_NAME.findall(" ".join([box.names for box in outline.boxes[:3]])[:_LONGEST_NAMES])),
        "type": evidence.types,
        "host": set(_NAME.findall(parts.hostname or "")),
        "path": set(_NAME.findall(parts.path.lower())),
    }
