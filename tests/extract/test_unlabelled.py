"""Pages that do not say what they are encoded in, in the encodings that old news sites used."""

from __future__ import annotations

import pytest

from scraper.extract.charset import decode
from scraper.extract.unlabelled import encoding_of

RUSSIAN = "В субботу мост через реку снова открыли для движения, сообщили в городской администрации. Ремонт длился год."
UKRAINIAN = "У суботу міст через річку знову відкрили для руху, повідомили в міській раді. Ремонт тривав цілий рік."
CHINESE = "本报记者从市政府了解到，大桥在星期六重新开放。工程师说，这个工作用了一年的时间，他们对结果很满意。"
TAIWANESE = "本報記者從市政府了解到，大橋在星期六重新開放。工程師說，這個工作用了一年的時間，他們對結果很滿意。"
JAPANESE = "市によると、橋は土曜日にふたたび開通した。工事は一年かかり、技術者たちは結果に満足していると話している。"
KOREAN = "시에 따르면 다리는 토요일에 다시 개통되었다. 공사는 일 년이 걸렸으며 기술자들은 결과에 만족한다고 말했다."
ARABIC = "أعيد فتح الجسر يوم السبت بعد عام من أعمال الصيانة، حسبما قالت بلدية المدينة في بيان لها صدر أمس."
HEBREW = "הגשר נפתח מחדש ביום שבת אחרי שנה של עבודות, כך הודיעה העירייה. המהנדסים אמרו שהם מרוצים מהתוצאה."
GREEK = "Η γέφυρα άνοιξε ξανά το Σάββατο μετά από εργασίες ενός έτους, ανακοίνωσε ο δήμος της πόλης."
THAI = "สะพานเปิดใช้อีกครั้งในวันเสาร์หลังจากซ่อมแซมเป็นเวลาหนึ่งปี ทางเทศบาลแจ้งว่าวิศวกรพอใจกับผลงาน"
FRENCH = "Le pont a été rouvert samedi après une année de travaux, a annoncé la mairie. La forêt brûle."
GERMAN = "Die Brücke ist nach einem Jahr wieder geöffnet, teilte die Stadt mit. Die Straße führt über Höhen."
SPANISH = (
    "El puente se reabrió el sábado tras un año de obras, según anunció el ayuntamiento. ¿Qué dirán mañana los niños?"
)
NORDIC = "Broen åpnet igjen lørdag etter et år med arbeid. Brúin opnaði aftur á laugardaginn, það er gott."


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", RUSSIAN),
        ("cp1251", UKRAINIAN),
        ("koi8-u", UKRAINIAN),
        ("koi8-u", RUSSIAN),
        ("gb18030", CHINESE),
        ("big5hkscs", TAIWANESE),
        ("cp932", JAPANESE),
        ("euc_jp", JAPANESE),
        ("cp949", KOREAN),
        ("cp1256", ARABIC),
        ("cp1255", HEBREW),
        ("cp1253", GREEK),
        ("cp874", THAI),
    ],
)
@pytest.mark.parametrize("times", [1, 200])
@pytest.mark.parametrize("label", ["", '<meta charset="utf-8">'])
def test_the_text_is_read(encoding: str, text: str, times: int, label: str) -> None:
    page = f"<!doctype html><html><head>{label}<title>x</title></head><body><p>{text}</p>".replace("<p>", "<p>" * times)
    found = decode((page + text * (times - 1)).encode(encoding))
    assert text in found.text
    assert found.encoding == encoding
    assert bool(found.refused) == bool(label)


POLISH = (
    "Most został ponownie otwarty w sobotę po roku prac, ogłosił urząd miasta. Inżynierowie są z wyników zadowoleni."
)
CZECH = (
    "Most byl v sobotu znovu otevřen po roce prací, oznámila radnice. Inženýři říkají, že je výsledek těší, čekají víc."
)
SLOVAK = (
    "Most v sobotu znovu otvorili po roku prác, oznámila radnica. Inžinieri sú veľmi spokojní, "
    "ďakujú, chcú viac hôr, miliónov koľají, bodľiačia."
)
HUNGARIAN = (
    "A hidat szombaton újra megnyitották egyévnyi munka után, közölte a városháza. A mérnökök "
    "örülnek, hű ők, erős és gyűlő tömeg jött a főtérről."
)
CROATIAN = (
    "Most je u subotu opet otvoren, priopćila je gradska kuća. Građani su vrlo srećni, riječi zahvalnosti čuju se."
)
ROMANIAN = (
    "Podul a fost redeschis sâmbătă după un an de lucrări, a anunţat primăria. Inginerii sunt mulţumiţi şi fericiţi."
)
TURKISH = "Köprü bir yıl süren çalışmaların ardından cumartesi günü yeniden açıldı, belediye böyle duyurdu, ağır işti."
LITHUANIAN = (
    "Tiltas šeštadienį vėl atidarytas po metus trukusių darbų, pranešė savivaldybė. Inžinieriai džiaugiasi tuo."
)
LATVIAN = (
    "Tilts sestdien atkal atvērts pēc gadu ilgiem darbiem, paziņoja dome. Inženieri ir apmierināti ar šo rezultātu."
)
ITALIAN = (
    "Il ponte è stato riaperto sabato: così si è potuto già passare, e la città lo sa perché è più felice. Sì, però."
)
PORTUGUESE = (
    "A ponte foi reaberta no sábado após um ano de obras, anunciou a câmara. Não há mais questões, só alegrias, é."
)
FINNISH = (
    "Silta avattiin lauantaina uudelleen, kertoi kaupunki. Työt kestivät vuoden, ja insinöörit ovat tyytyväisiä nyt."
)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", POLISH),
        ("iso8859-2", POLISH),
        ("cp1250", CZECH),
        ("iso8859-2", CZECH),
        ("cp1250", SLOVAK),
        ("cp1250", HUNGARIAN),
        ("cp1250", CROATIAN),
        ("cp1250", ROMANIAN),
        ("cp1254", TURKISH),
        ("cp1257", LITHUANIAN),
        ("cp1257", LATVIAN),
    ],
)
@pytest.mark.parametrize("times", [1, 200])
def test_latin_text_of_other_parts_is_read(encoding: str, text: str, times: int) -> None:
    body = f"<!doctype html><p>{text}</p>".encode(encoding) * times
    assert decode(body).text == body.decode(encoding)


@pytest.mark.parametrize("text", [FRENCH, GERMAN, SPANISH, NORDIC, ITALIAN, PORTUGUESE, FINNISH])
@pytest.mark.parametrize("times", [1, 50])
def test_western_text_is_none_of_these(text: str, times: int) -> None:
    body = f"<p>{text}</p>".encode("cp1252") * times
    assert encoding_of(body) is None
    assert decode(body).text == f"<p>{text}</p>" * times


@pytest.mark.parametrize("text", [RUSSIAN, CHINESE, JAPANESE, KOREAN, ARABIC, THAI, FRENCH, GREEK])
def test_utf8_stays_utf8(text: str) -> None:
    body = (f"<p>{text}</p>" * 50).encode()
    assert decode(body).encoding == "utf-8"
    damaged = body[:100] + b"\xff" + body[100:]
    assert decode(damaged, "text/html; charset=utf-8").encoding == "utf-8"
    assert decode(damaged).encoding == "utf-8"


@pytest.mark.parametrize("body", [b"", b"plain", b"\xff", bytes(range(256)) * 100, b"\x80" * 10_000])
def test_what_is_no_text(body: bytes) -> None:
    assert encoding_of(body) is None
    assert len(decode(body).text) <= len(body)
