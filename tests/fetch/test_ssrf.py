"""No spelling of an address, no redirect and no change of mind of a name server leads to what is not public.

The connections are real ones, to servers on 127.0.0.1 and [::1]. Those to other addresses are written down and not
made, but for one public address behind which the server on 127.0.0.1 stands.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ada_url
import httpcore
import pytest

from scraper.capture import Capture
from scraper.errors import UsageError
from scraper.fetch import Fetcher, Resolver
from scraper.fetch.resolve import system_resolver
from scraper.fetch.transport import GuardedTransport
from scraper.settings import FetchSettings
from tests.http_server import HttpServer, Reply, Script, raw

PUBLIC = "93.184.215.14"
ALSO_PUBLIC = "2606:4700::1111"

# Where the port stands is PORT; a spelling without one gets it at its end. None has a path of its own.
IPV4 = """
    127.0.0.1 127.0.0.1. 127.1 127.1. 127.0.1 2130706433 2130706433. 0x7f000001 0X7F000001 0x7f000001. 017700000001
    0x7f.1 0177.1 0x7f.0.1 0177.0x0.1 0x7f.0.0.1 0177.0.0.1 0x7f.0x0.0x0.0x1 0177.0.0.01 127.0x1 127.0.0x0.1
    00000177.0.0.1 127.0.0.01 127.000.000.001 0x0000000000007f.1
    0 0.0.0.0 0x0 00 0x 0.0 0.0.0.0. 0x0.0x0.0x0.0x0 000.000.000.000
    127%2e0%2E0%2e1 %31%32%37.0.0.1 127.0.0.%31 %30 %30x7f.1 %32%31%33%30%37%30%36%34%33%33
    １２７.０.０.１ １２７．０．０．１ ①②⑦.⓪.⓪.① ⑫7.0.0.1 𝟏𝟐𝟕.𝟎.𝟎.𝟏 ¹²⁷.⁰.⁰.¹ 𝟙𝟚𝟟.𝟘.𝟘.𝟙 0ⅹ7f.1 0ｘ7ｆ.1
    ２１３０７０６４３３ 127。0。0。1 127．0．0．1 127｡0｡0｡1 127。1
    %EF%BC%91%EF%BC%92%EF%BC%97.0.0.1 127%E3%80%820%E3%80%820%E3%80%821
    127.0.0.\u00ad1 127.0.\u200b0.1 1\u206027.0.0.1 127.0.0.1\ufe0f
""".split()
IPV6 = """
    [::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [0::1] [0:0::1] [::0:1] [::0.0.0.1]
    [::] [0:0:0:0:0:0:0:0] [::0.0.0.0]
""".split()
MAPPED = """
    [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:7F00:0001] [0:0:0:0:0:ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1]
    [0000::ffff:127.0.0.1] [::ffff:0.0.0.0] [::ffff:0:0]
""".split()
NAMES = """
    localhost LOCALHOST LocalHost localhost. foo.localhost localhost.localdomain ip6-localhost %6c%6f%63alhost
    %4COCALHOST ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ⅼocalhost localho\u017ft local\u00adhost loca\u200blhost localhost。
    127.0.0.1.nip.example 127-0-0-1.sslip.example www.127.0.0.1.example 127.0.0.1\u0338.news.example loopback
    a_b.example metadata.google.internal
""".split()
IN_URLS = [
    "http://news.example@127.0.0.1",
    "http://news.example:80@127.0.0.1",
    "http://news.example:80%40@127.0.0.1",
    "http://127.0.0.1@127.0.0.1",
    "http://@127.0.0.1",
    "http://:@127.0.0.1",
    "http://a@b@127.0.0.1",
    "http://news.example%2f@127.0.0.1",
    "HTTP://127.0.0.1",
    "http:127.0.0.1",
    "http:/127.0.0.1",
    "http:///127.0.0.1",
    "http:////127.0.0.1",
    "http:\\\\127.0.0.1",
    "http:/\\127.0.0.1",
    "http://127.0.0.1:PORT\\@news.example",
    "http://127.0.0.1:PORT?@news.example",
    "http://127.0.0.1:PORT#@news.example",
    "http://127.0.0.1:0000PORT",
    "ht\ttp://127.0.0.1",
    "ht\ntp://127.0.0.1",
    "http://127.\t0.0.1",
    "http://127.0\r\n.0.1",
    "http://12\n7.1",
    "http://127.0.0.1\t:PORT",
    "http://local\thost",
    "http://[:\t:1]",
    "  http://127.0.0.1",
    "\x00\x01http://127.0.0.1",
]
ELSEWHERE = """
    127.0.0.2 127.127.127.127 127.255.255.254 0.0.0.1 0x7fffffff 2130706434
    [::127.0.0.1] [::7f00:1] [::7f00:0001] [64:ff9b::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:1::]
    [2002:7f00:0001:0:0:0:0:1] [::ffff:0:127.0.0.1] [::ffff:0:7f00:1] [2001:0:7f00:1::] [2001::80ff:fffe] [fe80::1]
    [fe80::5efe:7f00:1] [2606:4700::5efe:127.0.0.1] [2606:4700::200:5efe:7f00:1] [::ffff:127.0.0.2] [::2]
""".split()
"""Loopback too, but not where the servers listen, or only by way of a translator."""
NO_URLS = [
    "http://127.0.0.256",
    "http://127.0.0.0x100",
    "http://4294967296",
    "http://127.0.0.1.1",
    "http://0x7f.0.0.0.1",
    "http://127.0.0.09",
    "http://127..1.0x",
    "http://[127.0.0.1]",
    "http://[::1%25lo]",
    "http://[::1%lo]",
    "http://[::1]x",
    "http://[::1",
    "http://::1",
    "http://[::ffff:127.0.0.1.]",
    "http://[::ffff:0x7f.0.0.1]",
    "http://[::ffff:127.1]",
    "http://[%3A%3A1]",
    "http://[［::1］]",
    "http://127.0.0.1%00.news.example",
    "http://127.0.0.1%20",
    "http://127.0.0.1%2f.news.example",
    "http://127.0.0.1%40news.example",
    "http://127.0.0.1 .news.example",
    "http://127.0.0.1^",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:PORT:80",
    "http://",
    "//127.0.0.1",
    "127.0.0.1",
    "localhost",
    "https:",
    "gopher://127.0.0.1",
    "ftp://127.0.0.1",
    "file://127.0.0.1/etc/passwd",
    "dict://127.0.0.1",
    "ws://127.0.0.1",
    "javascript://127.0.0.1",
    "view-source:http://127.0.0.1",
    "jar:http://127.0.0.1!/",
]
OTHERS_HOST = [
    "http://news.example\\@127.0.0.1",
    "http://news.example/@127.0.0.1",
    "http://news.example?@127.0.0.1",
    "http://news.example#@127.0.0.1",
    "http://127.0.0.1%2f@news.example",
    "http://127.0.0.1:80@news.example",
    "http:\\\\news.example\\127.0.0.1",
]
"""Loopback to one parser of URLs and news.example, which has no address, to another; ours has to stay with one."""


def whole(spelling: str) -> str:
    """A URL of the host `spelling`, which may be a URL already, with PORT in it."""
    url = spelling if ":/" in spelling or spelling.startswith(("http", "ht\t", "ht\n")) else f"http://{spelling}"
    return url if "PORT" in url else f"{url}:PORT"


REACHING = [whole(spelling) for spelling in (*IPV4, *IPV6, *MAPPED, *NAMES, *IN_URLS)]
FORBIDDEN = [*REACHING, *map(whole, ELSEWHERE)]

OTHER_ADDRESSES = """
    10.0.0.1 10.255.255.255 0x0a000001 172.16.0.1 172.31.255.254 192.168.0.1 192.168.1.1 3232235777 100.64.0.1
    100.127.255.255 169.254.169.254 0xa9fea9fe 2852039166 169.254.170.2 169.254.169.253 100.100.100.200 192.0.0.192
    192.0.0.170 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 224.0.0.251
    239.255.255.250 240.0.0.1 255.255.255.255 4294967295 0.1.2.3
    [fc00::1] [fd00::1] [fd00:ec2::254] [fd20:ce::254] [fe80::1] [fe80::a9fe:a9fe] [fec0::1] [ff02::1] [ff02::fb]
    [ff05::2] [ff0e::1] [100::1] [2001:db8::1] [2001::1] [2001:10::1] [2001:20::1] [3fff::1] [5f00::1] [4000::1]
    [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:192.168.1.1] [::ffff:224.0.0.1] [::10.0.0.1]
    [64:ff9b::a00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::a00:1] [2002:a00:1::] [2002:a9fe:a9fe::1] [2002:c0a8:101::]
    [2001:0:4136:e378:8000:63bf:f5ff:fffe] [2606:4700::5efe:10.0.0.1] [2606:4700::200:5efe:a9fe:a9fe]
""".split()


class Loopback(httpcore.AnyIOBackend):
    """Connects to this machine only, and keeps what it was asked for. PUBLIC is a door to 127.0.0.1."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        ip = ipaddress.ip_address("127.0.0.1" if host == PUBLIC else host)
        bare = getattr(ip, "ipv4_mapped", None) or ip
        if not (bare.is_loopback or bare.is_unspecified):
            raise httpcore.ConnectError("only this machine is connected to")
        return await super().connect_tcp(str(ip), port, timeout, local_address, socket_options)


async def as_the_system(host: str, port: int) -> list[tuple[str, int]]:
    """What the system says of addresses, in each spelling it knows. No name is asked for: all lead to loopback."""
    if host.rstrip(".") in ("news.example", ""):
        return []
    if host == "public.example":
        return [(PUBLIC, port)]
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            numeric = socket.AI_NUMERICHOST
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=numeric)
        except socket.gaierror:
            return [("127.0.0.1", port)]
        return [(str(address[0]), port) for *_, address in found]
    return await system_resolver(host, port)


@dataclass
class Doors:
    """Servers on 127.0.0.1 and, where there is one, [::1], with the same port."""

    servers: list[HttpServer]
    network: Loopback = field(default_factory=Loopback)

    @property
    def port(self) -> int:
        return self.servers[0].port

    @property
    def on_ipv6(self) -> bool:
        return len(self.servers) > 1

    @property
    def connections(self) -> int:
        return sum(server.connections for server in self.servers)

    def answer(self, path: str, answer: Reply | Script) -> None:
        for server in self.servers:
            server.script(path, raw(answer.to_bytes()) if isinstance(answer, Reply) else answer)

    def fetch(self, url: str, *, allow_private: bool = False, resolver: Resolver = as_the_system) -> Capture:
        """The capture of `url`; PORT in it stands for the servers', which may be connected to."""
        return self.fetch_all([url], allow_private=allow_private, resolver=resolver)[0]

    def fetch_all(self, urls: list[str], *, allow_private: bool = False, resolver: Resolver) -> list[Capture]:
        async def run() -> list[Capture]:
            settings = FetchSettings(allow_private=allow_private, ports=(self.port,), timeout=5.0)
            transport = GuardedTransport(settings, resolver=resolver, network=self.network)
            async with Fetcher(settings, transport=transport) as fetcher:
                return [await fetcher.fetch(url.replace("PORT", str(self.port))) for url in urls]

        return asyncio.run(run())


@pytest.fixture(scope="module")
def listening() -> Iterator[list[HttpServer]]:
    with HttpServer() as first:
        second = HttpServer(address="::1", port=first.port)
        has_ipv6 = True
        try:
            with socket.create_server(("::1", 0), family=socket.AF_INET6):
                pass
        except OSError:
            has_ipv6 = False
        if not has_ipv6:
            yield [first]
            return
        with second:
            yield [first, second]


@pytest.fixture
def doors(listening: list[HttpServer]) -> Doors:
    for server in listening:
        server.connections = 0
        server.requests.clear()
    opened = Doors(listening)
    for path in ("/", "/@news.example"):
        opened.answer(path, Reply(b"inside"))
    return opened


def named(urls: Iterable[str]) -> list[Any]:
    """Parameters whose ids can be read: the URLs without what all share."""
    return [pytest.param(url, id=ascii(url.removeprefix("http://").removesuffix(":PORT"))[1:-1]) for url in urls]


# Loopback


@pytest.mark.parametrize("url", named(FORBIDDEN))
def test_loopback_is_refused_however_it_is_spelled(doors: Doors, url: str) -> None:
    capture = doors.fetch(url)
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"
    assert "not a public address" in capture.failure.message
    assert capture.hops == ()
    assert doors.network.asked == []
    assert doors.connections == 0


@pytest.mark.parametrize("url", named(REACHING))
def test_those_spellings_lead_there_when_that_is_allowed(doors: Doors, url: str) -> None:
    """So that the tests above would fail if nothing were checked."""
    if not doors.on_ipv6 and url in map(whole, IPV6):
        pytest.skip("this machine has no IPv6")
    assert doors.fetch(url, allow_private=True).body == b"inside"
    assert doors.connections == 1


@pytest.mark.parametrize("url", named(map(whole, ELSEWHERE)))
def test_where_the_others_would_lead(doors: Doors, url: str) -> None:
    doors.fetch(url, allow_private=True)
    assert len(doors.network.asked) == 1


@pytest.mark.parametrize("url", named(NO_URLS))
def test_what_is_no_web_address(doors: Doors, url: str) -> None:
    with pytest.raises(UsageError):
        doors.fetch(url, allow_private=True)
    assert doors.network.asked == []


@pytest.mark.parametrize("url", named(OTHERS_HOST))
def test_what_only_looks_like_it(doors: Doors, url: str) -> None:
    capture = doors.fetch(url, allow_private=True)
    assert capture.failure is not None
    assert capture.failure.code in ("dns", "forbidden_address")
    assert doors.network.asked == []


def test_there_are_enough_of_them() -> None:
    assert len(set(REACHING)) == len(REACHING) >= 57


# Redirects

RELATIVE = ["http:127.0.0.1:PORT", "http:/127.0.0.1:PORT", "127.0.0.1", "localhost"]
"""Paths on the host that redirects there: with its scheme, what has no two slashes names no host."""
LOCATIONS = [
    url
    for url in (*FORBIDDEN, "//127.0.0.1:PORT", "\\\\127.0.0.1:PORT", "/\\[::1]:PORT", *NO_URLS, *OTHERS_HOST)
    # A line end cannot stand in a header, and white space around its value is none of it.
    if url not in RELATIVE and not {"\n", "\r", "\x00"}.intersection(url)
]


def redirecting(location: str, port: int) -> Script:
    said = location.replace("PORT", str(port)).encode()
    return raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + said + b"\r\n\r\n")


@pytest.mark.parametrize("location", named(LOCATIONS))
def test_a_redirect_there_is_not_followed(doors: Doors, location: str) -> None:
    doors.answer("/hop", redirecting(location, doors.port))
    capture = doors.fetch("http://public.example:PORT/hop")
    assert capture.failure is not None
    expected = {"forbidden_address"} if location in FORBIDDEN else {"forbidden_address", "redirects", "dns"}
    assert capture.failure.code in expected
    assert [hop.status for hop in capture.hops] == [302]
    assert doors.network.asked == [PUBLIC]
    assert doors.connections == 1


@pytest.mark.parametrize("location", named(RELATIVE))
def test_a_redirect_that_stays(doors: Doors, location: str) -> None:
    doors.answer("/hop", redirecting(location, doors.port))
    capture = doors.fetch("http://public.example:PORT/hop")
    assert capture.final_url.startswith(f"http://public.example:{doors.port}/")
    assert set(doors.network.asked) == {PUBLIC}


@pytest.mark.parametrize("location", named(REACHING[:: len(REACHING) // 20]))
def test_a_redirect_there_is_followed_when_that_is_allowed(doors: Doors, location: str) -> None:
    if not doors.on_ipv6 and location in map(whole, IPV6):
        pytest.skip("this machine has no IPv6")
    doors.answer("/hop", redirecting(location, doors.port))
    capture = doors.fetch("http://public.example:PORT/hop", allow_private=True)
    assert capture.body == b"inside"
    assert doors.network.asked[0] == PUBLIC
    assert len(doors.network.asked) == doors.connections == 2


# Other networks


@pytest.mark.parametrize("address", OTHER_ADDRESSES)
def test_other_networks(doors: Doors, address: str) -> None:
    """In a URL, as the target of a redirect, and as what a name leads to."""
    doors.answer("/hop", redirecting(whole(address), doors.port))
    literal = ada_url.URL(f"http://{address}/").hostname.strip("[]")

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [(literal, port)] if host == "news.example" else await as_the_system(host, port)

    urls = [whole(address), "http://public.example:PORT/hop", "http://news.example:PORT/"]
    captures = doors.fetch_all(urls, resolver=resolve)
    codes = [capture.failure.code for capture in captures if capture.failure]
    assert codes == ["forbidden_address"] * 3
    assert doors.network.asked == [PUBLIC]
    assert doors.connections == 1


def test_other_networks_when_they_are_allowed(doors: Doors) -> None:
    """Then each is tried but multicast, which no website has."""
    doors.fetch_all([whole(address) for address in OTHER_ADDRESSES], allow_private=True, resolver=as_the_system)
    assert not any(ipaddress.ip_address(address).is_multicast for address in doors.network.asked)
    assert 50 <= len(doors.network.asked) < len(OTHER_ADDRESSES)
    assert doors.connections == 0


# Name servers that change their mind

PRIVATE = """
    127.0.0.1 0.0.0.0 10.0.0.5 192.168.1.1 169.254.169.254 ::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 fd00:ec2::254
""".split()


@dataclass
class Rebinding:
    """A resolver for every name: public first, then as `pattern` and `dice` have it. It keeps what it said."""

    pattern: str
    dice: random.Random
    answers: list[list[str]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> list[tuple[str, int]]:
        if self.pattern == "several at once":
            some = [self.dice.choice(PRIVATE) for _ in range(self.dice.randrange(1, 4))]
            some += [PUBLIC, ALSO_PUBLIC][: self.dice.randrange(3)] if self.answers else [PUBLIC]
            self.dice.shuffle(some)
        elif self.pattern == "public once":
            some = [self.dice.choice(PRIVATE) if self.answers else PUBLIC]
        else:
            some = [self.dice.choice(PRIVATE) if len(self.answers) % 2 else PUBLIC]
        self.answers.append(some)
        return [(address, port) for address in some]

    @property
    def to_connect_to(self) -> list[str]:
        """The public addresses in what it said, each answer's up to the first that lets itself be connected to."""
        found = []
        for answer in self.answers:
            public = [address for address in answer if address in (PUBLIC, ALSO_PUBLIC)]
            found += public[: public.index(PUBLIC) + 1] if PUBLIC in public else public
        return found


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("pattern", ["public once", "in turns", "several at once", "between hops"])
def test_rebinding(doors: Doors, pattern: str, seed: int) -> None:
    """The server hangs up after every answer, so that each page needs a connection, and each connection a lookup."""
    resolver = Rebinding(pattern, random.Random(f"{pattern} {seed}"))
    if pattern == "between hops":
        for number in range(4):
            doors.answer(f"/{number}", redirecting(f"http://hop-{number + 1}.example:PORT/{number + 1}", doors.port))
        captures = doors.fetch_all(["http://hop-0.example:PORT/0", "http://news.example:PORT/0"], resolver=resolver)
    else:
        captures = doors.fetch_all([f"http://news.example:PORT/?{number}" for number in range(6)], resolver=resolver)
    assert doors.network.asked == resolver.to_connect_to
    assert PUBLIC in doors.network.asked
    assert not set(doors.network.asked).intersection(PRIVATE)
    assert doors.connections == doors.network.asked.count(PUBLIC)
    codes = {capture.failure.code if capture.failure else None for capture in captures}
    assert codes <= {None, "forbidden_address", "connect"}
    assert "forbidden_address" in codes or pattern == "several at once"


@pytest.mark.parametrize("pattern", ["public once", "in turns", "several at once"])
def test_rebinding_works_when_private_ones_are_allowed(doors: Doors, pattern: str) -> None:
    resolver = Rebinding(pattern, random.Random(1))
    doors.fetch_all(
        [f"http://news.example:PORT/?{number}" for number in range(6)], allow_private=True, resolver=resolver
    )
    assert set(doors.network.asked).intersection(PRIVATE)


def test_a_kept_connection_needs_no_second_answer(doors: Doors) -> None:
    """The name has moved to a private address, but the connection to the public one still stands: no harm in it."""
    doors.servers[0].page("/kept", "kept")
    resolver = Rebinding("public once", random.Random(1))
    urls = ["http://news.example:PORT/kept"] * 3
    assert [capture.body for capture in doors.fetch_all(urls, resolver=resolver)] == [b"kept"] * 3
    assert doors.network.asked == [PUBLIC]
    assert resolver.answers == [[PUBLIC]]


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("xn--127-0-0-1.example", id="punycode that is none"),
        pytest.param("i\u2764.example", id="an emoji"),
        pytest.param("xn--i-7iq.example", id="an emoji in punycode"),
    ],
)
def test_names_that_cannot_be_decoded(doors: Doors, host: str) -> None:
    capture = doors.fetch(whole(host))
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"
    assert doors.network.asked == []
