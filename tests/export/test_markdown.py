"""The folder of Markdown: its files' names, their front matter as YAML, and their text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from scraper.article import Article
from scraper.export.fields import flat
from scraper.export.markdown import as_file, fields, file_name, write_markdown
from scraper.store import Archive
from tests.export import corpus

yaml = pytest.importorskip("yaml", reason="a YAML reader")


@pytest.fixture
def folder(nasty: Archive, tmp_path: Path) -> Path:
    write_markdown(corpus.stored(nasty), tmp_path, corpus.about())
    return tmp_path


def front_of(text: str) -> str:
    begin, front, _ = text.split("---\n", 2)
    assert begin == ""
    return front


def test_front_matter_is_yaml_of_every_field(nasty: Archive, folder: Path) -> None:
    for article in corpus.stored(nasty):
        [path] = folder.glob(f"*-{article.id}.md")
        front = front_of(path.read_text(encoding="utf-8"))
        expected = {field.name: flat(article)[field.name] for field in fields()}
        assert yaml.safe_load(front) == expected
        # And by YAML's own rules: a key a line, each value JSON, of which all is YAML, without what YAML forbids.
        for line in front.splitlines():
            name, _, value = line.partition(": ")
            assert json.loads(value) == expected[name]
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", front)


def test_names_are_safe_unique_and_stay_in_the_folder(nasty: Archive, folder: Path) -> None:
    paths = list(folder.rglob("*"))
    assert len(paths) == len(corpus.stored(nasty)) + 2
    assert all(path.parent == folder and path.is_file() for path in paths)
    names = [path.name for path in paths if path.name not in ("index.md", "README.md")]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"(\d{4}-\d\d-\d\d|undated)(-[\w]+)*-\d+\.md", name.replace("\u0303", "")), name
        assert len(name.encode()) <= 143
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f\s]', name)


@pytest.mark.parametrize(
    ("headline", "published", "name"),
    [
        ("../../etc/passwd", "2024-07-22", "2024-07-22-etc-passwd-7.md"),
        ("CON", "2024-07-22T10:00:00Z", "2024-07-22-con-7.md"),
        ("a\x00b/c\\d:e. . .", None, "undated-a-b-c-d-e-7.md"),
        (None, "2024-07", "undated-7.md"),
        ("🚣🏽‍♀️ ️ ...", "../2024-07-22", "undated-7.md"),
        ("Вода в «Балці»", "2024-07-22", "2024-07-22-вода-в-балці-7.md"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "2024-07-22", "2024-07-22-full-width-7.md"),
        ("word " * 60, "2024-07-22", "2024-07-22-" + "word-" * 16 + "7.md"),
    ],
)
def test_the_name_of_a_file(headline: str | None, published: str | None, name: str) -> None:
    assert file_name(Article(id=7, headline=headline, published_at=published), each_revision=False) == name


def test_headlines_without_spaces_are_cut() -> None:
    name = file_name(Article(id=7, headline="雨" * 300), each_revision=False)
    assert name == f"undated-{'雨' * 26}-7.md"


def test_each_revision_has_a_file(nasty: Archive, tmp_path: Path) -> None:
    selection = {"site": "two.example", "all_revisions": True}
    assert write_markdown(corpus.stored(nasty, **selection), tmp_path, corpus.about(**selection)) == 2
    names = sorted(path.name for path in tmp_path.glob("2024*"))
    assert names == ["2024-07-22-edited-after-18-r2.md", "2024-07-22-edited-before-18-r1.md"]


def test_the_index_leads_to_every_file(nasty: Archive, folder: Path) -> None:
    text = (folder / "index.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    files = [unquote(line.rpartition("](")[2].partition(")")[0]) for line in lines]
    assert sorted(files) == sorted(p.name for p in folder.iterdir() if p.name not in ("index.md", "README.md"))
    assert f"\n{len(files)} files.\n" in text
    assert [int(name.rpartition("-")[2][:-3]) for name in files] == [one.id for one in corpus.stored(nasty)]


def test_the_readme_explains_the_front_matter(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == [field.name for field in fields()]


def test_no_article_at_all(tmp_path: Path) -> None:
    assert write_markdown([], tmp_path, corpus.about()) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"index.md", "README.md"}


def test_the_text_as_markdown() -> None:
    text = as_file(Article(id=1, headline="Rich", body="…", body_html=corpus.RICH_HTML))
    assert text.split("---\n", 2)[2].strip().split("\n\n") == [
        "# Rich",
        "## The *first* part & more",
        "A [link](https://other.example/a?b=1&c=%282%29), **bold** text, `x`\\\nnext line.",
        "A bad link and ![pic\\]](https://other.example/p.png) inline.",
        "### Deeper",
        "- one",
        "  - one a\n  - one b\n- two",
        "  more of two",
        "1. first\n2. second",
        "> Quoted once.\n>\n> Quoted twice.",
        "## The second part",
        '````\ndef f():\n    return "```"\n````',
        "| a\\|b | c |\n| --- | --- |\n| 1 |  |",
        "![A boat](https://other.example/big.jpg)",
        "The *boat*",
    ]


MARKUP = [
    "# no heading",
    "- no item",
    "1. no item",
    "> no quote",
    "*a* _b_ `c`",
    "[x](y)",
    "<b>",
    "---",
    "===",
    "&amp;",
    "a\\",
]


@pytest.mark.parametrize("text", MARKUP)
def test_what_looks_like_markdown_is_text(text: str) -> None:
    markdown_it = pytest.importorskip("markdown_it", reason="a reader of Markdown")
    shown = as_file(Article(headline="x", body=text)).split("# x\n", 1)[1]
    tokens = markdown_it.MarkdownIt().parse(shown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inside = tokens[1].children or []
    assert {token.type for token in inside} <= {"text", "text_special"}
    assert "".join(token.content for token in inside) == text


def test_a_page_that_is_no_article_says_so() -> None:
    text = as_file(Article(headline="Cookies?", verdict="consent", verdict_reason="A consent wall covers it"))
    assert text.rstrip().endswith("(consent: A consent wall covers it)")
