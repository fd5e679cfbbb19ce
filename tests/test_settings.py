"""Settings: the command line, then scrape.toml, then the default; and what is wrong with a file, by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.errors import ConfigError
from scraper.settings import FetchSettings, fetch_settings, load_config


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


def test_the_user_agent_names_a_contact() -> None:
    assert FetchSettings(user_agent="x/1").full_user_agent() == "x/1"
    assert FetchSettings(user_agent="x/1", contact="me@example.com").full_user_agent() == "x/1 (+me@example.com)"
