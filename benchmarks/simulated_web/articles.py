"""An article, its editions, and what becomes of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Literal

from benchmarks.simulated_web.prose import Block, Language, write_blocks

EditKind = Literal["first", "headline", "paragraph", "correction", "number", "rewritten", "byline"]
Deletion = Literal["404", "410", "home", "soft_404"]
WallKind = Literal["paywall", "consent", "bot_403", "bot_503", "login"]
Hidden = Literal["private", "orphan"]

TOKENS_OF_OUTLET, TOKENS_OF_ARTICLE = 100_000, 16


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one edition from those before it: `text` stands in `field`."""

    field: Literal["headline", "authors", "body"]
    text: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A state of an article, from `at` on."""

    at: datetime
    kind: EditKind
    headline: str
    authors: tuple[str, ...]
    mark: Mark | None = None
    """None for the first edition."""


@dataclass(frozen=True)
class Article:
    """One article as the simulation has it. Times are UTC."""

    outlet: int
    number: int
    """0 for the outlet's oldest."""
    id: int
    """The number that stands in addresses."""
    seed: str
    language: Language = field(repr=False)
    section: int
    second_section: int | None
    tags: tuple[int, ...]
    slug: str
    new_slug: str | None
    """After it was moved."""
    published: datetime
    length: int
    """Words, more or less."""
    parts: int
    """Numbered pages that it is spread over."""
    editions: tuple[Edition, ...]
    tokens: tuple[str, str, str]
    """Invented names that stand in its text and in no other: at its beginning, in its middle, at its end."""
    deleted_at: datetime | None = None
    deletion: Deletion | None = None
    moved_at: datetime | None = None
    wall: WallKind | None = None
    hidden: Hidden | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.outlet, self.number

    def is_out(self, now: datetime) -> bool:
        """Whether it can be read at `now`."""
        return self.published <= now and not self.is_deleted(now)

    def is_deleted(self, now: datetime) -> bool:
        return self.deleted_at is not None and self.deleted_at <= now

    def is_moved(self, now: datetime) -> bool:
        return self.moved_at is not None and self.moved_at <= now

    def edition_at(self, now: datetime) -> int:
        """Which of its editions stands there at `now`: 0 for the first."""
        return max(0, bisect_right(self._times, now) - 1)

    @cached_property
    def _times(self) -> list[datetime]:
        return [edition.at for edition in self.editions]

    def modified(self, now: datetime) -> datetime | None:
        """When it was last edited; None when it was not."""
        number = self.edition_at(now)
        return self.editions[number].at if number else None

    @property
    def changes_at(self) -> list[datetime]:
        """When something about it changes."""
        return [*self._times, *(moment for moment in (self.deleted_at, self.moved_at) if moment is not None)]

    def blocks(self, edition: int) -> list[Block]:
        """The text of an edition."""
        words = self.language
        chance = Random(self.seed)
        figure = 10_000 + (self.outlet * 7919 + self.number * 631) % 80_000
        blocks = write_blocks(words, chance, length=self.length, tokens=self.tokens, number=figure)
        shown = str(figure)
        for edit in self.editions[1 : edition + 1]:
            mark = edit.mark
            if mark is None:
                continue
            match edit.kind:
                case "paragraph":
                    blocks.insert(2, Block("p", words.say("added", token=mark.text)))
                case "correction":
                    blocks.append(Block("correction", words.say("corrected", token=mark.text)))
                case "number":
                    blocks = [Block(block.kind, block.text.replace(shown, mark.text)) for block in blocks]
                    shown = mark.text
                case "rewritten":
                    # The last but one: in none of the three places where a token stands.
                    place = len(blocks) - 2
                    while blocks[place].kind != "p" or any(token in blocks[place].text for token in self.tokens):
                        place -= 1
                    blocks[place] = Block("p", words.say("rewritten", token=mark.text))
                case _:
                    pass
        return blocks

    @cached_property
    def lead(self) -> str:
        """The first sentence, for teasers and descriptions."""
        text = self.blocks(0)[0].text
        mark = "。" if self.language.is_dense else "."
        return text.partition(mark)[0] + mark
