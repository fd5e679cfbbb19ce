"""One URL to one capture: `Fetcher.fetch` brings a page, or the reason why there is none.

The parts, each of which can be replaced on its own:

fetcher     the public face: a deadline around one journey, its outcome as a capture
journey     the requests of one fetch: headers, credentials, redirects followed by hand, the body read within bounds
transport   httpx's transport interface over httpcore's connection pool, and where each address is checked
guard       which addresses may be connected to
resolve     host names to addresses; `connect_to`
decode      Content-Encoding undone with bounded output
pools       connections, a pool for each origin
proxy       fetching through a proxy that the user named
identity    cookies, subscriptions and logins: what is sent to one host and to no other
robots      what the site asks not to be fetched
browser     pages drawn by a browser, what they ask for fetched by the rest
stopwatch   when each phase was reached
headers     header fields between bytes and text; credentials kept apart
failures    the exceptions of every library below, as `scraper.errors.FetchError`

`httpx.AsyncClient` is left out on purpose: it reads redirect bodies without a bound, decodes without a bound, carries
cookies and headers to other hosts and logs URLs with their secrets.
"""

from __future__ import annotations

from scraper.fetch.fetcher import Fetcher
from scraper.fetch.resolve import Resolver

__all__ = ["Fetcher", "Resolver"]
