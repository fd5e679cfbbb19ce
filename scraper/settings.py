"""What a user may set, and where it comes from: command line, then environment, then scrape.toml, then the default."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from scraper.errors import ConfigError, UsageError
from scraper.urls import check_url, fit_to_show, host_of, site_of, without_credentials

VERSION = "0.1.0"
MIB = 1024 * 1024
Render = Literal["auto", "always", "never"]
RENDER: tuple[Render, ...] = ("auto", "always", "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSettings:
    """A form to be filled in before the first page of a host is fetched: `[hosts."news.example".login]`."""

    page: str
    """Where the form stands; on the host's own site."""
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    """Their names, and what is written into them."""
    written_in: str = ""
    """File and key, for messages."""


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
    login: LoginSettings | None = None


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
    render: Render = "auto"
    """When a browser draws a page: `auto`, where it is a shell that scripts fill; it needs the extra `browser`."""
    screenshot: bool = False
    """Also keep a picture of each page that a browser draws, which then loads pictures and fonts."""
    browser: str = ""
    """The browser's program; Chromium, wherever it is, when empty."""
    assets: bool = False
    """Also keep what pages show: pictures, styles, fonts."""
    assets_budget: int = 20 * MIB
    """Of one page's, together; after content decoding."""
    assets_largest: int = 5 * MIB
    """Of one of them."""
    assets_number: int = 200
    """Addresses of one page that are looked after."""
    assets_time: float = 120.0
    """For one page's, waiting for their hosts included."""

    def full_user_agent(self) -> str:
        """The User-Agent header: the product, and the contact when one is set."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent


_HOST_KEYS: dict[str, tuple[type, ...]] = {"headers": (dict,), "user": (str,), "password": (str,), "cookies": (str,)}
_HOST_KEYS["login"] = (dict,)
_LOGIN_KEYS: dict[str, tuple[type, ...]] = {"page": (str,), "fields": (dict,)}

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")

# What a scrape.toml may hold: table -> key -> accepted types. [hosts] has a table a host, [jobs] one a job.
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
        "render": (str,),
        "screenshot": (bool,),
        "browser": (str,),
        "assets": (bool,),
        "assets_budget": (int, str),
        "assets_largest": (int, str),
        "assets_number": (int,),
        "assets_time": (int, float),
    },
    "log": {"redact_queries": (bool,)},
    "custody": {"authority": (str,), "certificates": (str,)},
    # What these mean is known to those who send notices: `scraper.crawl.health.notices`.
    "health": {"webhook": (str,), "mail": (str, list), "smtp": (str,), "sender": (str,)},
}

_AT_LEAST = {"timeout": 0.1, "max_body": 1, "max_redirects": 0, "concurrency": 1, "delay": 0, "retries": 0}
_AT_LEAST |= {"assets_budget": 0, "assets_largest": 0, "assets_number": 0, "assets_time": 0}

_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


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
    # What a job may be told is known to those who run it.
    jobs = tables.pop("jobs", {})
    if not isinstance(jobs, dict):
        raise ConfigError(f"{path}: [jobs] has a table a job", next_step="write [jobs.NAME]")
    for table, keys in tables.items():
        if table not in _KNOWN or not isinstance(keys, dict):
            known = ", ".join((*_KNOWN, "hosts", "jobs"))
            raise ConfigError(f"{path}: unknown table [{table}]", next_step=f"known tables: {known}")
        for key, value in keys.items():
            _check_setting(path, table, key, value, _KNOWN[table])
    return tables | ({"hosts": _hosts(path, hosts)} if hosts else {}) | ({"jobs": jobs} if jobs else {})


def bytes_in(text: str) -> int:
    """The bytes that a size means, as `500MB` or `10GiB`. Raises UsageError for what is none."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no size", next_step="write it as 500MB, 10GiB or a number of bytes")
    number, unit, binary = found.groups()
    scale = _SIZES[unit.lower()]
    if binary:
        scale = 2 ** (10 * list(_SIZES).index(unit.lower()))
    return int(float(number) * scale)


def redacts_queries(path: Path) -> bool:
    """Whether a scrape.toml asks for addresses in messages without their query strings; never fails.

    A file that cannot be understood counts as asking: its mistakes are said by those who read all of it.
    """
    try:
        log = tomllib.loads(path.read_text(encoding="utf-8")).get("log", {})
        return bool(log.get("redact_queries", False))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, AttributeError):
        return True


def _hosts(path: Path, tables: Any) -> dict[str, Any]:
    """The tables under [hosts], checked, with values from the environment in the place of their names."""
    out = {}
    for host, keys in tables.items() if isinstance(tables, dict) else [("", None)]:
        if not isinstance(keys, dict) or not host or host != host.lower() or any(c in host for c in "/:@* "):
            raise ConfigError(
                f"{path}: [hosts] has a table a host",
                why=f"{fit_to_show(host)!r} is none",
                next_step='write [hosts."news.example"]',
            )
        table = f'hosts."{host}"'
        for key, value in keys.items():
            _check_setting(path, table, key, value, _HOST_KEYS)
        headers = keys.get("headers", {})
        for name, value in headers.items():
            _check_setting(path, f"{table}.headers", name, value, {name: (str,)})
        out[host] = HostSettings(
            host=host,
            headers=tuple((name, from_environment(path, table, value)) for name, value in headers.items()),
            user=from_environment(path, table, keys.get("user", "")),
            password=from_environment(path, table, keys.get("password", "")),
            cookies=path.parent / keys["cookies"] if "cookies" in keys else None,
            login=_login(path, host, keys["login"]) if "login" in keys else None,
        )
    return out


def _login(path: Path, host: str, keys: dict[str, Any]) -> LoginSettings:
    table = f'hosts."{host}".login'
    for key, value in keys.items():
        _check_setting(path, table, key, value, _LOGIN_KEYS)
    for key in _LOGIN_KEYS:
        if not keys.get(key):
            raise ConfigError(
                f"{path}: {table}.{key} is missing or empty",
                next_step='write page = "https://…" and fields = { NAME = "$VARIABLE", … }, the names as in the form',
            )
    where = f"{path}: {table}.page"
    try:
        page = check_url(keys["page"])
    except UsageError as error:
        raise ConfigError(f"{where} is no web address", why=error.what, next_step=error.next_step) from None
    if without_credentials(page) != page:
        raise ConfigError(f"{where} holds a user or password", next_step=f'write them as keys of [hosts."{host}"]')
    if site_of(page) != site_of(f"https://{host}/"):
        raise ConfigError(
            f"{where} is not on the site of {host}",
            why=f"it is at {host_of(page)}, and a password for one site is not sent to another",
        )
    filled = []
    for name, written in keys["fields"].items():
        _check_setting(path, f"{table}.fields", name, written, {name: (str,)})
        value = from_environment(path, f"{table}.fields.{name}", written)
        if not name or not value:
            raise ConfigError(
                f"{path}: {table}.fields: {name!r} is empty", next_step="leave out what is not to be filled"
            )
        filled.append((name, value))
    return LoginSettings(page=page, fields=tuple(filled), written_in=where)


def from_environment(path: Path, table: str, value: str) -> str:
    """`value`, or that of the variable it names: `$NAME`. A file that holds no secrets can be shown to others."""
    if not value.startswith("$"):
        return value
    name = value[1:]
    found = os.environ.get(name)
    if found is None:
        # What is not written like a variable's name may be a password that begins with a dollar sign.
        shown = name if _VARIABLE.fullmatch(name) else "NAME"
        asked = f"the environment variable {name}" if shown == name else "an environment variable ($…)"
        raise ConfigError(
            f"{path}: {table} asks for {asked}, which is not set",
            next_step=f"export {shown}=…, or write the value itself",
        )
    try:
        found.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{path}: {table}: the value of ${name} is not UTF-8 text") from None
    return found


def _check_setting(path: Path, table: str, key: str, value: object, keys: dict[str, tuple[type, ...]]) -> None:
    if key not in keys:
        known = ", ".join(keys)
        raise ConfigError(f"{path}: unknown key {table}.{key}", next_step=f"known keys: {known}")
    wanted = keys[key]
    # bool is an int to Python, but `timeout = true` is a mistake.
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        names = " or ".join(t.__name__ for t in wanted)
        raise ConfigError(f"{path}: {table}.{key} must be {names}", why=f"it is {_shown(table, key, value)}")


def _shown(table: str, key: str, value: object) -> str:
    kind = type(value).__name__
    # What is under [hosts] is nobody's business, and a proxy may have a password, as a mail server or webhook may.
    return kind if table.startswith(("hosts", "health")) or key == "proxy" else f"{kind}: {value!r}"


def fetch_settings(config: dict[str, dict[str, Any]], **given: Any) -> FetchSettings:
    """The settings that result from a checked config and the options `given`; None means not given.

    Raises ConfigError for a value out of range.
    """
    values = {**config.get("fetch", {}), **{key: value for key, value in given.items() if value is not None}}
    values["hosts"] = tuple(config.get("hosts", {}).values())
    for key in ("assets_budget", "assets_largest"):
        if isinstance(values.get(key), str):
            values[key] = bytes_in(values[key])
    for key in ("connect_to", "ports"):
        if key in values:
            values[key] = tuple(values[key])
    for port in values.get("ports", ()):
        if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
            raise ConfigError(f"ports must be numbers from 1 to 65535, not {port!r}")
    if values.get("render", "auto") not in RENDER:
        raise ConfigError(f"render must be one of {', '.join(RENDER)}", why=f"it is {values['render']!r}")
    for key, least in _AT_LEAST.items():
        if key in values and values[key] < least:
            raise ConfigError(f"{key} must be at least {least:g}", why=f"it is {values[key]}")
    if not values.get("allow_private", False):
        for login in (host.login for host in values["hosts"]):
            if login is not None and not login.page.startswith("https:"):
                raise ConfigError(
                    f"{login.written_in} does not begin with https://",
                    why="a password is not sent unencrypted",
                    next_step="write https://; --allow-private admits http:// for test sites",
                )
    known = {f.name for f in fields(FetchSettings)}
    return replace(FetchSettings(), **{key: value for key, value in values.items() if key in known})
