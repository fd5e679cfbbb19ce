"""All captures of an address as a list for programs: link format (RFC 7089, RFC 6690) or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise

from scraper.store.captures import StoredCapture
from scraper.web.replay.addresses import Addresses, stamp_of
from scraper.web.replay.headers import http_date

LINK_TYPE = "application/link-format"


def link_format(url: str, mementos: Sequence[StoredCapture], addresses: Addresses) -> bytes:
    """`mementos` are answers, oldest first; `addresses` whole ones."""
    return ",\n".join(_lines(url, _one_a_second(mementos), addresses)).encode()


def as_json(url: str, mementos: Sequence[StoredCapture], addresses: Addresses) -> bytes:
    """The form that aggregators of archives use."""
    listed = [
        {
            "datetime": memento.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uri": addresses.capture(memento.fetched_at, url),
        }
        for memento in _one_a_second(mementos)
    ]
    return json.dumps(
        {
            "original_uri": url,
            "timegate_uri": addresses.timegate(url),
            "timemap_uri": {
                "link_format": addresses.timemap(url),
                "json_format": addresses.timemap(url, "json"),
            },
            "mementos": {"first": listed[0], "last": listed[-1], "list": listed} if listed else {"list": []},
        },
        indent=1,
    ).encode()


def _one_a_second(mementos: Sequence[StoredCapture]) -> list[StoredCapture]:
    """Addresses tell seconds apart: of several captures in one, the last is the one that is shown."""
    stamps = [stamp_of(one.fetched_at) for one in mementos]
    return [one for one, (this, after) in zip(mementos, pairwise([*stamps, ""]), strict=True) if this != after]


def _lines(url: str, mementos: Sequence[StoredCapture], addresses: Addresses) -> Iterator[str]:
    yield f'<{url}>; rel="original"'
    span = ""
    if mementos:
        span = f'; from="{http_date(mementos[0].fetched_at)}"; until="{http_date(mementos[-1].fetched_at)}"'
    yield f'<{addresses.timemap(url)}>; rel="self"; type="{LINK_TYPE}"{span}'
    yield f'<{addresses.timegate(url)}>; rel="timegate"'
    for number, memento in enumerate(mementos, 1):
        relation = ("first " if number == 1 else "") + ("last " if number == len(mementos) else "") + "memento"
        address = addresses.capture(memento.fetched_at, url)
        yield f'<{address}>; rel="{relation}"; datetime="{http_date(memento.fetched_at)}"'
