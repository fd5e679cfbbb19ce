"""A page as copied text (a saved .txt, a WET record): headline and paragraphs told from the lines around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scraper.extract.labels import is_label
from scraper.extract.wording import count_words

_SENTENCE_END = re.compile(r"[.!?…。！？؟:;][\"'»”’)\]]*$")


@dataclass(frozen=True, slots=True)
class PlainReading:
    headline: str | None
    paragraphs: tuple[str, ...]
    dropped: tuple[tuple[str, str], ...]
    """(line, why it was left out)."""


def read_plain_text(text: str) -> PlainReading:
    """The longest stretch of sentences, and the line above it, without the labels inside and around."""
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n")]
    paragraphs = [line for line in _joined(lines) if line]
    prose = [i for i, line in enumerate(paragraphs) if _is_prose(line)]
    if not prose:
        return PlainReading(None, (), tuple((line, "not a sentence") for line in paragraphs))
    start, end = _stretch(prose, paragraphs)
    dropped = [(line, "a label of the page around the article") for line in paragraphs[:start]]
    headline = None
    for line in reversed(paragraphs[:start]):
        if not _is_label(line) and 3 <= count_words(line) <= 40:
            headline = line
            dropped = [(other, why) for other, why in dropped if other != line]
            break
    kept = []
    for line in paragraphs[start : end + 1]:
        if _is_prose(line) or (not _is_label(line) and count_words(line) >= 6):
            kept.append(line)
        else:
            dropped.append((line, "a caption or label between the paragraphs"))
    dropped += [(line, "a label of the page around the article") for line in paragraphs[end + 1 :]]
    return PlainReading(headline, tuple(kept), tuple(dropped))


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs: text wrapped at a fixed width is joined where the lines of a block are about equally long."""
    out: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
            continue
        widths = [len(part) for part in block[:-1]]
        wrapped = len(block) > 1 and min(widths) > 45 and max(widths) <= 100
        out += [" ".join(block)] if wrapped else block
        block = []
    return out


def _is_prose(line: str) -> bool:
    return count_words(line) >= 8 and bool(_SENTENCE_END.search(line))


def _is_label(line: str) -> bool:
    return is_label(line)


def _stretch(prose: list[int], paragraphs: list[str]) -> tuple[int, int]:
    """First and last paragraph of the stretch with the most words; more than three lines that are no prose end one."""
    runs = [[prose[0]]]
    for index in prose[1:]:
        if index - runs[-1][-1] <= 4:
            runs[-1].append(index)
        else:
            runs.append([index])
    best = max(runs, key=lambda run: sum(count_words(paragraphs[i]) for i in run))
    return best[0], best[-1]
