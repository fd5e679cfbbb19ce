"""What a user may set, and where it comes from: command line, then environment, then scrape.toml, then the default."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from scraper.errors import ConfigError

VERSION = "0.1.0"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """What is sent to one host alone, for those who subscribe to it: `[hosts."news.example"]`. Shown to nobody."""

    host: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    """For Basic authentication."""
    cookies: Path | None = None
    """A file in Netscape's format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How pages are fetched. Times in seconds, sizes in bytes."""

    user_agent: str = f"news-archiver/{VERSION}"
    contact: str = ""
    """An address or page where a site's owner can reach whoever runs this; added to the User-Agent."""
    timeout: float = 30.0
    """For the whole exchange, redirects included."""
    max_body: int = 32 * MIB
    """Of one body, both on the wire and after content decoding."""
    max_redirects: int = 20
    concurrency: int = 8
    """Hosts fetched from at the same time; a host is never asked for two pages at once."""
    delay: float = 1.0
    """Between the end of one fetch and the start of the next from the same host."""
    retries: int = 2
    """How often a page is asked for again when what went wrong may soon be over."""
    ignore_robots: bool = False
    """Fetch what robots.txt forbids; each capture records it."""
    allow_private: bool = False
    """Admit loopback, private and reserved addresses (test sites, intranets)."""
    ports: tuple[int, ...] = ()
    """Ports that may be connected to besides those that websites are usually served on."""
    connect_to: tuple[str, ...] = ()
    """As curl's --connect-to: `HOST1:PORT1:HOST2:PORT2`; an empty HOST1 or PORT1 means any."""
    proxy: str = field(default="", repr=False)
    """`http://…`, `https://…`, `socks5://…` or `socks5h://…`; none is taken from the environment."""
    hosts: tuple[HostSettings, ...] = ()

    def full_user_agent(self) -> str:
        """The User-Agent header: the product, and the contact when one is set."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent


_HOST_KEYS: dict[str, tuple[type, ...]] = {"headers": (dict,), "user": (str,), "password": (str,), "cookies": (str,)}

# What a scrape.toml may hold: table -> key -> accepted types. [hosts] has a table a host.
_KNOWN: dict[str, dict[str, tuple[type, ...]]] = {
    "fetch": {
        "user_agent": (str,),
        "contact": (str,),
        "timeout": (int, float),
        "max_body": (int,),
        "max_redirects": (int,),
        "concurrency": (int,),
        "delay": (int, float),
        "retries": (int,),
        "ignore_robots": (bool,),
        "allow_private": (bool,),
        "ports": (list,),
        "connect_to": (list,),
        "proxy": (str,),
    },
}

_AT_LEAST = {"timeout": 0.1, "max_body": 1, "max_redirects": 0, "concurrency": 1, "delay": 0, "retries": 0}


def load_config(path: Path, *, required: bool = False) -> dict[str, dict[str, Any]]:
    """The tables of a scrape.toml, checked; {} when the file does not exist and is not `required`.

    Raises ConfigError naming file and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if required:
            raise ConfigError(f"No such file: {path}", next_step="check the path given to --config") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read {path}", why=str(error)) from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML", why=str(error)) from error
    hosts = tables.pop("hosts", {})
    for table, keys in tables.items():
        if table not in _KNOWN or not isinstance(keys, dict):
            known = ", ".join((*_KNOWN, "hosts"))
            raise ConfigError(f"{path}: unknown table [{table}]", next_step=f"known tables: {known}")
        for key, value in keys.items():
            _check_setting(path, table, key, value, _KNOWN[table])
    return tables | {"hosts": _hosts(path, hosts)} if hosts else tables


def _hosts(path: Path, tables: Any) -> dict[str, Any]:
    """The tables under [hosts], checked, with values from the environment in the place of their names."""
    out = {}
    for host, keys in tables.items() if isinstance(tables, dict) else [("", None)]:
        if not isinstance(keys, dict) or not host or host != host.lower() or any(c in host for c in "/:@* "):
            raise ConfigError(
                f"{path}: [hosts] has a table a host", why=f"{host!r} is none", next_step='write [hosts."news.example"]'
            )
        table = f'hosts."{host}"'
        for key, value in keys.items():
            _check_setting(path, table, key, value, _HOST_KEYS)
        headers = keys.get("headers", {})
        for name, value in headers.items():
            _check_setting(path, f"{table}.headers", name, value, {name: (str,)})
        out[host] = HostSettings(
            host=host,
            headers=tuple((name, _from_environment(path, table, value)) for name, value in headers.items()),
            user=_from_environment(path, table, keys.get("user", "")),
            password=_from_environment(path, table, keys.get("password", "")),
            cookies=path.parent / keys["cookies"] if "cookies" in keys else None,
        )
    return out


def _from_environment(path: Path, table: str, value: str) -> str:
    """`value`, or that of the variable it names: `$NAME`. A file that holds no secrets can be shown to others."""
    if not value.startswith("$"):
        return value
    found = os.environ.get(value[1:])
    if found is None:
        raise ConfigError(
            f"{path}: {table} asks for the environment variable {value[1:]}, which is not set",
            next_step=f"export {value[1:]}=…, or write the value itself",
        )
    return found


def _check_setting(path: Path, table: str, key: str, value: object, keys: dict[str, tuple[type, ...]]) -> None:
    if key not in keys:
        known = ", ".join(keys)
        raise ConfigError(f"{path}: unknown key {table}.{key}", next_step=f"known keys: {known}")
    wanted = keys[key]
    # bool is an int to Python, but `timeout = true` is a mistake.
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        names = " or ".join(t.__name__ for t in wanted)
        raise ConfigError(f"{path}: {table}.{key} must be {names}", why=f"it is {_shown(table, value)}")


def _shown(table: str, value: object) -> str:
    kind = type(value).__name__
    return kind if table.startswith("hosts") else f"{kind}: {value!r}"  # what is under [hosts] is nobody's business


def fetch_settings(config: dict[str, dict[str, Any]], **given: Any) -> FetchSettings:
    """The settings that result from a checked config and the options `given`; None means not given.

    Raises ConfigError for a value out of range.
    """
    values = {**config.get("fetch", {}), **{key: value for key, value in given.items() if value is not None}}
    values["hosts"] = tuple(config.get("hosts", {}).values())
    for key in ("connect_to", "ports"):
        if key in values:
            values[key] = tuple(values[key])
    for port in values.get("ports", ()):
        if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
            raise ConfigError(f"ports must be numbers from 1 to 65535, not {port!r}")
    for key, least in _AT_LEAST.items():
        if key in values and values[key] < least:
            raise ConfigError(f"{key} must be at least {least:g}", why=f"it is {values[key]}")
    known = {f.name for f in fields(FetchSettings)}
    return replace(FetchSettings(), **{key: value for key, value in values.items() if key in known})
