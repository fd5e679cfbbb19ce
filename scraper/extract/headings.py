"""Headings as a reader sees them: one an element, with the kicker, counters and hidden words in it told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from scraper.extract.fields.titles import one_line
from scraper.extract.outline import Block, Box, Outline, Run

_KICKER = re.compile(
    r"kicker|overline|over-?title|eyebrow|catch-?line|top-?line|pre-?title|super-?title|sur-?title|roof|dachzeile|spitzmarke"
    r"|rubri[ck]|ante-?t[ií]tulo|volanta|strapline|flag(?!s)|category|section-?(?:name|label|title)"
)
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-count|-bubble)?|count(?:er)?|badge|share|byline|author|permalink|anchor|time|date|story-?source"
    r"|extlnk|visually-?hidden|sr-only|screen-reader(?:-text)?|h-offscreen|offscreen|tooltip|descriptor)(?:$|[\s_-])"
)
_CHROME = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|footer|(?<!with-)(?<!without-)(?<!has-)(?<!no-)sidebar|(?<!elementor-)widget|comments?|related|logo|cookies?|consent|modal"
    r"|pop-?up|newsletter|masthead|site-?(?:title|branding|header|name)|banner|promo|recirc\w*|teasers?)(?:$|[\s_-])"
)
_LOGO = re.compile(r"(?:^|[\s_-])(?:logo|site-?(?:title|name|logo))(?:$|[\s_-])")
_TRAIL = re.compile(r"bread-?crumb|(?:^|[\s_-])crumbs?(?:$|[\s_-])")
_HEADING_TAGS = frozenset(("h1", "h2", "h3"))


@dataclass(frozen=True, slots=True)
class Heading:
    """An `h1`, `h2` or `h3`."""

    text: str
    """All of it that is shown, on one line."""
    core: str
    """Without the kicker above it; the same as `text` where it has none."""
    level: int
    index: int
    """Of its first block."""
    chrome: bool
    """In the site's frame, by the names of the elements around it."""
    trail: bool
    """The last step of a breadcrumb trail or an item of another list."""


def read_headings(outline: Outline, until: int | None = None) -> list[Heading]:
    """The first-rank headings that a browser shows, and the second and third rank's up to block `until`, in order."""
    grouped: dict[int, list[Block]] = {}
    for block in outline.blocks:
        if block.kind != "heading" or block.hidden or block.level > 3:
            continue
        if block.level == 1 or until is None or block.index <= until:
            grouped.setdefault(_element(block, outline), []).append(block)
    return [heading for element, blocks in grouped.items() if (heading := _heading(element, blocks, outline))]


def _element(block: Block, outline: Outline) -> int:
    index = block.box
    while index >= 0 and outline.boxes[index].tag not in _HEADING_TAGS:
        index = outline.boxes[index].parent
    return index


def _heading(element: int, blocks: list[Block], outline: Outline) -> Heading | None:
    parts: list[str] = []
    core: list[str] = []
    for block in blocks:
        for run in block.runs:
            names = _inside(run, element, outline) if run.box != element else ""
            if names and _ASIDE.search(names):
                continue
            _append(parts, run)
            if not (names and _KICKER.search(names)):
                _append(core, run)
        parts.append(" ")
        core.append(" ")
    text = one_line("".join(parts))
    if not text or len(text) > 400:
        return None
    around = [box for box in outline.ancestors(outline.boxes[element].parent)[:6] if box.tag not in ("body", "html")]
    own = outline.boxes[element].names
    chrome = any(box.tag in ("nav", "footer") or _names_chrome(box.names) for box in around) or bool(_LOGO.search(own))
    kickerless = one_line("".join(core)).lstrip("-–—:|/• ")
    if not text.endswith(kickerless) or 2 * len(kickerless) < len(text) - len(kickerless):
        kickerless = text  # what is named so is not a few words above the headline
    return Heading(text, kickerless, blocks[0].level, blocks[0].index, chrome, _in_trail(around, own))


def _inside(run: Run, element: int, outline: Outline) -> str:
    """Names and tags of the elements around a run, inside the heading."""
    names: list[str] = []
    index = run.box
    while index > element:
        box = outline.boxes[index]
        names += (box.tag, box.names)
        index = box.parent
    return " ".join(names)


def _append(parts: list[str], run: Run) -> None:
    """Add a run, with a space where two elements touch: “Topic” and “Headline” in spans of their own."""
    last = parts[-1] if parts else ""
    if last and run.text and last[-1].isalnum() and last[-1].islower() and run.text[0].isupper():
        parts.append(" ")
    parts.append(run.text)


@lru_cache(maxsize=4096)
def _names_chrome(names: str) -> bool:
    return _CHROME.search(names) is not None


def _in_trail(around: list[Box], own: str) -> bool:
    return (
        bool(_TRAIL.search(own))
        or any(_TRAIL.search(box.names) for box in around[:4])
        or any(box.tag == "li" for box in around[:2])
    )
