"""Invented news in nine languages, out of the word lists of words.toml: nothing in it was ever written by anybody."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib import resources
from random import Random
from typing import Any, Literal

BlockKind = Literal["p", "h2", "quote", "correction"]

_SYLLABLES = {
    "latin": [c + v for c in "bdfglmnprstvkz" for v in "aeiou"],
    "cyrillic": [c + v for c in "бвгдзклмнпрст" for v in "аеиоу"],
    "arabic": [a + b for a in "بتدرسفقكلمن" for b in "اويبرنم"],
    "han": list("岚泽渊翎珂瑾澜砚筠霁皓昀沅蓁葭湄汀洵澍琮珩璟瑜琛笙箬篁芷蘅荻菀薇蕙霖霏"),
    "kana": list("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロ"),
}
_SCRIPTS = {"uk": "cyrillic", "ru": "cyrillic", "ar": "arabic", "zh": "han", "ja": "kana"}
_LATIN = dict(
    pair.split(":")
    for pair in """а:a б:b в:v г:h ґ:g д:d е:e є:ie ж:zh з:z и:y і:i ї:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f
    х:kh ц:ts ч:ch ш:sh щ:shch ю:iu я:ia ё:e ы:y э:e ь: ъ: ß:ss ø:o""".split()
)
_NO_WORD = re.compile(r"[^a-z0-9]+")
_NO_LETTER = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an article's text."""

    kind: BlockKind
    text: str


@dataclass(frozen=True)
class Language:
    """A language's words, and what is made of them."""

    code: str
    table: dict[str, Any]

    @property
    def is_dense(self) -> bool:
        """Whether it is written without spaces."""
        return self.code in ("zh", "ja")

    @property
    def direction(self) -> str:
        return str(self.table["direction"])

    @cached_property
    def labels(self) -> dict[str, str]:
        return dict(self.table["labels"])

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Slug and name."""
        return [(slug, name) for slug, name in self.table["sections"]]

    def date(self, moment: datetime) -> str:
        """The day as its readers write it."""
        month = self.table["months"][moment.month - 1]
        return str(self.table["date"].format(day=moment.day, month=month, year=moment.year))

    def person(self, chance: Random) -> str:
        family, given = chance.choice(self.table["family"]), chance.choice(self.table["given"])
        return f"{family}{given}" if self.is_dense else f"{given} {family}"

    def headline(self, chance: Random) -> str:
        table = self.table
        head, verb, place = chance.choice(table["heads"]), chance.choice(table["verbs"]), chance.choice(table["places"])
        if self.is_dense:
            return f"{place}{head}{verb}"
        return f"{place}: {head}{verb}" if verb.startswith(":") else f"{place}: {head} {verb}"

    def sentence(self, chance: Random) -> str:
        table = self.table
        subject, predicate = chance.choice(table["subjects"]), chance.choice(table["predicates"])
        tail = chance.choice(table["tails"])
        if self.is_dense:
            return f"{subject}{predicate}{tail}"
        # Tails that begin with a mark or a space of their own bring what stands between.
        return f"{subject} {predicate}{'' if tail[0] in ' ,،' else ' '}{tail}"

    def marked(self, chance: Random, token: str) -> str:
        """A sentence in which a token stands."""
        return str(chance.choice(self.table["marked"]).format(token=token))

    def figure(self, chance: Random, number: int) -> str:
        return str(chance.choice(self.table["figures"]).format(number=number))

    def quote(self, chance: Random) -> str:
        return str(chance.choice(self.table["quotes"]).format(person=self.person(chance)))

    def say(self, key: str, **given: object) -> str:
        """One of the language's own phrases: `corrected`, `added`, `rewritten`, `headline_edit`."""
        return str(self.table[key].format(**given))

    def label(self, key: str, **given: object) -> str:
        return self.labels[key].format(**given) if given else self.labels[key]

    def token(self, number: int) -> str:
        """An invented name, another one for each number up to some ten million."""
        syllables = _SYLLABLES[_SCRIPTS.get(self.code, "latin")]
        base, places = len(syllables), 5 if self.is_dense else 4
        # Neighbours are to look different: a step that shares no factor with the size visits every name once.
        number = (number * 7_368_787 + 11) % base**places
        letters = "".join(syllables[number // base**place % base] for place in range(places))
        return letters.capitalize()

    def own_words(self, chance: Random, count: int) -> list[str]:
        """Words that no language has, for one text to use: two texts of this module's few phrases would be alike."""
        syllables, length = _SYLLABLES[_SCRIPTS.get(self.code, "latin")], 2 if self.code == "zh" else 3
        return ["".join(chance.choices(syllables, k=length)) for _ in range(count)]

    def mixed(self, text: str, own: list[str], chance: Random) -> str:
        """A sentence with a word of the text's own after every four (in Chinese and Japanese, five signs)."""
        pieces, since = list(text) if self.is_dense else text.split(" "), 0
        most, out = 5 if self.is_dense else 4, []
        for place, piece in enumerate(pieces):
            out.append(piece)
            since += 1
            follows = pieces[place + 1][0] if place + 1 < len(pieces) else "."
            if since >= most and follows.isalnum() and piece[-1].isalnum():
                out.append(chance.choice(own))
                since = 0
        return ("" if self.is_dense else " ").join(out)

    def slug(self, text: str, *, is_unicode: bool = False) -> str:
        """`text` for an address, in Latin letters or in its own."""
        if is_unicode:
            return _NO_LETTER.sub("-", text.lower()).strip("-")[:70]
        plain = "".join(_LATIN.get(letter, letter) for letter in text.lower())
        folded = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        return _NO_WORD.sub("-", folded).strip("-")[:70]


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def language(code: str) -> Language:
    """Raises KeyError for one that has no words."""
    return Language(code, _tables()[code])


def write_blocks(
    words: Language, chance: Random, *, length: int, tokens: tuple[str, str, str], number: int
) -> list[Block]:
    """A text of about `length` words (in Chinese and Japanese two characters count as one) in which each of `tokens`
    occurs once, at the beginning, in the middle and at the end, and `number` once."""
    paragraphs: list[str] = []
    count = 0
    join = "" if words.is_dense else " "
    own = words.own_words(chance, 40)
    while count < length or len(paragraphs) < 5:
        sentences = [words.mixed(words.sentence(chance), own, chance) for _ in range(chance.randint(2, 4))]
        if chance.random() < 0.25:
            sentences.append(words.quote(chance))
        text = join.join(sentences)
        paragraphs.append(text)
        count += len(text) // 2 if words.is_dense else len(text.split())
    last = len(paragraphs) - 1
    for place, token in zip((0, last // 2, last), tokens, strict=True):
        paragraphs[place] += join + words.marked(chance, token)
    paragraphs[1] += join + words.figure(chance, number)
    blocks: list[Block] = []
    for place, text in enumerate(paragraphs):
        if place and place % 6 == 0 and place < last:
            blocks.append(Block("h2", chance.choice(words.table["subheads"])))
        blocks.append(Block("p", text))
    if chance.random() < 0.2:
        blocks.insert(3, Block("quote", words.quote(chance)))
    return blocks
