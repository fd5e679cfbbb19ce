"""JSON-LD: the schema.org description of the article, wherever the page nests it."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from scraper.extract.candidates import Evidence
from scraper.extract.page import Page
from scraper.urls import canonical, resolve

Node = dict[str, Any]

# schema.org: Article and what derives from it. CreativeWork and WebPage describe the page, not the article.
ARTICLE_TYPES = frozenset(
    """article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle
    reviewnewsarticle asknewsarticle askpublicnewsarticle advertisercontentarticle satiricalarticle
    scholarlyarticle techarticle report blogposting liveblogposting socialmediaposting discussionforumposting
    review""".split()
)
_WRAPPER = re.compile(r"[\s\ufeff]*(?:<!--|(?://\s*|/\*\s*)?<!\[CDATA\[(?:\s*\*/)?)")
_WRAPPER_END = re.compile(r"(?:-->|(?://\s*|/\*\s*)?\]\]>(?:\s*\*/)?)\s*;?\s*$")
# The commonest mistakes of hand-written templates, outside of strings: comments, and a comma after the last item.
_MISTAKES = re.compile(r'("(?:\\.|[^"\\])*+")|//[^\n]*|/\*.{0,300}?\*/|,(?=\s*[}\]])', re.DOTALL)
_TAG = re.compile(r"<[^<>]+>")
_DATES = {
    "datePublished": "published_at",
    "uploadDate": "published_at",
    "dateCreated": "published_at",
    "dateModified": "modified_at",
}
_NAMED_DATE = re.compile(r'"(datePublished|dateModified)"\s*:\s*"([^"]{8,40})"')
# Dated by somebody else or for some other time than the article.
_OTHER_PEOPLES = frozenset(
    """comment usercomment review userreview criticreview answer question rating aggregaterating imageobject event
    person product offer claimreview claim book movie musicalbum dataset softwareapplication""".split()
)
_SIGNED_TYPES = frozenset(
    "webpage medicalwebpage itempage recipe howto videoobject podcastepisode creativework".split()
)
_MOST_ALIKE = 2
"""Things of one type whose dates are taken; more of them are a list."""
_MAX_NODES = 5_000
_MAX_DEPTH = 40


def read_json_ld(page: Page, evidence: Evidence) -> None:
    """Add what the page's JSON-LD says. Broken JSON is passed over, as browsers and search engines do."""
    scripts = [node for node in page.sought("script") if "ld+json" in (node.attributes.get("type") or "").lower()]
    texts = [script.text() or "" for script in scripts]
    values = [_parse(text) for text in texts]
    nodes = [node for value in values for node in _nodes(value)]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    for node in nodes:
        evidence.types.update(types_of(node))
    article = _main_article(nodes, page)
    if article is not None:
        _add_article(article, by_id, page, evidence)
    if article is None or not (article.get("author") or article.get("creator")):
        _add_page_authors(nodes, by_id, evidence)
    _add_page_dates([node for node in nodes if node is not article], evidence)
    for text, value in zip(texts, values, strict=True):
        if value is None:
            _add_dates_of_broken(text, evidence)
    for node in nodes:
        if types_of(node) & {"organization", "newsmediaorganization", "website"}:
            evidence.site_names.update(_names(node, by_id))


def _parse(text: str) -> Any:
    text = _unwrapped(text).strip("\ufeff \t\r\n;")
    if not text:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    for _ in range(2):  # a comma may stand before a comment
        text = _MISTAKES.sub(lambda m: m[1] or "", text)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _unwrapped(text: str) -> str:
    """Without the comment or CDATA section around it that old pages hide scripts in."""
    begin = _WRAPPER.match(text)
    text = text[begin.end() :] if begin else text
    # Looking for an end at every place of a long text takes several times as long as reading its JSON.
    if not text.rstrip().removesuffix(";").rstrip().endswith(("-->", "]]>", "*/")):
        return text
    end = _WRAPPER_END.search(text)
    return text[: end.start()] if end else text


def _nodes(value: Any) -> Iterator[Node]:
    """Every object in `value`, outer before inner, however it is nested (lists, @graph, mainEntity …)."""
    stack: list[tuple[Any, int]] = [(value, 0)]
    seen = 0
    while stack and seen < _MAX_NODES:
        item, depth = stack.pop()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(item, dict):
            seen += 1
            yield item
            stack.extend((child, depth + 1) for child in reversed(item.values()) if isinstance(child, dict | list))
        elif isinstance(item, list):
            stack.extend((child, depth + 1) for child in reversed(item))


def types_of(node: Node) -> set[str]:
    """The node's types in lower case, without the vocabulary's address."""
    raw = node.get("@type")
    names = raw if isinstance(raw, list) else [raw]
    return {_plain_type(name) for name in names if isinstance(name, str)}


@lru_cache(maxsize=1_024)
def _plain_type(name: str) -> str:
    # A page describes hundreds of things, of a handful of types, and each is asked for its type again and again.
    return re.split(r"[/#:]", name)[-1].lower()


def _main_article(nodes: list[Node], page: Page) -> Node | None:
    """The node about this page's article. Pages also describe their teasers as articles."""
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    if not articles:
        return None
    here = canonical(page.url) if page.url else None
    title_node = page.first("title")
    title = (title_node.text() if title_node else "").lower()

    def rank(node: Node) -> tuple[bool, bool, int]:
        same = here is not None and any(canonical(url) == here for url in _addresses(node, page))
        headline = text_of(node.get("headline") or node.get("name")).lower()
        told = sum(1 for key in ("headline", "datePublished", "author", "articleBody") if node.get(key))
        return same, bool(headline) and headline[:40] in title, told

    best = max(articles, key=rank)
    same, in_title, _ = rank(best)
    # Several article nodes of which none is this page's: a list of teasers.
    return best if same or in_title or len(articles) == 1 else None


def _addresses(node: Node, page: Page) -> list[str]:
    """What a node calls the address of what it describes; absolute."""
    found = map(_url_of, (node.get("url"), node.get("mainEntityOfPage"), node.get("@id")))
    return [url for url in (resolve(text, page.base) for text in found if text) if url]


def _add_article(node: Node, by_id: dict[str, Node], page: Page, evidence: Evidence) -> None:
    def add(name: str, key: str, value: str | list[str] | None) -> None:
        evidence.add(name, value, "json_ld", key)

    add("headline", "headline", text_of(node.get("headline") or node.get("name")))
    add("published_at", "datePublished", text_of(node.get("datePublished")))
    add("published_at", "dateCreated", text_of(node.get("dateCreated")))
    add("modified_at", "dateModified", text_of(node.get("dateModified")))
    add("authors", "author", _names(node.get("author"), by_id) or _names(node.get("creator"), by_id))
    add("lead", "description", text_of(node.get("description")))
    add("body", "articleBody", _long_text(node.get("articleBody")))
    add("language", "inLanguage", text_of(node.get("inLanguage")))
    section = node.get("articleSection")
    add("section", "articleSection", text_of(section[0] if isinstance(section, list) and section else section))
    add("tags", "keywords", _keywords(node.get("keywords")))
    image = _url_of(node.get("image"), by_id) or _url_of(node.get("thumbnailUrl"))
    add("image", "image", resolve(image, page.base) if image else None)
    evidence.site_names.update(_names(node.get("publisher"), by_id))
    evidence.own_addresses.update(_addresses(node, page))
    free = node.get("isAccessibleForFree")
    if isinstance(free, bool):
        evidence.free = free
    elif isinstance(free, str) and free.strip().lower() in ("true", "false"):
        evidence.free = free.strip().lower() == "true"


def _add_page_authors(nodes: list[Node], by_id: dict[str, Node], evidence: Evidence) -> None:
    """The authors of the one thing beside the article that has any: the page, its recipe, its video."""
    signed = [node for node in nodes if types_of(node) & _SIGNED_TYPES and node.get("author")]
    if len(signed) == 1:
        kind = min(types_of(signed[0]) & _SIGNED_TYPES)
        evidence.add("authors", _names(signed[0]["author"], by_id), "json_ld", f"{kind}.author")


def _add_page_dates(nodes: list[Node], evidence: Evidence) -> None:
    """The dates of what is not the article itself but may have been made with it: the page, its video, its recipe."""
    seen: Counter[str] = Counter()
    for node in nodes:
        kind = min(types_of(node), default="")
        if not kind or kind in _OTHER_PEOPLES or kind in ARTICLE_TYPES:
            continue
        for key, name in _DATES.items():
            value = text_of(node.get(key))
            seen[f"{kind}.{key}"] += bool(value)
            if value and seen[f"{kind}.{key}"] <= _MOST_ALIKE:
                evidence.add(name, value, "json_ld", f"{kind}.{key}")


def _add_dates_of_broken(text: str, evidence: Evidence) -> None:
    """JSON that cannot be read still names its dates; with several of one name nobody knows which is the page's."""
    found: dict[str, set[str]] = {}
    for match in _NAMED_DATE.finditer(text):
        found.setdefault(match[1], set()).add(match[2])
    for key, values in found.items():
        if len(values) == 1:
            evidence.add(_DATES[key], values.pop(), "json_ld", f"broken.{key}")


def text_of(value: Any) -> str:
    """A literal's text: entities decoded, tags dropped, white space folded; "" for what is no literal."""
    if isinstance(value, list):
        value = next((v for v in value if v), "")
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str | int | float):
        return ""
    return " ".join(_TAG.sub(" ", html.unescape(str(value))).split())


def _long_text(value: Any) -> str:
    """A body's text with its paragraph breaks, where the page gives any."""
    if not isinstance(value, str):
        return ""
    text = html.unescape(value)
    text = re.sub(r"</p>|</h\d>|</li>|<br\s*/?>", "\n\n", text, flags=re.IGNORECASE)
    paragraphs = (" ".join(_TAG.sub(" ", part).split()) for part in re.split(r"\n\s*\n|\r\n|\n", text))
    return "\n\n".join(part for part in paragraphs if part)


def _names(value: Any, by_id: dict[str, Node]) -> list[str]:
    if isinstance(value, list):
        return [name for item in value[:50] for name in _names(item, by_id)]
    if isinstance(value, dict):
        address = value.get("@id")
        described = by_id.get(address) if isinstance(address, str) else None
        return _own_names(value) or (_own_names(described) if described else [])
    return [text_of(value)] if isinstance(value, str) and not value.startswith(("http://", "https://", "#")) else []


def _own_names(node: Node) -> list[str]:
    name = node.get("name") or " ".join(filter(None, (text_of(node.get(k)) for k in ("givenName", "familyName"))))
    return [text for one in (name if isinstance(name, list) else [name]) if (text := text_of(one))]


def _keywords(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    out = []
    for item in items:
        text = text_of(item)
        out += [part.strip() for part in text.split(",")] if isinstance(item, str) else [text]
    return [tag for tag in dict.fromkeys(out) if tag]


def _url_of(value: Any, by_id: dict[str, Node] | None = None) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        if by_id and set(value) == {"@id"} and value["@id"] in by_id:
            value = by_id[value["@id"]]
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
        if isinstance(value, list | dict):
            return None
    return value if isinstance(value, str) else None
