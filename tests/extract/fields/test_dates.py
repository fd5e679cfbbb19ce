"""The day of publication and of the last change: of all the dates on a page, those that are the article's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from scraper.extract.fields.dates import parse_date, reading_of, written_dates
from tests.extract.pages import CAPTURED, PARAGRAPHS, TEXT, URL, ld, page, read


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-US", "2024-03-05"), ("en", "2024-03-05"), ("en-GB", "2024-05-03"),
     ("en-AU", "2024-05-03"),
     ("en-IN", "2024-05-03"), ("de", "2024-05-03"), ("fr-CA", "2024-05-03"),
     ("es", "2024-05-03"), ("uk", "2024-05-03")],
)  # fmt: skip
def test_day_or_month_first_by_language_and_country(language: str, expected: str) -> None:
    assert parse_date("03/05/2024", language=language) == expected


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


@pytest.mark.parametrize(
    ("language", "host", "month_first"),
    [
        ("en-US", "www.gazette.example", True),
        ("en_US", "www.gazette.example", True),
        ("en", "www.gazette.example", True),
        (None, "gazette.com", True),
        ("en-US", "gazette.co.uk", False),
        (None, "gazette.com.au", False),
        ("en-GB", "gazette.com", False),
        ("en-PH", "gazette.ph", False),  # the country is told twice, and the address counts
        ("de", "gazette.com", False),
        ("en", "gazette.io", True),
    ],
)
def test_the_order_of_numbers_by_language_and_country(language: str | None, host: str, month_first: bool) -> None:
    assert reading_of(language, host).month_first is month_first


def test_the_country_of_the_address_goes_before_a_template_s_language() -> None:
    html = page(byline="<p class=date>03/05/2024</p>", lang="en-US")
    assert published(html, url="https://www.gazette.co.uk/ferry") == "2024-05-03"
    assert published(html, url="https://www.gazette.com/ferry") == "2024-03-05"


def test_a_date_that_can_be_read_in_one_way_only_tells_how_the_page_writes_the_others() -> None:
    below = (
        "<div class=more-news><p class=day>23/05/2024</p><p class=day>24/05/2024</p><p class=day>25/05/2024</p></div>"
    )
    html = page(byline="<p class=date>03/05/2024</p>", below=below, lang="en-US")
    assert published(html) == "2024-05-03"


def test_the_reading_that_another_source_states_is_meant() -> None:
    html = page(byline="<p class=date>03/05/2024</p>", lang="en-US")
    assert published(html, url="https://www.gazette.example/2024/05/03/ferry") == "2024-05-03"
    stated = '<time datetime="2024-05-03T08:00:00Z">03/05/2024</time>'
    assert published(page(byline=stated, lang="en-US")) == "2024-05-03T08:00:00+00:00"


@pytest.mark.parametrize(
    ("lang", "line", "both"),
    [
        ("en", "Published May 3, 2024. Last updated July 5, 2024.", True),
        ("de", "Veröffentlicht am 3. Mai 2024 | Aktualisiert: 5. Juli 2024", True),
        ("fr", "Publié le 3 mai 2024, mis à jour le 5 juillet 2024", True),
        ("es", "Publicado el 3 de mayo de 2024 · Actualizado el 5 de julio de 2024", True),
        ("it", "Pubblicato il 3 maggio 2024, aggiornato il 5 luglio 2024", True),
        ("pt", "Publicado em 3 de maio de 2024, atualizado em 5 de julho de 2024", True),
        ("nl", "Gepubliceerd 3 mei 2024 – Bijgewerkt 5 juli 2024", True),
        ("pl", "Opublikowano: 3 maja 2024, aktualizacja: 5 lipca 2024", True),
        ("uk", "Опубліковано 3 травня 2024, оновлено 5 липня 2024", True),
        ("ru", "Опубликовано 3 мая 2024, обновлено 5 июля 2024", True),
        ("tr", "Yayınlanma: 3 Mayıs 2024 Güncelleme: 5 Temmuz 2024", True),
        ("ar", "نشر في 3 مايو 2024 آخر تحديث 5 يوليو 2024", True),
        ("he", "פורסם 3 במאי 2024 עודכן 5 ביולי 2024", True),
        ("ja", "公開 2024年5月3日 更新 2024年7月5日", True),
        ("zh", "发布于 2024年5月3日 更新于 2024年7月5日", True),
        ("ko", "입력 2024.05.03 수정 2024.07.05", True),
        ("sv", "Publicerad 3 maj 2024", False),
        ("fi", "Julkaistu 3.5.2024", False),
        ("cs", "Publikováno 3. května 2024", False),
        ("vi", "Đăng ngày 3 tháng 5 năm 2024", False),
        ("id", "Diterbitkan 3 Mei 2024", False),
        ("hi", "प्रकाशित: 3 मई 2024", False),
        ("el", "Δημοσιεύθηκε 3 Μαΐου 2024", False),
        ("th", "เผยแพร่ 3 พฤษภาคม 2567", False),
    ],
)
def test_labels_beside_dates_in_many_languages(lang: str, line: str, both: bool) -> None:
    article = read(page(byline=f"<p>{line}</p>", lang=lang)).article
    assert article.published_at == "2024-05-03"
    assert article.modified_at == ("2024-07-05" if both else None)


@pytest.mark.parametrize(
    "byline",
    [
        "<h4>Published</h4><div>May 3, 2024</div><h4>Last updated</h4><div>May 5, 2024</div>",
        "<time class=published datetime=2024-05-03>3 May</time> <time class=updated datetime=2024-05-05>5 May</time>",
        "<abbr class=published title=2024-05-03>Friday</abbr><b class=date-modified content=2024-05-05>Sunday</b>",
        "<p>by Ann Lee <span>May 3, 2024</span><span>Updated May 5, 2024</span></p>",
    ],
)
def test_labels_in_lines_and_names_of_their_own(byline: str) -> None:
    article = read(page(byline=byline)).article
    assert (article.published_at, article.modified_at) == ("2024-05-03", "2024-05-05")


@pytest.mark.parametrize(
    "above",
    [
        "<header><p>Tuesday 23 July 2024</p></header>",
        "<div class=topbar><time datetime=2024-07-23>23.07.2024</time></div>",
        "<div class=date>23 July 2024</div>",
        "<div id=header><span class=today>Вівторок, 23 липня 2024</span></div>",
        "<div class=clock>2024-07-23 12:00</div><p>Home</p><p>Sport</p>",
        "<aside><p>July 22, 2024</p></aside>",
    ],
)
def test_a_masthead_dates_nothing(above: str) -> None:
    assert published(page(above=above)) is None
    assert published(page(above=above, byline="<p>May 3, 2024</p>")) == "2024-05-03"


@pytest.mark.parametrize(
    "below",
    [
        "<section class=comments>" + "<p>Bo Ek, June 4, 2024</p><p>Good.</p>" * 3 + "</section>",
        "<ul class=related-posts><li><a href=/a>Boats</a><p>June 4, 2024</p></ul>",
        "<div class=most-read><p>June 4, 2024</p><a href=/b>Harbours</a></div>",
        "".join(f"<div class=card><a href=/{n}>Story {n}</a><span>June {n}, 2024</span></div>" for n in range(1, 6)),
        "<footer><p>© 4 June 2024 Gazette</p></footer>",
        "<div class=newsletter><p>Our next letter: June 4, 2024</p></div>" + "<p>Boats</p>" * 6,
    ],
)
def test_what_follows_the_text_dates_something_else(below: str) -> None:
    assert published(page(below=below)) is None
    assert published(page(below=below, byline="<p>May 3, 2024</p>")) == "2024-05-03"


def test_a_line_right_under_the_text() -> None:
    assert published(page(below="<p>Published: May 3, 2024</p>")) == "2024-05-03"


def test_a_dateline_at_the_beginning_of_the_text() -> None:
    text = f"<p>KYIV, May 3, 2024 (Gazette) — {PARAGRAPHS[0]}</p>{TEXT}"
    assert published(page(text=text)) == "2024-05-03"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("3 hours ago", "2024-07-23"),
        ("By Ann Lee, 2 days ago", "2024-07-21"),
        ("vor 13 Stunden", "2024-07-22"),
        ("il y a 3 jours", "2024-07-20"),
        ("5 годин тому", "2024-07-23"),
        ("3 日前", "2024-07-20"),
        ("yesterday, 10:30", "2024-07-22"),
    ],
)
def test_distances_mean_something_beside_the_time_of_capture_alone(line: str, day: str) -> None:
    html = page(byline=f"<p>{line}</p>")
    assert read(html, captured_at=CAPTURED).article.published_at == day
    assert read(html, captured_at=None).article.published_at is None


@pytest.mark.parametrize(
    "head",
    [
        ld({"@graph": [{"@type": "WebPage", "datePublished": "2024-05-03"}, {"@type": "WebSite", "name": "Gazette"}]}),
        ld('{"@type": "NewsArticle", "datePublished": "2024-05-03", "headline": "Ferry" "author": "Lee"}'),
        ld({"@type": "NewsArticle", "datePublished": ["2024-05-03"]}),
        ld({"@type": "NewsArticle", "datePublished": {"@type": "Date", "@value": "2024-05-03"}}),
        '<meta itemprop="datePublished" content="2024-05-03">',
        '<meta name="w-published-date" content="2024-05-03">',
        '<meta name="date" content="May 3, 2024">',
        '<script>window.state = {"article": {"publishedAt": "2024-05-03"}}</script>',
        '<script type=application/json>{"first_publication_date": "x", "published_date":"2024-05-03"}</script>',
        '<script>self.push("{\\"datePublished\\":\\"2024-05-03\\"}")</script>',
    ],
)
def test_statements_for_machines_wherever_they_are(head: str) -> None:
    assert published(page(head=head)) == "2024-05-03"


@pytest.mark.parametrize("broken", ['""', "null", "{}", "[]", "true", '"soon"', "17", '"0000-00-00"', '"2024-02-31"'])
def test_values_that_are_no_dates(broken: str) -> None:
    head = ld(f'{{"@type": "NewsArticle", "headline": "Ferry returns", "datePublished": {broken}}}')
    assert published(page(head=head)) is None
    assert published(page(head=head, byline="<p>May 3, 2024</p>")) == "2024-05-03"


def test_data_of_several_articles_says_nothing_about_this_one() -> None:
    head = '<script>s = [{"publishedAt": "2024-05-03"}, {"publishedAt": "2024-05-04"}]</script>'
    assert published(page(head=head)) is None


def test_what_other_people_s_metadata_date() -> None:
    head = ld([{"@type": "Comment", "datePublished": "2024-06-04"}, {"@type": "Event", "datePublished": "2024-06-05"}])
    assert published(page(head=head)) is None


def test_metadata_that_expire_or_were_built_are_no_publication() -> None:
    head = '<meta name="expires-date" content="2024-06-04"><meta name="build-date" content="2024-06-05">'
    assert published(page(head=head)) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("1714723750", "2024-05-03T08:09:10+00:00"), ("1714723750000", "2024-05-03T08:09:10+00:00")]
)
def test_seconds_and_milliseconds_since_1970(text: str, expected: str) -> None:
    assert published(page(head=f'<meta name="pubdate" content="{text}">')) == expected


def stated(published_at: str, modified_at: str) -> str:
    return ld({"@type": "NewsArticle", "datePublished": published_at, "dateModified": modified_at})


def test_an_update_in_the_days_after_publication_is_no_publication() -> None:
    head = stated("2024-05-03T08:00:00Z", "2024-05-05T09:00:00Z")
    for line in ("Updated May 5, 2024", "May 5, 2024", "<time class=date datetime=2024-05-05T09:00:00Z>5 May</time>"):
        article = read(page(head=head, byline=f"<p>{line}</p>")).article
        assert article.published_at == "2024-05-03T08:00:00+00:00"
        assert article.modified_at == "2024-05-05T09:00:00+00:00"


def test_a_change_that_is_not_shown_is_no_publication() -> None:
    head = '<meta property="article:modified_time" content="2024-05-05T09:00:00Z">'
    article = read(page(head=head)).article
    assert (article.published_at, article.modified_at) == (None, "2024-05-05T09:00:00+00:00")


def test_the_only_date_a_page_shows_dates_it_even_if_it_is_of_the_last_change() -> None:
    article = read(page(byline="<p>Last updated: May 5, 2024</p>")).article
    assert (article.published_at, article.modified_at) == ("2024-05-05", "2024-05-05")


def test_a_moment_stated_in_utc_and_shown_in_local_time() -> None:
    head = '<meta property="article:published_time" content="2024-05-04T02:10:00+00:00">'
    article = read(page(head=head, byline="<p class=date>May 3, 2024</p>")).article
    assert article.published_at == "2024-05-04T02:10:00+00:00"


def test_a_template_that_states_the_last_change_as_publication() -> None:
    moment = "2024-05-05T09:00:00Z"
    head = stated("2024-05-03T08:00:00Z", moment) + "".join(
        f'<meta property="article:{name}_time" content="{moment}">' for name in ("published", "modified")
    )
    assert published(page(head=head)) == "2024-05-03T08:00:00+00:00"


def test_the_most_precise_statement_of_the_day_is_kept() -> None:
    head = ld({"@type": "NewsArticle", "datePublished": "2024-05-03"}) + (
        '<meta property="article:published_time" content="2024-05-03T08:00:00+03:00">'
    )
    assert published(page(head=head, byline="<p>May 3, 2024, 08:00</p>")) == "2024-05-03T08:00:00+03:00"


def test_every_candidate_says_what_became_of_it() -> None:
    html = page(
        head=stated("2024-05-03", "2031-01-01"),
        byline="<p>May 3, 2024</p>",
        below="<section class=comments><p>June 4, 2024</p></section>",
    )
    choice = next(choice for choice in read(html).choices if choice.field == "published_at")
    reasons = {str(one.candidate.value): one.reason for one in choice.considered}
    assert choice.value == "2024-05-03"
    assert "agrees with page" in reasons["2024-05-03"]
    assert reasons["June 4, 2024"] == "the date of a comment or of another article"
    assert choice.considered[0].score == pytest.approx(choice.provenance.confidence, abs=0.001)
    change = next(choice for choice in read(html).choices if choice.field == "modified_at")
    assert [one.reason for one in change.considered] == ["after the page was fetched"]
