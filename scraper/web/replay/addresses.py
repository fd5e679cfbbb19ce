"""Addresses of captures: `/web/<time>/<url>`, with a kind behind the time for what is not the page in its frame.

    /web/20240501120000/https://example.com/story?x=1     the capture of that second, in its frame
    /web/20240501120000mp_/…                              the page alone: what the frame shows
    /web/20240501120000id_/…                              the bytes as they were received, to be saved
    /web/20240501120000sf_/…                              one file with everything in it, to be saved
    /web/20240501120000pr_/…                              the same to be looked at, and printed
    /web/2024/…, /web/https://…                           the capture that is nearest, the last one
    /web/*/…                                              all of them
    /web/timemap/link/…, /web/timemap/json/…, /web/timegate/…   for programs (RFC 7089)

The captured address stands at the end as it is, with its query; what was escaped in it stays so. Behind it may stand
`lang_ui=uk`, which is the language of what is said around the page; where no such address was captured, that is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from scraper.errors import UsageError
from scraper.urls import check_url, without_credentials
from scraper.web.messages import LANGUAGES
from scraper.web.visits import LANGUAGE

Kind = Literal["", "mp_", "id_", "sf_", "pr_"]
KINDS: tuple[Kind, ...] = ("", "mp_", "id_", "sf_", "pr_")

_SCHEME = re.compile(r"(https?):/{1,3}(?=[^/])", re.I)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d{1,5}(?:[/?#]|\Z))", re.I)
_LONGEST = 8_000
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Writes addresses of this server. `prefix` is what stands before `/web/`: `base_url`, or with an origin.

    `language` is the code of the one that was chosen for what is said around pages, and empty where none was: addresses
    that programs read, and those that are cited, have none.
    """

    prefix: str = ""
    language: str = ""

    def capture(self, moment: datetime, url: str, kind: Kind = "") -> str:
        return self._spoken(f"{self.prefix}/web/{stamp_of(moment)}{kind}/{url}")

    def all(self, url: str) -> str:
        return self._spoken(f"{self.prefix}/web/*/{url}")

    def timemap(self, url: str, form: Literal["link", "json"] = "link") -> str:
        return f"{self.prefix}/web/timemap/{form}/{url}"

    def timegate(self, url: str) -> str:
        return f"{self.prefix}/web/timegate/{url}"

    def article(self, page_id: int) -> str:
        return self._spoken(f"{self.prefix}/article/{page_id}")

    def capture_page(self, capture_id: int) -> str:
        return self._spoken(f"{self.prefix}/capture/{capture_id}")

    @property
    def style(self) -> str:
        return f"{self.prefix}/web/static/replay.css"

    def _spoken(self, address: str) -> str:
        if not self.language:
            return address
        return f"{address}{'&' if '?' in address else '?'}{LANGUAGE}={self.language}"


def language_in(query: str) -> tuple[str, str]:
    """A query without the language that stands last in it, and that language's code; "" where there is none.

    A captured address may end so, too: whoever asks looks for the whole one first.
    """
    before, _, last = query.rpartition("&")
    name, _, code = last.partition("=")
    return (before, code) if name == LANGUAGE and code in LANGUAGES else (query, "")


def stamp_of(moment: datetime) -> str:
    """The 14 digits of a moment, in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def moment_of(stamp: str) -> datetime | None:
    """The moment that 4 to 14 digits begin at, in UTC; None for digits that are no date."""
    digits = stamp + "00000101000000"[len(stamp) :]
    try:
        return max(_EARLIEST, datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC))
    except ValueError:
        return None


def url_in(path: str, query: str) -> str:
    """The captured address that stands at the end of a request's path, as an absolute URL without credentials.

    `path` is as it was sent, its escapes untouched; slashes that something on the way took for one are mended. An
    address without a scheme is taken for one of https. Raises UsageError.
    """
    # What a browser would have escaped, a program may have sent as it is.
    text = quote(path, safe="%/:?#[]@!$&'()*+,;=~-._|{}^`\\\"<>") + (f"?{query}" if query else "")
    if len(text) > _LONGEST:
        raise UsageError("This address is too long to have been captured")
    scheme = _SCHEME.match(text)
    if scheme is not None:
        text = f"{scheme[1]}://{text[scheme.end() :]}"
    elif _OTHER_SCHEME.match(text) is None:
        text = f"https://{text.lstrip('/')}"
    return without_credentials(check_url(text)).partition("#")[0]
