"""Where hubs reach us: the public address of the callbacks, and where behind it we listen."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from scraper.errors import UsageError
from scraper.fetch.guard import is_public
from scraper.urls import check_url, fit_to_show

_CALLBACK_FORM = "give the public address that your proxy passes on to --bind, such as https://hooks.example/news/"
_BIND_FORM = "write it as 127.0.0.1:8471, or [::1]:8471"
_HERE = frozenset({"localhost", "localhost."})


def callback_base(text: str, *, allow_private: bool) -> str:
    """What all callbacks begin with, ending in a slash. Raises UsageError for what no hub can reach.

    `allow_private` admits addresses that only hubs of this machine or network reach.
    """
    try:
        url = check_url(text)
    except UsageError as error:
        raise UsageError(f"--callback: {error.what}", why=error.why, next_step=_CALLBACK_FORM) from None
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"--callback: {fit_to_show(url)} cannot be what callbacks begin with",
            why="it holds a user or password, a query or a fragment",
            next_step=_CALLBACK_FORM,
        )
    if not allow_private and _is_private(parts.hostname or ""):
        raise UsageError(
            f"--callback: no hub can reach {parts.hostname}", why="it is no public address", next_step=_CALLBACK_FORM
        )
    return url if url.endswith("/") else url + "/"


def bind_address(text: str, *, allow_others: bool) -> tuple[str, int]:
    """Host and port to listen on. Raises UsageError for others than loopback, unless `allow_others` admits them."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--bind: {text!r} is no address to listen on", next_step=_BIND_FORM)
    host = "127.0.0.1" if host.lower() in _HERE else host.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise UsageError(f"--bind: {host!r} is no IP address", next_step=_BIND_FORM) from None
    if not address.is_loopback and not allow_others:
        raise UsageError(
            f"--bind: {address} can be reached from other machines",
            why="what listens there is meant to stand behind a proxy, which speaks TLS with the world",
            next_step="bind to 127.0.0.1, or add --allow-others where the proxy runs on another machine",
        )
    return str(address), int(port)


def _is_private(host: str) -> bool:
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:  # a name: one without a dot is known here alone
        name = host.rstrip(".")
        return "." not in name or name.endswith(".localhost")
