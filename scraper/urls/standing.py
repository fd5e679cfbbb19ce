"""What one address says about another: is what a page calls its own address to be believed, and did a redirect lead
away from the article?

Nothing here has seen the pages. Two of them are taken for one only where their texts agree, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import unquote

from scraper.urls.editions import Address, EditionKind, address_of
from scraper.urls.forms import canonical
from scraper.urls.parts import host_of, resolve, site_of, site_of_host
from scraper.urls.tracking import tracking

Trusted = Literal["spelling", "parameters", "path", EditionKind]
"""How the address differs from the page's: in spelling (scheme, `www.`, slash), in parameters that name no article, in
the folders above the same article, or because the page is an edition of it."""
Distrusted = Literal[
    "itself", "invalid", "other_site", "edition", "home_page", "section_front", "other_article", "contradicted"
]


class Named(NamedTuple):
    """What is to be made of an address that a page calls its own."""

    address: str | None
    """Its canonical form, when it is believed and is another one than the page's; else None."""
    reason: Trusted | Distrusted


_LONGEST = 2_000
"""Characters; sites write no longer addresses for their articles, though template engines may."""
_GARBAGE = re.compile(r"(?:/|=)(?:undefined|null|none|nan|%5Bobject%20Object%5D)/?\Z|%7B%7B|\{\{|<%|%3C%", re.I)

_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-_.]?(?:0\d|1[0-2])(?:[-_.]?[0-3]\d)?(?!\d)")
_NUMBER = re.compile(r"\d{4,}")
_LONG_NUMBER = re.compile(r"\d{5,}")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"(?:[^\W\d_]|%[0-9A-F]{2})[^\W_%]*(?:%[0-9A-F]{2}[^\W_%]*)*", re.I)
_EXTENSION = re.compile(r"\.(?:s?html?|xhtml|php\d?|aspx?|jsp|cfm|amp|ece|story|article)\Z", re.I)
_HOME_FOLDER = re.compile(
    r"[a-z]{2}(?:[-_][a-z]{2})?\Z|(?:home|homepage|home-page|startseite|portada|accueil|start)\Z", re.I
)
# What sites add when they send a reader home.
_SENT_HOME = frozenset(
    "ref from src source error err msg message notfound not_found redirect redirected gone status".split()
)
# Names that end so name an item, besides those that may name an article wherever they stand.
_NAMES_AN_ITEM = re.compile(r"(?:id|nr|num|number|no|key|code|uuid|guid|slug)\Z", re.I)
# Of those that may name an article, the ones that hardly ever do when their value is a word.
_WORDS_SAY_LITTLE = frozenset("ref src source from mode view type section cat category lang language hl l tag".split())
_ALIKE = 0.6
"""Part of their words that two slugs of one article share at least."""
_ENOUGH_WORDS = 3
"""… and how many these are, where they are all that tells."""


def trusted_canonical(url: str, named: str | None, *, stated: Iterable[str] = ()) -> Named:
    """Whether the page at `url` can be believed that `named` is its own address (`rel=canonical`).

    `stated` are addresses that the page gives itself elsewhere (`og:url`, structured data). Not believed: what is no
    address, another site, the home page, a section front, another article by its number or words; and, where the two
    differ by more than marks and parameters, what those others contradict.
    """
    here = canonical(url)
    there = None if named is None or len(named) > _LONGEST else resolve(named, url)
    if there is None:
        return Named(None, "invalid")
    there = canonical(there)
    if there == here:
        return Named(None, "itself")
    if _GARBAGE.search(there):
        return Named(None, "invalid")
    at, to = address_of(here), address_of(there)
    if at is None or to is None:
        return Named(None, "invalid")
    if site_of_host(_host(at)) != site_of(there):
        return Named(None, "other_site")
    if to.edition is not None and (at.edition is None or at.edition.kind != to.edition.kind):
        return Named(None, "edition")
    if at.key == to.key:
        return Named(there, _edition_or("spelling", at, to))
    if _is_home(to):
        return Named(None, "home_page")
    if at.host == to.host and at.folders == to.folders:
        kept = _only_drops_what_tells_nothing(at, to)
        return Named(there, _edition_or("parameters", at, to)) if kept else Named(None, "other_article")
    others = {canonical(other) for other in stated}
    if here in others and there not in others:
        return Named(None, "contradicted")
    if is_section_front(there) and at.folders[-1:] != to.folders[-1:]:
        return Named(None, "section_front")
    if (_is_home(at) and not at.pairs) or not _may_be_one_article(at, to):
        return Named(None, "other_article")
    return Named(there, _edition_or("path", at, to))


def leads_home(asked: str, answered: str) -> bool:
    """True when who asked for one page was sent to the site's home page, or to the front of the section it was in.

    That is how many sites say that an article is gone.
    """
    if asked == answered:
        return False
    at, to = address_of(asked), address_of(answered)
    if at is None or to is None or at.key == to.key or site_of(asked) != site_of(answered):
        return False
    if not at.folders or _is_home(at):
        return False
    if any(pair.partition("=")[0].lower() not in _SENT_HOME for pair in to.pairs):
        return False  # a consent page comes back from there, and says where to
    if _is_home(to):
        return to.host in (at.host, site_of(answered))
    inside = to.host == at.host and at.folders[: len(to.folders)] == to.folders
    return inside and is_section_front(answered) and _is_article_like(at)


def is_home_page(url: str) -> bool:
    """True for the address of a site's first page, in one of its languages perhaps."""
    address = address_of(url)
    return address is not None and _is_home(address)


def is_section_front(url: str) -> bool:
    """True for an address that consists of the name of a section, and of the one it is part of: `/sport/football/`."""
    address = address_of(url)
    if address is None or not 0 < len(address.folders) <= 2:
        return False
    queried = any(pair.partition("=")[0].lower() not in _SENT_HOME for pair in address.pairs)
    return not queried and all(map(_is_name, address.folders))


def _is_name(folder: str) -> bool:
    """True for what may be the name of a section: a word or two."""
    name = unquote(folder)
    return len(name) <= 25 and name.count("-") <= 1 and not any(c.isdigit() or c in "._,;:=~+" for c in name)


def same_article_named(url: str, other: str) -> bool:
    """False when the numbers or words of the two addresses are those of different articles."""
    at, to = address_of(url), address_of(other)
    if at is None or to is None:
        return url == other
    return at.key == to.key or (at.folders != to.folders and _may_be_one_article(at, to, strict=True))


def bears_same_name(url: str, other: str) -> bool:
    """True when the last parts of the two paths name one article: by a long number, or by their words.

    The words of the one are those of the other, or some were added: `north` in the place of `south` is another story.
    Stricter than `same_article_named`: that one is false where addresses contradict each other, this one is true where
    they agree on what two articles hardly share.
    """
    at, to = address_of(url), address_of(other)
    if at is None or to is None or not at.folders or not to.folders:
        return False
    name, other_name = (_EXTENSION.sub("", unquote(address.folders[-1]).lower()) for address in (at, to))
    ids, other_ids = (frozenset(_LONG_NUMBER.findall(_DATE.sub("", text))) for text in (name, other_name))
    if ids and other_ids:
        return ids == other_ids
    words, other_words = (frozenset(_WORD.findall(_DATE.sub("", text))) for text in (name, other_name))
    fewer, more = sorted((words, other_words), key=len)
    same_numbers = _DIGITS.findall(name) == _DIGITS.findall(other_name)  # part 1 is not part 2
    return same_numbers and fewer <= more and len(fewer) >= max(_ENOUGH_WORDS, _ALIKE * len(more))


def _host(address: Address) -> str:
    return host_of(f"https://{address.host}/")


def _edition_or(reason: Trusted, at: Address, to: Address) -> Trusted:
    return at.edition.kind if at.edition is not None and to.edition is None else reason


def _is_home(address: Address) -> bool:
    if any(pair.partition("=")[0].lower() not in _SENT_HOME for pair in address.pairs):
        return False
    return not address.folders or (len(address.folders) == 1 and _HOME_FOLDER.match(address.folders[0]) is not None)


def _only_drops_what_tells_nothing(at: Address, to: Address) -> bool:
    """True when the second query is the first without parameters that name no article."""
    if not set(to.pairs) <= set(at.pairs):
        return False
    dropped = set(at.pairs) - set(to.pairs)
    # A path that names the article itself needs no parameter for that.
    return _is_article_like(at) or not any(_names_an_item(pair) for pair in dropped)


def _names_an_item(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if not value:
        return any(character.isdigit() for character in name)  # ?12345
    numbered = any(character.isdigit() for character in value)
    if name in tracking().kept:
        return numbered or name not in _WORDS_SAY_LITTLE
    return numbered and (_NAMES_AN_ITEM.search(name) is not None or _NUMBER.fullmatch(value) is not None)


def _may_be_one_article(at: Address, to: Address, *, strict: bool = False) -> bool:
    """False when numbers or words contradict each other; with `strict` also when neither says anything in common."""
    numbers, other_numbers = _numbers(at), _numbers(to)
    if numbers and other_numbers:
        return not numbers.isdisjoint(other_numbers)
    words, other_words = _words(at), _words(to)
    if words and other_words:
        return len(words & other_words) >= _ALIKE * len(words | other_words)
    return not strict


def _is_article_like(address: Address) -> bool:
    """True when the path looks like an article's: a number, a date, several words, or a file."""
    if not address.folders:
        return False
    last = address.folders[-1]
    dated = any(_YEAR.match(folder) for folder in address.folders[:-1]) or _DATE.search("/".join(address.folders))
    return bool(
        dated or len(_words(address)) >= 3 or _NUMBER.search(last) or (_EXTENSION.search(last) and _words(address))
    )


@lru_cache(maxsize=1024)
def _numbers(address: Address) -> frozenset[str]:
    """The numbers that may be an article's: in the path all that are no date, in the query those of its items."""
    path = "/".join(folder for folder in address.folders if not _YEAR.match(folder))
    found = set(_NUMBER.findall(_DATE.sub("", path)))
    for pair in address.pairs:
        value = pair.partition("=")[2]
        if value.isdigit() and _names_an_item(pair):
            found.add(value)
    return frozenset(found)


@lru_cache(maxsize=1024)
def _words(address: Address) -> frozenset[str]:
    """The words in the last part of the path that has any."""
    for folder in reversed(address.folders):
        words = frozenset(word.lower() for word in _WORD.findall(_DATE.sub("", _EXTENSION.sub("", folder))))
        if words:
            return words
    return frozenset()
