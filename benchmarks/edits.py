"""What editors do to a page, as functions on its HTML.

Each takes a `Page` and returns two versions of it, or None where the page has nothing to do it to.
"""

from __future__ import annotations

import html
import re

from benchmarks.versions import Change, Page, Pair, chunks, edited, in_text, key, text_of


def headline_reworded(page: Page) -> Pair | None:
    heading = re.search(r"<h1\b.*?</h1>", page.html, re.DOTALL | re.IGNORECASE)
    if heading is None or key(text_of(heading[0])) != key(page.headline):
        return None  # what the labels call its title is not what readers see
    words = re.findall(r"[^\W\d_]{4,}", page.headline)
    if not words:
        return edited(page, page.headline, page.headline[:-1] + "大") if page.headline else None
    old = page.chance.choice(words)
    new = page.chance.choice([word for word in page.words() if word.casefold() != old.casefold()] or ["Another"])
    return edited(page, page.headline, page.headline.replace(old, new, 1))


def number_raised(page: Page) -> Pair | None:
    for match in chunks(page, r"[^\W\d_]+ \d{1,3} [^\W\d_]+|[^\W\d_]{2}\d{1,3}[^\W\d_]{2}"):
        number = re.search(r"\d+", match[0])
        if number:
            return edited(page, match[0], match[0].replace(number[0], str(int(number[0]) + 2)))
    return None


def word_changed(page: Page) -> Pair | None:
    for match in chunks(page, r"[^\W\d_]+ [^\W\d_]{4,} [^\W\d_]+ [^\W\d_]+"):
        old = match[0].split()[1]
        new = page.chance.choice([word for word in page.words() if word.casefold() != old.casefold()] or ["other"])
        return edited(page, match[0], match[0].replace(old, new, 1))
    return None


def name_corrected(page: Page) -> Pair | None:
    for match in chunks(page, r"(?<=[a-zа-яіїєґ,] )[A-ZА-ЯІЇЄҐ][a-zа-яіїєґ]{4,} [A-ZА-ЯІЇЄҐ]?[a-zа-яіїєґ]{3,}"):
        name = match[0].split()[0]
        at = page.chance.randrange(2, len(name) - 1)
        return edited(page, match[0], match[0].replace(name, name[:at] + name[at - 1] + name[at:], 1))
    return None


def comma_added(page: Page) -> Pair | None:
    for match in chunks(page, r"[^\W\d_]{3,} [^\W\d_]{3,} [^\W\d_]{3,}"):
        return edited(page, match[0], match[0].replace(" ", ", ", 1))
    return None


def sentence_removed(page: Page) -> Pair | None:
    for match in chunks(page, r"(?<=[.!?] )[^\W\d_][^.!?\"“”<>&]{30,200}[.!?](?= )"):
        return edited(page, " " + match[0], "")
    return None


def paragraph_added_at_end(page: Page) -> Pair | None:
    return in_text(page, f"<p>{html.escape(_news(page))}</p>")


def paragraph_added_inside(page: Page) -> Pair | None:
    return in_text(page, f"<p>{html.escape(_news(page))}</p>", after=len(page.elements) // 2)


def paragraph_removed(page: Page) -> Pair | None:
    if len(page.elements) < 4:
        return None
    gone = page.elements[len(page.elements) // 2]
    return Pair(page.html, page.html[: gone.start()] + page.html[gone.end() :], text_of(gone["inner"]))


def _news(page: Page) -> str:
    """A paragraph in the page's own words that stood nowhere before."""
    words = page.words(2)
    page.chance.shuffle(words)
    spaced = " " in (page.paragraphs or [" "])[0]
    return (" " if spaced else "").join(words[:25]).capitalize() + "."


_CORRECTIONS = {
    "de": "Korrektur: In einer früheren Version dieses Artikels war die Zahl falsch. Wir haben das berichtigt.",
    "fr": "Rectificatif : une version précédente de cet article donnait un chiffre erroné.",
    "es": "Fe de errores: una versión anterior de este artículo daba una cifra equivocada.",
    "uk": "Виправлення: у попередній версії цієї новини була неправильна цифра.",
    "ru": "Исправление: в предыдущей версии этой новости была неверная цифра.",
    "it": "Errata corrige: in una versione precedente di questo articolo la cifra era sbagliata.",
    "pt": "Correção: uma versão anterior deste texto trazia um número errado.",
    "pl": "Sprostowanie: we wcześniejszej wersji tekstu podaliśmy błędną liczbę.",
    "ja": "訂正：当初の記事で人数に誤りがあり、訂正しました。",
    "zh": "更正：本文此前版本中的数字有误。",
    "ar": "تصحيح: وردت في نسخة سابقة من هذا المقال معلومة خاطئة عن عدد الحاضرين.",
}


def correction_appended(page: Page) -> Pair | None:
    english = "Correction: An earlier version of this article misstated the number of people who attended the meeting."
    return in_text(page, f"<p><em>{_CORRECTIONS.get(page.language, english)}</em></p>")


def correction_put_first(page: Page) -> Pair | None:
    note = "This article was amended on 4 May 2024 because an earlier version gave the wrong first name of the mayor."
    return in_text(page, f"<p>{_CORRECTIONS.get(page.language, note)}</p>", after=0)


def byline_changed(page: Page) -> Pair | None:
    for name in page.authors:
        if len(name) > 5 and (pair := edited(page, name, "Olena Marchenko")):
            return pair
    return None


def byline_added(page: Page) -> Pair | None:
    name = next((name for name in page.authors if len(name) > 5 and f">{name}<" in page.html), None)
    if name is None or not re.search(rf'"author"\s*:\s*\{{[^{{}}]*"{re.escape(name)}"[^{{}}]*\}}', page.html):
        return None
    both = re.sub(
        rf'"author"\s*:\s*(\{{[^{{}}]*"{re.escape(name)}"[^{{}}]*\}})',
        lambda match: f'"author":[{match[1]},{{"@type":"Person","name":"Olena Marchenko"}}]',
        page.html,
    )
    return Pair(page.html, both.replace(f">{name}<", f">{name}, Olena Marchenko<"))


_PUBLISHED = re.compile(
    r'((?:"datePublished"\s*:\s*"|(?:article:published_time|datePublished)"[^>]*?content=")\d{4}-\d\d-)'
    r"(\d\d)([T ])(\d\d)(:\d\d)"
)


def publication_moved(page: Page) -> Pair | None:
    """To another hour of the same day, in every place where the page states it for programs."""
    if not _PUBLISHED.search(page.html):
        return None
    moved = _PUBLISHED.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{(int(m[4]) + 5) % 24:02}{m[5]}", page.html)
    return Pair(page.html, moved)


EDITS: tuple[Change, ...] = (
    headline_reworded,
    number_raised,
    word_changed,
    name_corrected,
    comma_added,
    sentence_removed,
    paragraph_added_at_end,
    paragraph_added_inside,
    paragraph_removed,
    correction_appended,
    correction_put_first,
    byline_changed,
    byline_added,
    publication_moved,
)
