"""What an answer's Link headers lead to (RFC 8288), by relation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.crawl.discovery.addresses import usable_url

_MOST = 16 * 1024
"""Characters that are read."""
_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(r'\s*;\s*([A-Za-z0-9!#$&+.^_`|~-]+\*?)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')


def linked(headers: Sequence[str], url: str) -> dict[str, tuple[str, ...]]:
    """Addresses as in FoundLink by relation, in lower case, each once and in their order; `url` is what answered.

    A header is read up to where it is none any more. Links from elsewhere (`anchor`) are left out.
    """
    found: dict[str, dict[str, None]] = {}
    for header in headers:
        text, position = header[:_MOST], 0
        while target := _TARGET.match(text, position):
            position = target.end()
            said: dict[str, str] = {}
            while parameter := _PARAMETER.match(text, position):
                position = parameter.end()
                value = re.sub(r"\\(.)", r"\1", parameter[2]) if parameter[2] is not None else parameter[3] or ""
                said.setdefault(parameter[1].lower(), value)
            href = usable_url(target[1], url)
            if href is not None and "anchor" not in said:
                for relation in said.get("rel", "").lower().split():
                    found.setdefault(relation, {})[href] = None
    return {relation: tuple(urls) for relation, urls in found.items()}
