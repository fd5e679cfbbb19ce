"""Fetching through a proxy that the user named: HTTP(S) or SOCKS5. None is ever taken from the environment."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import ada_url
import httpcore

from scraper.errors import ConfigError, DnsError
from scraper.fetch.guard import check_address, check_port
from scraper.fetch.resolve import Resolver, addresses_of
from scraper.settings import FetchSettings

_PORTS = {"http": 8080, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it is and how it is spoken to. With `socks5h` no name is looked up here: that would tell who asks."""

    kind: str
    host: str
    port: int
    credentials: tuple[str, str] | None = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """`http://host:port`, `https://…`, `socks5://user:password@host:port`, `socks5h://…`. Raises ConfigError."""
        kind, separator, rest = text.strip().partition("://")
        kind = kind.lower()
        if not separator or kind not in _PORTS:
            raise ConfigError(
                "This is no proxy",
                why=f"it begins with none of {', '.join(f'{one}://' for one in _PORTS)}",
                next_step="write it like http://127.0.0.1:8080 or socks5h://127.0.0.1:1080",
            )
        try:
            # As an https URL, whose port is not left out when it is another's default.
            url = ada_url.URL(f"https://{rest}")
        except ValueError:
            raise ConfigError("This is no proxy", why="no host stands behind its scheme") from None
        said = rest.rpartition("@")[2].partition("/")[0].rpartition(":")
        port = int(said[2]) if said[1] and said[2].isdigit() else _PORTS[kind]
        credentials = (unquote(url.username), unquote(url.password)) if url.username else None
        return cls(kind, str(url.hostname).strip("[]"), port, credentials)

    def pool(self, options: dict[str, Any]) -> httpcore.AsyncConnectionPool:
        """A pool of connections through it, with httpcore's `options` for one."""
        is_socks = self.kind.startswith("socks")
        url = httpcore.URL(scheme="socks5" if is_socks else self.kind, host=self.host, port=self.port, target="/")
        auth = (self.credentials[0].encode(), self.credentials[1].encode()) if self.credentials else None
        kind = httpcore.AsyncSOCKSProxy if is_socks else httpcore.AsyncHTTPProxy
        return kind(proxy_url=url, proxy_auth=auth, **options)

    async def check_target(self, host: str, port: int, settings: FetchSettings, resolver: Resolver) -> None:
        """Refuse what would be refused without a proxy, as far as can be told from here. Raises AddressForbidden.

        The proxy looks names up again and has the last word; whoever names one trusts it with that.
        """
        for address in await self._addresses(host, port, resolver):
            check_address(address, host=host, allow_private=settings.allow_private)
        check_port(port, host=host, others=settings.ports, allow_private=settings.allow_private)

    async def _addresses(self, host: str, port: int, resolver: Resolver) -> list[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            if self.kind == "socks5h":
                return []
        try:
            return [address for address, _ in await addresses_of(resolver, host, port)]
        except DnsError:
            return []  # a name that only the proxy's network knows
