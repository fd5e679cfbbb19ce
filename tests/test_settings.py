"""Settings: the command line, then scrape.toml, then the default; and what is wrong with a file, by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.errors import ConfigError, UsageError
from scraper.settings import FetchSettings, fetch_settings, load_config, redacts_queries


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "scrape.toml"


def test_what_is_given_wins_over_the_file_and_that_over_the_default(config: Path) -> None:
    config.write_text('[fetch]\ndelay = 2\ntimeout = 5.5\nconnect_to = ["a::b:"]\n')
    settings = fetch_settings(load_config(config), delay=0.5, timeout=None)
    assert (settings.delay, settings.timeout, settings.connect_to) == (0.5, 5.5, ("a::b:",))
    assert settings.concurrency == FetchSettings().concurrency


def test_no_file_is_no_settings(config: Path) -> None:
    assert load_config(config) == {}
    with pytest.raises(ConfigError, match="No such file"):
        load_config(config, required=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[fetch", "is not valid TOML"),
        ("[fetsch]\n", r"unknown table \[fetsch\]"),
        ("delay = 1\n", r"unknown table \[delay\]"),
        ("[fetch]\ndealy = 1\n", "unknown key fetch.dealy"),
        ('[fetch]\ndelay = "1"\n', "fetch.delay must be int or float"),
        ("[fetch]\ntimeout = true\n", "fetch.timeout must be int or float"),
        ("[fetch]\nallow_private = 1\n", "fetch.allow_private must be bool"),
    ],
)
def test_a_wrong_file(config: Path, text: str, words: str) -> None:
    config.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_config(config)
    assert "scrape.toml" in caught.value.what


@pytest.mark.parametrize(
    ("name", "value"), [("timeout", 0.0), ("delay", -1.0), ("concurrency", 0), ("max_body", 0), ("max_redirects", -1)]
)
def test_out_of_range(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"(?i){name} must be at least"):
        fetch_settings({}, **{name: value})


def test_sizes_are_numbers_or_words(config: Path) -> None:
    config.write_text('[fetch]\nassets = true\nassets_budget = "1.5 MB"\nassets_largest = 1000\n')
    settings = fetch_settings(load_config(config))
    assert (settings.assets, settings.assets_budget, settings.assets_largest) == (True, 1_500_000, 1_000)
    assert fetch_settings(load_config(config), assets_budget="2GiB").assets_budget == 2 * 2**30
    with pytest.raises(UsageError, match="'much' is no size"):
        fetch_settings({}, assets_budget="much")


def test_the_user_agent_names_a_contact() -> None:
    assert FetchSettings(user_agent="x/1").full_user_agent() == "x/1"
    assert FetchSettings(user_agent="x/1", contact="me@example.com").full_user_agent() == "x/1 (+me@example.com)"


def test_what_is_sent_to_one_host(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_KEY", "k3y")
    monkeypatch.setenv("NEWS_PASSWORD", "pässword")
    config.write_text(
        '[hosts."news.example"]\nheaders = { X-Key = "$NEWS_KEY", X-Plan = "all" }\n'
        'user = "reader"\npassword = "$NEWS_PASSWORD"\ncookies = "news.txt"\n',
        encoding="utf-8",
    )
    [host] = fetch_settings(load_config(config)).hosts
    assert (host.host, host.headers) == ("news.example", (("X-Key", "k3y"), ("X-Plan", "all")))
    assert (host.user, host.password) == ("reader", "pässword")
    assert host.cookies == config.parent / "news.txt"
    assert "k3y" not in repr(host)
    assert "pässword" not in repr(host)


LOGIN = """
[hosts."news.example".login]
page = "https://news.example/login"
fields = { name = "a@b.example" }
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[hosts."news.example"]\nuser = "$NOT_SET_ANYWHERE"\n', "NOT_SET_ANYWHERE, which is not set"),
        ('[hosts."news.example"]\nkey = "x"\n', "unknown key"),
        ('[hosts."news.example"]\nuser = 5\n', "must be str"),
        ('[hosts."news.example"]\nheaders = { X = 5 }\n', "must be str"),
        ('[hosts."https://news.example/"]\n', "has a table a host"),
        ('[hosts."news.example".login]\n', r'hosts."news.example".login.page is missing'),
        (LOGIN.replace("https:", "ftp:"), r'hosts."news.example".login.page is no web address'),
        (LOGIN.replace("https://", ""), r'hosts."news.example".login.page is no web address'),
        (LOGIN.replace("//news", "//me:s3cret@news"), "holds a user or password"),
        (LOGIN.replace("//news.example/", "//news.example.org/"), "is not on the site of news.example"),
        (LOGIN.replace('"a@b.example"', '"$NOT_SET_ANYWHERE"'), "NOT_SET_ANYWHERE, which is not set"),
        (LOGIN.replace('{ name = "a@b.example" }', "{}"), "fields is missing or empty"),
        (LOGIN.replace("a@b.example", ""), "'name' is empty"),
        (LOGIN.replace('"a@b.example"', "['s3cret']"), "login.fields.name must be str"),
        (LOGIN + "again = true\n", 'unknown key hosts."news.example".login.again'),
        ("[hosts]\nuser = 'x'\n", "has a table a host"),
        ("hosts = 5\n", "has a table a host"),
    ],
)
def test_hosts_that_are_wrong(config: Path, text: str, words: str) -> None:
    config.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_config(config)
    assert "scrape.toml" in caught.value.what
    assert "s3cret" not in str(caught.value)
    assert "b.example" not in str(caught.value)


def test_a_login(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_USER", "a@b.example")
    config.write_text(LOGIN.replace("a@b.example", "$NEWS_USER").replace("//news", "//accounts.news"))
    [host] = fetch_settings(load_config(config)).hosts
    assert host.login is not None
    assert host.login.page == "https://accounts.news.example/login"
    assert host.login.fields == (("name", "a@b.example"),)
    assert "b.example" not in repr(host)


def test_a_login_in_the_clear_is_for_test_sites(config: Path) -> None:
    config.write_text(LOGIN.replace("https:", "http:"))
    with pytest.raises(ConfigError, match=r'scrape.toml: hosts."news.example".login.page does not begin with https'):
        fetch_settings(load_config(config))
    assert fetch_settings(load_config(config), allow_private=True).hosts[0].login is not None


def test_a_password_that_looks_like_a_variable_is_not_shown(config: Path) -> None:
    config.write_text('[hosts."news.example"]\npassword = "$s3cret!"\n')
    with pytest.raises(ConfigError, match="environment variable") as caught:
        load_config(config)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "redacts"),
    [
        ("[log]\nredact_queries = true\n", True),
        ("[log]\nredact_queries = false\n", False),
        ("[log]\n", False),
        ("", False),
        ("[log]\nredact_queries = 'no'\n", True),
        ("log = 1\n", True),
        ("[log\n", True),
    ],
)
def test_messages_without_query_strings(config: Path, text: str, redacts: bool) -> None:
    config.write_text(text)
    assert redacts_queries(config) is redacts
    assert not redacts_queries(config.with_name("none.toml"))


def test_an_ill_typed_secret_is_not_shown(config: Path) -> None:
    config.write_text('[hosts."news.example"]\npassword = 8675309\n')
    with pytest.raises(ConfigError) as caught:
        load_config(config)
    assert "8675309" not in str(caught.value)
