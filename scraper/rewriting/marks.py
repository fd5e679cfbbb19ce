"""Texts of a page marked by the block that they belong to, when it is written anew.

A block is what `scraper.extract` takes a page apart into. Its texts are found by their nodes in the tree, never by what
they say. Around each stands an element whose name the page cannot know, so that no style and no markup of its own can
look like ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scraper.extract.page import Page
from scraper.extract.places import blocks_of_texts
from scraper.rewriting.tree import Node


@dataclass(frozen=True, slots=True)
class Marks:
    """Which blocks are marked, and how."""

    name: str
    """Of the elements around texts: that of a custom element, `archive-3f2a91`."""
    classes: Mapping[int, str]
    """By the index of a block the class of those elements: letters, digits, `-`. Other blocks are not marked."""


@dataclass(frozen=True, slots=True)
class Label:
    """The beginning of a marked block: a place that is filled when the page is sent."""

    block: int
    in_link: bool
    """Whether it stands in a link, where no other link can."""


class Marker:
    """Marks the texts of one page."""

    def __init__(self, marks: Marks, page: Page) -> None:
        self._marks = marks
        self._owners = blocks_of_texts(page)
        self._labelled: set[int] = set()

    def around(self, text: Node, *, in_link: bool) -> tuple[list[str | Label], str] | None:
        """What is written before and after a text; None for one that is not marked."""
        block = self._owners.get(text.mem_id)
        mark = None if block is None else self._marks.classes.get(block)
        if block is None or mark is None:
            return None
        before: list[str | Label] = [f'<{self._marks.name} class="{mark}">']
        if block not in self._labelled:
            self._labelled.add(block)
            before.insert(0, Label(block, in_link))
        return before, f"</{self._marks.name}>"
