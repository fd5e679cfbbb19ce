"""The encoding of a text that does not say: the one in which it is made of the commonest letters of some language.

Bytes can be read in many encodings without an error, and only in the right one do they make the letters that people
write all the time.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

_ASCII = bytes(range(128))
_SAMPLE = 60_000
"""Bytes beyond ASCII that are looked at."""
_LEAST = 0.6
"""Of what is usual for a language, the share of common letters from which a text is held to be in it."""
_WORD = re.compile(r"[^\x00-@\[-`{-\x7f]{2,}")
"""Two or more letters, Latin ones among them: what stands between white space and ASCII's marks."""
_LATIN = re.compile(r"[A-Za-z]")
_LOST = 3.0
"""Common letters that one invalid character weighs as much as."""


@dataclass(frozen=True)
class _Script:
    encodings: tuple[str, ...]
    """Python's names."""
    letters: frozenset[str]
    usual: float
    """Share that these letters usually have of a text's characters beyond ASCII."""
    in_words: bool = True
    """They count in words of their own only: accented letters of Western pages stand among Latin ones."""


def _between(first: str, last: str) -> str:
    return "".join(map(chr, range(ord(first), ord(last) + 1)))


_CHINESE = (
    "的一是不了在人有我他中大和上地到以要就出可也你生能而子那得下自之年作用道行所家事成方多去法如都同面起看定天分好小部其"
    "些主理心她本前但因只日月公政市民新工全三高最明院"
)
_SIMPLIFIED = "这个们来为国说时会对于着过发后里然种经么学现当没动还进样开从想实军报长区记者电话关与总"
_TRADITIONAL = "這個們來為國說時會對於著過發後裡然種經麼學現當沒動還進樣開從想實軍報長區記者電話關與總"
_HANGUL = "이다는에의을가한고하지로은도사기를대서인자시정해일부아그수리있어했것으들와과원경제보국전"
_THAI_MARKS = "ะาำเแโใไัิีึืุู่้๊๋็์"


@cache
def _scripts() -> tuple[_Script, ...]:
    kana = _between("ぁ", "ん") + _between("ァ", "ヶ") + "ー、。"
    return (
        # Without the rare letters: other alphabets have common ones at their bytes.
        _Script(("cp1251", "koi8-u"), frozenset("оеаинтсрвлкмдпуяыьгзбчхіїє"), 0.85),
        _Script(("gb18030",), frozenset(_CHINESE + _SIMPLIFIED), 0.35, in_words=False),
        _Script(("big5hkscs",), frozenset(_CHINESE + _TRADITIONAL), 0.35, in_words=False),
        _Script(("cp932", "euc_jp"), frozenset(kana), 0.5, in_words=False),
        _Script(("cp949",), frozenset(_HANGUL), 0.35, in_words=False),
        _Script(("cp1256",), frozenset("اليمنروتبةدعهسفكقحأجشصخطزىئءضذثإغؤظآپچگی"), 0.9),
        _Script(("cp1255",), frozenset(_between("א", "ת")), 0.95),
        _Script(("cp1253",), frozenset("αεηικλμνοπρσςτυγδθφχωάέήίόύώ"), 0.9),
        _Script(("cp874",), frozenset(_between("ก", "ฮ") + _THAI_MARKS), 0.9),
    )


_WESTERN = "cp1252"
# The letters beyond ASCII of languages written in Latin ones, by the encodings their pages were in.
_LATIN_LETTERS = {
    (_WESTERN,): (
        *("éèàêçùâîôûëïœ", "äöüß", "áéíóúñü¿¡", "ãçáéíóúâêôõà", "àèéìòù", "åäöé", "åøæéöä", "áðéíóúýþæö"),
        *("éëïèöü", "àèéíòóúüïç", "áéíóúàèìòù"),
    ),
    ("cp1250", "iso8859-2"): (*("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ"),),
    ("cp1254",): ("çğıöşüİâîû",),
    ("cp1257",): ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
}
_RUN = re.compile(rb"[A-Za-z]?[\x80-\xff]+[A-Za-z]?")
_NEUTRAL = frozenset("\u00a0\u00ad“”„‘’‚«»‹›–—…•·€°§©®™")
_MOST, _AHEAD = 0.9, 0.04
"""Share of the letters beyond ASCII that must be a language's, and by how much it must be more than that of any Western
one, in whose encoding most pages are that say nothing."""
_TELLING, _KINDS = 5, 2
"""Letters that would be others in a Western encoding, and kinds of them, that there must be: one name tells nothing."""


def encoding_of(body: bytes) -> str | None:
    """Python's name of the encoding, or None when the bytes make common letters in none that is known here."""
    sample = _sample(body)
    best, score = None, _LEAST
    for script in _scripts():
        for encoding in script.encodings:
            found = _share(sample.decode(encoding, errors="replace"), script) / script.usual
            if found > score:
                best, score = encoding, found
    return best or _latin_encoding_of(sample)


def _latin_encoding_of(sample: bytes) -> str | None:
    """The encoding of a language written in Latin letters, other than a Western one; None for those."""
    # Only what stands in words: signs such as that of the pound stand before figures.
    parts = b" ".join(run for run in _RUN.findall(sample) if run[:1].isalpha() or run[-1:].isalpha())
    fits = []
    for encodings, languages in _LATIN_LETTERS.items():
        for encoding in encodings:
            counts = Counter(char for char in parts.decode(encoding, errors="replace") if char > "\x7f")
            fits += [(_share_of_letters(counts, letters), encoding, letters) for letters in languages]
    western = max(share for share, encoding, _ in fits if encoding == _WESTERN)
    # The first of equals.
    share, best, letters = max((fit for fit in fits if fit[1] != _WESTERN), key=lambda fit: fit[0])
    if share < max(_MOST, western + _AHEAD):
        return None
    pairs = zip(parts.decode(best, errors="replace"), parts.decode(_WESTERN, errors="replace"), strict=True)
    telling = [one for one, other in pairs if one != other and one.lower() in letters]
    return best if len(telling) >= _TELLING and len(set(telling)) >= _KINDS else None


def _share_of_letters(counts: Counter[str], letters: str) -> float:
    total = sum(count for char, count in counts.items() if char not in _NEUTRAL)
    return sum(count for char, count in counts.items() if char.lower() in letters) / total if total else 0.0


def _sample(body: bytes) -> bytes:
    """The beginning of a text that holds enough beyond ASCII, cut where an ASCII letter stands."""
    end = min(len(body), _SAMPLE)
    while end < len(body) and len(body[:end].translate(None, _ASCII)) < _SAMPLE // 10 and end < 64 * _SAMPLE:
        end *= 2
    while end < len(body) and body[end] > 0x7F:
        end += 1
    return body[:end]


def _share(text: str, script: _Script) -> float:
    """Share of a text's characters beyond ASCII that are the script's letters."""
    beyond = len(text) - len(text.encode("ascii", errors="ignore"))
    lost = _LOST * text.count("\ufffd")
    if script.in_words:
        words = _WORD.findall(text)
        common = sum(char in script.letters for word in words if not _LATIN.search(word) for char in word)
    else:
        common = sum(char in script.letters for char in text)
    return (common - lost) / beyond if beyond else 0.0
