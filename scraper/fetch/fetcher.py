"""The public face of fetching: one URL in, one capture out, whatever the server does."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from scraper.capture import Capture, Headers
from scraper.errors import FetchError
from scraper.fetch import headers as header_fields
from scraper.fetch.identity.cookies import Cookie, CookieJars
from scraper.fetch.identity.logins import LOGIN_PAGE_SIZE, Logins
from scraper.fetch.identity.subscriptions import Subscriptions
from scraper.fetch.journey import Journey, Permit
from scraper.fetch.resolve import Resolver
from scraper.fetch.robots import ROBOTS_REDIRECTS, ROBOTS_SIZE, Memory, RobotsKeeper
from scraper.fetch.transport import GuardedTransport
from scraper.settings import FetchSettings
from scraper.urls import check_url

# Their messages hold whole URLs and headers, with whatever password or token is in them.
for _name in ("httpx", "httpcore", "h2", "hpack"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What was got for a page that a browser draws."""

    url: str
    """After redirects."""
    status: int
    headers: Headers
    """As received, cookies included."""
    body: bytes
    """After content decoding."""


class Fetcher:
    """Fetches pages, keeping connections and cookies between them for as long as it is open.

        async with Fetcher(FetchSettings()) as fetcher:
            capture = await fetcher.fetch("https://news.example/story")

    Any number of fetches may run at a time; being polite to a host is the caller's part: `robots` knows what its
    robots.txt says.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolver: Resolver | None = None,
        clock: Callable[[], datetime] = _now,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`resolver` says where to connect (else the system does), `ssl_context` whom to trust, `clock` the UTC time.

        `transport` replaces everything below HTTP, the guard included; `resolver` and `ssl_context` are then not used.
        Raises ConfigError for settings that cannot work: a connect_to, a User-Agent or a host's cookies malformed.
        """
        header_fields.checked({"User-Agent": settings.full_user_agent()})
        self._settings = settings
        self._clock = clock
        self._transport = transport or GuardedTransport(settings, resolver=resolver, ssl_context=ssl_context)
        self._subscriptions = Subscriptions(settings.hosts, over_http=settings.allow_private)
        self._jars = CookieJars()
        self._subscriptions.fill(self._jars)
        self.logins = Logins(
            settings.hosts, self._ask_for_login, over_http=settings.allow_private, timeout=settings.timeout
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_body: int | None = None,
        permit: Permit | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - of the exchange alone, not of waiting for leave
    ) -> Capture:
        """Fetch `url`, redirects followed, within `settings.timeout` seconds in all.

        A page that cannot be had is a capture with a `failure`, never an exception. `headers` go to the origin of `url`
        only, in the place of our own of the same name. `max_body` (bytes) and `timeout` (seconds) replace the settings.
        user:password in `url` is used for Basic authentication at its origin, and kept nowhere.

        Raises NotAUrl and UnsupportedScheme for a `url` that nothing could be asked with, ConfigError for `headers`
        that cannot be sent.

        `permit` is asked before each request, redirects included, with its URL; the FetchError it raises is the
        capture's failure. Waiting for it the first time is no part of `settings.timeout`.

        Hosts that have a login are logged in to before anything of theirs is asked for, also where a redirect leads to
        them; see `log_in`.
        """

        async def leave(asked: str) -> None:
            if permit is not None:
                await permit(asked)
            await self.log_in(asked)

        return await self._run(
            Journey(
                check_url(url),
                own_headers=header_fields.checked(headers),
                max_body=self._settings.max_body if max_body is None else max_body,
                settings=self._settings if timeout is None else replace(self._settings, timeout=timeout),
                transport=self._transport,
                jars=self._jars,
                clock=self._clock,
                subscriptions=self._subscriptions,
                permit=leave,
            )
        )

    async def log_in(self, url: str) -> None:
        """Log in to the host of `url` if it has a login and nobody did so yet: once, whoever asks and however often.

        Raises LoginFailed, then and from then on.
        """
        await self.logins.permit(url)

    async def resource(
        self, url: str, *, page: str, method: str, headers: Mapping[str, str], content: bytes, max_body: int
    ) -> Resource:
        """What the page at `page` asks for while a browser draws it, by the same rules as a page of its own.

        The cookies are those that `headers` hold. What is sent to a host for its subscribers alone goes with requests
        to the page's own origin. The time it may take is the caller's to limit. Raises FetchError and ConfigError.
        """
        subscriptions = (
            self._subscriptions if header_fields.same_origin(url, page) else Subscriptions((), over_http=False)
        )
        journey = Journey(
            url,
            own_headers=header_fields.checked(headers),
            max_body=max_body,
            settings=self._settings,
            transport=self._transport,
            jars=CookieJars(),
            clock=self._clock,
            subscriptions=subscriptions,
            method=method,
            content=content,
        )
        body = await journey.run()
        capture = journey.capture(body, None)
        return Resource(url=capture.final_url, status=capture.status or 0, headers=journey.received, body=body)

    async def post(self, url: str, content: bytes, *, content_type: str, max_body: int) -> Capture:
        """What a service answers that the user named, by the same rules as a page; without cookies or subscriptions.

        Raises ConfigError only, as `fetch` does.
        """
        return await self._run(
            Journey(
                url,
                own_headers=header_fields.checked({"Content-Type": content_type}),
                max_body=max_body,
                settings=self._settings,
                transport=self._transport,
                jars=CookieJars(),
                clock=self._clock,
                subscriptions=Subscriptions((), over_http=False),
                method="POST",
                content=content,
            )
        )

    def cookies(self, url: str) -> list[Cookie]:
        """Those kept for the site of `url`."""
        return self._jars.of_site(url)

    def robots(self, memory: Memory | None = None) -> RobotsKeeper:
        """What to ask before a page is asked for: `fetch(url, permit=keeper.permit)`. `memory` outlives the process."""
        return RobotsKeeper(
            self._fetch_robots, agent=self._settings.full_user_agent(), clock=self._clock, memory=memory
        )

    async def _fetch_robots(self, url: str) -> Capture:
        return await self._run(
            Journey(
                url,
                own_headers=[],
                max_body=ROBOTS_SIZE,
                cut=True,
                settings=replace(self._settings, max_redirects=ROBOTS_REDIRECTS),
                transport=self._transport,
                jars=self._jars,
                clock=self._clock,
                subscriptions=self._subscriptions,
            )
        )

    async def _ask_for_login(
        self, url: str, *, form: bytes | None = None, headers: header_fields.RawHeaders | None = None
    ) -> Capture:
        return await self._run(
            Journey(
                url,
                own_headers=headers or [],
                max_body=LOGIN_PAGE_SIZE,
                cut=True,
                settings=self._settings,
                transport=self._transport,
                jars=self._jars,
                clock=self._clock,
                subscriptions=self._subscriptions,
                method="GET" if form is None else "POST",
                content=form or b"",
            )
        )

    async def _run(self, journey: Journey) -> Capture:
        body: bytes | None = None
        failure: FetchError | None = None
        try:
            await journey.ask_leave()
            async with asyncio.timeout(journey.timeout) as deadline:
                body = await journey.run(deadline)
        except TimeoutError:
            failure = journey.timed_out()
        except FetchError as error:
            failure = error
        return journey.capture(body, failure)
