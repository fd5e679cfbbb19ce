"""Which addresses belong to a job: those within its scope that its patterns let through.

A pattern is an address in which `*` stands for anything; everything else, question marks too, stands for itself. One
that begins with http:// or https:// is compared with the whole address, any other with its path and query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scraper.crawl.jobs.definitions import Start
from scraper.crawl.jobs.options import JobOptions, ScopeKind
from scraper.urls import host_of, path_of, site_of

OutOfScope = Literal["out_of_scope", "not_included", "excluded"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What `why_not` compares with."""

    kind: ScopeKind
    places: frozenset[tuple[str, str]]
    """Site or host of each start, and the beginning of its path ("" unless the kind is path)."""
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    @classmethod
    def of(cls, starts: Iterable[Start], options: JobOptions) -> Scope:
        """The scope of a job that begins there."""
        places = frozenset(_place(start.url, options.scope) for start in starts)
        return cls(options.scope, places, options.include, options.exclude)

    def why_not(self, url: str, *, listed: bool = False) -> OutOfScope | None:
        """Why an absolute URL does not belong to the job; None when it does.

        `listed` is one that a feed or sitemap lists which the user named: those often stand on another domain than
        what they list, so only the patterns count.
        """
        if not listed and not self._is_near(url):
            return "out_of_scope"
        if self.include and not any(matches(pattern, url) for pattern in self.include):
            return "not_included"
        if any(matches(pattern, url) for pattern in self.exclude):
            return "excluded"
        return None

    def _is_near(self, url: str) -> bool:
        where = site_of(url) if self.kind == "site" else host_of(url)
        if self.kind != "path":
            return (where, "") in self.places
        path = path_of(url)
        return any(where == host and (path + "/").startswith(folder) for host, folder in self.places)


def matches(pattern: str, url: str) -> bool:
    """Whether `url` is one of those that `pattern` stands for. Takes time in proportion to the length of both."""
    text = url if pattern.startswith(("http://", "https://")) else _path_and_query(url)
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *inner, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in inner:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _place(url: str, kind: ScopeKind) -> tuple[str, str]:
    if kind == "site":
        return site_of(url), ""
    if kind == "host":
        return host_of(url), ""
    folder, _, last = path_of(url).rpartition("/")
    # /news is a folder that was written without its slash; /news/index.html is a page in one.
    return host_of(url), f"{folder}/" if not last or "." in last else f"{folder}/{last}/"


def _path_and_query(url: str) -> str:
    """What stands behind the host of an absolute URL."""
    at = url.find("/", url.find("://") + 3)
    return url[at:] if at >= 0 else "/"
