"""Home and section pages of several makes and languages: their articles are found, and little else is taken for one."""

import pickle
from collections.abc import Iterable

import pytest

from scraper.crawl.discovery.sections import PageLink, SectionPage, read_section

HOST = "https://gazette.example"
TITLES = (
    "Old mill opens its doors again after two years of repairs",
    "Council finds money for the winter ferry",
    "Bridge to stay closed until the river falls",
    "Three questions about the new tram, answered",
    "Lifeboat crew called out twice in one night",
    "Divers map the floor of the harbour",
)


def read(body: str, *, url: str = f"{HOST}/", known: tuple[str, ...] = (), head: str = "") -> SectionPage:
    html = f"<!DOCTYPE html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return read_section(html.encode(), url=url, content_type="text/html", known_articles=known)


def paths(page: SectionPage, kind: str) -> list[str]:
    return [link.url.removeprefix(HOST) for link in page.links if link.kind == kind]


def by_path(page: SectionPage) -> dict[str, PageLink]:
    return {link.url.removeprefix(HOST): link for link in page.links}


def slug(title: str) -> str:
    return "-".join("".join(c for c in word if c.isalnum()) for word in title.lower().split())


def menu(items: Iterable[tuple[str, str]]) -> str:
    return "<ul>" + "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in items) + "</ul>"


# A blog's archive in WordPress, in Ukrainian: titles in percent-encoded addresses, one card a story.
UK = (
    ("млин-знову-відчинив-двері-після-ремонту", "Млин знову відчинив двері після двох років ремонту"),
    ("міст-закрито-до-спаду-води", "Міст закрито до спаду води"),
    ("рада-знайшла-гроші-на-пором", "Рада знайшла гроші на зимовий пором"),
    ("нічний-виклик-рятувальників", "Нічний виклик рятувальників"),
)


def wordpress() -> str:
    cards = "".join(
        f"""<article id="post-{number}" class="post-{number} post type-post hentry category-misto">
        <a class="post-thumbnail" href="{HOST}/2024/05/{number}/{name}/"><img src="/wp-content/{number}.jpg" alt=""></a>
        <header class="entry-header"><span class="cat-links"><a href="{HOST}/category/misto/">Місто</a></span>
        <h2 class="entry-title"><a href="{HOST}/2024/05/{number}/{name}/" rel="bookmark">{title}</a></h2>
        <span class="posted-on"><time datetime="2024-05-{number}">{number} травня 2024</time></span>
        <span class="byline"><a class="url fn" href="{HOST}/author/olena/">Олена Приклад</a></span></header>
        <p>Уривок тексту, який розповідає, про що йдеться в цій новині, кількома словами і не більше того.
        <a class="more-link" href="{HOST}/2024/05/{number}/{name}/">Читати далі</a></p>
        <a href="{HOST}/2024/05/{number}/{name}/#comments">2 коментарі</a></article>"""
        for number, (name, title) in enumerate(UK, 12)
    )
    return f"""<header class="site-header"><a href="{HOST}/">Газета</a><nav class="main-navigation">
      {menu([("/category/misto/", "Місто"), ("/category/kultura/", "Культура"), ("/pro-nas/", "Про нас")])}
      <a href="/?s=">Пошук</a>
      </nav></header><main>{cards}
      <nav class="navigation posts-navigation"><a href="{HOST}/page/2/">Старіші записи</a></nav></main>
      <aside class="widget-area"><section class="widget widget_tag_cloud">
      <a class="tag-cloud-link" href="/tag/mlyn/">млин</a> <a href="/tag/рада/">рада</a></section></aside>
      <footer><a href="/kontakty/">Контакти</a><a href="/feed/">RSS</a><a href="/wp-login.php">Увійти</a></footer>"""


def test_a_wordpress_blog_in_ukrainian() -> None:
    page = read(wordpress())
    found = [link for link in page.links if link.kind == "article"]
    assert [link.text for link in found] == [title for _, title in UK]
    assert all(link.url.startswith(f"{HOST}/2024/05/") and "#" not in link.url for link in found)
    assert page.next_url == f"{HOST}/page/2/"
    assert paths(page, "section") == ["/category/misto/", "/category/kultura/"]
    reasons = {path: link.reason for path, link in by_path(page).items() if link.kind == "other"}
    assert reasons["/page/2/"] == "pagination"
    assert reasons["/author/olena/"] == "author_page"
    assert reasons["/tag/mlyn/"] == "tag_page"
    assert reasons["/wp-login.php"] == "login"
    assert reasons["/feed/"] == "feed"
    assert reasons["/?s="] == "search"


def grid() -> str:
    """A big paper's home page: cards of which each is one link, teasers with two links, a list of the most read."""
    cards = "".join(
        f"""<li class="css-1x{number}"><div class="card"><a class="card-link" href="/world/2024/may/12/{slug(title)}">
        <picture><img src="/i/{number}.jpg" alt="A picture"></picture><span class="kicker">Live</span>
        <h3 class="headline">{title}</h3><p class="standfirst">A sentence that says more than the headline.</p>
        <time datetime="2024-05-12">12 May 2024</time></a><a class="tag" href="/world">World</a></div></li>"""
        for number, title in enumerate(TITLES[:4])
    )
    most = "".join(
        f'<li><a href="/sport/2024/may/11/{slug(title)}"><span>{title}</span></a></li>' for title in TITLES[4:]
    )
    return f"""<header><nav aria-label="Sections">{
        menu(
            [
                ("/world", "World"),
                ("/sport", "Sport"),
                ("/culture", "Culture"),
                ("/subscribe", "Subscribe"),
                ("https://jobs.gazette.example/", "Jobs"),
            ]
        )
    }</nav></header>
      <main><section><h2><a href="/world">World news</a></h2><ul class="grid">{cards}</ul></section>
      <section class="most-viewed"><h2>Most viewed</h2><ol>{most}</ol></section></main>
      <footer>{
        menu(
            [
                ("/about", "About us"),
                ("/help/terms-of-service", "Terms & conditions"),
                ("/privacy", "Privacy"),
                ("/crosswords", "Crosswords"),
                ("/staff.pdf", "All our people on one sheet of paper"),
                ("https://social.example/gazette", "Follow us and read the latest news of the day"),
            ]
        )
    }</footer>"""


def test_a_big_papers_home_page() -> None:
    page = read(grid())
    found = [link for link in page.links if link.kind == "article"]
    assert [link.text for link in found] == list(TITLES)
    assert paths(page, "section") == ["/world", "/sport", "/culture"]
    links = by_path(page)
    assert links["https://social.example/gazette"].reason == "other_host"
    assert links["/staff.pdf"].reason == "media_file"
    assert links["/subscribe"].reason == "login"
    assert links["/help/terms-of-service"].reason == "legal"
    assert page.next_url is None


def tables() -> str:
    """A site of the 2000s: tables in tables, no names, stories by number."""
    rows = "".join(
        f"""<tr><td><a href="news.php?id={number}"><img src="img/{number}.gif" border=0></a></td>
        <td><font size=2>12.05.2004 <a href="news.php?id={number}"><b>{title}</b></a><br>One line of text below it.
        <a href="news.php?id={number}">more</a> | <a href="forum.php?topic={number}">Comments (3)</a></td></tr>"""
        for number, title in enumerate(TITLES, 1041)
    )
    return f"""<table width="100%"><tr><td colspan=2><a href="index.php"><img src="logo.gif" alt="Gazette"></a>
      <tr><td width=150 valign=top><table>{
        "".join(
            f'<tr><td><a href="list.php?cat={number}">{name}</a></td></tr>'
            for number, name in enumerate(("Home", "Town", "Sport"))
        )
    }<tr><td><a href="contact.php">Contact</a></td></tr></table></td><td><table>{rows}</table></td></tr></table>"""


def test_a_site_of_tables() -> None:
    page = read(tables())
    assert paths(page, "article") == [f"/news.php?id={number}" for number in range(1041, 1047)]
    assert [link.text for link in page.links if link.kind == "article"] == list(TITLES)


OUTLETS = {
    "ru": (
        "/doc/{}",
        ("Мельница снова открылась после ремонта", "Мост закрыт до спада воды", "Совет нашёл деньги на паром"),
        (("/rubric/2", "Политика"), ("/rubric/3", "Экономика"), ("/theme/88", "Тенденции"), ("/about", "О редакции")),
    ),
    "ar": (
        "/news/2024/5/{}/الطاحونة-تفتح-أبوابها-من-جديد",
        (
            "الطاحونة القديمة تفتح أبوابها من جديد",
            "الجسر يبقى مغلقا حتى انخفاض الماء",
            "المجلس يجد المال لعبّارة الشتاء",
        ),
        (("/politics/", "سياسة"), ("/sport/", "رياضة"), ("/tag/النهر", "النهر"), ("/contact-us", "اتصل بنا")),
    ),
    "zh": (
        "/n1/2024/05{}/c1001-40223{}.html",
        ("老磨坊经过两年维修重新开放", "大桥将关闭到河水退去为止", "市议会为冬季渡轮找到资金"),
        (("/GB/1024/", "国际"), ("/GB/1026/", "体育"), ("/GB/50142/104580/", "网站声明"), ("/map.html", "地图")),
    ),
    "ja": (
        "/article/10111{}",
        ("古い水車小屋、二年間の修理を経て再び公開", "橋は川の水が引くまで通行止め", "冬の渡し船の予算を市議会が確保"),
        (("/n/politics", "政治"), ("/n/sports", "スポーツ"), ("/login", "ログイン"), ("/info/about", "会社案内")),
    ),
    "de": (
        "/politik/inland/die-alte-muehle-oeffnet-wieder-1104857{}.html",
        (
            "Die alte Mühle öffnet nach zwei Jahren wieder",
            "Brücke bleibt bis zum Ende des Hochwassers zu",
            "Geld für die Fähre",
        ),
        (
            ("/politik/", "Politik"),
            ("/sport/", "Sport"),
            ("/thema/hochwasser", "Hochwasser"),
            ("/impressum", "Impressum"),
        ),
    ),
}


@pytest.mark.parametrize("language", OUTLETS)
def test_outlets_in_other_languages(language: str) -> None:
    address, titles, sections = OUTLETS[language]
    stories = [(address.format(number, number), title) for number, title in enumerate(titles, 21)]
    cards = "".join(
        f'<div class="item"><h3><a href="{href}">{title}</a></h3><span class="date">2024-05-{number}</span></div>'
        for number, (href, title) in enumerate(stories, 21)
    )
    page = read(f'<div class="nav">{menu(sections)}</div><div class="list">{cards}</div>')
    assert [link.text for link in page.links if link.kind == "article"] == list(titles)
    assert page.links[0].kind == "section"


def test_links_to_one_address_are_one() -> None:
    body = """<div class="card"><a href="/2024/05/12/old-mill-opens-again?utm_source=home"><img src="/m.jpg"></a>
      <h2><a href="/2024/05/12/old-mill-opens-again#top">Old mill opens again</a></h2>
      <a href="/2024/05/12/old-mill-opens-again">Read more</a></div>"""
    (link,) = read(body).links
    assert link.url == f"{HOST}/2024/05/12/old-mill-opens-again?utm_source=home"
    assert (link.text, link.kind, link.position) == ("Old mill opens again", "article", 0)


def test_a_picture_says_what_a_link_without_text_leads_to() -> None:
    page = read(
        '<a href="/a"><img alt="A mill"></a><a href="/b" title="A bridge"></a><a href="/c" aria-label=" A  ferry "></a>'
    )
    assert [link.text for link in page.links] == ["A mill", "A bridge", "A ferry"]


def test_base_other_hosts_of_the_site_and_user_information() -> None:
    title = TITLES[0]
    page = read(
        f"""<h2><a href="{slug(title)}-104857">{title}</a></h2>
        <h2><a href="https://sport.gazette.example/2024/05/12/{slug(TITLES[1])}">{TITLES[1]}</a></h2>
        <h2><a href="https://me:secret@gazette.example/2024/05/12/{slug(TITLES[2])}">{TITLES[2]}</a></h2>
        <h2><a href="https://shop.gazette.example/2024/05/12/{slug(TITLES[3])}">{TITLES[3]}</a></h2>""",
        head='<base href="/news/">',
    )
    assert [link.url for link in page.links if link.kind == "article"] == [
        f"{HOST}/news/{slug(title)}-104857",
        f"https://sport.gazette.example/2024/05/12/{slug(TITLES[1])}",
        f"{HOST}/2024/05/12/{slug(TITLES[2])}",
    ]
    assert page.links[-1].reason == "service"


def test_known_articles_speak_for_links_of_their_make() -> None:
    body = '<nav><a href="/m/ferry-k10455">Ferry</a> <a href="/m/mill-k10566">Mill</a> <a href="/mills">Mills</a></nav>'
    known = tuple(
        f"{HOST}/m/{word}-k{number}" for number, word in enumerate(("tram", "bridge", "boat", "coast"), 20_000)
    )
    before, after = by_path(read(body)), by_path(read(body, known=(*known, f"{HOST}/m/mill-k10566")))
    assert before["/m/mill-k10566"].kind != "article"
    assert after["/m/mill-k10566"].score == 1.0
    assert after["/m/ferry-k10455"].score > before["/m/ferry-k10455"].score
    assert after["/mills"].kind == before["/mills"].kind == "section"


def test_what_is_no_address_of_the_web_is_no_link() -> None:
    page = read(
        """<a>Old mill opens its doors again</a><a href="">Old mill opens its doors again</a><a href="#top">Top</a>
        <a href="javascript:show(7)">Old mill opens its doors again</a><a href="mailto:me@gazette.example">Write</a>
        <a href="tel:123">Call us</a><a href="http://[broken/story-of-the-mill">Old mill</a><a name="x">x</a>
        <a href="data:text/html,mill">Old mill opens its doors again</a>"""
    )
    assert page == SectionPage(links=(), next_url=None)


def test_results_travel_between_processes() -> None:
    page = read(grid())
    assert pickle.loads(pickle.dumps(page)) == page


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b"%PDF-1.7 <a href=/x>", "text/html"),
        (b'{"a": 1}', "application/json"),
        (b"\xff\xfe\x00<a", "text/html"),
        (b"plain text, no links: https://gazette.example/a", "text/plain"),
    ],
)
def test_what_is_no_page_has_no_links(body: bytes, content_type: str | None) -> None:
    assert read_section(body, url=HOST, content_type=content_type).links == ()


def test_a_hundred_thousand_links() -> None:
    body = "".join(f'<p><a href="/news/{n}/mill-opens-its-doors">The mill opens {n}</a></p>' for n in range(100_000))
    page = read(body)
    assert 1_000 < len(page.links) <= 10_000
    assert page.links[0].kind == "article"


HOSTILE = {
    "nested": "<div>" * 10_000 + '<a href="/2024/05/12/old-mill-opens-again">Old mill opens again</a>',
    "cards that never end": "".join(f'<div class="card c{n}"><a href="/{n}">' for n in range(5_000)),
    "five megabytes": "<p>"
    + "word " * 1_000_000
    + '<a href="/2024/05/12/old-mill-opens-again">Old mill opens again</a>',
    "no addresses": "<a>x</a><a name=y>x</a><a href>x</a>" * 5_000,
    "one link around everything": '<a href="/x">' + "<h2>Title</h2>" * 20_000,
    "an endless address": f'<a href="/{"a-" * 2_000_000}">x</a>',
    "endless names": "".join(f'<div class="{"tag-" * 2_000}"><a href="/{n}-a-b-c">x y z</a></div>' for n in range(200)),
    "addresses of marks": "".join(f'<a href="/{"-" * 1_900}{n}">x y z</a>' for n in range(1_000)),
    "addresses of keys": "".join(f'<a href="/{"1a" * 900}{n}?{"p=1&" * 20}">x y z</a>' for n in range(1_000)),
    "pages without end": "".join(f'<a href="/?page={n}">{n}</a>' for n in range(10_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_bounds(name: str) -> None:
    page = read(HOSTILE[name])
    assert len(page.links) <= 10_000
    assert all(len(link.url) <= 2_100 and len(link.text) <= 300 and 0 <= link.score <= 1 for link in page.links)
