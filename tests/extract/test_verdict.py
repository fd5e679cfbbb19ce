"""What a page is when it is no article, each with its reason; and articles about such pages stay articles."""

from __future__ import annotations

import pytest

from scraper.article import Article
from tests.extract.pages import PARAGRAPHS, TEXT, ld, page, read

CONSENT = """<html><title>The Gazette</title><body><h1>Before you continue</h1><p>We use cookies and value your privacy.
We and our 842 partners store information on your device.</p><button>x</button><a>Accept all</a> <a>Reject all</a>
<a>Manage preferences</a></body></html>"""
CONSENT_DE = """<html lang=de><title>Zeitung</title><body>
<h1>Mit Werbung weiterlesen</h1><p>Alle Cookies akzeptieren oder ein Abo
abschließen.</p><a>Alle akzeptieren</a><a>Zustimmen und weiter</a></body></html>"""
ERROR = (
    "<html><title>{}</title><body><h1>Oops</h1><p>The page you were looking for is not here. Try the "
    "search.</p></body></html>"
)
SECTION = (
    "<html><title>Harbour news | The Gazette</title><body><h1>Harbour news</h1>"
    + "".join(
        f"<article><h2><a href=/n/{i}>A story of the harbour with number {i}</a></h2><p>A short teaser.</p></article>"
        for i in range(25)
    )
    + "</body></html>"
)


def assert_says_why(article: Article) -> None:
    assert article.verdict_reason
    assert article.provenance["body"].reason or article.body


@pytest.mark.parametrize("html", [CONSENT, CONSENT_DE], ids=["en", "de"])
def test_a_consent_wall(html: str) -> None:
    article = read(html).article
    assert (article.verdict, article.page_type) == ("consent", "other")
    assert article.body is None
    assert article.headline is None
    assert_says_why(article)


@pytest.mark.parametrize(
    "html",
    [
        "<html><title>Just a moment...</title><body><h1>www.x.example</h1><p>Verifying you are human. "
            "This may take a few seconds.</p>",
        "<html><title>Attention Required! | Cloudflare</title><body><p>Sorry, you have been blocked.</p>",
        "<html><title>Access denied</title><body><p>You do not have access to this page.</p>",
        "<html><title>x.example</title><body><p>Please enable JavaScript and cookies to continue</p>",
        "<html><title>Pardon Our Interruption</title><body><p>As you were browsing something made us "
            "think you are a bot.</p>",
        "<html><title>x</title><body><p>Press &amp; hold to confirm you are a human and not a bot.</p>",
    ],
)  # fmt: skip
def test_a_bot_check(html: str) -> None:
    article = read(html).article
    assert (article.verdict, article.page_type) == ("blocked", "other")
    assert article.body is None
    assert_says_why(article)


@pytest.mark.parametrize(
    "head",
    [
        ld({"@type": "NewsArticle", "isAccessibleForFree": False}),
        ld({"@type": "NewsArticle", "isAccessibleForFree": "False"}),
        ld({"@type": "NewsArticle", "isAccessibleForFree": "false", "hasPart": {"isAccessibleForFree": "False"}}),
    ],
)
def test_a_teaser_the_page_says_is_not_free(head: str) -> None:
    article = read(page(head=head, text=f"<p>{PARAGRAPHS[0]}</p>")).article
    assert (article.verdict, article.page_type) == ("paywall", "article")
    assert article.body == PARAGRAPHS[0]
    assert "not free" in (article.verdict_reason or "")


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to continue reading",
        "This article is for subscribers",
        "Nur für Abonnenten",
        "Réservé aux abonnés",
        "Тільки для передплатників",
    ],
)
def test_a_teaser_with_a_paywall_line(line: str) -> None:
    head = ld({"@type": "NewsArticle", "headline": "x"})
    article = read(page(head=head, text=f"<p>{PARAGRAPHS[0]}</p><div class=offer><h3>{line}</h3></div>")).article
    assert article.verdict == "paywall"
    assert_says_why(article)


def test_a_whole_article_that_is_not_free_is_ok() -> None:
    article = read(page(head=ld({"@type": "NewsArticle", "isAccessibleForFree": False}))).article
    assert article.verdict == "ok"
    assert article.verdict_reason is None


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n\t ",
        "<html></html>",
        "<html><body><script>var a = 1</script></body></html>",
        "<html><body><div id=root></div></body></html>",
    ],
)
def test_a_page_without_text(html: str) -> None:
    article = read(html).article
    assert (article.verdict, article.page_type) == ("empty", "other")
    assert article.body is None
    assert_says_why(article)


def test_a_claimed_article_without_text_is_empty() -> None:
    html = (
        "<html><head>"
        + ld({"@type": "NewsArticle", "headline": "x"})
        + "</head><body><nav>Menu of the page</nav></body></html>"
    )
    article = read(html).article
    assert (article.verdict, article.page_type) == ("empty", "article")
    assert_says_why(article)


@pytest.mark.parametrize(
    "title",
    [
        "404 Not Found",
        "Page not found | The Gazette",
        "Seite nicht gefunden",
        "Page introuvable",
        "Сторінку не знайдено",
        "Страница не найдена",
        "Página no encontrada",
    ],
)
def test_an_error_page(title: str) -> None:
    article = read(ERROR.format(title)).article
    assert (article.verdict, article.page_type) == ("not_article", "other")
    assert article.verdict_reason == "an error page"


def test_a_section_page() -> None:
    article = read(SECTION).article
    assert (article.verdict, article.page_type) == ("not_article", "listing")
    assert article.body is None
    assert_says_why(article)
    assert len(article.links) == 25


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", None, "PDF"),
        (b"%PDF-1.4", "text/html", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None, "binary"),
        (b"\xff\xd8\xff\xe0 JFIF", "text/html", "binary"),
        (b"PK\x03\x04zip", None, "binary"),
        (b"\x1f\x8b\x08gzip", None, "binary"),
        (b"\x00\x01\x02\x03" * 50, "application/octet-stream", "application/octet-stream"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4", "video/mp4"),
    ],
)
def test_what_is_no_text(body: bytes, content_type: str | None, words: str) -> None:
    article = read(body, content_type=content_type).article
    assert (article.verdict, article.page_type) == ("not_article", "other")
    assert words in (article.verdict_reason or "")
    assert article.body is article.headline is None


def test_a_mislabelled_page_is_read() -> None:
    article = read(page().encode(), content_type="application/octet-stream").article
    assert article.verdict == "ok"


@pytest.mark.parametrize("text", ['{"error": "not found", "code": 404}', "[1, 2, 3]", '{"a": {"b": "c"}}'])
def test_json_is_no_article(text: str) -> None:
    article = read(text.encode(), content_type="application/json").article
    assert article.verdict == "not_article"
    assert_says_why(article)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.gazette.example/",
        "https://www.gazette.example",
        "https://forum.gazette.example/t/boats/12",
        "https://www.gazette.example/threads/boats.12/",
        "https://docs.gazette.example/guide",
        "https://www.gazette.example/tag/boats",
        "https://shop.gazette.example/boats",
    ],
)
def test_front_pages_forums_manuals_and_shops_are_no_articles(url: str) -> None:
    article = read(page(), url=url).article
    assert article.verdict == "not_article"
    assert_says_why(article)
    claimed = read(page(head=ld({"@type": "NewsArticle", "headline": "x"})), url=url).article
    assert (claimed.verdict == "ok") == (len(url) > len("https://www.gazette.example/"))


ABOUT = {
    "cookies": "Accept all cookies, the banner says, and most people do. We use cookies, says every "
    "site, and reject all is hidden. ",
    "consent": "Your consent matters, the court said: a legitimate interest is no excuse, and consent to "
    "tracking must be free. ",
    "paywalls": "Subscribe to continue reading, the page says; this article is for subscribers, says "
    "another, to read the full story. ",
    "bots": "Verify you are human, the page says, and are you a robot, asks another, while checking your "
    "browser for a minute. ",
    "errors": "Page not found, says the site of the ministry, and the number 404 has become a joke among "
    "the people of the town. ",
}


@pytest.mark.parametrize("subject", list(ABOUT))
@pytest.mark.parametrize("with_metadata", [True, False])
def test_articles_about_walls_stay_articles(subject: str, with_metadata: bool) -> None:
    words = ABOUT[subject]
    text = "".join(f"<p>{words}</p><p>{p}</p>" for p in PARAGRAPHS)
    title = words.split(",")[0]
    head = ld({"@type": "NewsArticle", "headline": title}) if with_metadata else ""
    article = read(page(head=head, text=text, title=title, h1=title)).article
    assert (article.verdict, article.page_type) == ("ok", "article")
    assert words.strip() in (article.body or "")


def test_an_article_under_a_cookie_banner_stays() -> None:
    banner = (
        "<div class=cookie-banner><p>We use cookies. We value your privacy.</p><a>Accept all</a><a>Reject all</a></div>"
    )
    article = read(page(above=banner, text=TEXT)).article
    assert article.verdict == "ok"
    assert "cookies" not in (article.body or "")


@pytest.mark.parametrize(
    ("html", "verdict", "reason"),
    [
        ("<title>The Gazette</title><h1>Page not found</h1><p>Try the search.</p>", "not_article", "an error page"),
        ("<title>Газета</title><h1>Сторінку не знайдено</h1><p>Спробуйте пошук.</p>", "not_article", "an error page"),
        ("<title>gazette.example</title><p>This domain is for sale! Buy this domain.</p>", "not_article", "parked"),
        ("<title>gazette.example</title><p>Diese Domain steht zum Verkauf.</p>", "not_article", "parked"),
        ("<title>Account suspended</title><p>Contact your hosting provider.</p>", "not_article", "parked"),
        ("<title>Log in | The Gazette</title><h1>Welcome</h1><p>E-mail</p><p>Password</p>", "blocked", "log in"),
        ("<title>Anmelden - Zeitung</title><p>E-Mail-Adresse</p><p>Passwort</p>", "blocked", "log in"),
    ],
)
def test_what_stands_where_a_page_was(html: str, verdict: str, reason: str) -> None:
    article = read(f"<html><body>{html}</body></html>").article
    assert article.verdict == verdict
    assert reason in (article.verdict_reason or "")
    assert article.body is None


@pytest.mark.parametrize(
    "first",
    [
        "Page not found, said the screens of the ministry on Tuesday, and a whole town went without its permits.",
        "This domain is for sale, the notice said, and with that the oldest newspaper of the valley was gone.",
        "Log in, read, log out: how a library of the coast lends out its newspapers to those who have left it.",
    ],
)
def test_articles_about_such_pages_stay_articles(first: str) -> None:
    assert read(page(text=f"<p>{first}</p>{TEXT}")).article.verdict == "ok"
