"""Search in scripts for which spaces and accents are not enough, and what is and is not one letter in the others."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scraper.store import Archive
from scraper.store.scripts import fold, needs_folding
from tests.store.test_search import store_many

TEXTS = {
    "zh": ("北京举行新闻发布会", "外交部发言人星期二在北京表示，中国将发布2024年的数据。记者用iPhone拍照。"),
    "zh-Hant": ("颱風侵襲臺灣", "中央氣象署昨日發布警報，臺北市停班停課。"),
    "ja": ("東京都でパンの値段が上がる", "カタカナで書かれたニュース。ﾊﾟﾝ屋の店主は「とても困る」と話した。"),
    "ko": ("서울에서 회의가 열렸다", "정부는 서울에서 대통령이 참석한 회의를 열었다."),
    "th": ("น้ำท่วมกรุงเทพ", "รัฐบาลไทยประกาศเตือนภัยน้ำท่วมในกรุงเทพมหานครเมื่อวันอังคาร"),
    "km": ("ទឹកជំនន់", "រាជរដ្ឋាភិបាលកម្ពុជាប្រកាស"),
    "my": ("မြန်မာသတင်း", "ရန်ကုန်မြို့တွင် ရေကြီးသည်"),
    "ar": ("فيضان في الخرطوم", "قالَ الوزيرُ إنّ المدرسة أُغلقت، والكتاب للطلاب. أحمد على الجسر."),
    "fa": ("سیل در تهران", "مردم می‌خواهند کتاب‌های خود را در سال ۱۴۰۳ نجات دهند."),
    "ur": ("لاہور میں سیلاب", "حکومت نے ہنگامی حالت کا اعلان کیا۔"),
    "he": ("שָׁלוֹם בירושלים", 'צה"ל הודיע כי השר נפגש עם הנשיא.'),
    "hi": ("हिन्दी समाचार", "सरकार ने क़ानून पर सम्बन्धित बयान दिया। चाँद पर किताब।"),
    "uk": ("Об'єднання: під’їзд і Ґанок", "Мій пʼятий їжак бачив Київ. Стаття про ґрунт."),
    "ru": ("Ёлка ещё стоит", "Мой сын пошёл в Кирилловку."),
    "de": ("Straße in Köln", "Die Maßnahme kostet viel. Äpfel und Öl."),
    "tr": ("İstanbul ışıkları", "Kırmızı ışık yandı; IŞIK ve DIŞARI."),
    "pl": ("Łódź i żółw", "Jarosław mówił o łóżkach."),
    "vi": ("Hà Nội mưa lớn", "Thủ tướng Việt Nam phát biểu."),
    "nfd": ("Cafe\u0301 и\u0306од", "Написано и\u0306од."),
    "en": ("Flood of calls", "The minister spoke about Beijing and the 2024 season."),
}
NAMES = list(TEXTS)


@pytest.fixture
def world(archive: Archive, make) -> Archive:
    store_many(archive, make, list(TEXTS.values()))
    return archive


def found(archive: Archive, query: str) -> set[str]:
    return {NAMES[hit.id - 1] for hit in archive.search(query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Chinese: words of two characters, of one, phrases, together with Latin.
        ("北京", {"zh"}),
        ("中国", {"zh"}),
        ("新闻", {"zh"}),
        ("发布会", {"zh"}),
        ("国", {"zh"}),
        ("京北", set()),
        ("外交部 数据", {"zh"}),
        ("外交部 臺北", set()),
        ("外交部 OR 臺北", {"zh", "zh-Hant"}),
        ('"外交部发言人"', {"zh"}),
        ("外交*", {"zh"}),
        ("headline:北京", {"zh"}),
        ("headline:中国", set()),
        ("iphone", {"zh"}),
        ("iPhone拍照", {"zh"}),
        ("2024", {"zh", "en"}),
        ("２０２４", {"zh", "en"}),
        ("2024 -中国", {"en"}),
        ("2024 NOT minister", {"zh"}),
        ("臺灣", {"zh-Hant"}),
        ("台灣", set()),
        ("臺湾", set()),
        # Japanese: full and half width are one, the two syllabaries are two.
        ("東京", {"ja"}),
        ("京都", {"ja"}),
        ("パン", {"ja"}),
        ("ﾊﾟﾝ", {"ja"}),
        ("ぱん", set()),
        ("ニュース", {"ja"}),
        ("困る", {"ja"}),
        # Korean: without its particle.
        ("서울", {"ko"}),
        ("대통령", {"ko"}),
        ("회의", {"ko"}),
        # Thai, Khmer, Burmese.
        ("น้ำท่วม", {"th"}),
        ("กรุงเทพ", {"th"}),
        ("ไทย", {"th"}),
        ("ท่วมน้ำ", set()),
        ("កម្ពុជា", {"km"}),
        ("ရန်ကုန်", {"my"}),
        # Arabic, with and without signs, hamza, article, ta marbuta.
        ("قال", {"ar"}),
        ("قَالَ", {"ar"}),
        ("ان الوزير", {"ar"}),
        ("وزير", {"ar"}),
        ("كتاب", {"ar", "fa"}),
        ("الكتاب", {"ar", "fa"}),
        ("الطلاب", {"ar"}),
        ("المدرسه", {"ar"}),
        ("مدرسة", {"ar"}),
        ("احمد", {"ar"}),
        ("علي الجسر", {"ar"}),
        ("خرطوم", {"ar"}),
        ("الخر*", {"ar"}),
        ("ال*", set()),
        ('"قال الوزير"', {"ar"}),
        ("طلب", set()),
        ("\ufedb\ufe98\ufe8e\ufe8f", {"ar", "fa"}),
        # Persian and Urdu, with Arabic keyboards.
        ("کتاب", {"ar", "fa"}),
        ("می‌خواهند", {"fa"}),
        ("مي خواهند", {"fa"}),
        ("1403", {"fa"}),
        ("۱۴۰۳", {"fa"}),
        ("سيلاب", {"ur"}),
        # Hebrew.
        ("שלום", {"he"}),
        ('צה"ל', {"he"}),
        ("צה״ל", {"he"}),
        # Hindi.
        ("हिंदी", {"hi"}),
        ("हिन्दी", {"hi"}),
        ("कानून", {"hi"}),
        ("संबंधित", {"hi"}),
        ("चांद", {"hi"}),
        ("कताब", set()),
        ("किता*", {"hi"}),
        # Ukrainian and Russian: й and ї are letters, so is ё; ґ is none other than itself.
        ("об'єднання", {"uk"}),
        ("обʼєднання", {"uk"}),
        ("об’єднання", {"uk"}),
        ("під'їзд", {"uk"}),
        ("п'ятий", {"uk"}),
        ("їжак", {"uk"}),
        ("іжак", set()),
        ("мій", {"uk"}),
        ("міи", set()),
        ("ґанок", {"uk"}),
        ("ганок", set()),
        ("ҐРУНТ", {"uk"}),
        ("ещё", {"ru"}),
        ("еще", set()),
        ("ёлка", {"ru"}),
        # Latin letters with a sign on them are folded; letters of their own are not.
        ("koln", {"de"}),
        ("apfel", {"de"}),
        ("straße", {"de"}),
        ("strasse", set()),
        ("STRAẞE", {"de"}),
        ("istanbul", {"tr"}),
        ("İSTANBUL", {"tr"}),
        ("ışık", {"tr"}),
        ("isik", {"tr"}),
        ("zołw", {"pl"}),
        ("zolw", set()),
        ("łodz", {"pl"}),
        ("lodz", set()),
        ("jarosław", {"pl"}),
        ("jaroslaw", set()),
        ("viet nam", {"vi"}),
        ("thu tuong", {"vi"}),
        # Detached accents, as some editors type them.
        ("йод", {"nfd"}),
        ("и\u0306од", {"nfd"}),
        ("cafe", {"nfd"}),
        ("minister", {"en"}),
    ],
)
def test_found_by(world: Archive, query: str, expected: set[str]) -> None:
    assert found(world, query) == expected


@pytest.mark.parametrize(
    ("query", "headline", "snippet"),
    [
        ("北京", "[北京]举行新闻发布会", "外交部发言人星期二在[北京]表示，中国将发布2024年的数据。记者用iPhone拍照。"),
        ("iphone", "北京举行新闻发布会", "外交部发言人星期二在北京表示，中国将发布2024年的数据。记者用[iPhone]拍照。"),
        ("مدرسه", "فيضان في الخرطوم", "قالَ الوزيرُ إنّ [المدرسة] أُغلقت، والكتاب للطلاب. أحمد على الجسر."),
        ("كتاب الوزير طلاب", "فيضان في الخرطوم", "قالَ [الوزيرُ] إنّ المدرسة أُغلقت، [والكتاب] [للطلاب]. أحمد على الجسر."),
        ("น้ำท่วม", "[น้ำท่วม]กรุงเทพ", "รัฐบาลไทยประกาศเตือนภัย[น้ำท่วม]ในกรุงเทพมหานครเมื่อวันอังคาร"),
        ("หนังสือ OR ประกาศ", "น้ำท่วมกรุงเทพ", "รัฐบาลไทย[ประกาศ]เตือนภัยน้ำท่วมในกรุงเทพมหานครเมื่อวันอังคาร"),
        ("serdce OR सरकार", "हिन्दी समाचार", "[सरकार] ने क़ानून पर सम्बन्धित बयान दिया। चाँद पर किताब।"),
        ("हिंदी", "[हिन्दी] समाचार", "[हिन्दी] समाचार"),
        ("शव OR संबंध*", "हिन्दी समाचार", "सरकार ने क़ानून पर [सम्बन्धित] बयान दिया। चाँद पर किताब।"),
        ("headline:서울", "[서울]에서 회의가 열렸다", "[서울]에서 회의가 열렸다"),
    ],
)
def test_matches_are_marked_where_they_stand(world: Archive, query: str, headline: str, snippet: str) -> None:
    (hit,) = world.search(query, marks=("[", "]"))
    assert hit.headline_marked == headline
    assert hit.snippet == snippet


def test_a_long_text_is_cut_around_the_match(archive: Archive, make) -> None:
    body = "天地玄黄宇宙洪荒" * 100 + "记者在北京报道" + "日月盈昃辰宿列张" * 100
    make.store(archive, make.article(body, headline="无"))
    (hit,) = archive.search("北京", marks=("[", "]"))
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    inner = hit.snippet[1:-1]
    assert inner.replace("[", "").replace("]", "") in body
    assert 50 <= len(inner) <= 70
    assert inner.index("[北京]") >= 10


def test_only_such_texts_are_in_the_folded_index(world: Archive) -> None:
    rows = world._db.sql.execute("SELECT id FROM articles_fts_folded_docsize").fetchall()
    assert {NAMES[row[0] - 1] for row in rows} == {
        "zh", "zh-Hant", "ja", "ko", "th", "km", "my", "ar", "fa", "ur", "he", "hi", "nfd",
    }  # fmt: skip


def test_a_changed_text_leaves_the_folded_index(archive: Archive, make) -> None:
    make.store(archive, make.article("北京的天气很好"))
    make.store(archive, make.article("上海的天气很好"))
    assert [hit.id for hit in archive.search("北京")] == []
    assert [hit.revision for hit in archive.search("上海")] == [2]
    make.store(archive, make.article("The weather is fine"))
    assert [hit.id for hit in archive.search("上海")] == []
    assert [hit.revision for hit in archive.search("weather")] == [3]
    sql = archive._db.sql
    assert sql.execute("SELECT count(*) FROM articles_fts_folded_docsize").fetchone()[0] == 0
    sql.execute("INSERT INTO articles_fts_folded (articles_fts_folded) VALUES ('integrity-check')")
    sql.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, articles_fts_folded, row)")
    assert sql.execute("SELECT count(*) FROM temp.words").fetchone()[0] == 0


def test_an_archive_from_before_is_filled(archive: Archive, path: Path, make) -> None:
    from tests.store.test_schema import make_older

    make.store(archive, make.article("北京的天气很好"))
    make.store(archive, make.article("Fine weather"), url="https://example.com/2")
    archive.close()
    make_older(path)
    with Archive.open(path, write=True) as forward:
        assert [hit.id for hit in forward.search("北京")] == [1]
        assert [hit.id for hit in forward.search("天气 site:example.com since:2024")] == [1]
        assert [hit.id for hit in forward.search("weather site:example.com")] == [2]
        make.store(forward, make.article("上海的天气很好"))
        assert [hit.id for hit in forward.search("北京")] == []


def test_plain_sqlite_reads_the_folded_index_when_characters_are_apart(world: Archive, path: Path) -> None:
    """As docs/search.md says; and that SQLite's trigrams find no word of two characters."""
    connection = sqlite3.connect(path)
    sql = "SELECT rowid FROM articles_fts_folded WHERE articles_fts_folded MATCH ?"
    assert [NAMES[row[0] - 1] for row in connection.execute(sql, ('"北 京"',))] == ["zh"]
    connection.execute("CREATE VIRTUAL TABLE temp.trigrams USING fts5 (body, tokenize = 'trigram')")
    connection.execute("INSERT INTO temp.trigrams SELECT body FROM articles WHERE id = 1")
    by_trigram = "SELECT count(*) FROM temp.trigrams WHERE trigrams MATCH ?"
    assert connection.execute(by_trigram, ('"北京"',)).fetchone()[0] == 0
    assert connection.execute(by_trigram, ('"发言人"',)).fetchone()[0] == 1
    connection.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", False),
        ("Žluťoučký kůň, Ελλάδα, Київ, naïve…", False),
        ("中", True),
        ("ｗｉｄｅ", True),
        ("א", True),
        ("e\u0301", True),
    ],
)
def test_what_needs_folding(text: str, expected: bool) -> None:
    assert needs_folding(text) == expected


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("中国iPhone 2024年", "中 国 iPhone 2024 年"),
        ("والكتاب بالكتاب للكتاب فالكتاب كالكتاب", "كتاب كتاب كتاب كتاب كتاب"),
        ("الله الآن اللص", "الله الان اللص"),
        ("وزير ورد بلد", "وزير ورد بلد"),
        ("كـــتاب", "كتاب"),
        ("ที่นี่", "ที่ นี่"),
        ("क\u094d\u200dष \u200eابن", "क\u094dष ابن"),
        ("१२३ ۱۲۳ ١٢٣", "123 123 123"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert " ".join(fold(text).split()) == folded
    assert " ".join(fold(fold(text)).split()) == folded
