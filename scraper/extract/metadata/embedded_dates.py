"""The day of publication in the data a page carries for its scripts, for pages that state it nowhere else."""

from __future__ import annotations

import re

from scraper.extract.candidates import Evidence
from scraper.extract.page import Page

# Begins inside the word, with letters all spellings share: that is what makes the search fast.
# "datePublished": "2024-05-03…", \"published_at\":\"…, &quot;firstPublicationDate&quot;:1714723750000 …
_NAMED = re.compile(
    r"ubli(?:shed|sh|cation)(?:_?(?:[Aa]t|[Oo]n|[Dd]ate|[Tt]ime|[Dd]ate[Tt]ime))?(?:\\{0,3}\"|&quot;)\s*:\s*"
    r"(?:\\{0,3}\"|&quot;)?((?:19|20)\d\d-\d\d-\d\d[^\"\\&<]{0,20}|\d{10}(?:\d{3})?(?=\D))"
)
_ENOUGH = 50


def read_embedded_dates(page: Page, evidence: Evidence) -> None:
    """Add the one day that everything named for publication names; where they differ, they are of several articles."""
    if any(evidence.of("published_at")):
        return
    found: list[str] = []
    for match in _NAMED.finditer(page.source):
        found.append(match[1])
        if len(found) == _ENOUGH or found[0][:10] != match[1][:10]:
            break
    if found and len({value[:10] for value in found}) == 1:
        evidence.add("published_at", max(found, key=len), "embedded", "data of a script")
