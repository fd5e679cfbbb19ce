"""httpx's transport interface over httpcore's connection pool, with a connector that checks every address.

Proxies, netrc and other settings of the environment play no part: a proxy is used when the settings name one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from functools import cache, partial
from typing import Any

import certifi
import httpcore
import httpx

from scraper.errors import AddressForbidden
from scraper.fetch.guard import check_address, check_port
from scraper.fetch.pools import OriginPools
from scraper.fetch.proxy import Proxy
from scraper.fetch.resolve import ConnectTo, Resolver, addresses_of, system_resolver
from scraper.fetch.stopwatch import CURRENT
from scraper.settings import FetchSettings

NEXT_ADDRESS_AFTER = 3.0
"""Seconds an address may take to accept a connection while another one is left to try. A SYN is sent again after one
and after three seconds, so an address that is silent for longer (IPv6 that leads nowhere, mostly) is a dead one."""

KEEP_ALIVE = 15.0
"""Seconds an idle connection is kept: long enough for the polite delay between two pages of a site."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends one request, follows nothing, decodes nothing.

    Raises the FetchErrors of resolving and of the guard, and httpcore's exceptions as they are; see
    `scraper.fetch.failures`. The request extension `trace` is httpcore's.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """`network` opens connections to addresses that passed the guard (sockets unless given). Raises ConfigError."""
        self._settings = settings
        self._resolver = ConnectTo(settings.connect_to, resolver or system_resolver)
        self._proxy = Proxy.parse(settings.proxy) if settings.proxy else None
        network = network or httpcore.AnyIOBackend()
        ssl_context = ssl_context or default_ssl_context()
        options: dict[str, Any] = {
            "ssl_context": ssl_context,
            "max_connections": None,  # how many hosts are asked at a time is the caller's to decide
            "keepalive_expiry": KEEP_ALIVE,
            "http1": True,
            "http2": True,
        }
        if self._proxy is not None:
            # Whoever names a proxy on this machine or in this network means it.
            options["network_backend"] = GuardedConnector(system_resolver, allow_private=True, network=network)
            make = partial(self._proxy.pool, options)
        else:
            options["network_backend"] = GuardedConnector(
                self._resolver, allow_private=settings.allow_private, ports=settings.ports, network=network
            )
            make = partial(httpcore.AsyncConnectionPool, **options)
        self._pools = OriginPools(make, kept=2 * settings.concurrency, keepalive=KEEP_ALIVE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        host = url.raw_host.decode("ascii")  # url.host is decoded from IDNA, which fails for names that browsers know
        if self._proxy is not None:
            port = url.port or (443 if url.scheme == "https" else 80)
            await self._proxy.check_target(host, port, self._settings, self._resolver)
        core_request = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        place = await self._pools.take((url.scheme, host, url.port))
        try:
            response = await place.pool.handle_async_request(core_request)
        except BaseException as error:
            place.leave()
            if not isinstance(error, asyncio.CancelledError | httpcore.ProxyError):
                raise
            # An HTTP/2 connection would be kept for the next request, however dead it is; and one to a SOCKS proxy that
            # refuses would be left open.
            if (watch := CURRENT.get()) and watch.connection:
                await watch.connection.aclose()
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response, place.leave),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pools.aclose()


@cache
def default_ssl_context() -> ssl.SSLContext:
    """Trusts what the system trusts (SSL_CERT_FILE included) and, for systems without certificates, Mozilla's list."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class GuardedConnector(httpcore.AsyncNetworkBackend):
    """Resolves a host, checks what it resolved to and connects to exactly that; no name is looked up twice."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        allow_private: bool,
        network: httpcore.AsyncNetworkBackend,
        ports: tuple[int, ...] = (),
    ) -> None:
        """`ports` are allowed besides those that websites are usually served on."""
        self._resolver = resolver
        self._allow_private = allow_private
        self._ports = ports
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's; the deadline lies around the fetch
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of `host` that may be used and answers.

        Raises DnsError, AddressForbidden when its port or none of its addresses may be used, httpcore.ConnectError or
        ConnectTimeout when none answers.
        """
        addresses = await addresses_of(self._resolver, host, port)
        if watch := CURRENT.get():
            watch.mark_resolved()
        allowed = self._allowed(host, addresses)
        check_port(port, host=host, others=self._ports, allow_private=self._allow_private)
        failed: Exception | None = None
        for position, (address, its_port) in enumerate(allowed, start=1):
            patience = timeout if position == len(allowed) else NEXT_ADDRESS_AFTER
            try:
                stream = await self._network.connect_tcp(address, its_port, patience, local_address, socket_options)
                return _Stream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        assert failed is not None  # noqa: S101 - `allowed` is not empty
        raise failed

    def _allowed(self, host: str, addresses: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Those of `addresses` that may be connected to; raises the last refusal when there are none."""
        allowed: list[tuple[str, int]] = []
        refusal: AddressForbidden | None = None
        for address, port in addresses:
            try:
                allowed.append((check_address(address, host=host, allow_private=self._allow_private), port))
            except AddressForbidden as error:
                refusal = error
        if refusal is not None and not allowed:
            raise refusal
        return allowed

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that tells the fetch that writes to it, and is closed when its TLS handshake is given up.

    httpcore's own would stay open when the deadline ends a handshake: it does not count being cancelled as an error.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        data = await self._stream.read(max_bytes, timeout)
        if not data and (tls := self._stream.get_extra_info("ssl_object")):
            # A body that ends with the connection is whole only if TLS says so: RFC 9112, 9.8. Anybody can cut TCP.
            try:
                tls.read(1)
            except ssl.SSLError as error:
                raise httpcore.ReadError("the connection was cut off without the end of TLS") from error
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's signature
        if watch := CURRENT.get():
            watch.writes_to(self)
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except asyncio.CancelledError:
            await self._stream.aclose()
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Body(httpx.AsyncByteStream):
    """The body of a response as it comes over the wire, chunked transfer undone, content encoding kept."""

    def __init__(self, response: httpcore.Response, leave: Callable[[], None]) -> None:
        """`leave` is called once, when the answer is closed."""
        self._response = response
        self._complete = False
        self._leave: Callable[[], None] | None = leave

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk
        self._complete = True

    async def aclose(self) -> None:
        try:
            if self._complete and _left_over(self._response):
                await self._response.extensions["network_stream"].aclose()
            await self._response.aclose()
            if not self._complete and self._response.extensions.get("http_version") == b"HTTP/2":
                # The rest of an abandoned HTTP/2 response would arrive before the next one on the same connection.
                await self._response.extensions["network_stream"].aclose()
        finally:
            if self._leave is not None:
                self._leave()
                self._leave = None


def _left_over(response: httpcore.Response) -> bool:
    """Whether more has come than the answer: h11 would take it for the answer to the next request.

    httpcore has no public way to ask; a connection whose inside is unknown is taken for clean.
    """
    connection = getattr(getattr(response.stream, "_stream", None), "_connection", None)
    state = getattr(connection, "_h11_state", None)
    return state is not None and bool(state.trailing_data[0])
