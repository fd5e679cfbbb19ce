"""The headline: what a reader sees above the article, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scraper.extract.candidates import TRUST, Candidate, Evidence
from scraper.extract.fields.choice import Choice, Considered, best_of
from scraper.extract.fields.dates import written_dates
from scraper.extract.outline import Block, Outline
from scraper.extract.wording import count_words, folded, similarity

_SEPARATOR = re.compile(r"\s+[|\-–—:•·»«/]+\s+|\s*[|»«]\s*|:\s+")
_CHROME = re.compile(r"\b(nav|menu|footer|sidebar|widget|comment|related|logo|cookie|consent|modal|popup|newsletter)")
_META_LINE = re.compile(r"by\s", re.IGNORECASE)
_MOST_HEADINGS = 100
_LONGEST_TITLE = 1_000
_AGREES = 0.6
"""Word F1 with a title the page states from which a visible heading counts as the same headline."""


def choose_headline(evidence: Evidence, outline: Outline, body_start: int | None, host: str) -> Choice:
    """`body_start` is the index of the body's first block, None without a body; `host` names the site."""
    stated = [c for c in evidence.of("headline") if isinstance(c.value, str)]
    written = [c for c in stated if c.source == "site_file"]
    titles = [c for c in stated if c.source != "site_file"]
    names = _site_names(evidence, host)
    headings = _headings(outline, body_start, names, titles)
    considered = [Considered(c, _one_line(str(c.value)), 1.0, "the site file names it") for c in written]
    considered += _visible(headings, titles, names, body_start)
    if not headings and body_start is not None:
        considered += _emphasised(outline, body_start, names)
    seen = [c.value for c in considered if isinstance(c.value, str)]
    for candidate in titles:
        value = without_site_name(str(candidate.value), names, seen)
        considered.append(_stated(candidate, value, titles, names, seen))
    return best_of("headline", considered, missing="the page has no heading and states no title")


def _visible(
    headings: list[Block], titles: list[Candidate], names: frozenset[str], body_start: int | None
) -> list[Considered]:
    """Headings of the page, scored by how well they agree with the titles it states and by where they stand."""
    out = []
    stated = [without_site_name(str(c.value), names, [h.text for h in headings]) for c in titles]
    for heading in headings:
        without_kicker = _without_kicker(heading.text, stated)
        if without_kicker:
            candidate = Candidate("headline", heading.text, "page", f"h{heading.level}")
            out.append(Considered(candidate, without_kicker, 0.97, "the heading above the text, without its kicker"))
            continue
        agreement = max((similarity(heading.text, title) for title in stated), default=0.0)
        selector = f"h{heading.level}" if heading.level else "heading"
        candidate = Candidate("headline", heading.text, "page", selector)
        near = body_start is not None and 0 <= body_start - heading.index <= 12
        if agreement >= _AGREES:
            score = 0.7 + 0.25 * agreement + (0.02 if heading.level == 1 else 0.0) + (0.01 if near else 0.0)
            reason = "the heading above the text, and a title the page states agrees"
        elif not titles or (near and heading.level == 1):
            score = 0.55 + (0.05 if heading.level == 1 else 0.0) + (0.05 if near else 0.0)
            if body_start is not None and heading.index < body_start:
                score -= 0.002 * min(body_start - heading.index, 20)
            reason = "the nearest heading above the text"
        else:
            score, reason = 0.1 * agreement, "no title the page states agrees with this heading"
        out.append(Considered(candidate, _one_line(heading.text), score, reason))
    return out


def _emphasised(outline: Outline, body_start: int, names: frozenset[str]) -> list[Considered]:
    """On a page without headings: a short line in bold or in a font of its own, at the top of the text or above it."""
    near = outline.blocks[body_start : body_start + 2] + outline.blocks[max(0, body_start - 4) : body_start][::-1]
    for block in near:
        tags = {box.tag for run in block.runs if run.text.strip() for box in outline.ancestors(run.box)[:3]}
        text = _one_line(block.text)
        if block.hidden or not tags & {"b", "strong", "big", "font"} or _is_name(text, names) or block.link_share > 0.5:
            continue
        if written_dates(text):
            continue
        if 3 <= count_words(text) <= 25 and not text.endswith((".", ":", ";", ",")) and not _META_LINE.match(text):
            candidate = Candidate("headline", text, "page", "a line in bold")
            return [Considered(candidate, text, 0.5, "the page has no heading; this line stands out above the text")]
    return []


def _without_kicker(heading: str, stated: list[str]) -> str | None:
    """The part of "Topic - Headline" that a title the page states names alone; None when no title does."""
    whole = _one_line(heading)
    for title in stated:
        if whole.endswith(title) and 0.4 * len(whole) < len(title) < len(whole) and count_words(title) >= 4:
            before = whole[: -len(title)]
            if before.rstrip().endswith((":", "-", "–", "—", "|", "•", "/")):
                return title
    return None


def _stated(
    candidate: Candidate, value: str, titles: list[Candidate], names: frozenset[str], seen: list[str]
) -> Considered:
    if not value or _is_name(value, names):
        return Considered(candidate, None, 0.0, "it is the site's name")
    others = [c for c in titles if c is not candidate]
    support = sum(similarity(value, str(c.value)) >= _AGREES for c in others)
    base = 0.55 * TRUST[candidate.source] + 0.22
    score = base + min(0.06, 0.03 * support)
    if candidate.selector == "title":
        score -= 0.08
    shown = any(similarity(value, heading) >= _AGREES for heading in seen)
    reason = "the page shows it as a heading too" if shown else "a title the page states; no visible heading agrees"
    return Considered(candidate, value, score, reason)


def _headings(outline: Outline, body_start: int | None, names: frozenset[str], titles: list[Candidate]) -> list[Block]:
    """Headings that could be the headline: not hidden, not chrome, not the site's own name, above the text's end."""
    out = []
    first_rank = [b for b in outline.blocks if b.kind == "heading" and b.level == 1]
    lower = [b for b in outline.blocks if b.kind == "heading" and b.level in (2, 3)]
    if first_rank:  # the `h1` may be the site's motto; a lower heading above the text that is the title counts too
        stated = {folded(without_site_name(str(c.value), names)) for c in titles}
        lower = [b for b in lower if b.index < (body_start or 0) and folded(b.text) in stated]
    pool = sorted([*first_rank, *lower], key=lambda b: b.index)
    for block in pool:
        if not block.text or _is_name(block.text, names) or len(block.text) > 400:
            continue
        if body_start is not None and block.index > body_start + 2 and block.level != 1:
            continue
        chrome = any(
            _CHROME.search(box.names) or box.tag in ("nav", "footer") for box in outline.ancestors(block.box)[:6]
        )
        if block.hidden or (chrome and block.level != 1):
            continue
        out.append(block)
    if len(out) > _MOST_HEADINGS:  # each is compared with every title; the nearest to the text are worth it
        out.sort(key=lambda b: (abs(b.index - (body_start or 0)), b.index))
        out = sorted(out[:_MOST_HEADINGS], key=lambda b: b.index)
    return out


def _site_names(evidence: Evidence, host: str) -> frozenset[str]:
    labels = host.removeprefix("www.").split(".")
    names = {folded(name) for name in evidence.site_names}
    names |= {host.removeprefix("www."), folded(host.removeprefix("www.")), labels[0]}
    return frozenset(name for name in names if name)


def without_site_name(title: str, names: frozenset[str], headings: Iterable[str] = ()) -> str:
    """`title` without " | Site" or "Site: ", where that part is a name of the site or the rest is a heading seen."""
    title = _one_line(title)
    if len(title) > _LONGEST_TITLE:
        return title
    pieces = list(_SEPARATOR.finditer(title))
    known = {folded(h) for h in headings}
    for piece in pieces:
        before, after = title[: piece.start()].strip(), title[piece.end() :].strip()
        if folded(before) in known:
            return before
        if folded(after) in known:
            return after
    changed = True
    while changed:
        changed = False
        for piece in reversed(list(_SEPARATOR.finditer(title))):
            before, after = title[: piece.start()].strip(), title[piece.end() :].strip()
            if before and _is_name(after, names):
                title, changed = before, True
                break
            if after and _is_name(before, names):
                title, changed = after, True
                break
    return title


def _is_name(part: str, names: frozenset[str]) -> bool:
    squeezed = _squeezed(part)
    return bool(squeezed) and any(squeezed == _squeezed(name) for name in names)


def _squeezed(name: str) -> str:
    """Letters and digits only, without a leading article: “The Millbrook Bugle” and millbrook-bugle are one name."""
    return re.sub(r"[\W_]+", "", re.sub(r"^(?:the|der|die|das|le|la|el)\s+", "", folded(name)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
