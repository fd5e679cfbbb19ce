"""Authors: people and agencies, without what stands around their names."""

from __future__ import annotations

import pytest

from scraper.extract.fields.names import clean_names
from tests.extract.pages import ld, page, read


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ann Lee", ("Ann Lee",)),
        ("By Ann Lee", ("Ann Lee",)),
        ("BY ANN LEE", ("ANN LEE",)),
        ("by: Ann Lee", ("Ann Lee",)),
        ("Written by Ann Lee", ("Ann Lee",)),
        ("Posted by Ann Lee", ("Ann Lee",)),
        ("Von Anna Lehmann", ("Anna Lehmann",)),
        ("Par Anne Leblanc", ("Anne Leblanc",)),
        ("Por Ana López", ("Ana López",)),
        ("di Anna Lentini", ("Anna Lentini",)),
        ("Door Anna de Vries", ("Anna de Vries",)),
        ("Av Anna Lie", ("Anna Lie",)),
        ("Автор: Олена Лис", ("Олена Лис",)),
        ("Текст Олена Лис", ("Олена Лис",)),
        ("بقلم ليلى حداد", ("ليلى حداد",)),
        ("מאת: יעל לוי", ("יעל לוי",)),
        ("文：李安", ("李安",)),
        ("Ann Lee and Bo Ek", ("Ann Lee", "Bo Ek")),
        ("By Ann Lee, Bo Ek and Cy Dow", ("Ann Lee", "Bo Ek", "Cy Dow")),
        ("Ann Lee & Bo Ek", ("Ann Lee", "Bo Ek")),
        ("Ann Lee; Bo Ek", ("Ann Lee", "Bo Ek")),
        ("Anna Lehmann und Bo Ek", ("Anna Lehmann", "Bo Ek")),
        ("Anne Leblanc et Bo Ek", ("Anne Leblanc", "Bo Ek")),
        ("Ana López y Bo Ek", ("Ana López", "Bo Ek")),
        ("Anna Lie og Bo Ek", ("Anna Lie", "Bo Ek")),
        ("Олена Лис та Іван Кіт", ("Олена Лис", "Іван Кіт")),
        ("Елена Лис и Иван Кот", ("Елена Лис", "Иван Кот")),
        ("李安、王五", ("李安", "王五")),
        ("Ann Lee (London)", ("Ann Lee",)),
        ("Ann Lee [in Kyiv]", ("Ann Lee",)),
        ("Ann Lee, Political Editor", ("Ann Lee",)),
        ("Ann Lee, Local Democracy Reporter", ("Ann Lee",)),
        ("Ann Lee | Staff writer", ("Ann Lee",)),
        ("Ann Lee ⋅ Senior Analyst", ("Ann Lee",)),
        ("Ann Lee, MD, PhD", ("Ann Lee, MD, PhD",)),
        ("Ann Lee ann.lee@gazette.example", ("Ann Lee",)),
        ("Ann Lee @annlee", ("Ann Lee",)),
        ("Ann Lee https://x.example/ann", ("Ann Lee",)),
        ("ANN LEE on", ("ANN LEE",)),
        ("Ann Lee, Ann Lee", ("Ann Lee",)),
        ("Ann Lee, ann lee", ("Ann Lee",)),
        ("Reuters", ("Reuters",)),
        ("Ann Lee, AFP", ("Ann Lee", "AFP")),
        ("dpa/kesm", ("dpa/kesm",)),
        ("Desmond Anders", ("Desmond Anders",)),
        ("Byron Bye", ("Byron Bye",)),
        ("Andy Sand", ("Andy Sand",)),
        ("Jean-Luc d'Été", ("Jean-Luc d'Été",)),
        ("O’Neill, Ann", ("O’Neill", "Ann")),
    ],
)
def test_names(given: str, expected: tuple[str, ...]) -> None:
    assert clean_names((given,)) == expected


@pytest.mark.parametrize(
    "given",
    ["", " ", "By", "by:", "admin", "Admin", "Administrator", "Staff", "Editor", "Webmaster", "Редакція", "Redaktion",
     "Redacción", "guest", "null", "undefined", "https://x.example/ann", "www.x.example", "/author/ann", "May 3, 2024",
     "2024", "ann@x.example", "Jun 2", "page.head.author", "x" * 61, "-", "|", "x"],
)  # fmt: skip
def test_nobodies(given: str) -> None:
    assert clean_names((given,)) == ()


def test_names_are_bounded() -> None:
    assert len(clean_names((", ".join(f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(400)),))) == 25


def authors(html: str) -> tuple[str, ...]:
    return read(html).article.authors


SITE = '<meta property="og:site_name" content="The Gazette">'


@pytest.mark.parametrize("nobody", ["admin", "Staff", "The Gazette", "gazette.example", "Editor"])
def test_nobody_is_named_when_a_person_is(nobody: str) -> None:
    head = SITE + ld({"@type": "NewsArticle", "author": {"name": nobody}}) + f'<meta name="author" content="{nobody}">'
    assert authors(page(head=head, byline="<p class=byline>By Ann Lee</p>")) == ("Ann Lee",)
    assert authors(page(head=head + '<meta name="parsely-author" content="Ann Lee">')) == ("Ann Lee",)


def test_the_outlet_is_the_author_when_the_page_says_so_and_names_nobody_else() -> None:
    article = read(page(head=SITE + ld({"@type": "NewsArticle", "author": {"name": "The Gazette"}}))).article
    assert article.authors == ("The Gazette",)
    assert article.provenance["authors"].reason == "the page names its outlet as author"
    assert article.provenance["authors"].confidence < 0.5


def test_the_outlet_beside_a_person_is_left_out() -> None:
    assert authors(page(head=SITE + ld({"@type": "NewsArticle", "author": ["The Gazette", "Ann Lee"]}))) == ("Ann Lee",)


@pytest.mark.parametrize("nobody", ["admin", "Staff", "Webmaster"])
def test_a_page_by_admin_names_no_author(nobody: str) -> None:
    article = read(page(head=f'<meta name="author" content="{nobody}">')).article
    assert article.authors == ()
    assert article.provenance["authors"].reason


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("<p>By Ann Lee</p>", ("Ann Lee",)),
        (
            "<div class=byline>By <a href=/ann rel=author>Ann Lee</a> and <a href=/bo rel=author>Bo Ek</a></div>",
            ("Ann Lee", "Bo Ek"),
        ),
        ("<span class='author vcard'><a href=/ann>Ann Lee</a></span>", ("Ann Lee",)),
        ("<div class=article-author-name>Ann Lee</div>", ("Ann Lee",)),
        ("<p>By Ann Lee | May 3, 2024</p>", ("Ann Lee",)),
        ("<p>By Ann Lee May 3, 2024 10:00</p>", ("Ann Lee",)),
        ("<p>Von Anna Lehmann</p>", ("Anna Lehmann",)),
        ("<div class=author-bio>Ann writes about boats.</div>", ()),
    ],
)
def test_the_byline_under_the_headline(byline: str, expected: tuple[str, ...]) -> None:
    article = read(page(byline=byline)).article
    assert article.authors == expected


@pytest.mark.parametrize(
    "below",
    [
        "<aside class=sidebar><div class=author>By Zoe Zed</div></aside>",
        "<section class=related><h3>Related</h3><a href=/x>Another story</a><span class=byline>By Zoe "
        "Zed</span></section>",
        "<div id=comments><cite class=author>Zoe Zed</cite><p>Good boat.</p></div>",
        "<footer><span class=author>By Zoe Zed</span></footer>",
    ],
)
def test_bylines_elsewhere_are_other_people_s(below: str) -> None:
    assert authors(page(below="<p>.</p><p>.</p><p>.</p>" + below)) == ()


def test_profile_addresses_are_no_names() -> None:
    head = (
        '<meta property="article:author" content="https://www.facebook.com/gazette"><meta '
        'name="author" content="Ann Lee">'
    )
    assert authors(page(head=head)) == ("Ann Lee",)


def test_metadata_and_byline_that_agree_are_surer() -> None:
    alone = read(page(head='<meta name="author" content="Ann Lee">')).article.provenance["authors"].confidence
    both = read(page(head='<meta name="author" content="Ann Lee">', byline="<p>By Ann Lee</p>")).article
    assert both.provenance["authors"].confidence > alone
