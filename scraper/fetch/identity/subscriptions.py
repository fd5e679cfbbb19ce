"""What a subscriber sends to a host of theirs, and to nobody else: headers, a password, cookies of a browser."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from scraper.errors import ConfigError
from scraper.fetch import headers
from scraper.fetch.identity.cookies import Cookie, CookieJars
from scraper.settings import HostSettings
from scraper.urls import host_of

_HTTP_ONLY = "#HttpOnly_"
"""Before the domain, in the lines of cookies that scripts may not read; any other line with # is a comment."""


class Subscriptions:
    """The secrets of `scrape.toml`, ready to be sent."""

    def __init__(self, hosts: Iterable[HostSettings], *, over_http: bool) -> None:
        """`over_http` also sends them unencrypted, as on test sites. Raises ConfigError for what cannot be sent."""
        self._over_http = over_http
        self._headers = {host.host: _headers_of(host) for host in hosts}
        self._cookies = [cookie for host in hosts if host.cookies for cookie in read_cookies(host.cookies)]

    def fill(self, jars: CookieJars) -> None:
        """Put the cookies of all hosts into `jars`."""
        for cookie in self._cookies:
            jars.add(cookie)

    def headers_for(self, url: str) -> headers.RawHeaders:
        """What goes with a request of `url`: only to the very host it was given for, and not in the clear."""
        if not self._headers or not (self._over_http or urlsplit(url).scheme == "https"):
            return []
        return self._headers.get(host_of(url), [])


def _headers_of(host: HostSettings) -> headers.RawHeaders:
    out = headers.checked(dict(host.headers))
    if host.user or host.password:
        pair = f"{host.user}:{host.password}".encode()
        out.append((b"Authorization", b"Basic " + base64.b64encode(pair)))
    return out


def read_cookies(path: Path) -> list[Cookie]:
    """The cookies of a file as curl, wget and browser extensions write them (Netscape's format). Raises ConfigError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read the cookies in {path}", why=str(error)) from error
    found = []
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(_HTTP_ONLY)
        if not text.strip() or text.startswith("#"):
            continue
        fields = text.split("\t")
        if len(fields) != 7 or not fields[0] or not fields[5] or not fields[4].lstrip("-").isdigit():
            raise ConfigError(
                f"{path}, line {number} is no cookie",
                why="a line holds seven fields with tabs between them: domain, subdomains, path, secure, expiry, name,"
                " value",
                next_step="export the cookies again in Netscape's format (cookies.txt)",
            )
        domain, subdomains, folder, secure, expires, name, value = fields
        cookie = Cookie(
            name=name,
            value=value,
            domain=domain.removeprefix(".").lower(),
            host_only=subdomains.upper() != "TRUE",
            path=folder if folder.startswith("/") else "/",
            secure=secure.upper() == "TRUE",
            expires=float(expires) if int(expires) > 0 else None,
            http_only=line.startswith(_HTTP_ONLY),
        )
        if not cookie.is_sendable:
            raise ConfigError(f"{path}, line {number} is no cookie", why="it holds characters that cannot be sent")
        found.append(cookie)
    return found
