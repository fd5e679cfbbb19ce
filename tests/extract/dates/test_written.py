"""Dates as people write them: languages, orders, calendars, times of day."""

from __future__ import annotations

import time

import pytest

from scraper.extract.dates.written import Reading, find_dates

# Spellings of one day a language; "|" parts them.
THIRD_OF_MAY = {
    "en": "May 3, 2024 | 3 May 2024 | 3rd May 2024 | May 3rd, 2024 | 3rd of May, 2024 | Fri., May 3, 2024 | MAY 3 2024"
    " | 3-May-2024 | 3/May/2024 | 2024 May 3 | Friday 3 May, 2024 | 3 May '24 | 3-May-24",
    "de": "3. Mai 2024 | Freitag, 3. Mai 2024 | 03.05.2024 | 3.5.2024 | Fr, 03.05.24 | 3. MAI 2024 | den 3. Mai 2024",
    "fr": "3 mai 2024 | vendredi 3 mai 2024 | le 03/05/2024 | Ven. 3 mai 2024 | 3-5-2024",
    "es": "3 de mayo de 2024 | viernes, 3 de mayo de 2024 | 3 mayo 2024 | 03/05/2024 | mayo 3, 2024"
    " | 3 de mayo del 2024",
    "pt": "3 de maio de 2024 | sexta-feira, 3 de maio de 2024 | 03/05/2024 | 3 mai 2024 | 3/mai/2024",
    "it": "3 maggio 2024 | venerdì 3 maggio 2024 | 3 mag 2024 | 03/05/2024 | 3 Maggio, 2024",
    "nl": "3 mei 2024 | vrijdag 3 mei 2024 | 03-05-2024 | 3 mei, 2024",
    "sv": "3 maj 2024 | fredag 3 maj 2024 | den 3 maj 2024 | 2024-05-03",
    "da": "3. maj 2024 | fredag d. 3. maj 2024 | 03.05.2024 | 3/5/2024",
    "nb": "3. mai 2024 | fredag 3. mai 2024 | 03.05.2024",
    "nn": "3. mai 2024",
    "fi": "3. toukokuuta 2024 | perjantai 3. toukokuuta 2024 | 3.5.2024 | 3. toukokuu 2024",
    "is": "3. maí 2024",
    "et": "3. mai 2024 | 03.05.2024",
    "lv": "2024. gada 3. maijs | 3. maijs, 2024 | 2024. gada 3. maijā | 03.05.2024",
    "lt": "2024 m. gegužės 3 d. | 2024 gegužės 3 | 2024-05-03 | 2024.05.03",
    "pl": "3 maja 2024 | piątek, 3 maja 2024 r. | 3 maj 2024 | 03.05.2024",
    "cs": "3. května 2024 | pátek 3. května 2024 | 3. 5. 2024 | 3. květen 2024",
    "sk": "3. mája 2024 | 3. 5. 2024",
    "sl": "3. maja 2024 | 3. maj 2024",
    "hr": "3. svibnja 2024. | 03.05.2024.",
    "sr": "3. маја 2024. | 3. maja 2024. | 3. мај 2024",
    "bs": "3. maja 2024 | 3. maj 2024",
    "mk": "3 мај 2024",
    "bg": "3 май 2024 г. | 3 май 2024 | 03.05.2024",
    "hu": "2024. május 3. | 2024. máj. 3. | 2024. 05. 03. | 2024. május 3-án",
    "ro": "3 mai 2024 | vineri, 3 mai 2024 | 03.05.2024",
    "el": "3 Μαΐου 2024 | Παρασκευή 3 Μαΐου 2024 | 3 ΜΑΪΟΥ 2024 | 03/05/2024 | 3 Μάη 2024",
    "uk": "3 травня 2024 | 3 травня 2024 року | 03.05.2024 | 3 трав. 2024 | П'ятниця, 3 травня 2024",
    "ru": "3 мая 2024 | 3 мая 2024 г. | пятница, 3 мая 2024 года | 03.05.2024",
    "be": "3 мая 2024 | 3 траўня 2024",
    "tr": "3 Mayıs 2024 | 3 Mayıs 2024 Cuma | 03.05.2024 | 3 MAYIS 2024",
    "az": "3 may 2024",
    "ka": "3 მაისი, 2024",
    "hy": "3 մայիսի, 2024",
    "kk": "3 мамыр 2024 | 2024 жылғы 3 мамыр",
    "he": "3 במאי 2024 | יום שישי, 3 במאי 2024 | 3 מאי 2024 | 03.05.2024",
    "ar": "3 مايو 2024 | ٣ مايو ٢٠٢٤ | الجمعة 3 مايو 2024 | 3 أيار 2024 | 3 مايو/أيار 2024 | 3 ماي 2024",
    "fa": "14 اردیبهشت 1403 | ۱۴ اردیبهشت ۱۴۰۳ | 1403/02/14 | ۳ مه ۲۰۲۴",
    "ur": "3 مئی 2024",
    "hi": "3 मई 2024 | ३ मई २०२४ | शुक्रवार, 3 मई 2024",
    "mr": "3 मे 2024",
    "bn": "3 মে 2024 | ৩ মে ২০২৪",
    "pa": "3 ਮਈ 2024",
    "gu": "3 મે 2024",
    "ta": "3 மே 2024",
    "te": "3 మే 2024",
    "kn": "3 ಮೇ 2024",
    "ml": "3 മേയ് 2024",
    "th": "3 พฤษภาคม 2567 | 3 พ.ค. 2567 | 3 พฤษภาคม พ.ศ. 2567 | 3 พฤษภาคม 2024 | วันศุกร์ที่ 3 พฤษภาคม 2567",
    "vi": "3 tháng 5 năm 2024 | ngày 3 tháng 5 năm 2024 | 3 tháng 5, 2024 | 03/05/2024 | Thứ Sáu, 3/5/2024"
    " | 3 Tháng Năm 2024",
    "id": "3 Mei 2024 | Jumat, 3 Mei 2024 | Jumat, 03/05/2024",
    "ms": "3 Mei 2024",
    "tl": "Mayo 3, 2024 | Ika-3 ng Mayo 2024",
    "sw": "3 Mei 2024",
    "ca": "3 de maig de 2024 | divendres, 3 de maig del 2024",
    "gl": "3 de maio de 2024",
    "eu": "2024ko maiatzaren 3a | 2024ko maiatzak 3",
    "ga": "3 Bealtaine 2024",
    "cy": "3 Mai 2024",
    "sq": "3 maj 2024",
    "af": "3 Mei 2024",
    "ja": "2024年5月3日 | 2024年05月03日(金) | 2024/05/03 | 令和6年5月3日 | 2024.05.03 | 5月 3, 2024",
    "zh": "2024年5月3日 | 2024年5月3号 | 2024-05-03 | 2024/5/3 | 2024 年 5 月 3 日 | 民國113年5月3日",
    "ko": "2024년 5월 3일 | 2024년 05월 03일 | 2024. 5. 3. | 2024.05.03 | 2024. 05. 03",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text.strip()) for language, texts in THIRD_OF_MAY.items() for text in texts.split("|")],
)
def test_written_in_many_languages(language: str, text: str) -> None:
    found = find_dates(text, Reading(language))
    assert [one.iso for one in found] == ["2024-05-03"]


@pytest.mark.parametrize("texts", THIRD_OF_MAY.values(), ids=list(THIRD_OF_MAY))
def test_named_months_are_read_without_knowing_the_language(texts: str) -> None:
    named = [text.strip() for text in texts.split("|") if any(c.isalpha() for c in text) and "1403" not in text]
    assert all(find_dates(text)[0].iso == "2024-05-03" for text in named if "۱۴۰۳" not in text)


@pytest.mark.parametrize(
    ("language", "text", "iso"),
    [
        ("pl", "3 listopada 2024", "2024-11-03"),
        ("hr", "3. listopada 2024.", "2024-10-03"),
        ("", "3 listopada 2024", "2024-11-03"),
        ("hr", "3. lip 2024.", "2024-06-03"),
        ("pl", "3 lip 2024", "2024-07-03"),
        ("cs", "3. červenec 2024", "2024-07-03"),
        ("cs", "3. června 2024", "2024-06-03"),
        ("ms", "3 Mac 2024", "2024-03-03"),
        ("fa", "30 اسفند 1403", "2025-03-20"),
        ("fa", "1 فروردین 1404", "2025-03-21"),
        ("fa", "29 اسفند 1402", "2024-03-19"),
        ("ar", "3 كانون الثاني 2024", "2024-01-03"),
        ("ar", "3 تشرين الأول 2024", "2024-10-03"),
        ("ar", "3 كانون الأول 2024", "2024-12-03"),
        ("th", "31 ธ.ค. 2566", "2023-12-31"),
        ("ja", "令和元年5月3日", "2019-05-03"),
        ("ja", "平成30年12月1日", "2018-12-01"),
        ("vi", "31 Tháng Mười Hai 2024", "2024-12-31"),
        ("tr", "15 ağustos 2024", "2024-08-15"),
        ("tr", "29 EKİM 2024", "2024-10-29"),
        ("tr", "15 KASIM 2024", "2024-11-15"),
    ],
)
def test_months_that_languages_disagree_about_and_other_calendars(language: str, text: str, iso: str) -> None:
    assert [one.iso for one in find_dates(text, Reading(language))] == [iso]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("21 листопада 2024, 16:05", "2024-11-21T16:05:00"),
        ("May 3, 2024 at 4:05 p.m.", "2024-05-03T16:05:00"),
        ("May 3, 2024 at 4:05 p.m. EDT", "2024-05-03T16:05:00-04:00"),
        ("May 3, 2024 12:10 AM UTC", "2024-05-03T00:10:00+00:00"),
        ("May 3, 2024 12:10pm", "2024-05-03T12:10:00"),
        ("3 mai 2024 à 16:05", "2024-05-03T16:05:00"),
        ("3 mai 2024 à 16h05", "2024-05-03T16:05:00"),
        ("3. Mai 2024, 16:05 Uhr", "2024-05-03T16:05:00"),
        ("03.05.2024, 16.05 Uhr", "2024-05-03T16:05:00"),
        ("3 de mayo de 2024 a las 16:05", "2024-05-03T16:05:00"),
        ("3. toukokuuta 2024 klo 16.05", "2024-05-03T16:05:00"),
        ("3 мая 2024 г. в 16:05 МСК", "2024-05-03T16:05:00"),
        ("3 May 2024 16:05 MSK", "2024-05-03T16:05:00+03:00"),
        ("3 พ.ค. 2567 16:05 น.", "2024-05-03T16:05:00"),
        ("2024年5月3日 16時05分", "2024-05-03T16:05:00"),
        ("2024年5月3日 下午4:05", "2024-05-03T16:05:00"),
        ("2024년 5월 3일 오후 4:05", "2024-05-03T16:05:00"),
        ("2024. 5. 3. 16:05", "2024-05-03T16:05:00"),
        ("2024-05-03T16:05:06+02:00", "2024-05-03T16:05:06+02:00"),
        ("Fri May 03 2024 16:05:06 GMT+0200 (CEST)", "2024-05-03T16:05:06+02:00"),
        ("10:30 AM CET, Fri May 3, 2024", "2024-05-03T10:30:00+01:00"),
        ("10:30, 3 May 2024", "2024-05-03T10:30:00"),
        ("3 May 2024, 25:61", "2024-05-03"),
        ("3 May 2024 10:30 IST", "2024-05-03T10:30:00"),  # Ireland, Israel or India: nobody knows
    ],
)
def test_the_time_of_day_and_the_offset_where_it_means_one_zone(text: str, iso: str) -> None:
    assert [one.iso for one in find_dates(text)] == [iso]


@pytest.mark.parametrize(
    "text",
    [
        "May 2024", "3 May", "2024", "in 2024", "from 12 people in May 2024", "10:30", "1.2.3.2024", "0/5/2024",
        "32 May 2024", "31 June 2024", "2024-13-45", "30 Februar 2024", "call 03 2024 5555", "3 apples 2024",
        "the 12 best laptops of 2024", "14 اردیبهشت 2024", "31 اسفند 1403", "令和99年99月1日", "17 of 2024",
    ],
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert find_dates(text) == []


def test_several_in_a_text_with_their_places() -> None:
    text = "Posted 3 May 2024 and on June 4, 2023, but not in May."
    assert [text[one.start : one.end] for one in find_dates(text)] == ["3 May 2024", "June 4, 2023"]


def test_inline_elements_without_space_between_them() -> None:
    text = "HealthMAY 3, 2024Updated JUNE 4, 2024"
    assert [one.iso for one in find_dates(text)] == ["2024-05-03", "2024-06-04"]


@pytest.mark.parametrize(
    ("text", "month_first", "iso", "swapped"),
    [
        ("03/05/2024", False, "2024-05-03", "2024-03-05"),
        ("03/05/2024", True, "2024-03-05", "2024-05-03"),
        ("03-05-2024", True, "2024-03-05", "2024-05-03"),
        ("03.05.2024", True, "2024-05-03", "2024-03-05"),
        ("05/05/2024", True, "2024-05-05", None),
        ("23/05/2024", True, "2024-05-23", None),
        ("05/23/2024", False, "2024-05-23", None),
        ("05.23.24", False, "2024-05-23", None),
        ("2024/03/05", True, "2024-03-05", None),
    ],
)
def test_the_order_of_day_and_month(text: str, month_first: bool, iso: str, swapped: str | None) -> None:
    (found,) = find_dates(text, Reading("en", month_first))
    assert (found.iso, found.swapped and found.swapped.isoformat()) == (iso, swapped)


def test_a_day_over_twelve_tells_the_order() -> None:
    assert [find_dates(text)[0].order for text in ("05/23/2024", "23/05/2024", "05.23.2024", "03/05/2024")] == [
        "month first",
        "day first",
        "dotted month first",
        "",
    ]


def test_years_of_two_digits_are_believed_on_short_lines_alone() -> None:
    assert [one.iso for one in find_dates("Do 25.04.24 | 14:07 Uhr")] == ["2024-04-25T14:07:00"]
    assert find_dates("25.04.24 " + "was written on a wall of the old harbour, and nobody knew what it meant.") == []
    assert find_dates("Version 1.2.24.7") == []


def test_much_text_is_read_in_little_time() -> None:
    text = "1 2 3 4 5 6 7 8 9 May 2024 2024 2024 " * 3_000
    begin = time.perf_counter()
    find_dates(text)
    assert time.perf_counter() - begin < 5
