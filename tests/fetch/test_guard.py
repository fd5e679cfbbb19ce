"""No packet goes to an address that is not public, unless that was asked for. The connections here are a recorder's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import pytest

from scraper.capture import Capture
from scraper.errors import AddressForbidden
from scraper.fetch import Fetcher
from scraper.fetch.guard import check_address
from scraper.fetch.transport import GuardedTransport
from scraper.settings import FetchSettings

_NOT_PUBLIC = """
    127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
    192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
    64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2001:20::1
    2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1
    2606:4700::5efe:7f00:1 2606:4700::200:5efe:a00:1 fe80::5efe:808:808
"""
_PUBLIC = """
    8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 223.255.255.255
    2606:4700::1111 2a00:1450:4001::1 2001:4860:4860::8888 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
    2606:4700::5efe:808:808
"""
NOT_PUBLIC = _NOT_PUBLIC.split()
PUBLIC = _PUBLIC.split()
MULTICAST = ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "::ffff:224.0.0.1", "64:ff9b::e000:1"]


class Recorder(httpcore.AsyncNetworkBackend):
    """Opens no connection; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.asked.append((host, port))
        raise httpcore.ConnectError("this network is a recorder")


def visit(
    addresses: list[str],
    *,
    url: str = "http://news.example/",
    allow_private: bool = False,
    connect_to: tuple[str, ...] = (),
) -> tuple[Capture, list[tuple[str, int]]]:
    """The capture of `url` when its host resolves to `addresses`, and the connections that were tried."""

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [(address, port) for address in addresses]

    async def fetch() -> Capture:
        settings = FetchSettings(allow_private=allow_private, connect_to=connect_to, timeout=5.0)
        transport = GuardedTransport(settings, resolver=resolve, network=network)
        async with Fetcher(settings, transport=transport) as fetcher:
            return await fetcher.fetch(url)

    network = Recorder()
    return asyncio.run(fetch()), network.asked


@pytest.mark.parametrize("address", NOT_PUBLIC + MULTICAST)
def test_refused(address: str) -> None:
    with pytest.raises(AddressForbidden):
        check_address(address, host="news.example", allow_private=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_allowed(address: str) -> None:
    assert check_address(address, host="news.example", allow_private=False)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_private_ones_on_request(address: str) -> None:
    assert check_address(address, host="intranet.example", allow_private=True)


@pytest.mark.parametrize("address", [*MULTICAST, "localhost", "127.1", "news.example", ""])
def test_never(address: str) -> None:
    with pytest.raises(AddressForbidden):
        check_address(address, host="news.example", allow_private=True)


def test_no_connection_is_tried() -> None:
    capture, asked = visit([*NOT_PUBLIC, *MULTICAST])
    assert asked == []
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"
    assert "news.example" in capture.failure.message
    capture, asked = visit(["192.168.1.7"])
    assert asked == []
    assert capture.failure is not None
    assert "192.168.1.7" in capture.failure.message
    assert "--allow-private" in capture.failure.message
    assert capture.hops == ()
    assert capture.timings.resolved is not None


def test_only_the_public_ones_of_several_are_tried() -> None:
    capture, asked = visit(["127.0.0.1", "8.8.8.8", "10.0.0.1", "2606:4700::1111"])
    assert asked == [("8.8.8.8", 80), ("2606:4700::1111", 80)]
    assert capture.failure is not None
    assert capture.failure.code == "connect"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://[::ffff:7f00:1]/",
    ],
)
def test_addresses_in_urls(url: str) -> None:
    """With the system's resolver, which is not asked for a literal address."""

    async def fetch() -> Capture:
        transport = GuardedTransport(FetchSettings(), network=network)
        async with Fetcher(FetchSettings(), transport=transport) as fetcher:
            return await fetcher.fetch(url)

    network = Recorder()
    capture = asyncio.run(fetch())
    assert network.asked == []
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"


def test_connect_to_is_checked_too() -> None:
    capture, asked = visit(["127.0.0.1"], connect_to=("news.example:80:127.0.0.1:8080",))
    assert asked == []
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"


def test_with_allow_private_it_connects() -> None:
    capture, asked = visit(["192.168.1.7", "::1"], url="https://intranet.example:8443/", allow_private=True)
    assert asked == [("192.168.1.7", 8443), ("::1", 8443)]
    assert capture.failure is not None
    assert capture.failure.code == "connect"


def test_a_name_that_changes_its_address_is_checked_each_time() -> None:
    """DNS rebinding: public when first asked, loopback from then on. What was checked is what is connected to."""
    answers = iter(["8.8.8.8"] + ["127.0.0.1"] * 100)

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [(next(answers), port)]

    async def fetch() -> list[str | None]:
        settings = FetchSettings(timeout=5.0)
        transport = GuardedTransport(settings, resolver=resolve, network=network)
        async with Fetcher(settings, transport=transport) as fetcher:
            captures = [await fetcher.fetch("http://news.example/") for _ in range(50)]
            return [capture.failure.code if capture.failure else None for capture in captures]

    network = Recorder()
    assert asyncio.run(fetch()) == ["connect"] + ["forbidden_address"] * 49
    assert network.asked == [("8.8.8.8", 80)]


def test_what_a_check_costs() -> None:
    began = time.perf_counter()
    for _ in range(1000):
        check_address("2a00:1450:4001::1", host="news.example", allow_private=False)
    assert (time.perf_counter() - began) / 1000 < 0.001


# Ports


@pytest.mark.parametrize("port", [1, 22, 25, 53, 110, 143, 445, 587, 3306, 6379, 11211, 65535])
def test_ports_of_other_services_are_refused(port: int) -> None:
    capture, asked = visit(["8.8.8.8"], url=f"http://news.example:{port}/")
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"
    assert f"Port {port} is not one" in capture.failure.message
    assert asked == []


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_ports_of_websites_are_not(port: int) -> None:
    assert visit(["8.8.8.8"], url=f"http://news.example:{port}/")[1] == [("8.8.8.8", port)]


def test_a_port_can_be_allowed() -> None:
    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("8.8.8.8", port)]

    async def fetch() -> Capture:
        settings = FetchSettings(ports=(8444,), timeout=5.0)
        transport = GuardedTransport(settings, resolver=resolve, network=network)
        async with Fetcher(settings, transport=transport) as fetcher:
            return await fetcher.fetch("http://news.example:8444/")

    network = Recorder()
    asyncio.run(fetch())
    assert network.asked == [("8.8.8.8", 8444)]
