"""Bytes to text: what browsers do with labels, right and wrong ones, and what is counted as lost."""

from __future__ import annotations

import codecs
import random

import pytest

from scraper.extract.charset import decode, web_encoding
from scraper.extract.page import Page

UKRAINIAN = "Вода повернулася до міста після трьох днів ремонту, повідомила мерія. Їжаки та ґанок."
RUSSIAN = "Вода вернулась в город после трёх дней ремонта, сообщила мэрия."


def test_nothing_is_nothing() -> None:
    assert decode(b"").text == ""
    assert decode(b"", "text/html; charset=koi8-r").replaced == 0


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_byte_order_mark_beats_header_and_meta(mark: bytes, encoding: str) -> None:
    body = mark + f'<meta charset="koi8-r"><p>{UKRAINIAN}'.encode(encoding)
    found = decode(body, "text/html; charset=windows-1251")
    assert found.encoding == encoding
    assert found.text.endswith(UKRAINIAN)
    assert not found.text.startswith("\ufeff")
    assert found.replaced == 0


def test_header_beats_meta() -> None:
    body = f'<meta charset="koi8-u"><p>{UKRAINIAN}'.encode("cp1251")
    assert decode(body, "text/html; charset=windows-1251").text.endswith(UKRAINIAN)


def test_meta_beats_detection() -> None:
    # In cp1251 the same bytes read as other letters; only the label tells.
    body = b'<meta charset="iso-8859-7"><p>' + "Ο δήμος ανακοίνωσε".encode("iso-8859-7")
    assert decode(body).text.endswith("Ο δήμος ανακοίνωσε")


@pytest.mark.parametrize(
    "meta",
    [
        '<meta charset="windows-1251">',
        "<meta charset=windows-1251>",
        "<META CHARSET='Windows-1251'/>",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        '<meta content="text/html;charset = windows-1251" http-equiv=content-type>',
        "<!-- " + "x" * 2000 + ' --><meta charset="cp1251">',
    ],
)
def test_spellings_of_the_meta_element(meta: str) -> None:
    assert decode(f"{meta}<p>{RUSSIAN}".encode("cp1251")).text.endswith(RUSSIAN)


def test_unknown_header_falls_through_to_meta() -> None:
    body = f'<meta charset="koi8-u">{UKRAINIAN}'.encode("koi8-u")
    assert decode(body, "text/html; charset=klingon").text.endswith(UKRAINIAN)


@pytest.mark.parametrize(
    ("encoding", "label", "text"),
    [
        ("cp1251", "windows-1251", UKRAINIAN),
        ("koi8-u", "koi8-u", UKRAINIAN),
        ("koi8-r", "koi8-r", RUSSIAN.replace("ё", "е")),
        ("cp1256", "windows-1256", "عادت العبارة إلى الميناء القديم"),
        ("cp1255", "windows-1255", "המעבורת חזרה לנמל הישן"),
        ("cp932", "shift_jis", "旧港にフェリーが戻る①"),
        ("euc_jp", "euc-jp", "旧港にフェリーが戻る"),
        ("gb18030", "gb18030", "渡轮返回旧港口😀"),
        ("gb18030", "gb2312", "渡轮返回旧港口镕"),
        ("cp949", "euc-kr", "페리가 옛 항구로 돌아왔다 똠"),
        ("big5", "big5", "渡輪返回舊港口"),
        ("cp1250", "windows-1250", "Přívoz se vrátil do starého přístavu"),
        ("cp1254", "iso-8859-9", "Feribot eski limana döndü – “şimdi”"),
        ("cp1252", "iso-8859-1", "L’été à la mer – “déjà vu” €"),
        ("cp1252", "us-ascii", "It’s back – at last"),
        ("cp874", "tis-620", "เรือข้ามฟากกลับมา"),
    ],
)
def test_labelled_pages(encoding: str, label: str, text: str) -> None:
    body = f"<p>{text}".encode(encoding)
    in_header = decode(body, f"text/html; charset={label}")
    in_meta = decode(f'<meta charset="{label}">'.encode("ascii") + body)
    assert in_header.text == f"<p>{text}"
    assert in_meta.text.endswith(text)
    assert in_header.replaced == in_meta.replaced == 0


@pytest.mark.parametrize(
    "label",
    ["hex", "zlib", "bz2", "rot13", "rot_13", "base64", "uu", "quopri", "idna", "punycode", "utf-7", "unicode_escape",
     "raw_unicode_escape", "undefined", "x-user-defined-nonsense", "none", "../../etc", "utf-8-banana", "a" * 40],
)  # fmt: skip
def test_absurd_labels_are_passed_over(label: str) -> None:
    body = f"<p>{UKRAINIAN}".encode()
    assert decode(body, f"text/html; charset={label}").text == f"<p>{UKRAINIAN}"
    assert decode(f'<meta charset="{label}">'.encode() + body).text.endswith(UKRAINIAN)


@pytest.mark.parametrize("label", ["hex", "zlib", "rot13", "idna", "utf-7", "unicode_escape", "nonsense", "\0", "é"])
def test_absurd_labels_name_no_encoding(label: str) -> None:
    assert web_encoding(label) is None


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "windows-1252", "us-ascii"])
def test_utf8_labelled_latin1_is_read_as_utf8(label: str) -> None:
    found = decode(f"<p>{UKRAINIAN} – é".encode(), f"text/html; charset={label}")
    assert found.text == f"<p>{UKRAINIAN} – é"
    assert found.encoding == "utf-8"


def test_latin1_labelled_latin1_stays() -> None:
    found = decode("<p>déjà vu, señor".encode("latin-1"), "text/html; charset=iso-8859-1")
    assert found.text == "<p>déjà vu, señor"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-u"])
def test_unlabelled_cyrillic_is_detected(encoding: str) -> None:
    body = f"<html><body><p>{UKRAINIAN * 5}</p></body></html>".encode(encoding)
    found = decode(body)
    assert UKRAINIAN in found.text
    assert found.encoding == encoding


def test_unlabelled_cyrillic_labelled_utf8_is_detected() -> None:
    body = f"<p>{UKRAINIAN * 10}".encode("cp1251")
    assert UKRAINIAN in decode(body, "text/html; charset=utf-8").text


def test_unlabelled_western_falls_back_to_windows_1252() -> None:
    text = "Après l’été, la mairie a décidé de fermer le café où dînaient les élèves. " * 20
    found = decode(text.encode("cp1252"))
    assert found.text == text
    assert found.encoding == "cp1252"


def test_invalid_bytes_are_counted_not_raised() -> None:
    found = decode(b"<p>one \xff two \xfe three", "text/html; charset=utf-8")
    assert found.replaced == 2
    assert found.text == "<p>one \ufffd two \ufffd three"


def test_one_stray_byte_does_not_change_the_encoding() -> None:
    body = f"<p>{UKRAINIAN * 20}".encode() + b"\xff"
    found = decode(body)
    assert found.encoding == "utf-8"
    assert found.replaced == 1


def test_utf16_without_mark_but_with_header() -> None:
    assert decode(f"<p>{RUSSIAN}".encode("utf-16-le"), "text/html; charset=utf-16le").text == f"<p>{RUSSIAN}"
    assert decode(f"<p>{RUSSIAN}".encode("utf-16-be"), "text/html; charset=utf-16be").text == f"<p>{RUSSIAN}"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("label", [None, "utf-8", "iso-8859-1"])
def test_wide_encodings_that_nobody_states(encoding: str, label: str | None) -> None:
    head = f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{UKRAINIAN}</title>'
    source = f"<!doctype html><html><head>{head}<link rel=stylesheet href=/s.css></head><body><p>{UKRAINIAN * 50}"
    found = decode(source.encode(encoding), f"text/html; charset={label}" if label else None)
    assert found.text == source
    assert found.encoding == encoding


def test_nul_bytes_alone_make_no_wide_encoding() -> None:
    for body in (b"<p>a\0b c\0d</p>" * 200, b"\0" * 2_000 + b"<p>text</p>", b"\0\0\0"):
        assert decode(body).encoding == "utf-8"


def test_utf7_is_read_where_it_is_stated() -> None:
    body = f"<p>{UKRAINIAN}".encode("utf-7")
    assert decode(body, "text/html; charset=utf-7").text == f"<p>{UKRAINIAN}"
    assert decode(b'<meta charset="utf-7">' + body).text.endswith(UKRAINIAN)
    assert decode(body).text != f"<p>{UKRAINIAN}"


def test_a_claim_that_the_bytes_refute_is_noted() -> None:
    found = decode(f'<meta charset="utf-8"><p>{UKRAINIAN * 5}'.encode("cp1251"))
    assert found.notes == ("the bytes are not utf-8, as the page claims, and were read as cp1251",)
    assert decode(b"<p>plain", "text/html; charset=utf-8").notes == ()
    assert decode(b"<p>one \xff", "text/html; charset=utf-8").notes == (
        "1 characters were not valid utf-8 and are lost",
    )


def test_meta_that_claims_utf16_in_ascii_means_utf8() -> None:
    assert decode(f'<meta charset="utf-16"><p>{RUSSIAN}'.encode()).text.endswith(RUSSIAN)


def test_nul_bytes_leave_the_page_readable() -> None:
    page = Page.read(b"<html><p>one\0two</p>\0</html>")
    assert page.is_html
    assert page.source == "<html><p>onetwo</p></html>"


def test_random_bytes_never_raise() -> None:
    random_bytes = random.Random(7)
    labels = [
        None,
        "utf-8",
        "utf-16",
        "utf-32",
        "shift_jis",
        "gb18030",
        "iso-2022-jp",
        "hz",
        "utf-7",
        "mbcs",
        "cp65001",
    ]
    for _ in range(300):
        body = random_bytes.randbytes(random_bytes.randrange(200))
        label = random_bytes.choice(labels)
        found = decode(body, f"text/html; charset={label}" if label else None)
        assert found.replaced == found.text.count("\ufffd")
        assert found.encoding


def test_the_loss_is_noted_on_the_result() -> None:
    from scraper.extract import extract_with_reasons

    result = extract_with_reasons(b"<html><p>A word \xff is missing here.</p>", content_type="text/html; charset=utf-8")
    assert result.notes == ("1 characters were not valid utf-8 and are lost",)
    assert result.encoding == "utf-8"
