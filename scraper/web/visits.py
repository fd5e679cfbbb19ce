"""A request as pages see it, and what they answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qs, quote, unquote, urlencode

from scraper.errors import UsageError
from scraper.store import Archive
from scraper.web.messages import LANGUAGES, Messages, messages, wanted

if TYPE_CHECKING:
    from scraper.web.explaining import Explainer

T = TypeVar("T")

LANGUAGE = "lang_ui"
"""The parameter that names the language of the pages; `lang` is that of articles."""
_MOST_PARAMETERS = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SAFE = "/~*:@!$&()+,;=-._"
"""What stands in a path as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request."""

    path: str
    """As it was asked for, percent-encoded; the query is not in it."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The named groups of the route's pattern, decoded."""
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    messages: Messages
    language_chosen: bool = False
    """Whether the address names the language, so that links must, too."""
    origin: str = ""
    """Such as `http://127.0.0.1:8001`, for addresses that are read elsewhere."""
    in_frame: bool = False
    """Whether a browser asks for what is to stand in a frame, as far as it says so."""
    known_tags: str = ""
    """The header If-None-Match: what whoever asks holds already."""
    archive_path: Path = Path("archive.db")
    """No page says it: only `archive_name`."""

    @classmethod
    def of(
        cls,
        *,
        path: str,
        parts: Mapping[str, str | None],
        query: str,
        accept_language: str,
        origin: str,
        archive_path: Path,
        in_frame: bool = False,
        known_tags: str = "",
    ) -> Visit:
        """The visit that a request is; an unknown language is none that was chosen."""
        try:
            given = parse_qs(query, keep_blank_values=False, max_num_fields=_MOST_PARAMETERS, errors="replace")
        except ValueError:
            given = {}
        chosen = given.get(LANGUAGE, [""])[0]
        return cls(
            path=path,
            parts={name: unquote(value) for name, value in parts.items() if value is not None},
            query={name: tuple(values) for name, values in given.items()},
            messages=messages(chosen if chosen in LANGUAGES else wanted(accept_language)),
            language_chosen=chosen in LANGUAGES,
            origin=origin,
            in_frame=in_frame,
            known_tags=known_tags,
            archive_path=archive_path,
        )

    @property
    def chosen(self) -> str:
        """The code of the language that the address names; empty when it names none."""
        return self.messages.language.code if self.language_chosen else ""

    @property
    def archive_name(self) -> str:
        """Name of the archive's file, without its folder."""
        return self.archive_path.name

    @property
    def say(self) -> Callable[..., str]:
        return self.messages.say

    def asked(self, name: str) -> str:
        """The value of a parameter without control characters and the spaces around it; empty when there is none."""
        return _CONTROL.sub(" ", self.query.get(name, ("",))[0]).strip()

    def number(self, name: str, *, lowest: int = 1, highest: int = 10**12) -> int | None:
        """The value of a parameter as a whole number; None when there is none. Raises UsageError."""
        text = self.asked(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 15 and lowest <= int(text) <= highest):
            raise UsageError(
                f"{name}={text[:40]} is no number from {lowest} to {highest}", next_step="correct the address"
            )
        return int(text)

    def link(self, path: str, /, **parameters: object) -> str:
        """An address of ours, with the parameters that are not empty and the language that was chosen."""
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        if self.language_chosen:
            given[LANGUAGE] = self.messages.language.code
        address = quote(path, safe=_SAFE)
        return f"{address}?{urlencode(given)}" if given else address

    def here(self, /, **changes: object) -> str:
        """The same address with some parameters changed; without those that are None."""
        given = {name: values[0] for name, values in self.query.items() if name != LANGUAGE}
        merged = {name: value for name, value in {**given, **changes}.items() if value not in (None, "")}
        if self.language_chosen and LANGUAGE not in merged:
            merged[LANGUAGE] = self.messages.language.code
        return f"{self.path}?{urlencode(merged)}" if merged else self.path


Part = Callable[[Archive], bytes]
"""A piece of an answer that is read when it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    parts: Iterable[Part] | None = None
    """In place of `body`, for what is too long to be read at once."""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Services(Protocol):
    """What pages may wait for."""

    @property
    def explainer(self) -> Explainer: ...


@dataclass(frozen=True, slots=True)
class Waiting(Generic[T]):
    """In place of an answer: what has to be waited for, without a reader, and the answer that is made of it."""

    wait: Callable[[Services], Awaitable[T]]
    then: Callable[[Archive, T], Answer]
    """Runs in a reader's thread again."""


Show = Callable[[Archive, Visit], Answer | Waiting[Any]]
"""A page: reads what it shows, and shows it. It runs in a reader's thread; ScrapeErrors become pages that tell them."""


@dataclass(frozen=True, slots=True)
class Route:
    """A page's address, as a regular expression of the percent-encoded path, and the page."""

    pattern: str
    show: Show
