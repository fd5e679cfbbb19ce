"""The headline: what a reader sees above the article, without the site's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scraper.extract.candidates import TRUST, Candidate, Evidence
from scraper.extract.fields.choice import Choice, Considered, best_of
from scraper.extract.fields.dates import written_dates
from scraper.extract.fields.titles import Bag, SiteNames, bag, likeness, one_line, without_site_name
from scraper.extract.headings import Heading, read_headings
from scraper.extract.outline import Block, Outline
from scraper.extract.wording import count_words, folded

_META_LINE = re.compile(r"by\s", re.IGNORECASE)
_MOST_HEADINGS = 60
_PROSE = 160
"""Characters; a longer line is text."""
_MOST_ABOVE_PROSE = 12
"""Lines that the text found may begin too early."""
_AGREES = 0.6
"""Word F1 with a title the page states from which a visible heading counts as the same headline."""


@dataclass(frozen=True, slots=True)
class _Title:
    """A title the page states, without the site's name."""

    candidate: Candidate
    text: str
    key: str
    """Folded."""
    bag: Bag


def choose_headline(evidence: Evidence, outline: Outline, body_start: int | None, host: str) -> Choice:
    """`body_start` is the index of the body's first block, None without a body; `host` names the site."""
    site = SiteNames.of(evidence, host)
    stated = [c for c in evidence.of("headline") if isinstance(c.value, str)]
    written = [c for c in stated if c.source == "site_file"]
    headings = _near(read_headings(outline, None if body_start is None else body_start + 2), body_start)
    titles = _titles([c for c in stated if c.source != "site_file"], site, headings)
    considered = [Considered(c, one_line(str(c.value)), 1.0, "the site file names it") for c in written]
    trail = _trail_alone(headings, site)
    considered += _visible(headings, titles, site, body_start, trail)
    if not headings and body_start is not None:
        considered += _emphasised(outline, body_start, site)
    shown = [bag(c.value) for c in considered if isinstance(c.value, str) and c.score > 0.5]
    considered += [_stated(title, titles, site, shown, trail) for title in titles]
    return best_of("headline", considered, missing="the page has no heading and states no title")


def _near(headings: list[Heading], body_start: int | None) -> list[Heading]:
    """Of too many headings, those nearest to the text: each is compared with every title."""
    if len(headings) <= _MOST_HEADINGS:
        return headings
    nearest = sorted(headings, key=lambda h: abs(h.index - (body_start or 0)))[:_MOST_HEADINGS]
    return sorted(nearest, key=lambda h: h.index)


def _trail_alone(headings: list[Heading], site: SiteNames) -> frozenset[str]:
    """On pages whose only `h1` is the last step of the trail to them: what it says, folded. Search engines get that."""
    first_rank = [h for h in headings if h.level == 1 and not site.is_name(h.text)]
    return frozenset(folded(h.text) for h in first_rank) if all(h.trail for h in first_rank) else frozenset()


def _titles(stated: list[Candidate], site: SiteNames, headings: list[Heading]) -> list[_Title]:
    """The titles stated, cut down to what another source or a heading shows of them."""
    whole = [one_line(str(c.value)) for c in stated]
    known = {folded(h.text) for h in headings if not site.is_name(h.text)} | {folded(h.core) for h in headings}
    known = {key for key in known if len(key) > (8 if key.isascii() else 4)}
    cut = [without_site_name(text, site, known) for text in whole]
    others = {folded(text) for text in cut}
    return [_title(candidate, text, known, others, site) for candidate, text in zip(stated, cut, strict=True)]


def _title(candidate: Candidate, text: str, known: set[str], others: set[str], site: SiteNames) -> _Title:
    """A title cut down once more, to one that another source states; `known` holds what headings show of it."""
    key = folded(text)
    if key not in known:
        shorter = without_site_name(text, site, {other for other in others if len(other) > 20 and other != key})
        if len(shorter) > 0.4 * len(text):
            text, key = shorter, folded(shorter)
    return _Title(candidate, text, key, bag(text))


def _visible(
    headings: list[Heading], titles: list[_Title], site: SiteNames, body_start: int | None, trail: frozenset[str]
) -> list[Considered]:
    """Headings of the page, scored by how well they agree with the titles it states and by where they stand."""
    keys = {title.key for title in titles if not trail or title.candidate.selector in ("headline", "og:title")}
    usable = [h for h in headings if not site.is_name(h.text)]
    first_rank = [h for h in usable if h.level == 1 and not h.trail]
    out = []
    for heading in usable:
        agreed = folded(heading.text) in keys or folded(heading.core) in keys
        if heading.level > 1 and (heading.chrome or not (agreed or not first_rank)):
            continue
        value, why = _shown(heading, titles, site)
        score, reason = _standing(heading, value, titles, first_rank, body_start)
        if trail and folded(value) not in keys - trail:
            score, reason = score - 0.25, "a step of the trail to the page, or no title that the page states"
        candidate = Candidate("headline", heading.text, "page", f"h{heading.level}", (heading.index,))
        out.append(Considered(candidate, value, score, why or reason))
    return out


def _standing(
    heading: Heading, value: str, titles: list[_Title], first_rank: list[Heading], body_start: int | None
) -> tuple[float, str]:
    """Score of a heading and the reason for it."""
    mine = bag(value)
    agreement = max((likeness(mine, title.bag) for title in titles), default=0.0)
    near = body_start is not None and 0 <= body_start - heading.index <= 12
    above = body_start is None or heading.index <= body_start
    if agreement >= _AGREES:
        score = 0.7 + 0.25 * agreement + (0.02 if heading.level == 1 else 0.0) + (0.01 if near else 0.0)
        return score, "the heading above the text, and a title the page states agrees"
    if not above or heading.trail or heading.chrome:
        return 0.1 * agreement, "no title the page states agrees with this heading"
    nearest = max((h.index for h in first_rank if body_start is None or h.index <= body_start), default=heading.index)
    words = count_words(value)
    if heading.level == 1 and heading.index == nearest and 4 <= words <= 40 and not value.endswith(":"):
        return 0.76 + 0.05 * agreement, "the heading above the text; the titles the page states are worded otherwise"
    if not titles or (near and heading.level == 1):
        score = 0.55 + (0.05 if heading.level == 1 else 0.0) + (0.05 if near else 0.0)
        if body_start is not None:
            score -= 0.002 * min(body_start - heading.index, 20)
        return score, "the nearest heading above the text"
    return 0.1 * agreement, "no title the page states agrees with this heading"


def _shown(heading: Heading, titles: list[_Title], site: SiteNames) -> tuple[str, str]:
    """The heading without kicker and site, as spelled by a title of the same letters; and why, where that differs."""
    whole = without_site_name(heading.text, site)
    letters = folded(whole).replace(" ", "")
    spelled = next(
        (t.text for t in titles if t.candidate.source != "microdata" and t.key.replace(" ", "") == letters), None
    )
    if heading.core != heading.text:
        described = {title.key for title in titles if title.candidate.source == "json_ld"}
        alone = any(title.key == folded(heading.core) for title in titles if title.candidate.selector != "title")
        if spelled and (folded(whole) in described or not alone):
            return spelled, "the heading above the text with its kicker, as the page states it too"
        return heading.core, "the heading above the text, without its kicker"
    if spelled:
        other = whole.isupper() or folded(spelled) != folded(whole)
        return (spelled if other else whole), ""
    core = _without_kicker(whole, titles)
    return (core, "the heading above the text, without its kicker") if core else (whole, "")


def _without_kicker(whole: str, titles: list[_Title]) -> str | None:
    """The part of "Topic - Headline" that a title the page states names alone; None when no title does."""
    for title in titles:
        text = title.text
        if whole.endswith(text) and 0.4 * len(whole) < len(text) < len(whole) and count_words(text) >= 4:
            before = whole[: -len(text)]
            if before.rstrip().endswith((":", "-", "–", "—", "|", "•", "/")):
                return text
    return None


def _emphasised(outline: Outline, body_start: int, site: SiteNames) -> list[Considered]:
    """On a page without headings: a short line in bold, or in a font of its own, above the first prose of the text."""
    prose = next((b.index for b in outline.blocks[body_start:] if len(b.text) > _PROSE), body_start)
    lines = outline.blocks[max(0, body_start - 4) : min(prose, body_start + _MOST_ABOVE_PROSE) + 1]
    lines = [block for block in reversed(lines) if _may_head(block, site)]
    for stands_out in ({"b", "strong", "big"}, {"font"}):
        for block in lines:
            if stands_out & {box.tag for run in block.runs for box in outline.ancestors(run.box, 3)}:
                text = one_line(block.text)
                candidate = Candidate("headline", text, "page", "a line in bold", (block.index,))
                reason = "the page has no heading; this line stands out above the text"
                return [Considered(candidate, text, 0.5, reason)]
    return []


def _may_head(block: Block, site: SiteNames) -> bool:
    text = one_line(block.text)
    if block.hidden or site.is_name(text) or block.link_share > 0.5 or written_dates(text):
        return False
    return 3 <= count_words(text) <= 25 and not text.endswith((".", ":", ";", ",")) and not _META_LINE.match(text)


def _stated(
    title: _Title, titles: list[_Title], site: SiteNames, shown: list[Bag], trail: frozenset[str]
) -> Considered:
    candidate = title.candidate
    if not title.text or site.is_name(title.text):
        return Considered(candidate, None, 0.0, "it is the site's name")
    if trail and candidate.source == "json_ld":
        score = 0.9 if title.key in trail else 0.97
        return Considered(
            candidate, title.text, score, "the article's description; the page's h1 is a step of its trail"
        )
    others = [other for other in titles if other is not title]
    support = sum(other.key == title.key or likeness(title.bag, other.bag) >= _AGREES for other in others)
    score = 0.55 * TRUST[candidate.source] + 0.22 + min(0.06, 0.03 * support)
    if candidate.selector == "title":
        score -= 0.08
    if title.text.endswith(("…", "...")) or (
        len(title.key) > 60 and any(other.key != title.key and other.key.startswith(title.key) for other in others)
    ):
        return Considered(candidate, title.text, score - 0.3, "cut short; another title goes on")
    agrees = any(likeness(title.bag, heading) >= _AGREES for heading in shown)
    reason = "the page shows it as a heading too" if agrees else "a title the page states; no visible heading agrees"
    return Considered(candidate, title.text, score, reason)
