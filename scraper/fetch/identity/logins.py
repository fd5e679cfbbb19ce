"""Logging in by form, as a subscriber does: the login page is fetched, its form filled in and sent, once a run.

Decided here: which form is meant, where it may be sent, and whether the answer means that the login worked. The cookies
that it brings go into the Fetcher's jars, from where they are sent by the usual rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

import ada_url

from scraper.capture import Capture
from scraper.errors import LoginFailed
from scraper.fetch.headers import RawHeaders, same_origin
from scraper.fetch.identity.forms import Form, Forms
from scraper.settings import HostSettings, LoginSettings
from scraper.urls import host_of, resolve, site_of, without_queries

LOGIN_PAGE_SIZE = 1024 * 1024
"""Bytes of a login page, and of the answer to its form, that are read."""


class Ask(Protocol):
    """Makes one fetch of a login. No robots.txt is asked: crawlers are told to keep away from login pages, and this is
    no crawling but what the user does by hand in a browser, with a password of their own, once a run."""

    def __call__(self, url: str, *, form: bytes | None = None, headers: RawHeaders | None = None) -> Awaitable[Capture]:
        """GET `url`, or POST `form` to it. Never raises a FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a login."""

    host: str
    answer: Capture | None
    """The last answer that it got, to judge the host by; its body is not to be kept."""
    why: str | None
    """The reason why it failed; None when it worked."""


class _GaveUp(Exception):
    """The login did not work, for the reason that this says."""


class Logins:
    """The logins of `scrape.toml`, each made once, before the first page of its host.

    A login that failed is not tried again: a site may lock an account that is tried too often.
    """

    def __init__(self, hosts: Iterable[HostSettings], ask: Ask, *, over_http: bool, timeout: float) -> None:
        """`over_http` also sends passwords unencrypted, as on test sites; `timeout` (seconds) is for a whole login."""
        self._logins = {host.host: host.login for host in hosts if host.login is not None}
        self._ask = ask
        self._over_http = over_http
        self._timeout = timeout
        self._attempts: dict[str, asyncio.Task[Attempt]] = {}

    def page_for(self, url: str) -> str | None:
        """The login page of the host of `url`, the very host that the login was given for; None where it has none."""
        login = self._logins.get(host_of(url)) if self._logins else None
        return None if login is None else login.page

    def is_made(self, url: str) -> bool:
        """Whether nothing is left to be done for the host of `url`, be it that its login worked, failed, or is none."""
        attempt = self._attempts.get(host_of(url))
        return self.page_for(url) is None or (attempt is not None and attempt.done())

    async def attempt(self, url: str) -> Attempt | None:
        """What the login of the host of `url` came to, made now if it was not; None where the host has none."""
        host = host_of(url)
        login = self._logins.get(host)
        if login is None:
            return None
        if host not in self._attempts:
            # A task of its own: several pages wait for it, and the first of them may be cancelled.
            self._attempts[host] = asyncio.create_task(self._make(host, login))
        return await asyncio.shield(self._attempts[host])

    async def permit(self, url: str) -> None:
        """Return when the host of `url` is logged in to, or has no login. Raises LoginFailed, for every page alike."""
        attempt = await self.attempt(url)
        if attempt is not None and attempt.why is not None:
            raise LoginFailed(
                f"The login at {attempt.host} failed",
                why=attempt.why,
                next_step=f'check [hosts."{attempt.host}".login] in scrape.toml',
            )

    async def _make(self, host: str, login: LoginSettings) -> Attempt:
        answers: list[Capture] = []

        async def got(asked: Awaitable[Capture], what: str) -> Capture:
            answer = await asked
            answers.append(answer)
            if answer.failure is not None:
                # An address in it may hold what was typed into the form.
                raise _GaveUp(f"{what} could not be had: {without_queries(answer.failure.message)}")
            if answer.status is None or answer.status >= 400:
                raise _GaveUp(f"{what} came with status {answer.status}")
            return answer

        why: str | None = None
        try:
            async with asyncio.timeout(self._timeout):
                page = await got(self._ask(login.page), "the login page")
                form, target = self._form_and_target(host, login, page)
                passwords = {c.name for c in form.controls if c.kind == "password"} & dict(login.fields).keys()
                filled = urlencode(form.filled_in(dict(login.fields))).encode()
                headers = _headers(page.final_url, target)
                answer = await got(self._ask(target, form=filled, headers=headers), "the answer to the login form")
                if _asks_for(passwords, answer):
                    raise _GaveUp("the site asks for the password again: user or password may be wrong")
        except _GaveUp as reason:
            why = str(reason)
        except TimeoutError:
            why = f"it took longer than {self._timeout:g} seconds"
        return Attempt(host=host, answer=answers[-1] if answers else None, why=why)

    def _form_and_target(self, host: str, login: LoginSettings, page: Capture) -> tuple[Form, str]:
        """The form to fill in, and where it is to be sent."""
        self._check(page.final_url, host, "the login page")  # redirects may have led away
        forms = Forms.of(page)
        form = forms.with_fields(dict(login.fields))
        if form is None:
            names = ", ".join(name for name, _ in login.fields)
            raise _GaveUp(f"the login page has no form with the fields {names}")
        target = resolve(form.action, forms.base) if form.action else forms.base
        if target is None:
            raise _GaveUp("its form leads to what is not a web address")
        self._check(target, host, "its form")
        return form, target.partition("#")[0]

    def _check(self, url: str, host: str, what: str) -> None:
        """A password goes to no other site than it is for, and not in the clear."""
        if site_of(url) != site_of(f"https://{host}/"):
            raise _GaveUp(f"{what} leads to another site, {host_of(url)}")
        if not (self._over_http or url.startswith("https:")):
            raise _GaveUp(f"{what} would have the password sent unencrypted")


def _headers(page: str, target: str) -> RawHeaders:
    """As a browser's: many sites take a form that does not say where it comes from for a forged one."""
    origin = str(ada_url.URL(page).origin)
    referer = page.partition("#")[0] if same_origin(page, target) else f"{origin}/"
    return [
        (b"Content-Type", b"application/x-www-form-urlencoded"),
        (b"Origin", origin.encode()),
        (b"Referer", referer.encode()),
    ]


def _asks_for(passwords: set[str], answer: Capture) -> bool:
    return any(c.kind == "password" and c.name in passwords for form in Forms.of(answer).all for c in form.controls)
