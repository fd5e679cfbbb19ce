"""Site files: every mistake is named with file and key; layouts by date; fields and how they fall back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.errors import SiteFileError
from scraper.extract import SiteFiles, load_site_files
from scraper.extract.sitefiles import load_site_file, packaged_folder
from tests.extract.pages import HEADLINE, PARAGRAPHS, TEXT, URL, ld, page, read

GOOD = """name = "The Gazette"
hosts = ["gazette.example"]

[[layout]]
[layout.fields.headline]
css = "h1"
"""


def write(folder: Path, text: str | bytes, name: str = "site.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def sites(folder: Path, fields: str, top: str = "") -> SiteFiles:
    text = f'name = "The Gazette"\nhosts = ["gazette.example"]\n{top}\n[[layout]]\n{fields}'
    return SiteFiles([load_site_file(write(folder, text))])


@pytest.mark.parametrize(
    ("change", "key", "right"),
    [
        (("name =", "nmae ="), "nmae", "did you mean name?"),
        (("hosts =", "colour = 1\nhosts ="), "colour", "known: name, hosts, language, layout"),
        (('name = "The Gazette"', ""), "name", 'name = "…"'),
        (('"The Gazette"', '""'), "name", 'name = "…"'),
        (('"The Gazette"', "5"), "name", 'name = "…"'),
        (('hosts = ["gazette.example"]', ""), "hosts", 'hosts = ["example.com"]'),
        (('["gazette.example"]', "[]"), "hosts", 'hosts = ["example.com"]'),
        (('["gazette.example"]', "[5]"), "hosts", 'hosts = "…"'),
        (('"gazette.example"', '"https://gazette.example"'), "hosts", 'hosts = ["example.com"]'),
        (('"gazette.example"', '"gazette.example/news"'), "hosts", 'hosts = ["example.com"]'),
        (('"gazette.example"', '"gazette.example:80"'), "hosts", 'hosts = ["example.com"]'),
        (('"gazette.example"', '"*.gazette.example"'), "hosts", "subdomains are included"),
        (('"gazette.example"', '"Gazette.example"'), "hosts", 'hosts = ["example.com"]'),
        (('"gazette.example"', '"gazette"'), "hosts", 'hosts = ["example.com"]'),
        (("\n[[layout]]", 'language = "english"\n[[layout]]'), "language", 'language = "en-GB"'),
        (("\n[[layout]]", 'language = "en-gb"\n[[layout]]'), "language", 'language = "en-GB"'),
        (("\n[[layout]]", "language = 5\n[[layout]]"), "language", 'language = "en-GB"'),
        (('[[layout]]\n[layout.fields.headline]\ncss = "h1"\n', ""), "layout", "at least one [[layout]] table"),
        (('[[layout]]\n[layout.fields.headline]\ncss '
            '= "h1"\n', "layout = []"), "layout", "at least one [[layout]] table"),
        (('[[layout]]\n[layout.fields.headline]\ncss = "h1"\n', "layout = [5]"), "layout[1]", "[[layout]]"),
        (("[layout.fields.headline]", "[layout.felds.headline]"), "layout[1].felds", "did you mean fields?"),
        (("[layout.fields.headline]", "[layout.fields.headlin]"), "layout[1].fields.headlin", "did you mean headline?"),
        (("[layout.fields.headline]", "[layout.fields.title]"), "layout[1].fields.title", "known: headline"),
        (('[layout.fields.headline]\ncss = "h1"', ""), "layout[1].fields", "[layout.fields.headline]"),
        (('[layout.fields.headline]\ncss = "h1"', 'fields = {headline = "h1"}'), "layout[1].fields.headline",
         'with css = "…"'),
        (("css =", "cs ="), "layout[1].fields.headline.cs", "did you mean css?"),
        (('css = "h1"', "many = true"), "layout[1].fields.headline.css", 'css = "h1"'),
        (('css = "h1"', "css = []"), "layout[1].fields.headline.css", 'css = "h1"'),
        (('css = "h1"', "css = 5"), "layout[1].fields.headline.css", "a CSS selector"),
        (('css = "h1"', 'css = ["h1", 5]'), "layout[1].fields.headline.css", "a CSS selector"),
        (('css = "h1"', 'css = "h1["'), "layout[1].fields.headline.css", "a CSS selector"),
        (('css = "h1"', 'css = ">>"'), "layout[1].fields.headline.css", "a CSS selector"),
        (('css = "h1"', 'css = ""'), "layout[1].fields.headline.css", "a CSS selector"),
        (('css = "h1"', 'css = "//h1"'), "layout[1].fields.headline.css", "a CSS selector"),
        (('css = "h1"', 'css = "h1::text"'), "layout[1].fields.headline.css", "no ::text or ::attr()"),
        (('css = "h1"', 'css = "h1::attr(title)"'), "layout[1].fields.headline.css", 'attr = "…"'),
        (('css = "h1"', "css = \"p:contains('x')\""), "layout[1].fields.headline.css", ":lexbor-contains"),
        (('css = "h1"', 'css = "h1"\nmany = "yes"'), "layout[1].fields.headline.many", "many = true"),
        (('css = "h1"', 'css = "h1"\nattr = 5'), "layout[1].fields.headline.attr", 'attr = "…"'),
        (('css = "h1"', 'css = "h1"\nstrip = ["b["]'), "layout[1].fields.headline.strip", "a CSS selector"),
        (('css = "h1"', 'css = "h1"\nstrip = 5'), "layout[1].fields.headline.strip", "a CSS selector"),
        (('headline]\ncss = "h1"', 'body]\ncss = "p"\nattr = "x"'), "layout[1].fields.body.attr", "remove attr"),
        (("[[layout]]", '[[layout]]\narticle = "["'), "layout[1].article", "a CSS selector"),
        (("[[layout]]", '[[layout]]\nuntil = "2023"'), "layout[1].until", "until = 2023-05-31"),
        (("[[layout]]", "[[layout]]\nuntil = 2023-05-31T10:00:00"), "layout[1].until", "until = 2023-05-31"),
        (("[[layout]]", "[[layout]]\nuntil = 2023-05-31"), "layout", "dated layouts first, oldest first"),
    ],
)  # fmt: skip
def test_mistakes_name_file_and_key_and_say_what_is_right(
    tmp_path: Path, change: tuple[str, str], key: str, right: str
) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    path = write(tmp_path, text)
    with pytest.raises(SiteFileError) as caught:
        load_site_file(path)
    message, next_step = str(caught.value), str(caught.value.next_step)
    assert f"{path}: {key}:" in message
    assert right in next_step


@pytest.mark.parametrize(
    "text", [b"name = ", b"= 5", b"\xff\xfe", b"name = 'x'\nname = 'y'", "name = 'Café'".encode("latin-1")]
)
def test_what_is_no_toml_names_the_file(tmp_path: Path, text: bytes) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SiteFileError) as caught:
        load_site_file(path)
    assert str(path) in str(caught.value)


def test_dates_out_of_order(tmp_path: Path) -> None:
    layout = '[[layout]]\nuntil = {}\n[layout.fields.headline]\ncss = "h1"\n'
    for first, second in [("2023-05-31", "2022-05-31"), ("2023-05-31", "2023-05-31")]:
        text = (
            'name = "x"\nhosts = ["x.example"]\n'
            + layout.format(first)
            + layout.format(second)
            + GOOD.partition("\n\n")[2]
        )
        with pytest.raises(SiteFileError, match="not in order"):
            load_site_file(write(tmp_path, text))


def test_two_layouts_without_a_date(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match="only the last layout"):
        load_site_file(write(tmp_path, GOOD + '[[layout]]\n[layout.fields.headline]\ncss = "h2"\n'))


def test_two_files_for_one_host(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.toml")
    write(tmp_path, GOOD, "b.toml")
    with pytest.raises(SiteFileError) as caught:
        load_site_files(tmp_path)
    assert "b.toml" in str(caught.value)
    assert "a.toml" in str(caught.value)
    assert "gazette.example" in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match="No such folder"):
        load_site_files(tmp_path / "nowhere")


def test_an_empty_folder_covers_nothing(tmp_path: Path) -> None:
    assert load_site_files(tmp_path).for_url(URL) is None


@pytest.mark.parametrize(
    ("url", "covered"),
    [("https://gazette.example/a", True), ("http://www.gazette.example/", True),
     ("https://a.b.gazette.example:8443/x", True),
     ("https://GAZETTE.example/", True), ("https://notgazette.example/", False),
     ("https://gazette.example.org/", False),
     ("https://example/", False), ("not a url", False), (None, False), ("", False)],
)  # fmt: skip
def test_subdomains_are_covered(tmp_path: Path, url: str | None, covered: bool) -> None:
    found = SiteFiles([load_site_file(write(tmp_path, GOOD))]).for_url(url)
    assert (found is not None) == covered


def test_the_nearest_domain_wins(tmp_path: Path) -> None:
    outer = load_site_file(write(tmp_path, GOOD, "a.toml"))
    inner = load_site_file(write(tmp_path, GOOD.replace("gazette.example", "blog.gazette.example"), "b.toml"))
    both = SiteFiles([outer, inner])
    assert both.for_url("https://blog.gazette.example/x") is inner
    assert both.for_url("https://www.gazette.example/x") is outer


@pytest.mark.parametrize(
    ("captured", "expected"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), "old"),
        (datetime(2022, 5, 31, 23, 59, tzinfo=UTC), "old"),
        (datetime(2022, 6, 1, tzinfo=UTC), "middle"),
        (datetime(2023, 5, 31, tzinfo=UTC), "middle"),
        (datetime(2023, 6, 1, tzinfo=UTC), "new"),
        (None, "new"),
    ],
)
def test_the_layout_of_the_day_of_capture(tmp_path: Path, captured: datetime | None, expected: str) -> None:
    layouts = "".join(
        f'[[layout]]\n{until}[layout.fields.section]\ncss = ".{name}"\n'
        for name, until in [("old", "until = 2022-05-31\n"), ("middle", "until = 2023-05-31\n"), ("new", "")]
    )
    file = load_site_file(write(tmp_path, 'name = "x"\nhosts = ["gazette.example"]\n' + layouts))
    byline = "<b class=old>old</b><b class=middle>middle</b><b class=new>new</b>"
    assert read(page(byline=byline), sites=SiteFiles([file]), captured_at=captured).article.section == expected


def test_the_first_selector_that_matches(tmp_path: Path) -> None:
    fields = '[layout.fields.section]\ncss = [".none", ".b", ".a"]\n'
    result = read(page(byline="<i class=a>A</i><i class=b>B</i><i class=b>C</i>"), sites=sites(tmp_path, fields))
    assert result.article.section == "B"
    assert result.article.provenance["section"].source == "site_file"
    assert result.article.provenance["section"].selector == ".b"


def test_attr_many_and_strip(tmp_path: Path) -> None:
    fields = """[layout.fields.published_at]
css = "time"
attr = "datetime"
[layout.fields.authors]
css = ".who"
many = true
strip = [".role"]
[layout.fields.image]
css = "img"
attr = "data-full"
"""
    byline = (
        "<p class=who>Ann Lee<span class=role> our woman at sea</span></p><p class=who>Bo Ek</p>"
        "<time datetime=2024-05-03>x</time><img data-full=/big.jpg src=/small.jpg>"
    )
    article = read(page(byline=byline), sites=sites(tmp_path, fields)).article
    assert article.authors == ("Ann Lee", "Bo Ek")
    assert article.published_at == "2024-05-03"
    assert article.image == "https://www.gazette.example/big.jpg"


def test_body_with_parts_stripped(tmp_path: Path) -> None:
    fields = '[layout.fields.body]\ncss = ".text"\nstrip = [".box", "i"]\n'
    text = f"{TEXT}<div class=box><p>Not this.</p></div><p>And <i>never</i> this end.</p>"
    result = read(page(text=text), sites=sites(tmp_path, fields))
    assert (result.article.body or "").split("\n\n") == [*PARAGRAPHS, "And this end."]
    assert result.article.provenance["body"].selector == ".text"


def test_related_and_popular_boxes(tmp_path: Path) -> None:
    fields = '[layout.fields.related]\ncss = ".x1"\n[layout.fields.popular]\ncss = ".x2"\nmany = true\n'
    below = "".join(f"<div class=x{i}><a href=/n{i}>A story with the number {i}</a></div>" for i in (1, 2, 3))
    links = read(page(below=below), sites=sites(tmp_path, fields)).article.links
    assert {link.url[-3:]: link.kind for link in links} == {"/n1": "related", "/n2": "popular"}


def test_language_only_when_the_page_states_none(tmp_path: Path) -> None:
    known = sites(tmp_path, '[layout.fields.headline]\ncss = "h1"\n', 'language = "en-GB"')
    assert read(page(), sites=known).article.language == "en-GB"
    assert read(page(lang="uk"), sites=known).article.language == "uk"


def test_what_matches_nothing_is_reported_and_falls_back(tmp_path: Path) -> None:
    fields = "".join(
        f'[layout.fields.{name}]\ncss = ".gone"\n'
        for name in ("headline", "authors", "body", "published_at", "related")
    )
    head = ld({"@type": "NewsArticle", "author": "Ann Lee", "datePublished": "2024-05-03"})
    result = read(page(head=head), sites=sites(tmp_path, fields))
    assert result.missed == ("headline", "authors", "body", "published_at", "related")
    assert result.article.headline == HEADLINE
    assert result.article.authors == ("Ann Lee",)
    assert result.article.published_at == "2024-05-03"
    assert (result.article.body or "").split("\n\n") == list(PARAGRAPHS)
    assert result.site_file is not None


def test_a_page_that_lacks_the_mark_of_an_article_is_none(tmp_path: Path) -> None:
    known = sites(tmp_path, 'article = "body.single"\n[layout.fields.headline]\ncss = "h1"\n')
    assert read(page(), sites=known).article.verdict == "not_article"
    assert read(page().replace("<body>", "<body class=single>"), sites=known).article.verdict == "ok"


def test_the_site_s_name_is_known(tmp_path: Path) -> None:
    known = sites(tmp_path, '[layout.fields.section]\ncss = ".none"\n')
    assert (
        read(
            page(h1="", title=f"{HEADLINE} | The Gazette"), url="https://gazette.example/x", sites=known
        ).article.headline
        == HEADLINE
    )


def test_the_packaged_files_are_valid_and_their_folder_is_no_package() -> None:
    assert len(load_site_files().files) >= 3
    folder = packaged_folder()
    assert folder.name == "selectors"
    assert not list(folder.glob("**/*.py*"))
    import selectors

    assert hasattr(selectors, "DefaultSelector")  # the standard library's, not ours
