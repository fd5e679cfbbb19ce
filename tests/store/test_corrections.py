"""Notes by which an article says that it was corrected."""

from __future__ import annotations

import pytest

from scraper.store.corrections import correction

NOTES = """
Correction: The mayor's name is Bell.
CORRECTION (July 22): An earlier version
Correction, July 22, 2024: This
*Correction: x
This article was amended on 22 July 2024 to say
An earlier version of this story said 12.
• This article was amended on 4 May because
Clarification: this
Editor’s note: An earlier version of this article misstated
Виправлення: у новині
У попередній версії цієї новини йшлося
Исправление. В тексте
Korrektur: In einer früheren Version hieß es
In einer früheren Version dieses Artikels hieß es
Rectificatif : une version
Cet article a été corrigé le 3 mai
Fe de errores: En una
Una versión anterior de este artículo
Errata corrige: il
Sprostowanie: W
Correção: ao contrário
تصحيح: ورد
نسخة سابقة من هذا المقال
更正：本文
本文已更正。
【訂正】記事
当初の記事で人数に誤りがあり、訂正しました。
[정정] 기사
This headline was corrected on 3 May
The story has been updated to correct the spelling of
This story has been updated to correct the spelling of
(This story corrects the name in paragraph 3)
""".strip().splitlines()

NONE = """
Correction of the course was needed.
The correction was made by the court.
Corrections officers said 12 inmates escaped.
The department of corrections: a history
Updated: 22 July
He asked for a clarification: none came.
The minister corrected himself later.
Коригування курсу
Уточнення бюджету відбулося
Die Korrektur des Kurses
Market correction - shares fall
Clarification on tax rules was due Monday.
Précision chirurgicale pour le tir
توضيح الخطة جاء من الوزير
An earlier version of the bill failed in 2019.
He said a previous version of the software was faulty
Updated 22 July 2024 with a comment from the mayor.
""".strip().splitlines()


@pytest.mark.parametrize("line", NOTES)
def test_a_note(line: str) -> None:
    assert correction(f"It fell.\n\n{line}\n\nIt rose.") == line


@pytest.mark.parametrize("line", NONE)
def test_no_note(line: str) -> None:
    assert correction(f"{line}\n\nIt rose.") is None


def test_several_notes() -> None:
    body = "It fell.\n\nCorrection: not so.\n\nIt rose.\n\nCorrection: nor so."
    assert correction(body) == "Correction: not so.\n\nCorrection: nor so."


def test_an_article_about_corrections_is_none() -> None:
    assert correction("Correction: " + "the history of the word is long. " * 60) is None
    assert correction(None) is None
