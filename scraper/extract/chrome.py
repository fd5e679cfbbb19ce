"""Telling what the site puts around an article from the article: captions, bylines, teasers, share bars, comments."""

from __future__ import annotations

import re
from functools import lru_cache

from scraper.extract.labels import begins_as_teaser, ends_text
from scraper.extract.outline import Block, Box, Outline
from scraper.urls import path_of

# Words in class, id, role and itemprop that name a part which is never the article's text.
_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
      captions?|wp-caption-text|credits?|copyright
    | byline|dateline|authors?|author-?(?:box|bio|info|name)|posted-on|(?:entry|post|article)-meta
    | share|sharing|sharedaddy|social|addtoany
    | newsletter|subscribe|subscription|signup|sign-up|promo(?:tion)?
    | related|relatedposts|recommended|recommendations|read-?(?:also|more|next)|more-?stories
    | most-?(?:read|popular)|popular|trending
    | outbrain|taboola|sponsored|advert(?:isement)?s?|ads?|adsbygoogle|banner
    | cookies?|consent|gdpr
    | comments?|comment-respond|respond|disqus
    | breadcrumbs?|tags?|tag-?(?:list|links|cloud)|taxonomy|pagination|pager|post-?navigation
    | sidebar|widget-area|menu|navbar|toolbar|masthead|site-?(?:header|footer)|footer
    | skip-?links?|print-?only|screen-reader-text|visually-hidden|sr-only
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_TAGS = frozenset(("nav", "footer", "aside", "form", "figcaption", "address", "dialog"))

_ASKS = re.compile(
    r"/(?:subscri(?:be|ption|ptions)|newsletters?|donat(?:e|ion|ions)|support(?:-us)?|become-a-(?:member|supporter)"
    r"|membership|abo|abonnement|spenden)(?:/|$)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'»”’)\]]*$")
_CREDIT = re.compile(
    r"^(?:photo(?:graph)?s?|image|picture|pic|foto|bild|photo\s+credit|credit|фото|صورة|תמונה|写真)"
    r"\s*(?:credit|by|courtesy)?\s*[:：/|]",
    re.IGNORECASE,
)


def names_chrome(box: Box) -> bool:
    """True when the element's tag or the words its author named it with say that it is not the article's text."""
    return box.tag in _TAGS or bool(box.names and _named(box.names))


@lru_cache(maxsize=16_384)
def _named(names: str) -> bool:
    return _NAMES.search(names) is not None


def place_reason(block: Block, outline: Outline, ours: frozenset[tuple[str, str]]) -> str | None:
    """Why a block is not the article's text, by the elements around it; `ours` are (tag, names) the text is made of."""
    for box in outline.ancestors(block.box):
        if names_chrome(box) and (box.tag, box.names) not in ours:
            return f"inside <{box.tag}> {box.names[:40]}".rstrip()
    return None


def line_reason(block: Block) -> str | None:
    """Why a block that stands where the text stands is not part of it, by its own words; None when nothing says so."""
    text = block.text
    if block.kind == "caption":
        return "a caption"
    if ends_text(text):
        return "a label of the page around the article"
    if len(text) < 300 and _CREDIT.match(text):
        return "a picture credit"
    if block.link_share > 0.4 and len(text) < 400 and begins_as_teaser(text):
        return "a teaser for another article"
    if block.link_share > 0 and len(text) < 400 and any(_ASKS.search(path_of(url)) for url in _links(block)):
        return "asks the reader to subscribe or to support the site"
    return None


def is_sentence(block: Block) -> bool:
    """True for prose, as far as length and punctuation tell."""
    return block.link_share < 0.3 and (len(block.text) > 120 or bool(_SENTENCE_END.search(block.text)))


def _links(block: Block) -> set[str]:
    return {value for run in block.runs for name, value in run.marks if name == "a"}
