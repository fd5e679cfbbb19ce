"""Which addresses and ports may be connected to: those of public websites, unless others were asked for.

The check is made on the address that is connected to, never on the name: a name can answer differently a moment later.
The networks are listed here, from IANA's special-purpose address registries (RFC 6890 and its updates), because the
answers of `ipaddress.is_global` differ between Python releases and are True for addresses that embed a private one.
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from scraper.errors import AddressForbidden

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 itself reaches loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, cloud metadata services among it
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved and broadcast
    )
)

# Of IPv6 only this is handed out as global unicast; loopback, link-local, unique local and multicast lie outside.
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)


WEB_PORTS = frozenset({80, 443, 591, 8000, 8008, 8080, 8081, 8088, 8443, 8888})
"""What news sites are served on. A page can link to any port; a mail server must not be sent a request by us."""


def check_port(port: int, *, host: str, others: tuple[int, ...], allow_private: bool) -> None:
    """Raises AddressForbidden for a port that no web server of the public internet has, nor one of `others`."""
    if port not in WEB_PORTS and port not in others and not allow_private:
        raise AddressForbidden(
            f"Refused to connect to {host}",
            why=f"port {port} is not one that websites are served on",
            next_step=f"add it to scrape.toml: under [fetch], ports = [{port}]; --allow-private admits all",
        )


def check_address(address: str, *, host: str, allow_private: bool) -> str:
    """`address` in a spelling that is safe to connect to: a literal address, so that nothing is looked up again.

    `host` is the name it was found under, for the message. Raises AddressForbidden.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise AddressForbidden(f"Refused to connect to {host}", why=f"{address!r} is not an IP address") from None
    if any(part.is_multicast for part in _parts(ip)):
        raise AddressForbidden(f"Refused to connect to {host}", why=f"{address} is a multicast address")
    if not allow_private and not is_public(ip):
        where = "it is" if host == address else f"its address {address} is"
        raise AddressForbidden(
            f"Refused to connect to {host}",
            why=f"{where} not a public address",
            next_step="use --allow-private for test sites and intranets",
        )
    return str(ip)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """True for an address of the public internet; an IPv6 address made from an IPv4 one is what that is."""
    return all(
        not any(part in network for network in _NOT_PUBLIC_4)
        if isinstance(part, IPv4Address)
        else part in _GLOBAL_6 and not any(part in network for network in _NOT_PUBLIC_6)
        for part in _parts(ip)
    )


def _parts(ip: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """The addresses that must all be allowed for `ip` to be: itself, or the IPv4 address that its packets end up at.

    An ISATAP address counts as both, since only a router knows whether it is one. Teredo is not unwrapped: 2001::/32
    is refused as a whole.
    """
    if isinstance(ip, IPv4Address):
        return (ip,)
    bits = int(ip)
    last_32 = IPv4Address(bits & 0xFFFF_FFFF)
    if ip in _MAPPED or ip in _NAT64:
        return (last_32,)
    if ip in _SIX_TO_FOUR:
        return (IPv4Address((bits >> 80) & 0xFFFF_FFFF),)
    if (bits >> 32) & 0xFFFF_FFFF in _ISATAP:
        return (ip, last_32)
    return (ip,)
