"""What a page says about each address it links to: where the links stand, what they read, and what stands beside them.

The outline of the page is gone through a few times from top to bottom and back, so that time grows with its size alone.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from scraper.crawl.discovery.url_shapes import LONGEST_URL, UrlSigns, read_url
from scraper.extract.outline import Anchor, Box, Outline
from scraper.extract.page import Page
from scraper.extract.wording import count_words, folded, words
from scraper.urls import canonical, site_of

Signs = dict[str, float]
"""Name to value, mostly 1; `section_weights.toml` has what each is worth."""

LONGEST_TEXT = 300
"""Characters of a link's text that are kept."""
_MOST_TARGETS = 10_000
"""Addresses of one page that are judged; real pages have some hundreds."""
_CARD_ANCHORS = 6
"""Links a card may hold: headline, picture, section, author, comments, "read more"."""
_CARD_BOXES = 7
"""Elements between a link and the card around it."""
_SIGNATURE_BOXES = 5
_PROSE = 80
"""Characters of a block that is running text."""
_LONGEST_DATE = 60

_PLACES = {
    "nav": "nav",
    "header": "header",
    "footer": "footer",
    "aside": "aside",
    "main": "main",
    "article": "article",
    "form": "form",
    "address": "footer",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
    "li": "item",
    "td": "cell",
}
_TOPS = frozenset(("html", "body"))
# Names that authors give to elements, by what they mean for the links inside.
_NAMED = {
    "menu": r"menu|mega-?menu|nav|navbar|sub-?nav|navigation|top-?bar|toolbar|drawer|hamburger|tabs?|breadcrumbs?",
    "foot": r"footer|foot|bottom|copyright|legal|colophon|site-?info",
    "top": r"site-?header|masthead|header-?top|banner",
    "tags": r"tags?|tag-?list|tag-?cloud|topics?|keywords|categor(?:y|ies)|cat-?links|kicker|eyebrow|labels?|rubric",
    "author": r"authors?|byline|contributors?|avatar|vcard|posted-?by",
    "talk": r"comments?|comment-?(?:count|link|list)|replies|share|sharing|social|follow",
    "account": r"login|signin|sign-?up|subscribe|subscription|newsletter|account|paywall|cookie|consent|gdpr",
    "advert": r"ads?|advert\w*|sponsor\w*|promo\w*|outbrain|taboola|partner\w*|affiliate\w*",
    "pages": r"pagination|pager|page-?numbers?|paging|nav-?links|load-?more",
    "teaser": r"cards?|teasers?|story|stories|articles?|posts?|entry|item|loop|tile|news|featured?|snippet",
    "title": r"title|headline|heading|hed|entry-?title|caption|lead",
    "list": r"list|grid|feed|river|stream|latest|recent|trending|popular|most-?read|top-?stories|collection|related",
}
_NAMES = {name: re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])") for name, words in _NAMED.items()}
_DATE_NAMES = re.compile(r"(?:^|[\s_-])(?:date|time|datetime|timestamp|published|posted-?on|ago|meta)(?:$|[\s_-])")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d{1,2}[./]\d{1,2}\b|\d\s?[年月日]")
_ONLY_ELSEWHERE = ("nav", "header", "footer", "aside", "form", *(f"named_{name}" for name in list(_NAMED)[:9]))
"""Places that speak against a link only when it stands nowhere else."""
_CUT = re.compile(r"\d+")


@dataclass(slots=True)
class Target:
    """One address with every link to it."""

    url: str
    """As first written, absolute, without fragment."""
    position: int
    address: UrlSigns
    anchors: list[Anchor]
    text: str = ""
    signs: Signs = field(default_factory=dict)
    same_site: bool = True
    other_host: bool = False
    groups: tuple[str, str] = ("", "")
    """What it is repeated with: links of the same make, and addresses of the same shape."""


@cache
def _labels() -> frozenset[str]:
    text = (resources.files("scraper.crawl.discovery") / "link_labels.toml").read_text(encoding="utf-8")
    return frozenset(folded(phrase) for phrases in tomllib.loads(text)["more"].values() for phrase in phrases)


def read_targets(page: Page) -> list[Target]:
    """Every address a page links to, in document order, with its signs; the page's own address left out."""
    outline = page.outline
    here = canonical(page.url) if page.url else ""
    site = site_of(page.url) if page.url else ""
    host = _host(page.url or "")
    sites: dict[str, str] = {}
    found: dict[str, Target] = {}
    for anchor in outline.anchors:
        url = anchor.url.partition("#")[0]
        if len(url) > LONGEST_URL:
            continue
        key = canonical(url)
        target = found.get(key)
        if target is not None:
            target.anchors.append(anchor)
        elif key != here and len(found) < _MOST_TARGETS:
            target = found[key] = Target(url, len(found), read_url(key), [anchor])
            its_host = _host(url)
            if its_host not in sites:
                sites[its_host] = site_of(url)
            target.same_site = sites[its_host] == site
            target.other_host = its_host != host
    targets = list(found.values())
    _describe(targets, _Places(outline, found))
    return targets


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].removeprefix("www.")


def _describe(targets: list[Target], places: _Places) -> None:
    for target in targets:
        places.describe(target)
    _compare(targets)


class _Places:
    """What is known about each element of a page, from what is above it and from what is in it."""

    def __init__(self, outline: Outline, found: dict[str, Target]) -> None:
        self._outline = outline
        self._found = found
        boxes = outline.boxes
        self._above: list[frozenset[str]] = []
        for box in boxes:
            above = self._above[box.parent] if box.parent >= 0 else frozenset()
            own = _marks_of(box)
            self._above.append(above | own if own and not own <= above else above)
        self._anchors = [0] * len(boxes)
        self._inside: list[set[str]] = [set() for _ in boxes]
        self._prose = [0] * len(boxes)
        self._count()
        self._signatures: dict[int, str] = {}

    def _count(self) -> None:
        """What each element holds, summed from the innermost outwards."""
        outline = self._outline
        for anchor in outline.anchors:
            self._anchors[anchor.box] += 1
        for block in outline.blocks:
            if len(block.text) >= _PROSE and block.link_share < 0.5:
                self._prose[block.box] += len(block.text)
            elif len(block.text) <= _LONGEST_DATE and _DATE.search(block.text):
                self._inside[block.box].add("date")
        for box in reversed(outline.boxes):
            inside = self._inside[box.index]
            if box.tag == "time" or (box.names and _names_date(box.names)):
                inside.add("date")
            elif box.tag in ("img", "picture"):
                inside.add("image")
            elif _PLACES.get(box.tag) == "heading":
                inside.add("heading")
            if box.parent >= 0:
                self._anchors[box.parent] += self._anchors[box.index]
                self._prose[box.parent] += self._prose[box.index]
                self._inside[box.parent] |= inside

    def describe(self, target: Target) -> None:
        """Set the text, the signs and the groups of a target."""
        anchors = target.anchors
        texts = [(self._weight(anchor), self._text(anchor)) for anchor in anchors]
        target.text = max(texts, key=lambda text: text[0])[1] or _described(self._outline, anchors)
        signs = target.signs
        marks = [self._above[anchor.box] | self._near(anchor) for anchor in anchors]
        anywhere = frozenset().union(*marks)
        everywhere = frozenset.intersection(*marks)
        for mark in anywhere:
            if mark not in _ONLY_ELSEWHERE or mark in everywhere:
                signs[mark] = 1.0
        signs[f"text_words_{_bucket(count_words(target.text), (1, 2, 3, 4, 6, 10, 21))}"] = 1.0
        signs[f"links_{_bucket(len(anchors), (1, 2, 3))}"] = 1.0
        if target.other_host:
            signs["other_host"] = 1.0
        _compare_text(target)
        best = max(anchors, key=self._weight)
        target.groups = (self._signature(best.box), target.address.shape)

    def _near(self, anchor: Anchor) -> frozenset[str]:
        """The card around a link, and the block it is part of."""
        marks: set[str] = set()
        card = anchor.box
        boxes = self._outline.boxes
        for box in self._outline.ancestors(anchor.box, _CARD_BOXES):
            if self._anchors[box.index] > _CARD_ANCHORS or box.tag in _TOPS:
                break
            card = box.index
        marks.update(f"card_{what}" for what in self._inside[card])
        if self._prose[card]:
            marks.add("card_prose")
        if self._inside[anchor.box] & {"image"}:
            marks.add("link_image")
        if self._inside[anchor.box] & {"heading"}:
            marks.add("heading")
        if self._anchors[card] == 1 and boxes[card].depth < boxes[anchor.box].depth:
            marks.add("card_alone")
        if anchor.block >= 0:
            block = self._outline.blocks[anchor.block]
            if block.link_share < 0.5 and len(block.text) >= _PROSE and block.kind != "heading":
                marks.add("in_prose")
            elif block.link_share > 0.9:
                marks.add("line_alone")
        if boxes[anchor.box].hidden:
            marks.add("hidden")
        return frozenset(marks)

    def _text(self, anchor: Anchor) -> str:
        """What a link reads; of a whole card in one link, its heading."""
        if "heading" in self._inside[anchor.box] and anchor.block >= 0 and len(anchor.text) > _LONGEST_DATE:
            for block in self._outline.blocks[anchor.block : anchor.block + 12]:
                if block.kind == "heading" and block.text and block.box >= anchor.box:
                    return block.text[:LONGEST_TEXT]
        return " ".join(anchor.text[: 4 * LONGEST_TEXT].split())[:LONGEST_TEXT]

    def _weight(self, anchor: Anchor) -> tuple[bool, bool, int]:
        """How well a link's text names what it leads to."""
        text = anchor.text
        said = bool(text.strip()) and (len(text) > _LONGEST_DATE or folded(text) not in _labels())
        heading = "heading" in self._above[anchor.box] or "heading" in self._inside[anchor.box]
        return said, heading and said, min(len(text), LONGEST_TEXT)

    def _signature(self, box: int) -> str:
        """Of what make a link is: its element and those above, by tag and first names."""
        known = self._signatures.get(box)
        if known is None:
            above = self._outline.ancestors(box, _SIGNATURE_BOXES)
            known = self._signatures[box] = "/".join([_make(one.tag, one.names) for one in above])
        return known


def _marks_of(box: Box) -> frozenset[str]:
    if box.tag in _TOPS:
        return frozenset()
    place = _PLACES.get(box.tag)
    named = _marks_of_names(box.names) if box.names else frozenset()
    return named | {place} if place else named


@lru_cache(maxsize=16_384)
def _marks_of_names(names: str) -> frozenset[str]:
    names = names[:LONGEST_TEXT]
    return frozenset(f"named_{name}" for name, pattern in _NAMES.items() if pattern.search(names))


@lru_cache(maxsize=16_384)
def _names_date(names: str) -> bool:
    return bool(_DATE_NAMES.search(names[:LONGEST_TEXT]))


@lru_cache(maxsize=16_384)
def _make(tag: str, names: str) -> str:
    kept = [word for word in names[:LONGEST_TEXT].split() if not _CUT.search(word)][:2]
    return f"{tag}.{'.'.join(kept)}"


def _described(outline: Outline, anchors: Iterable[Anchor]) -> str:
    """What a link without text says of itself: its title or label, or its picture's."""
    for anchor in anchors:
        node = outline.boxes[anchor.box].node
        attributes = node.attributes
        text = attributes.get("title") or attributes.get("aria-label")
        if not text:
            image = node.css_first("img[alt]")
            text = image.attributes.get("alt") if image is not None else None
        if text and text.strip():
            return " ".join(text[: 4 * LONGEST_TEXT].split())[:LONGEST_TEXT]
    return ""


def _compare_text(target: Target) -> None:
    """Whether a link reads what its address says, as headlines do."""
    said = words(target.text)
    if len(said) >= 3 and target.text.isascii():
        slug = set(words(target.url[-LONGEST_TEXT:].replace("-", " ").replace("_", " ")))
        shared = sum(1 for word in set(said) if len(word) > 2 and word in slug)
        if shared >= 2:
            target.signs[f"text_in_address_{_bucket(shared, (2, 3, 5))}"] = 1.0
    if target.text and folded(target.text) in _labels():
        target.signs["text_is_label"] = 1.0
    if any(character.isdigit() for character in target.text) and len(said) <= 2:
        target.signs["text_is_count"] = 1.0


def _compare(targets: list[Target]) -> None:
    """Signs of repetition: how many links are of one make or shape, and what the others of them read."""
    for number, name in enumerate(("make", "shape")):
        members: defaultdict[str, list[Target]] = defaultdict(list)
        for target in targets:
            if target.same_site:
                members[target.groups[number]].append(target)
        for group in members.values():
            lengths = [min(count_words(target.text), 12) for target in group]
            marks = Counter(
                mark for target in group for mark in ("heading", "card_date", "card_image") if mark in target.signs
            )
            total, many = sum(lengths), len(group)
            for target, length in zip(group, lengths, strict=True):
                if many > 1:
                    target.signs[f"{name}_count_{_bucket(many, (2, 4, 8, 16))}"] = 1.0
                    mean = (total - length) / (many - 1)
                    target.signs[f"{name}_words_{_bucket(mean, (0, 2, 3, 4, 6, 8))}"] = 1.0
                    for mark, count in marks.items():
                        if count - (mark in target.signs) >= (many - 1) / 2:
                            target.signs[f"{name}_{mark}"] = 1.0


def _bucket(value: float, borders: tuple[int, ...]) -> str:
    return str(max((border for border in borders if value >= border), default=0))
