"""Texts of scripts for which spaces and accents are not enough, as `articles_fts_folded` indexes them.

The same folding is done to texts and to what is searched for, so that what it makes equal finds each other:

- characters are written one way only (NFKC): full and half width, presentation forms, letters with detached accents;
  every script's digits are 0 to 9;
- scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan) and Korean, whose particles cling to
  the words, are cut into single characters, each with its vowel signs: a word is then found as a phrase of them;
- Arabic, Persian, Urdu: vowel signs and tatweel go; alef with hamza or madda is alef, alef maqsura and the Persian ye
  are ya, ta marbuta is ha, the Persian kaf is kaf; the article goes, alone or behind و ب ك ف ل, where three letters
  stay: the part of light stemming (Larkey, Ballesteros and Connell, 2002) that rarely merges different words;
- Hebrew: points and accents go;
- Devanagari: a nasal before a consonant of its own class, and candrabindu, are anusvara; nukta goes.
"""

from __future__ import annotations

import re
import unicodedata

_SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff"  # Tibetan
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff\u3130-\u318f"  # Korean
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
    "\u3041-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\uff66-\uffdc"  # kana, bopomofo, half width
)
_WITH_MARKS = (
    "\u0591-\u05ff\ufb1d-\ufb4f"  # Hebrew
    "\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufefc"  # Arabic
    "\u0700-\u074f\u0780-\u07bf"  # Syriac, Thaana
    "\u0900-\u0dff"  # Devanagari to Sinhala
)
_FOLDED = re.compile(f"[{_SPACELESS}{_WITH_MARKS}\uff01-\uff65]")
_SIGNS = (
    "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u0f90-\u0fbc"
    "\u102b-\u103e\u1056-\u1059\u17b4-\u17d3\u3099\u309a"
)
# A character and the vowel signs and tones that are written on it, and several of them.
_CHARACTER = re.compile(f"[{_SPACELESS}][{_SIGNS}]*")
_CHARACTERS = re.compile(f"[{_SPACELESS}][{_SPACELESS}{_SIGNS}]*")
UNIT = re.compile(
    f"{_CHARACTER.pattern}|(?:(?![{_SPACELESS}])(?:[^\\W_]|[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff\u0900-\u0963\u0971-\u0df3\u00ad\u200d]))+"
)
"""What the folded index takes as one word: a character with its signs, or a run of letters and digits."""
_ENDS_SPACELESS = re.compile(f"[{_SPACELESS}]\\Z")

_ARABIC = re.compile("[\u0600-\u06ff]")
_ARABIC_MARKS = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]"
)
_ARABIC_LETTERS = str.maketrans("أإآٱىیېےکةۃۀەہھ", "اااايييي" + "ك" + "هههههه")
_ARTICLE = re.compile(r"(?<!\w)(?:[وبكف]?ال|لل)(?=\w{3})")

_HEBREW = re.compile("[\u0590-\u05ff]")
_HEBREW_MARKS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")

_DEVANAGARI = re.compile("[\u0900-\u097f]")
_NASAL = re.compile("(?:ङ्(?=[कखगघ])|ञ्(?=[चछजझ])|ण्(?=[टठडढ])|न्(?=[तथदध])|म्(?=[पफबभ])|ँ)")

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_DIGIT = re.compile(r"[^\W\D]", re.UNICODE)


def needs_folding(text: str) -> bool:
    """True for text that `articles_fts` alone does not make findable."""
    if text.isascii():
        return False
    return _FOLDED.search(text) is not None or not unicodedata.is_normalized("NFC", text)


def fold(text: str) -> str:
    """`text` as the folded index holds it: words, and characters that are words, with spaces between."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if text.isascii():
        return text
    text = _DIGIT.sub(_ascii_digit, text)
    if _ARABIC.search(text):
        text = _ARTICLE.sub("", _ARABIC_MARKS.sub("", text).translate(_ARABIC_LETTERS))
    if _HEBREW.search(text):
        text = _HEBREW_MARKS.sub("", text)
    if _DEVANAGARI.search(text):
        text = _NASAL.sub("\u0902", text).replace("\u093c", "")
    return _CHARACTERS.sub(lambda run: f" {' '.join(_CHARACTER.findall(run[0]))} ", text)


def fold_beginning(word: str) -> tuple[str, bool]:
    """The beginning of a word, folded, and whether what follows it belongs to the same word of the index.

    A beginning that is the article and one or two letters is one of words from which the article is gone.
    """
    folded = fold(word).strip()
    if _ARABIC.search(folded):
        folded = re.sub(r"(?<!\w)(?:[وبكف]?ال|لل)(?=\w{1,2}\Z)", "", folded)
    return folded, _ENDS_SPACELESS.search(unicodedata.normalize("NFKC", word)) is None


def _ascii_digit(match: re.Match[str]) -> str:
    return str(unicodedata.digit(match[0], 0)) if unicodedata.category(match[0]) == "Nd" else match[0]


def stands_alone(unit: str) -> bool:
    """True for a character of a script that is cut into characters."""
    return _CHARACTER.match(unit) is not None
