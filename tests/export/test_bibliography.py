"""BibTeX and CSL-JSON: read back by a parser of our own and by bibtexparser where it is installed."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from scraper.article import Article
from scraper.export.bibliography import bibtex_fields, csl_fields, csl_item, write_bibtex, write_csl
from scraper.export.people import author
from scraper.store import Archive
from tests.export import corpus

UNTEX = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~", r"\$": "$", r"\&": "&", r"\#": "#", r"\%": "%", r"\_": "_",
}  # fmt: skip


def untex(text: str) -> str:
    return re.sub(r"\\(?:text\w+\{\}|[$&#%_])", lambda found: UNTEX[found[0]], text)


def entries(text: str) -> dict[str, dict[str, str]]:
    """As BibTeX reads: an @ begins an entry, braces are counted without heeding backslashes."""
    found: dict[str, dict[str, str]] = {}
    at = 0
    while (at := text.find("@", at)) >= 0:
        kind, key = re.compile(r"@(\w+)\{([^\s,{}\\\"#%'()=~]+),\s*").match(text, at).groups()  # type: ignore[union-attr]
        assert kind == "online"
        assert key not in found
        at = text.index(",", at) + 1
        found[key] = {}
        while not (end := re.compile(r"\s*\}").match(text, at)):
            field = re.compile(r"\s*(\w+) = \{").match(text, at)
            assert field, text[at : at + 80]
            depth, at = 1, field.end()
            begin = at
            while depth:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
            found[key][field[1]] = text[begin : at - 1]
            assert text[at] == ","
            at += 1
        at = end.end()
    return found


def names_of(field: str) -> list[str]:
    """As BibTeX splits names: at each "and" outside of braces."""
    names, depth, begin = [], 0, 0
    for at, letter in enumerate(field):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0 and field.startswith(" and ", at):
            names.append(field[begin:at])
            begin = at + 5
    return [*names, field[begin:]] if field else []


def one_line(text: str | None) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text or "").strip()


def test_bibtex_says_what_the_articles_say(nasty: Archive) -> None:
    found = entries(corpus.exported(nasty, "bibtex").decode())
    articles = corpus.stored(nasty)
    assert list(found) == [f"{article.site}:{article.id}" for article in articles]
    for fields, article in zip(found.values(), articles, strict=True):
        assert untex(fields.get("title", "")) == one_line(article.headline)
        names = names_of(fields.get("author", ""))
        assert [_plain(name) for name in names] == [one_line(name) for name in article.authors]
        assert set(fields) <= {field.name for field in bibtex_fields()}
        assert article.capture
        assert article.capture.sha256
        assert article.capture.sha256 in fields["note"]
        assert f"article {article.id}, revision {article.revision} of nasty.db" in fields["note"]
        assert fields["urldate"] == "2024-07-23"
        assert not re.search(r"[\s{}\\]|%(?![0-9A-F]{2})", fields["url"])


def _plain(name: str) -> str:
    if name.startswith("{"):
        return untex(name[1:-1])
    family, _, given = name.partition(", ")
    return f"{untex(given)} {untex(family)}"


def test_bibtex_as_bibtexparser_reads_it(nasty: Archive) -> None:
    bibtexparser = pytest.importorskip("bibtexparser", minversion="2", reason="a reader of BibTeX")
    library = bibtexparser.parse_string(corpus.exported(nasty, "bibtex").decode())
    assert library.failed_blocks == []
    assert [entry.key for entry in library.entries] == [f"{one.site}:{one.id}" for one in corpus.stored(nasty)]


def test_names_keep_their_form() -> None:
    out = io.BytesIO()
    names = (
        "Ada Bell",
        "Ursula von der Leyen",
        "Smith and Sons",
        "Bell, Ada",
        "Reuters",
        "山田太郎",
        "A{ Brace",
        "others",
    )
    write_bibtex([Article(id=1, site="x.example", authors=names)], out, corpus.about())
    [fields] = entries(out.getvalue().decode()).values()
    assert names_of(fields["author"]) == [
        "Bell, Ada",
        "von der Leyen, Ursula",
        "{Smith and Sons}",
        "{Bell, Ada}",
        "{Reuters}",
        "{山田太郎}",
        r"{A\textbraceleft{} Brace}",
        "{others}",
    ]


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("Ada Bell", "en", ("Ada", "Bell", True)),
        ("Олена Коваль", "uk", ("Олена", "Коваль", True)),
        ("Orbán Viktor", "hu", (None, None, True)),
        ("Nguyễn Văn An", "vi-VN", (None, None, True)),
        ("ليلى الحدّاد", "ar", (None, None, True)),
        ("Associated Press", "en", (None, None, False)),
        ("山田太郎", "ja", (None, None, True)),
    ],
)
def test_families_are_found_where_they_can_be(
    name: str, language: str, expected: tuple[str | None, str | None, bool]
) -> None:
    found = author(name, language)
    assert (found.given, found.family, found.person) == expected
    assert found.name == name


def test_keys_stay_and_tell_revisions_apart(nasty: Archive) -> None:
    keys = list(entries(corpus.exported(nasty, "bibtex", site="two.example").decode()))
    assert keys == ["two.example:18"]
    all_keys = list(entries(corpus.exported(nasty, "bibtex", site="two.example", all_revisions=True).decode()))
    assert all_keys == ["two.example:18r1", "two.example:18r2"]
    [item] = json.loads(corpus.exported(nasty, "csl", site="two.example"))
    assert item["id"] == keys[0]


def test_a_site_with_letters_of_its_own() -> None:
    assert corpus.about().key(Article(id=3, site="їжа.укр")) == "---.---:3"
    assert corpus.about().key(Article(id=3)) == "page:3"


def test_a_query_is_no_entry(nasty: Archive) -> None:
    text = corpus.exported(nasty, "bibtex", text="@book{x, rich").decode()
    assert list(entries(text)) == []
    assert text.startswith("% articles matching '(at)book")


def test_csl_is_a_list_of_references(nasty: Archive) -> None:
    items = json.loads(corpus.exported(nasty, "csl"))
    articles = corpus.stored(nasty)
    for item, article in zip(items, articles, strict=True):
        assert set(item) <= {field.name for field in csl_fields()}
        assert item["type"] == "article-newspaper"
        assert item.get("title") == article.headline
        assert item["URL"] == article.url
        assert article.capture
        assert item["accessed"] == {"date-parts": [[2024, 7, 23]]}
        assert item["archive"] == "nasty.db"
        assert item["archive_location"] == f"capture {article.capture.id}, sha256:{article.capture.sha256}"
        assert item["custom"]["archived_date"] == article.as_dict()["capture"]["fetched_at"]
    assert json.loads(corpus.exported(nasty, "csl", site="nowhere.example")) == []


@pytest.mark.parametrize(
    ("stated", "issued"),
    [
        ("2024-07-22T23:30:00-05:00", [[2024, 7, 22]]),
        ("2024-07-22", [[2024, 7, 22]]),
        ("2024-07", [[2024, 7]]),
        ("2024", [[2024]]),
        ("2024-13-01", None),
        ("soon", None),
        (None, None),
    ],
)
def test_days_as_stated(stated: str | None, issued: list[list[int]] | None) -> None:
    article = Article(id=1, published_at=stated)
    assert csl_item(article, corpus.about()).get("issued", {}).get("date-parts") == issued
    out = io.BytesIO()
    write_bibtex([article], out, corpus.about())
    [fields] = entries(out.getvalue().decode()).values()
    assert fields.get("date", "") == "-".join(f"{part:02}" for part in (issued or [[]])[0])


def test_csl_names() -> None:
    item = csl_item(Article(id=1, authors=("Ada Bell", "Reuters"), language="en"), corpus.about())
    assert item["author"] == [{"family": "Bell", "given": "Ada"}, {"literal": "Reuters"}]


def test_no_reference_at_all() -> None:
    for write, expected in ((write_csl, b"[]\n"), (write_bibtex, None)):
        out = io.BytesIO()
        assert write([], out, corpus.about()) == 0
        assert expected is None or out.getvalue() == expected


def test_types_of_values_hold_for_every_item(nasty: Archive) -> None:
    """By the schema of CSL 1.0.2, as far as we use it."""
    kinds: dict[str, Any] = {"author": list, "issued": dict, "accessed": dict, "custom": dict}
    for item in json.loads(corpus.exported(nasty, "csl")):
        assert all(isinstance(value, kinds.get(name, str)) for name, value in item.items())
        assert all(set(name) in ({"literal"}, {"family", "given"}) for name in item.get("author", ()))
