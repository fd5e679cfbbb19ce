"""Other editions of a page, told by their address: for AMP, for print, for small screens; and other spellings of it.

An address that is marked so and one that is not may be two editions of one article. That they are is for the caller to
make sure of: by their texts, or by what the one page says of the other.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from scraper.urls.forms import canonical, canonical_or_none
from scraper.urls.parts import site_of_host

EditionKind = Literal["amp", "print", "mobile"]

# Labels of a host below the site's own name. What merely stands there out of habit marks nothing.
_LABELS: dict[str, EditionKind | None] = {
    "amp": "amp",
    "m": "mobile",
    "mobile": "mobile",
    "mobil": "mobile",
    "touch": "mobile",
    "wap": "mobile",
    "print": "print",
    "www": None,
    "www1": None,
    "www2": None,
    "ww2": None,
}
_PRINT = frozenset(
    """print printable printer printview print-view printversion print-version printer-friendly printerfriendly
    druck drucken druckansicht druckversion imprimir imprimer impression version-imprimable stampa drukuj tisk skriv-ut
    versiya-dlya-druku print_article""".split()
)
# Only before everything else: further on, one letter is a folder like any other.
_FIRST_FOLDERS: dict[str, EditionKind] = {"m": "mobile", "mobile": "mobile", "mobil": "mobile"}
_ENDINGS = re.compile(r"[._,-](amp|print|mobile)(?=\.s?html?\Z)|\.(amp|print|printable|mobile)\Z", re.I)
_PAGE = re.compile(r"(?<=[a-z_-])\.(?:s?html?|php|aspx?)\Z")
_INDEX = re.compile(r"(?:index|default)\.(?:s?html?|xhtml|php\d?|aspx?|jsp|cfm)\Z", re.I)
# Parameters that are a mark when they are switched on, and those whose value is one.
_SWITCHES: dict[str, EditionKind] = {
    "amp": "amp",
    "isamp": "amp",
    "is_amp": "amp",
    "print": "print",
    "printable": "print",
    "printer": "print",
    "printview": "print",
    "printversion": "print",
    "print_view": "print",
    "druck": "print",
    "drucken": "print",
    "imprimir": "print",
    "mobile": "mobile",
    "ismobile": "mobile",
}
_ON = frozenset(("", "1", "true", "yes", "y", "on", "amp", "print"))
_CHOICES = frozenset("outputtype output view mode format _format layout template tpl render variant display".split())
_VALUES: dict[str, EditionKind] = {"amp": "amp", "mobile": "mobile", **dict.fromkeys(_PRINT, "print")}

# Caches of AMP pages show them under addresses of their own, in which the page's stands.
_AMP_CACHES = (".cdn.ampproject.org", ".bing-amp.com", ".ampproject.net")
_IN_A_CACHE = re.compile(r"/(?:[a-z]/)?(s/)?([a-z0-9.-]+\.[a-z]{2,}(?::\d+)?/.*)\Z", re.I)
_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}")
_IN_GOOGLE = re.compile(r"/amp/(s/)?([a-z0-9.-]+\.[a-z]{2,}(?::\d+)?/.*)\Z", re.I)


class Edition(NamedTuple):
    """What an address says about the edition that it leads to."""

    kind: EditionKind
    original: str
    """The address without the mark, in canonical form: where the article itself may be."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart, without what other spellings and editions of it differ in."""

    host: str
    """Without `www.` and marks; with a port where one is written."""
    folders: tuple[str, ...]
    """The parts of the path, without marks and without `index.html`."""
    pairs: tuple[str, ...]
    """The parts of the query, in alphabetical order, without marks."""
    edition: Edition | None

    @property
    def key(self) -> str:
        """What all spellings and editions of an address have in common."""
        return f"{self.host}/{'/'.join(self.folders)}?{'&'.join(self.pairs)}"


def edition_of(url: str) -> Edition | None:
    """The edition that `url` names by a mark in host, path or query; None for one without a mark."""
    address = address_of(url)
    return None if address is None else address.edition


def address_key(url: str) -> int:
    """A number of 64 bits (signed) that other spellings and editions of an address share.

    Those are: http and https, with and without `www.`, a slash at the end, `index.html`, parameters in another order,
    and what `edition_of` knows. Two articles may share it by chance, if hardly ever: it is to look pages up by.
    """
    address = address_of(url)
    text = url if address is None else address.key
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)


@lru_cache(maxsize=1024)
def address_of(url: str) -> Address | None:
    """`url` taken apart; None for text that is no http(s) URL."""
    form = canonical_or_none(url)
    inner = None if form is None else _out_of_a_cache(form)
    if inner is not None:
        form = canonical_or_none(inner)
    if form is None:
        return None
    # In canonical form nothing but the parts themselves can stand between these marks.
    scheme, _, rest = form.partition("://")
    host, _, path = rest.partition("/")
    path, _, query = path.partition("?")
    name, port = _split_port(host)
    bare, by_host = _bare_host(name)
    folders, by_path = _bare_folders(path)
    pairs, by_query = _bare_pairs(query)
    kind = "amp" if inner is not None else by_path or by_query or by_host
    edition = None
    if kind is not None:
        # What bears no mark stays as it is written.
        end = "/" if path.endswith("/") and folders else ""
        original = f"{bare if by_host else name}{port}/{'/'.join(folders) + end if by_path else path}"
        edition = Edition(kind, canonical(f"{scheme}://{original}?{'&'.join(pairs)}"))
    index = bool(folders) and _INDEX.match(folders[-1]) is not None
    return Address(bare + port, tuple(folders[:-1] if index else folders), tuple(sorted(pairs)), edition)


def _split_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    return (name, colon + port) if colon and port.isdigit() else (host, "")


def _out_of_a_cache(url: str) -> str | None:
    """The address of the page that a cache of AMP pages shows under `url`."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if host.endswith(_AMP_CACHES):
        found = _IN_A_CACHE.match(slash + path)
    elif _GOOGLE.fullmatch(host):
        found = _IN_GOOGLE.match(slash + path)
    else:
        return None
    return None if found is None else f"{'https' if found[1] else scheme}://{found[2]}"


def _bare_host(host: str) -> tuple[str, EditionKind | None]:
    """The host without habits and marks, and the mark."""
    host = host.rstrip(".")
    if host.partition(".")[0] not in _LABELS and not any(f".{label}." in host for label in ("m", "amp", "mobile")):
        return host, None
    site = site_of_host(host)
    below = host.removesuffix(site).rstrip(".")
    labels = [label for label in below.split(".") if label and label not in _LABELS]
    marks = [_LABELS[label] for label in below.split(".") if _LABELS.get(label)]
    return ".".join((*labels, site)), marks[0] if marks else None


def _bare_folders(path: str) -> tuple[list[str], EditionKind | None]:
    """The parts of the path without marks, and the first mark."""
    folders = [folder for folder in path.split("/") if folder]
    mark: EditionKind | None = None
    if len(folders) > 1 and folders[0].lower() in _FIRST_FOLDERS:
        mark = _FIRST_FOLDERS[folders.pop(0).lower()]
    kept = []
    for folder in folders:
        # A page may be named after its edition: amp.html, print.php.
        name = _PAGE.sub("", folder.lower())
        kind: EditionKind | None = "amp" if name == "amp" else "print" if name in _PRINT else None
        if kind is None or len(folders) == 1:
            kept.append(folder)
        else:
            mark = mark or kind
    if kept and (found := _ENDINGS.search(kept[-1])):
        ending = (found[1] or found[2]).lower()
        mark = mark or ("print" if ending == "printable" else _VALUES[ending])
        kept[-1] = kept[-1][: found.start()] + kept[-1][found.end() :]
    return kept, mark


def _bare_pairs(query: str) -> tuple[list[str], EditionKind | None]:
    """The parts of the query without marks, and the first mark."""
    mark: EditionKind | None = None
    kept = []
    for pair in query.split("&") if query else ():
        name, _, value = pair.lower().partition("=")
        kind: EditionKind | None = None
        if name in _SWITCHES and value in _ON:
            kind = _SWITCHES[name]
        elif name in _CHOICES:
            kind = _VALUES.get(value)
        if kind is None:
            kept.append(pair)
        else:
            mark = mark or kind
    return kept, mark
