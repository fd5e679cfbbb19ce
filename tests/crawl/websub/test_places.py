"""Where hubs reach us, as it is typed; and when hubs are asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scraper.crawl.websub import bind_address, callback_base
from scraper.crawl.websub.leases import lease_of, pause_after, renewed_after
from scraper.errors import UsageError

WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://hooks.example/", "https://hooks.example/"),
        ("https://hooks.example/news", "https://hooks.example/news/"),
        (" https://HOOKS.example:8443/a/b ", "https://hooks.example:8443/a/b/"),
        ("http://93.184.215.14/", "http://93.184.215.14/"),
    ],
)
def test_a_callback(text: str, base: str) -> None:
    assert callback_base(text, allow_private=False) == base


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a URL"),
        ("hooks.example", "Not a URL"),
        ("ftp://hooks.example/", "Cannot fetch"),
        ("https://user:secret@hooks.example/", "user or password"),
        ("https://hooks.example/?a=b", "a query"),
        ("https://hooks.example/#a", "a fragment"),
        ("https://127.0.0.1/", "no hub can reach 127.0.0.1"),
        ("https://10.1.2.3/", "no public address"),
        ("https://[::1]:8080/", "no hub can reach ::1"),
        ("http://localhost:8471/", "no hub can reach localhost"),
        ("http://a.localhost./", "no hub can reach"),
        ("http://intranet/", "no hub can reach intranet"),
    ],
)
def test_what_is_no_callback(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        callback_base(text, allow_private=False)
    assert "secret" not in str(error.value)


def test_a_callback_for_hubs_of_this_network() -> None:
    assert callback_base("http://intranet:8471", allow_private=True) == "http://intranet:8471/"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:8471", ("127.0.0.1", 8471)),
        ("127.8.8.8:0", ("127.8.8.8", 0)),
        ("[::1]:8471", ("::1", 8471)),
        ("localhost:8471", ("127.0.0.1", 8471)),
    ],
)
def test_a_place_to_listen(text: str, place: tuple[str, int]) -> None:
    assert bind_address(text, allow_others=False) == place


@pytest.mark.parametrize("text", ["", "8471", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "hooks.example:80", ":80"])
def test_what_is_no_place_to_listen(text: str) -> None:
    with pytest.raises(UsageError, match="--bind"):
        bind_address(text, allow_others=True)


@pytest.mark.parametrize("text", ["0.0.0.0:8471", "[::]:8471", "192.168.1.2:8471", "8.8.8.8:80"])
def test_what_others_reach_is_to_be_said(text: str) -> None:
    with pytest.raises(UsageError, match="other machines"):
        bind_address(text, allow_others=False)
    assert bind_address(text, allow_others=True)[1] in (80, 8471)


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("86400", timedelta(days=1)),
        (" 86400 ", timedelta(days=1)),
        (None, WEEK),
        ("", WEEK),
        ("-5", WEEK),
        ("1e9", WEEK),
        ("\u0665", WEEK),
        ("9" * 40, WEEK),
        ("0", timedelta(minutes=10)),
        ("999999999", timedelta(days=365)),
    ],
)
def test_the_lease_that_a_hub_grants(said: str | None, lease: timedelta) -> None:
    assert lease_of(said, WEEK) == lease


def test_when_a_hub_is_asked_again() -> None:
    assert renewed_after(timedelta(hours=4)) == timedelta(hours=3)
    assert renewed_after(timedelta(days=30)) == timedelta(days=28)
    pauses = [pause_after(tries) for tries in (0, 1, 2, 3, 100)]
    assert pauses == [timedelta(minutes=minutes) for minutes in (5, 5, 10, 20, 720)]
