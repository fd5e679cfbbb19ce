"""Bylines a reader sees, and what makes each of them one."""

from __future__ import annotations

import pytest

from tests.extract.pages import PARAGRAPHS, TEXT, ld, page, read

SITE = '<meta property="og:site_name" content="The Gazette">'


def authors(html: str, url: str = "https://www.gazette.example/news/ferry-returns") -> tuple[str, ...]:
    return read(html, url=url).article.authors


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        # a label in the line, an element or a line of its own
        ("<p>By Ann Lee</p>", ("Ann Lee",)),
        ("<p><span>By</span><a href=/x>Ann Lee</a></p>", ("Ann Lee",)),
        ("<p>Written by</p><p>Ann Lee</p>", ("Ann Lee",)),
        ("<p>Author</p><h4>Ann Lee</h4>", ("Ann Lee",)),
        ("<div><span>Posted by</span><b>Ann Lee</b><span>May 3, 2024</span><span>Comments</span></div>", ("Ann Lee",)),
        ("<p>Published May 3, 2024 by Ann Lee</p>", ("Ann Lee",)),
        ("<p>March 15, 2024 · 3 min read · By Ann Lee</p>", ("Ann Lee",)),
        ("<p>Medically reviewed by Bo Ek, MD — Written by Ann Lee — Updated May 3, 2024</p>", ("Ann Lee",)),
        ("<p>By Ann Lee. Reviewed by Bo Ek</p>", ("Ann Lee",)),
        ("<p>By <a href=/a/ann>Ann Lee</a>, <a href=/a/bo>Bo Ek</a> and <a href=/a/cy>Cy Dow</a></p>",
         ("Ann Lee", "Bo Ek", "Cy Dow")),
        ("<p>By annlee</p>", ("annlee",)),
        ("<p>By the Gazette Team</p>", ("the Gazette Team",)),
        # a link to an author's page
        ("<p><a href=/author/ann-lee>Ann Lee</a></p>", ("Ann Lee",)),
        ("<p><a rel=author href=/x>annlee</a> <a href=/category/boats>Boats</a></p>", ("annlee",)),
        ("<p><a href=/authors/ann>Ann Lee</a> <a href=/authors/bo>Bo Ek</a></p>", ("Ann Lee", "Bo Ek")),
        # markup that says so
        ("<div class=post-author>Ann Lee</div>", ("Ann Lee",)),
        ("<div class=byline><div>Ann Lee</div><div>Bo Ek</div></div>", ("Ann Lee", "Bo Ek")),
        ("<div class='ArticleHeader_authorName__x1'>Ann Lee</div><div class=role>Reporter</div>", ("Ann Lee",)),
        ("<div class=author-box><div class=author-date>May 3, 2024</div><b>Ann Lee</b></div>", ("Ann Lee",)),
        # a name alone, beside the date or under the headline
        ("<p>Lisa Pham</p><p>May 3, 2024</p>", ("Lisa Pham",)),
        ("<p>Lisa Pham | Senior Writer | May 3, 2024</p>", ("Lisa Pham",)),
        ("<p>May 3, 2024 • Qxara Veld in Boats</p>", ("Qxara Veld",)),
        ("<p>Олена Лис та Іван Кіт</p>", ("Олена Лис", "Іван Кіт")),
        ("<p>Gazette Staff</p>", ("Gazette Staff",)),
    ],
)  # fmt: skip
def test_bylines_at_the_headline(byline: str, expected: tuple[str, ...]) -> None:
    assert authors(page(byline=byline)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "<p>By now, everyone on the islands knows the new timetable by heart.</p>",
        "<p>By clicking to watch, you agree to our policy</p>",
        "<p>Personal Finance</p><p>May 3, 2024</p>",
        "<p><a href=/category/boats>Olga Boats</a></p>",
        "<p>Photo by Lisa Pham</p>",
        "<p>Lisa Pham/Getty Images</p>",
        "<p>© 2024 Lisa Pham</p>",
        "<figure><img src=/b.jpg><figcaption>By Lisa Pham</figcaption></figure>",
        "<p>Edited by</p><p>Lisa Pham</p>",
        "<p>Tested by <a href=/authors/a>Lisa Pham</a> and <a href=/authors/b>Bo Ek</a></p>",
        "<div class=author-bio>Senior reporter</div>",
        "<div class=author-date>May 3, 2024</div>",
        "<p>5 min read</p>",
        "<h4>Authors</h4><p><a href=/a>Skin Care</a> <a href=/b>Hair Care</a> <a href=/c>Nail Care</a></p>",
    ],
)  # fmt: skip
def test_what_is_no_byline(line: str) -> None:
    assert authors(page(byline=line)) == ()


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("<p>Written by Ann Lee</p>", ("Ann Lee",)),
        ("<div class=author-box><h4>About the author</h4><h5 class=author-name>Ann Lee</h5></div>", ("Ann Lee",)),
        ("<h4>Lisa Pham</h4><p>Lisa Pham is a writer who has lived by the sea for years.</p>", ("Lisa Pham",)),
        ("<footer class=entry-footer><p>Posted by: Ann Lee · In: Boats</p></footer>", ("Ann Lee",)),
        ("<p>About us</p><p>Share</p><p>Author:</p><p>Ann Lee</p>", ("Ann Lee",)),
    ],
)  # fmt: skip
def test_bylines_after_the_text(below: str, expected: tuple[str, ...]) -> None:
    html = page().replace("</article>", f"{below}</article>")
    assert authors(html) == expected


def test_a_name_that_signs_the_text() -> None:
    assert authors(page(text=TEXT + "<p><b>Lisa Pham</b></p>")) == ("Lisa Pham",)


def test_teasers_bylines_are_other_people_s() -> None:
    teaser = "<div><a href=/{0}>Another story about the boats of the coast</a><p>By Zoe Zed</p></div>"
    html = page(below="".join(teaser.format(number) for number in range(3)))
    assert authors(html) == ()


def test_the_byline_at_the_headline_beats_the_account_in_the_metadata() -> None:
    head = ld({"@type": "NewsArticle", "author": {"name": "Zoe Zed"}}) + '<meta name=author content="Zoe Zed">'
    assert authors(page(head=head, byline="<p>By Ann Lee</p>")) == ("Ann Lee",)


def test_the_article_s_description_beats_a_byline_inside_the_text() -> None:
    text = f"<p>{PARAGRAPHS[0]}</p><p>By Zoe Zed</p>" + TEXT
    assert authors(page(head=ld({"@type": "NewsArticle", "author": "Ann Lee"}), text=text)) == ("Ann Lee",)


def test_the_source_that_names_all_the_authors_wins() -> None:
    head = ld({"@type": "NewsArticle", "author": [{"name": "Ann Lee"}, {"name": "Bo Ek"}, {"name": "Cy Dow"}]})
    assert authors(page(head=head, byline="<p>By Ann Lee</p>")) == ("Ann Lee", "Bo Ek", "Cy Dow")
    assert authors(page(head='<meta name=author content="Ann Lee">', byline="<p>By Ann Lee and Bo Ek</p>")) == (
        "Ann Lee",
        "Bo Ek",
    )


def test_a_person_beats_an_account() -> None:
    head = '<meta name=author content="alee77">'
    assert authors(page(head=head, byline="<div class=author>Ann Lee</div>")) == ("Ann Lee",)
    assert authors(page(head=head)) == ("alee77",)


def test_a_byline_in_another_column_is_not_the_article_s() -> None:
    above = "<div class=column><b>Editor</b><p>By Olive Tanner</p></div>"
    assert authors(page(above=above, byline="<p>By Ann Lee</p>")) == ("Ann Lee",)


def test_the_site_that_bears_its_author_s_name() -> None:
    html = page(below="<footer>© 2024 Olga Harbour. All rights reserved.</footer>")
    assert authors(html, url="https://olgaharbour.example/ferry") == ("Olga Harbour",)
    assert authors(html, url="https://gazette.example/ferry") == ()
    assert authors(page(below="<footer>© 2024 Harbour Gazette</footer>"), url="https://harbourgazette.example/f") == ()


@pytest.mark.parametrize("label", ["Written by", "Verfasst von", "Écrit par", "Escrito por", "Автор", "作者"])
def test_the_author_on_a_twitter_card(label: str) -> None:
    head = f'<meta name="twitter:label1" content="{label}"><meta name="twitter:data1" content="Ann Lee">'
    assert authors(page(head=head)) == ("Ann Lee",)


def test_other_facts_on_a_twitter_card() -> None:
    head = '<meta name="twitter:label1" content="Reading time"><meta name="twitter:data1" content="5 minutes">'
    assert authors(page(head=head)) == ()


@pytest.mark.parametrize(
    "author",
    [
        "Ann Lee",
        ["Ann Lee"],
        {"@type": "Person", "name": "Ann Lee"},
        {"@type": "Person", "name": ["Ann Lee"]},
        {"@type": "Person", "givenName": "Ann", "familyName": "Lee"},
        {"@id": "#ann"},
        {"@type": "Person", "@id": "#ann", "url": "/ann"},
        [{"@id": "#ann"}],
        {"name": {"@value": "Ann Lee"}},
    ],
)  # fmt: skip
def test_shapes_of_authors_in_json_ld(author: object) -> None:
    graph = [{"@type": "NewsArticle", "author": author}, {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}]
    assert authors(page(head=ld({"@graph": graph}))) == ("Ann Lee",)


def test_the_author_of_the_page_where_no_article_has_one() -> None:
    assert authors(page(head=ld({"@type": "Recipe", "author": {"name": "Ann Lee"}}))) == ("Ann Lee",)


def test_catalogues_put_the_last_name_first() -> None:
    head = '<meta name="citation_author" content="Lee, Ann B."><meta name="citation_author" content="Ek, Bo">'
    assert authors(page(head=head)) == ("Ann B. Lee", "Bo Ek")


def test_an_outlet_s_address_names_nobody() -> None:
    head = SITE + '<meta name=author content="The Gazette, Harbourtown, Islands">'
    assert authors(page(head=head, byline="<div class=author>Ann Lee</div>")) == ("Ann Lee",)
    assert read(page(head=head)).article.provenance["authors"].reason == "the page names its outlet as author"


def test_thousands_of_lines_without_a_byline_take_no_time() -> None:
    assert authors(page(byline="<p>Boats</p>" * 5_000, below="<p><a href=/x>Boats</a></p>" * 5_000)) == ()
