"""Host names to addresses: the system's resolver, and `connect_to` in front of whichever resolver is used."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Protocol

from scraper.errors import ConfigError, DnsError
from scraper.urls import fit_to_show, host_of


class Resolver(Protocol):
    """Where to connect for `host` and `port`: (IP address, port) pairs, best first; the port may differ from `port`.

    `host` is in lower case and IDNA-encoded, an IPv6 literal without its brackets. Raises OSError (as
    socket.gaierror is) or returns an empty list for a name without an address.
    """

    async def __call__(self, host: str, port: int, /) -> list[tuple[str, int]]: ...


async def system_resolver(host: str, port: int) -> list[tuple[str, int]]:
    """What the operating system says, in its order of preference. Raises socket.gaierror."""
    try:
        return [(str(ipaddress.ip_address(host)), port)]
    except ValueError:
        pass
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(address[0]), port) for *_, address in found))


async def addresses_of(resolver: Resolver, host: str, port: int) -> list[tuple[str, int]]:
    """What `resolver` says, never empty. Raises DnsError."""
    try:
        found = await resolver(host, port)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise DnsError(
                f"The name {host} could not be looked up",
                why="the name server did not answer",
                next_step="check this machine's network connection and try again",
            ) from error
        raise _no_such_host(host) from error
    except UnicodeError as error:  # a label that is empty or longer than 63 characters, from Python's IDNA codec
        raise _no_such_host(host) from error
    except OSError as error:
        raise DnsError(f"The name {host} could not be looked up", why=error.strerror or str(error)) from error
    if not found:
        raise _no_such_host(host)
    return found


def _no_such_host(host: str) -> DnsError:
    return DnsError(f"No address for {host}", why="the name does not exist", next_step="check its spelling")


@dataclass(frozen=True)
class _Rule:
    """One --connect-to: None stands for any host or port on the left, for the same one on the right."""

    host: str | None
    port: int | None
    to_host: str | None
    to_port: int | None

    def matches(self, host: str, port: int) -> bool:
        return self.host in (None, host) and self.port in (None, port)


_PART = r"(\[[0-9A-Fa-f:.%]*\]|[^:\[\]]*)"
_RULE = re.compile(rf"{_PART}:([^:]*):{_PART}:([^:]*)")


class ConnectTo:
    """A Resolver that sends some hosts and ports elsewhere, as curl's --connect-to does; the first rule that fits wins.

    Only the connection goes elsewhere: the Host header and the name a certificate must carry stay as they were.
    """

    def __init__(self, rules: tuple[str, ...], otherwise: Resolver) -> None:
        """`rules` are HOST1:PORT1:HOST2:PORT2. Raises ConfigError naming the one that is wrong, and why."""
        self._rules = tuple(_parse_rule(text) for text in rules)
        self._otherwise = otherwise

    async def __call__(self, host: str, port: int, /) -> list[tuple[str, int]]:
        rule = next((rule for rule in self._rules if rule.matches(host, port)), None)
        if rule is None:
            return await self._otherwise(host, port)
        return await self._otherwise(rule.to_host or host, rule.to_port or port)


def _parse_rule(text: str) -> _Rule:
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise _bad_rule(text, "it does not have four parts (an IPv6 address is written in brackets)")
    host, port, to_host, to_port = match.groups()
    return _Rule(_rule_host(text, host), _rule_port(text, port), _rule_host(text, to_host), _rule_port(text, to_port))


def _rule_host(text: str, host: str) -> str | None:
    if not host:
        return None
    normal = host_of(f"http://{host}/").strip("[]")  # in the spelling a URL's host will have
    if not normal:
        raise _bad_rule(text, f"{fit_to_show(host)!r} is not a host name or address")
    return normal


def _rule_port(text: str, port: str) -> int | None:
    if not port:
        return None
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise _bad_rule(text, f"{fit_to_show(port)!r} is not a port between 1 and 65535")
    return int(port)


def _bad_rule(text: str, why: str) -> ConfigError:
    return ConfigError(
        f"connect_to: {fit_to_show(text)!r} is not HOST1:PORT1:HOST2:PORT2",
        why=why,
        next_step="write it like news.example:443:127.0.0.1:8443 or ::[::1]:8443",
    )
