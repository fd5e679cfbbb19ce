"""Links to other articles and their kinds."""

from __future__ import annotations

import pytest

from tests.extract.pages import PARAGRAPHS, TEXT, URL, page, read

STORY = "Bus strike ends after a long week"


def kinds(html: str, url: str | None = URL) -> dict[str, str]:
    return {
        link.url.removeprefix("https://www.gazette.example"): link.kind for link in read(html, url=url).article.links
    }


def teaser(address: str = "/news/bus-strike-ends", text: str = STORY) -> str:
    return f'<a href="{address}">{text}</a>'


LABELS = {
    "related": ["Related", "Related posts", "You may also like", "Read also", "See also", "Read next",
                "Recommended for you",
                "More on this story", "Mehr zum Thema", "Lire aussi", "Читайте також", "Читайте также", "Czytaj także"],
    "popular": ["Most read", "Popular Articles", "Top 5 This Week", "Trending", "Latest news", "Recent Posts",
                "Meistgelesen", "Популярне", "Останні новини", "Последние новости", "Les plus lus", "Lo más leído"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "label"), [(kind, label) for kind, labels in LABELS.items() for label in labels])
@pytest.mark.parametrize("inside", [True, False], ids=["in-text", "after"])
def test_the_label_decides_wherever_the_box_stands(kind: str, label: str, inside: bool) -> None:
    second = teaser("/news/cat-on-the-roof", "Cat found on the town roof")
    box = f"<div class=box><h3>{label}</h3><ul><li>{teaser()}</li><li>{second}</li></ul></div>"
    first, rest = TEXT.split("\n", 1)
    html = page(text=first + box + rest) if inside else page(below=box)
    assert kinds(html) == {"/news/bus-strike-ends": kind, "/news/cat-on-the-roof": kind}


def test_the_nearest_label_decides() -> None:
    below = (
        f"<div><h2>Related</h2><ul><li>{teaser('/a1')}</li></ul><h2>Most "
        f"read</h2><ul><li>{teaser('/a2')}</li></ul></div>"
    )
    assert kinds(page(below=below)) == {"/a1": "related", "/a2": "popular"}


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ("yarpp-related", "related"),
        ("recommended-list", "related"),
        ("widget_recent_entries", "popular"),
        ("most-read", "popular"),
        ("trending-now", "popular"),
    ],
)
def test_without_label_the_box_s_name_decides(names: str, kind: str) -> None:
    assert kinds(page(below=f'<div class="{names}"><ul><li>{teaser()}</li></ul></div>')) == {
        "/news/bus-strike-ends": kind
    }


def test_previous_and_next_are_related() -> None:
    below = (
        f"<nav class='post-navigation'><a rel=prev href=/p1>{STORY}</a><a rel=next href=/p2>Cat "
        f"found on the town roof</a></nav>"
    )
    assert kinds(page(below=below)) == {"/p1": "related", "/p2": "related"}


@pytest.mark.parametrize(
    "lead", ["Read also:", "Read more:", "See also:", "Читайте також:", "Lesen Sie auch:", "Lire aussi :"]
)
def test_a_teaser_line_between_paragraphs_is_related(lead: str) -> None:
    first, rest = TEXT.split("\n", 1)
    article = read(page(text=f"{first}<p>{lead} {teaser()}</p>{rest}")).article
    assert [(link.kind, link.text) for link in article.links] == [("related", STORY)]
    assert STORY not in (article.body or "")


def test_links_in_prose_are_inline_wherever_they_lead() -> None:
    text = TEXT.replace("ferry company", '<a href="https://ferries.example/">ferry company</a>')
    text = text.replace("two islands", '<a href="/tag/islands">two islands</a>').replace(
        "Tickets", '<a href="shop">Tickets</a>'
    )
    links = read(page(text=text)).article.links
    assert [(link.url, link.text, link.kind) for link in links] == [
        ("https://ferries.example/", "ferry company", "inline"),
        ("https://www.gazette.example/tag/islands", "two islands", "inline"),
        ("https://www.gazette.example/news/shop", "Tickets", "inline"),
    ]


@pytest.mark.parametrize(
    "box",
    [
        "<nav><ul><li><a href=/news/sea>News of the sea today</a></li></ul></nav>",
        "<header><div class=menu><a href=/news/sea>News of the sea today</a></div></header>",
        "<footer><a href=/news/imprint>About the paper and its people</a></footer>",
        "<div class=tags><a href=/tag/sea>The sea and the boats</a></div>",
        "<div class=share-buttons><a href=https://t.example/share?u=1>Share this story with your friends</a></div>",
        "<div class=breadcrumbs><a href=/news>News of the coast and sea</a></div>",
        "<p><a href=/author/ann>More stories by Ann Lee here</a></p>",
        "<p><a href=/privacy>How we use your personal data</a></p>",
        "<form><a href=/login>Log in to comment on this</a></form>",
        "<div class=related><h3>Related</h3><a href=https://other.example/x>A story on another site "
        "altogether</a></div>",
        "<div class=sponsored><a href=/promo/x>Buy our boats, the best ones</a></div>",
        "<div class=related><h3>Related</h3><a href=/>The home page of this paper</a></div>",
    ],
)
def test_what_leads_to_no_other_article_is_left_out(box: str) -> None:
    assert kinds(page(above=box)) == {}
    assert kinds(page(below=box)) == {}


def test_marks_of_a_campaign_go_and_all_else_stays() -> None:
    box = "<div><h3>Related</h3>" + "".join(
        f"<li>{teaser(address)}</li>"
        for address in ("/s?cid=1", "/s?cid=2", "/s?cid=1&utm_source=x&fbclid=y", "/s?cid=1#part",
                        "/s?utm_medium=z&cid=2", "/s?cid=2&ico=list")
    ) + "</div>"  # fmt: skip
    assert kinds(page(below=box)) == dict.fromkeys(("/s?cid=1", "/s?cid=2", "/s?cid=2&ico=list"), "related")


def test_a_link_in_several_places_has_its_first_kind() -> None:
    popular = (
        f"<div><h3>Most read</h3><ul><li>{teaser('/x')}</li><li>{teaser('/y')}</li><li>{teaser('/z')}</li></ul></div>"
    )
    related = f"<div><h3>Related</h3><ul><li>{teaser('/x')}</li><li>{teaser('/y')}</li></ul></div>"
    text = TEXT.replace("ferry company", '<a href="/x">ferry company</a>')
    assert kinds(page(above=popular, text=text, below=related)) == {"/x": "inline", "/y": "related", "/z": "popular"}
    assert kinds(page(above=related, text=text, below=popular)) == {"/x": "inline", "/y": "related", "/z": "popular"}


@pytest.mark.parametrize(
    "self_link",
    [
        URL,
        "#comments",
        "",
        "?utm_source=share",
        "ferry-returns",
        "/news/ferry-returns#top",
        "//www.gazette.example/news/ferry-returns",
    ],
)
def test_links_to_the_page_itself_are_left_out(self_link: str) -> None:
    text = TEXT.replace("ferry company", f'<a href="{self_link}">ferry company</a>')
    below = f"<div><h3>Related</h3><ul><li>{teaser(self_link)}</li></ul></div>"
    assert kinds(page(text=text, below=below)) == {}


def test_relative_links_and_base() -> None:
    text = TEXT.replace("ferry company", '<a href="../sea/./company">ferry company</a>')
    assert kinds(page(text=text)) == {"/sea/company": "inline"}
    assert kinds(page(text=text, head='<base href="/deep/er/">')) == {"/deep/sea/company": "inline"}


def test_a_card_s_picture_and_title_are_one_link() -> None:
    card = (
        '<div class=related><h3>Related</h3><div><a href="/news/cat-on-the-roof-again"><img '
        'src=c.jpg></a><h4><a href="/news/cat-on-the-roof-again">Cat found on the roof</a></h4></div></div>'
    )
    links = read(page(below=card)).article.links
    assert [(link.text, link.kind) for link in links] == [("Cat found on the roof", "related")]


def test_links_of_walls_are_nobody_s() -> None:
    html = "<html><title>Just a moment...</title><body><h1>Just a moment</h1><div class=related>" + teaser() + "</div>"
    article = read(html).article
    assert article.verdict == "blocked"
    assert article.links == ()


def test_hundreds_of_labels_and_links_take_linear_time() -> None:
    box = (
        "<div>"
        + "".join(f"<h3>Related {i}</h3><a href=/news/{i}>A story with number {i}</a>" for i in range(1500))
        + "</div>"
    )
    found = kinds(page(below=box, text=TEXT + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)))
    assert list(found.values()) == ["related"] * 1500


def test_pictures_without_text_find_their_label() -> None:
    cards = "".join(
        f"<div><a href=/news/the-cat-on-roof-{i}><img src={i}.jpg></a></div><p>Some words {i}</p>" for i in range(300)
    )
    assert set(kinds(page(below=f"<div><h3>Most read</h3>{cards}</div>")).values()) == {"popular"}
