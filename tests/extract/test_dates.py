"""Dates: every spelling met on news pages, as exact as the page is, and dates that are not the article's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from scraper.extract.fields.dates import parse_date, written_dates
from tests.extract.pages import URL, ld, page, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03", "2024-05-03"),
        ("20240503", "2024-05-03"),
        ("2024/05/03", "2024-05-03"),
        ("2024.05.03", "2024-05-03"),
        ("2024-05-03T08:09", "2024-05-03T08:09:00"),
        ("2024-05-03T08:09:10", "2024-05-03T08:09:10"),
        ("2024-05-03T08:09:10.123456", "2024-05-03T08:09:10"),
        ("2024-05-03T08:09:10Z", "2024-05-03T08:09:10+00:00"),
        ("2024-05-03T08:09:10+02:00", "2024-05-03T08:09:10+02:00"),
        ("2024-05-03T08:09:10+0530", "2024-05-03T08:09:10+05:30"),
        ("2024-05-03T08:09:10.000-0300", "2024-05-03T08:09:10-03:00"),
        ("2024-05-03 08:09:10 UTC", "2024-05-03T08:09:10+00:00"),
        ("2024-05-03 8:09", "2024-05-03T08:09:00"),
        ("1714723750", "2024-05-03T08:09:10+00:00"),
        ("1714723750000", "2024-05-03T08:09:10+00:00"),
        ("Fri, 03 May 2024 08:09:10 +0200", "2024-05-03T08:09:10+02:00"),
        ("Fri, 03 May 2024 08:09:10 GMT", "2024-05-03T08:09:10+00:00"),
        ("  2024-05-03\n08:09 ", "2024-05-03T08:09:00"),
    ],
)
def test_machine_readable(text: str, expected: str) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "yesterday", "3 hours ago", "May 2024", "2024", "3 May", "2024-13-45", "2024-02-30", "99999999999", "0",
     "00000000", "tomorrow", "x" * 500, "12:30", "null", "Invalid Date"],
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "May 3, 2024"),
        ("en", "3rd May 2024"),
        ("en-GB", "Friday 3 May 2024"),
        ("en-US", "Fri., May 3rd, 2024"),
        ("de", "3. Mai 2024"),
        ("de", "Freitag, 03.05.2024"),
        ("fr", "vendredi 3 mai 2024"),
        ("fr", "1er mai 2024"),
        ("es", "3 de mayo de 2024"),
        ("it", "3 maggio 2024"),
        ("pt", "3 de maio de 2024"),
        ("nl", "3 mei 2024"),
        ("sv", "3 maj 2024"),
        ("da", "3. maj 2024"),
        ("nb", "3. mai 2024"),
        ("no", "3. mai 2024"),
        ("fi", "3. toukokuuta 2024"),
        ("pl", "3 maja 2024"),
        ("cs", "3. května 2024"),
        ("sk", "3. mája 2024"),
        ("hu", "2024. május 3."),
        ("lt", "2024 m. gegužės 3 d."),
        ("ro", "3 mai 2024"),
        ("bg", "3 май 2024"),
        ("uk", "3 травня 2024"),
        ("ru", "3 мая 2024 г."),
        ("tr", "3 Mayıs 2024"),
        ("el", "3 Μαΐου 2024"),
        ("he", "3 במאי 2024"),
        ("ar", "3 مايو 2024"),
        ("fa", "2024/05/03"),
        ("hi", "3 मई 2024"),
        ("id", "3 Mei 2024"),
        ("vi", "3/5/2024"),
        ("th", "3 พฤษภาคม 2024"),
        ("ja", "2024年5月3日"),
        ("zh", "2024年5月3日"),
        ("zh-TW", "2024 年 5 月 3 日"),
        ("ko", "2024년 5월 3일"),
        ("ko", "2024. 5. 3."),
        ("lt", "2024-05-03"),
        ("hr", "3. svibnja 2024."),
        ("sr", "3. мај 2024."),
        ("et", "3. mai 2024"),
        ("is", "3. maí 2024"),
        ("ca", "3 de maig de 2024"),
    ],
)
def test_written_out(language: str, text: str) -> None:
    expected = "2024-05-01" if text.startswith("1er") else "2024-05-03"
    assert parse_date(text, language=language) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-US", "2024-03-05"), ("en", "2024-03-05"), ("en-GB", "2024-05-03"),
     ("en-AU", "2024-05-03"),
     ("en-IN", "2024-05-03"), ("de", "2024-05-03"), ("fr-CA", "2024-05-03"),
     ("es", "2024-05-03"), ("uk", "2024-05-03")],
)  # fmt: skip
def test_day_or_month_first_by_language_and_country(language: str, expected: str) -> None:
    assert parse_date("03/05/2024", language=language) == expected


def test_a_day_over_twelve_settles_the_order() -> None:
    assert parse_date("23/05/2024", language="en-US") == "2024-05-23"
    assert parse_date("05/23/2024", language="en-GB") == "2024-05-23"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("21 листопада 2024, 16:05", "uk", "2024-11-21T16:05:00"),
        ("May 3, 2024 at 4:05 p.m.", "en-US", "2024-05-03T16:05:00"),
        ("3 mai 2024 à 16:05", "fr", "2024-05-03T16:05:00"),
        ("3. Mai 2024 16:05", "de", "2024-05-03T16:05:00"),
        ("03.05.2024, 16:05", "de", "2024-05-03T16:05:00"),
    ],
)
def test_a_time_of_day_is_kept_without_inventing_an_offset(text: str, language: str, expected: str) -> None:
    assert parse_date(text, language=language) == expected


def test_written_dates_in_prose() -> None:
    assert written_dates("Posted 3 May 2024 and on June 4, 2023, but not in May.") == ["3 May 2024", "June 4, 2023"]


def published(html: str, url: str | None = URL) -> str | None:
    return read(html, url=url).article.published_at


def test_metadata_with_offset_is_kept_as_given() -> None:
    head = '<meta property="article:published_time" content="2024-05-03T08:00:00+03:00">'
    assert published(page(head=head)) == "2024-05-03T08:00:00+03:00"


@pytest.mark.parametrize(
    "byline",
    [
        "<p>By Ann Lee | May 3, 2024</p>",
        "<div class=meta><time datetime='2024-05-03'>May 3</time></div>",
        "<div><time>May 3, 2024</time></div>",
        "<span class=date>May 3, 2024</span>",
        "<p>Published: May 3, 2024</p>",
    ],
)
def test_the_visible_date_under_the_headline(byline: str) -> None:
    article = read(page(byline=byline)).article
    assert article.published_at == "2024-05-03"
    assert article.provenance["published_at"].source == "page"
    assert "May 3" not in (article.body or "")


@pytest.mark.parametrize(
    "above",
    [
        "<header><div class=masthead>Tuesday, July 23, 2024</div></header>",
        "<div id=top><span>Tuesday, July 23, 2024</span><a href=/>Home</a></div>",
        "<table><tr><td>Tuesday, July 23, 2024</td></tr></table>",
        "<nav><time datetime=2024-07-23>Today</time></nav>",
    ],
)
def test_the_masthead_s_date_is_never_the_article_s(above: str) -> None:
    result = read(page(above=above))
    assert result.article.published_at is None
    assert result.article.provenance["published_at"].reason


@pytest.mark.parametrize(
    "below",
    [
        "<section class=comments><p>Bo Ek, June 4, 2024</p><p>Good.</p></section>",
        "<div id=comments><article class=comment><time datetime=2024-06-04>June 4</time><p>Good.</p></article></div>",
        "<div class='comment-list'><div class=comment-meta>4 June 2024 at 10:00</div></div>",
        "<ol class=commentlist><li><cite>Bo</cite> on 4 June 2024<p>Good.</p></ol>",
    ],
)
def test_comment_dates_are_never_the_article_s(below: str) -> None:
    assert published(page(below=below)) is None


def test_related_teasers_dates_are_never_the_article_s() -> None:
    below = (
        "<aside class=related><h3>Related</h3><a href=/a>Another story of the sea</a><time "
        "datetime=2024-01-02>x</time></aside>"
    )
    assert published(page(below=below)) is None


@pytest.mark.parametrize("day", ["2024-07-25", "2031-01-01"])
def test_nothing_is_published_after_it_was_captured(day: str) -> None:
    result = read(page(head=f'<meta property="article:published_time" content="{day}">'))
    assert result.article.published_at is None
    choice = next(choice for choice in result.choices if choice.field == "published_at")
    assert [considered.reason for considered in choice.considered] == ["after the page was fetched"]


def test_a_time_zone_ahead_of_the_capture_is_no_future() -> None:
    assert published(page(head='<meta property="article:published_time" content="2024-07-24">')) == "2024-07-24"


def test_without_a_capture_time_the_future_is_measured_from_now() -> None:
    soon = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011 - a month makes the zone irrelevant
    html = page(head=f'<meta property="article:published_time" content="{soon}">')
    assert read(html, captured_at=None).article.published_at is None


@pytest.mark.parametrize("day", ["1970-01-01", "0", "1900-01-01"])
def test_template_defaults_are_no_dates(day: str) -> None:
    assert published(page(head=f'<meta property="article:published_time" content="{day}">')) is None


def test_modified_before_published_is_dropped_with_a_reason() -> None:
    head = (
        '<meta property="article:published_time" content="2024-05-03"><meta '
        'property="article:modified_time" content="2024-05-01">'
    )
    article = read(page(head=head)).article
    assert article.published_at == "2024-05-03"
    assert article.modified_at is None
    assert article.provenance["modified_at"].reason == "the stated change is before publication"


def test_modified_the_same_day_is_kept() -> None:
    head = (
        '<meta property="article:published_time" content="2024-05-03T08:00:00Z"><meta '
        'property="article:modified_time" content="2024-05-03T09:00:00Z">'
    )
    assert read(page(head=head)).article.modified_at == "2024-05-03T09:00:00+00:00"


def test_visible_update_is_no_publication() -> None:
    article = read(page(byline="<p>Published May 3, 2024. Updated May 5, 2024</p>")).article
    assert (article.published_at, article.modified_at) == ("2024-05-03", "2024-05-05")


def test_sources_that_agree_outweigh_one_that_does_not() -> None:
    head = (
        ld({"@type": "NewsArticle", "datePublished": "2020-01-01"})
        + '<meta property="article:published_time" content="2024-05-03">'
    )
    html = page(head=head, byline="<time datetime='2024-05-03T10:00:00Z'>May 3</time>")
    assert published(html, url="https://www.gazette.example/2024/05/03/ferry")[:10] == "2024-05-03"  # type: ignore[index]


def test_the_address_gives_a_date_only_when_nothing_else_does() -> None:
    address = "https://www.gazette.example/2024/05/03/ferry"
    assert published(page(), url=address) == "2024-05-03"
    assert published(page(byline="<time datetime=2024-05-02>May 2</time>"), url=address) == "2024-05-02"
    assert published(page(), url="https://www.gazette.example/2024/45/99/ferry") is None


def test_dates_in_prose_are_about_something_else() -> None:
    text = (
        "<p>"
        + "The harbour opened on 4 June 1995 and the council met there ever since, every month without fail. " * 4
        + "</p>"
    )
    assert published(page(text=text * 3)) is None


def test_captured_at_in_another_zone_is_understood() -> None:
    html = page(head='<meta property="article:published_time" content="2024-07-23">')
    assert read(html, captured_at=datetime(2024, 7, 23, 23, tzinfo=UTC)).article.published_at == "2024-07-23"
