"""Cookies, a jar a site, by the rules of RFC 6265 and the public suffix list.

A jar belongs to one registrable domain and lives as long as its Fetcher. Whatever cannot be sent back as it came
(control characters, non-ASCII text, absurd lengths) is not kept, so that no server can make a later request fail.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scraper.urls import host_of, path_of, site_of

MAX_LENGTH = 4096
"""Characters of one Set-Cookie header, as in browsers."""
MAX_COOKIES = 50
"""A site; the oldest make room."""
MAX_SITES = 1000
"""Jars kept; the one used longest ago makes room, so that a long crawl does not grow."""

_PRINTABLE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True)
class Cookie:
    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    expires: float | None
    """Seconds since 1970, UTC; None for as long as the jar lives."""
    http_only: bool = False
    """Whether it is hidden from a page's scripts."""

    @property
    def is_sendable(self) -> bool:
        """Whether it goes into a header as it is."""
        return bool(_PRINTABLE.fullmatch(self.name + self.value)) and ";" not in self.name + self.value

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.name, self.domain, self.path)

    def fits(self, host: str, path: str, secure: bool, now: float) -> bool:
        return (
            (host == self.domain or (not self.host_only and host.endswith(f".{self.domain}")))
            and (path == self.path or path.startswith(self.path.rstrip("/") + "/"))
            and (secure or not self.secure)
            and (self.expires is None or self.expires > now)
        )


class CookieJars:
    """A cookie jar for each site (`scraper.urls.site_of`)."""

    def __init__(self) -> None:
        self._jars: OrderedDict[str, dict[tuple[str, str, str], Cookie]] = OrderedDict()

    def header(self, url: str, now: float) -> str | None:
        """The Cookie header for a request of `url` at `now` (seconds since 1970), or None."""
        if not self._jars:  # loading the public suffix list takes a while, and many a run never needs it
            return None
        jar = self._jars.get(site_of(url), {})
        host, path, secure = host_of(url), path_of(url), urlsplit(url).scheme == "https"
        found = [cookie for cookie in jar.values() if cookie.fits(host, path, secure, now)]
        found.sort(key=lambda cookie: -len(cookie.path))  # RFC 6265 5.4: longer paths first
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in found) or None

    def store(self, url: str, set_cookies: Iterable[str], now: float) -> None:
        """Keep what the Set-Cookie headers of an answer from `url` say; one that may not be kept is passed over."""
        for text in set_cookies:
            cookie = _parse(text, url, now)
            if cookie is None:
                continue
            jar = self._jar_of(site_of(url))
            jar.pop(cookie.key, None)  # a cookie set again becomes the newest
            if cookie.expires is None or cookie.expires > now:
                jar[cookie.key] = cookie
            while len(jar) > MAX_COOKIES:
                del jar[next(iter(jar))]

    def add(self, cookie: Cookie) -> None:
        """Keep a cookie that the user gave."""
        self._jar_of(site_of(f"https://{cookie.domain}/"))[cookie.key] = cookie

    def of_site(self, url: str) -> list[Cookie]:
        """All that the site of `url` set."""
        return list(self._jars.get(site_of(url), {}).values()) if self._jars else []

    def _jar_of(self, site: str) -> dict[tuple[str, str, str], Cookie]:
        jar = self._jars.setdefault(site, {})
        self._jars.move_to_end(site)
        while len(self._jars) > MAX_SITES:
            self._jars.popitem(last=False)
        return jar


def _parse(text: str, url: str, now: float) -> Cookie | None:
    """One Set-Cookie header from `url`, or None when it is malformed or claims what `url` may not set."""
    if len(text) > MAX_LENGTH or not _PRINTABLE.fullmatch(text):
        return None
    pair, *rest = text.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name:
        return None
    attributes = {key.strip().lower(): said.strip() for key, _, said in (part.partition("=") for part in rest)}
    host = host_of(url)
    domain = attributes.get("domain", "").removeprefix(".").lower()
    if domain and domain != host and not _may_set_for(domain, host):
        return None
    secure = "secure" in attributes
    if secure and urlsplit(url).scheme != "https":
        return None
    path = attributes.get("path", "")
    return Cookie(
        name=name,
        value=value,
        domain=domain or host,
        host_only=not domain,
        path=path if path.startswith("/") else path_of(url).rpartition("/")[0] or "/",
        secure=secure,
        expires=_expiry(attributes, now),
        http_only="httponly" in attributes,
    )


def _may_set_for(domain: str, host: str) -> bool:
    """True when `domain` is above `host` and inside its registrable domain: never a public suffix such as co.uk."""
    site = site_of(f"http://{host}/")
    return host.endswith(f".{domain}") and (domain == site or domain.endswith(f".{site}"))


def _expiry(attributes: dict[str, str], now: float) -> float | None:
    """Max-Age wins over Expires, and what cannot be read is as if not said (RFC 6265 5.2)."""
    max_age = attributes.get("max-age", "")
    if re.fullmatch(r"-?[0-9]{1,12}", max_age):
        return now + int(max_age)
    try:
        return parsedate_to_datetime(attributes["expires"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
