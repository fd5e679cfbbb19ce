"""What comes out: tables on a terminal, data in a pipe, and nothing from the web that a terminal would obey."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from scraper.cli.urls_in import read_urls
from scraper.demo import DemoSite
from tests.cli.running import Said, Scrape
from tests.fixtures import fixture
from tests.http_server import HttpServer

FERRY = "http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/"
SEED = fixture("kherson-monitor/seed-with-metadata").page
HTML = "text/html; charset=UTF-8"


# On a terminal


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_list_on_a_terminal_is_a_table_that_fits(reader: Scrape, columns: int) -> None:
    said = reader.on_terminal("list", columns=columns)
    assert said.code == 0
    lines = said.plain.splitlines()
    wide = ["revision", "word_count"] if columns == 120 else []
    assert lines[0].split() == ["id", "published_at", *(["site"] if columns > 60 else []), "headline", "verdict", *wide]
    assert max(cell_len(line.rstrip()) for line in lines) <= columns
    # However narrow: which page it is, from when, and how its headline begins.
    assert re.search(r"^\d +2024-11-18 +(\S+ +)?Island ferry", said.plain, re.M)
    assert "\x1b[1m" in said.out


def test_search_and_stats_on_a_terminal(reader: Scrape) -> None:
    found = reader.on_terminal("search", "ferry")
    assert found.plain.splitlines()[0].split() == ["id", "published_at", "site", "headline", "snippet"]
    assert "\x1b[1mferry\x1b[0m" in found.out
    numbers = reader.on_terminal("stats").plain
    assert re.search(r"^captures +20 *$", numbers, re.M)
    assert re.search(r"^sites: harbour-courier.example +2 *$", numbers, re.M)


def test_show_on_a_terminal_is_the_whole_article(reader: Scrape) -> None:
    plain = reader.on_terminal("show", FERRY).plain
    assert plain.splitlines()[1] == "Island ferry to run until Christmas at a cost of £38,000"
    assert "harbour-courier.example" in plain.splitlines()[2]
    [article] = reader("show", FERRY).rows
    words = " ".join(plain.split())
    for paragraph in article["body"].split("\n\n"):
        assert " ".join(paragraph.split()) in words
    assert re.search(rf"^next +scrape explain {article['id']}$", plain, re.M)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_no_escape_codes_where_they_are_not_wanted(reader: Scrape, env: dict[str, str]) -> None:
    for arguments in (["list"], ["show", "1"]):
        said = reader.on_terminal(*arguments, **env)
        assert said.code == 0
        assert "\x1b" not in said.out


def test_one_page_is_shown_as_a_card(scrape: Scrape, server: HttpServer) -> None:
    server.page("/seed", SEED, type=HTML)
    url = "http://kherson-monitor.example/seed"
    said = scrape.on_terminal("url", url)
    assert said.code == 0
    lines = said.plain.splitlines()
    assert lines[1] == "Russian soldiers flee for their lives from Kherson – Ukraine inteligence"
    assert lines[2] == "Olena Marchuk · 2022-11-10T18:42:07+02:00 · kherson-monitor.example"
    assert "… 7 more paragraphs" in lines
    facts = dict(line.split(maxsplit=1) for line in lines if re.match(r"[a-z0-9]+ {2,}", line))
    assert facts["url"] == url
    assert facts["language"] == "en-US"
    assert facts["words"] == "302, article"
    assert re.match(r"site_file: .*authors", facts["sources"])
    assert "json_ld: " in plain_after(lines, "sources")
    assert "last night" in facts["related"]
    assert facts["revision"] == "1, new"
    assert re.fullmatch(r"1, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, [\d,]+ bytes", facts["capture"])
    assert len(facts["sha256"]) == 64
    assert facts["archive"] == "archive.db"
    assert facts["next"] == "scrape show 1"
    assert max(map(cell_len, lines)) <= 80


def plain_after(lines: list[str], label: str) -> str:
    start = next(number for number, line in enumerate(lines) if line.startswith(label))
    return " ".join(lines[start : start + 4])


def test_several_pages_are_a_line_each(scrape: Scrape, server: HttpServer) -> None:
    server.page("/seed", SEED, type=HTML)
    said = scrape.on_terminal(
        "url", "http://a.example/seed", "http://b.example/seed", "http://c.example/gone", columns=60
    )
    assert said.code == 3
    lines = said.plain.splitlines()
    assert max(map(len, (line for line in lines if re.match(r"\d/3", line)))) <= 60
    assert [line.split()[1] for line in lines if re.match(r"[123]/3  ", line)].count("new") == 2
    assert re.search(r"^\d/3  failed +#?\d* +http://c.example/gone$", said.plain, re.M)
    assert lines[-1] == "3 pages: 1 failed, 2 new. Archive: archive.db"


def test_a_counter_on_the_terminal_while_rows_go_to_a_file(scrape: Scrape, server: HttpServer) -> None:
    server.page("/seed", SEED, type=HTML)
    rows = scrape.folder / "rows.csv"
    urls = [f"http://{name}.example/seed" for name in "abc"]
    said = scrape.on_terminal("url", *urls, "-f", "csv", stdout=rows)
    assert said.code == 0
    assert "1 of 3 pages" in said.out
    assert "3 pages: 3 new" in said.out
    written = rows.read_text()
    assert [row["state"] for row in csv.DictReader(io.StringIO(written))] == ["new"] * 3
    assert "\x1b" not in written


# In a pipe


def test_lines_of_json_are_whole_articles(reader: Scrape, query: Any) -> None:
    rows = reader("list").rows
    stored = query(reader.folder / "archive.db", "SELECT * FROM articles")
    assert len(rows) == len(stored) == 8
    by_id = {row["id"]: row for row in stored}
    for row in rows:
        for name in ("url", "headline", "published_at", "body", "body_html", "verdict", "revision", "language", "lead"):
            assert row[name] == by_id[row["id"]][name]
        for name in ("authors", "tags", "links", "provenance"):
            assert row[name] == json.loads(by_id[row["id"]][name])
        assert row["capture"]["sha256"] == by_id[row["id"]]["sha256"]


def test_json_is_one_document(reader: Scrape) -> None:
    assert json.loads(reader("list", "-f", "json").out) == reader("list", "-f", "ndjson").rows
    assert json.loads(reader("list", "-f", "json", "--site", "nowhere.example").out) == []
    [numbers] = json.loads(reader("stats", "-f", "json").out)
    assert (numbers["articles"], numbers["captures"], numbers["failures"]) == (6, 20, {"http_404": 2})


def test_csv_and_markdown(reader: Scrape) -> None:
    table = list(csv.DictReader(io.StringIO(reader("list", "-f", "csv").out)))
    assert {row["verdict"] for row in table} == {"ok", "consent", "not_article"}
    [ferry] = [row for row in table if row["url"] == FERRY]
    assert ferry["headline"] == "Island ferry to run until Christmas at a cost of £38,000"
    assert ferry["revision"] == "2"
    lines = reader("list", "-f", "md").out.splitlines()
    assert lines[1] == "|" + " --- |" * lines[0].count(" | ") + " --- |"
    assert len(lines) == 2 + len(table)
    scores = [row["score"] for row in csv.DictReader(io.StringIO(reader("search", "the", "-f", "csv").out))]
    assert scores
    assert all(re.fullmatch(r"-?[\d.e-]+", score) for score in scores)  # a negative number is no formula


def test_an_article_as_markdown(reader: Scrape) -> None:
    said = reader("show", FERRY, "-f", "md")
    lines = said.out.splitlines()
    assert lines[0] == "# Island ferry to run until Christmas at a cost of £38,000"
    assert f"Source: <{FERRY}>  " in lines
    assert re.search(r"SHA-256 `[0-9a-f]{64}`", lines[-1])
    old = reader("show", FERRY, "-r", "1", "-f", "md").out
    assert old.startswith("# Island ferry to run until Christmas as council finds £48,000\n")


def test_explain(reader: Scrape) -> None:
    rows = reader("explain", "http://millbrook-bugle.example/archive/pond.htm").rows
    won = {row["field"]: row for row in rows if row["outcome"] == "won"}
    assert won["headline"]["value"] == "Mill Pond Drained for First Time Since 1961"
    assert {row["outcome"] for row in rows} >= {"won", "lost", "kept", "absent"}
    assert all(row["reason"] for row in rows)
    plain = reader.on_terminal("explain", FERRY, columns=100).plain
    assert "site file: Harbour Courier" in plain
    assert re.search(r"^headline\n  won +\d\.\d\d \S+ .*£38,000", plain, re.M)
    assert reader("explain", FERRY, "-f", "md").out.startswith("| field | outcome | source | selector | score |")


def test_filters(reader: Scrape) -> None:
    def ids(*arguments: str) -> list[str]:
        return [row["url"].split("/")[2] for row in reader("list", *arguments).rows]

    assert ids("--lang", "uk") == ["visti-stepu.example"]
    assert ids("--verdict", "consent") == ["metropost.example"]
    assert ids("--site", "millbrook-bugle.example") == ["millbrook-bugle.example"]
    assert ids("--since", "2024-11-19", "--until", "2024-11-20", "-n", "1") == ["sada-almina.example"]
    said = reader("list", "--since", "2030")
    assert (said.code, said.out, said.err) == (0, "", "no page matches\n")
    assert reader("list", "--since", "2030", "--quiet").err == ""


# Text from the web

EVIL = "Mayor [/foo] [red]x\x1b]52;c;QUJD\x07\x1b[2J\x9b31m\u202eevil\u2066 end"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory, server: HttpServer) -> tuple[Scrape, Said]:
    """An archive of two pages whose headlines attack terminals and spreadsheets, and the card of one."""
    paragraphs = (
        f"The mayor [bold]said[/bold] {EVIL} on Tuesday that the bridge would be rebuilt before the winter came.",
        "The money for it had been there all along, he added, and nobody had thought of looking for it.",
        "Work begins on Monday with the eastern pier, which has been leaning since the flood of three years ago.",
        "Until it is done the ferry runs every twenty minutes, and crossing with it costs nothing, the town said.",
    )
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    for path, headline in (("/evil", EVIL), ("/formula", '=HYPERLINK("http://x.example/")')):
        head = f"<meta property=og:type content=article><title>{headline}</title>"
        server.page(path, f"{head}<article><h1>{headline}</h1>{text}</article>", type=HTML)
    scrape = Scrape(tmp_path_factory.mktemp("evil"), server.port)
    assert scrape("url", "http://evil.example/formula").code == 0
    return scrape, scrape.on_terminal("url", "http://evil.example/evil")


def harmless(said: Said) -> bool:
    """Nothing a terminal obeys but the colours that we put there."""
    return said.code == 0 and not CONTROL.search(re.sub(r"\x1b\[[0-9;]*m", "", said.out))


def test_a_card_does_not_reach_into_the_terminal(evil: tuple[Scrape, Said]) -> None:
    _, card = evil
    assert harmless(card)
    assert "Mayor [/foo] [red]x" in card.plain.splitlines()[1]
    assert "[bold]said[/bold]" in card.plain


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["show", "2"],
        ["show", "2", "--html"],
        ["search", "mayor"],
        ["explain", "2"],
        ["show", "2", "-f", "md"],
        ["list", "-f", "csv"],
        ["list", "-f", "json"],
        ["list", "-f", "ndjson"],
        ["list", "-f", "md"],
    ],
    ids=" ".join,
)
def test_nor_does_any_other_output(evil: tuple[Scrape, Said], arguments: list[str]) -> None:
    said = evil[0].on_terminal(*arguments, columns=100)
    assert harmless(said)
    assert "[/foo]" in said.plain


def test_json_keeps_every_character(evil: tuple[Scrape, Said], query: Any) -> None:
    [stored] = query(evil[0].folder / "archive.db", "SELECT headline FROM articles WHERE id = 2")
    [row] = evil[0]("show", "2").rows
    assert row["headline"] == stored["headline"]


def test_csv_holds_no_formula(evil: tuple[Scrape, Said]) -> None:
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(evil[0]("list", "-f", "csv").out))}
    assert rows["1"]["headline"] == '\'=HYPERLINK("http://x.example/")'
    assert {row["headline"] for row in evil[0]("list").rows if row["id"] == 1} == {'=HYPERLINK("http://x.example/")'}


# Lists of URLs, and what is said about them


CSV = '\ufeffid,URL,title\n1,{0},"one, and\nmore"\n2,{1},two\n3,,none\n'


def test_a_list_on_standard_input(tmp_path: Path, demo_site: DemoSite) -> None:
    scrape = Scrape(tmp_path, demo_site.port)
    urls = [f"{FERRY}?utm_source=a#top", "http://millbrook-bugle.example/archive/pond.htm"]
    said = scrape("url", "-i", "-", "--quiet", stdin=CSV.format(*urls))
    assert (said.code, said.err) == (0, "")
    assert {row["site"] for row in said.rows} == {"harbour-courier.example", "millbrook-bugle.example"}


@pytest.mark.parametrize(
    "text",
    [
        "# two pages\n\n{0}\n  {1}  \r\n",
        CSV,
        "title;link\none;{0}\ntwo;{1}\n",
        "n\thref\n1\t{0}\n2\t{1}\n",
        "url\n{0}\n{1}\n",
        "{0}\n{1}",
    ],
    ids=["lines", "csv", "semicolons", "tabs", "one column", "no header"],
)
def test_lists_of_urls(tmp_path: Path, text: str) -> None:
    urls = ["http://a.example/1,2", "https://b.example/?q=x;y"]
    path = tmp_path / "list"
    quoted = [f'"{url}"' if text.startswith(("title", "\ufeff")) else url for url in urls]
    path.write_text(text.format(*quoted), encoding="utf-8", newline="")
    assert read_urls(path) == urls


def test_messages_as_lines_of_json(scrape: Scrape, server: HttpServer) -> None:
    server.page("/seed", SEED, type=HTML)
    server.page("/bad", SEED.replace(b"defeat", b"def\xffeat"), type=HTML)
    urls = ["http://a.example/seed", "http://b.example/bad", "http://c.example/gone", "nonsense"]
    said = scrape("url", *urls, "--log", "json", "-f", "json")
    assert said.code == 3
    events = [json.loads(line) for line in said.err.splitlines()]
    pages = {event["url"]: event for event in events if event["event"] == "page"}
    assert set(pages) == set(urls)
    assert pages["http://a.example/seed"]["state"] == "new"
    assert pages["http://c.example/gone"]["error"]["code"] == "http_404"
    assert pages["nonsense"]["error"]["code"] == "not_a_url"
    assert [event["message"] for event in events if event["event"] == "note"] == [
        "http://b.example/bad: 1 characters were not valid utf-8 and are lost"
    ]
    assert events[-1] == {"event": "done", "pages": 4, "failed": 2, "states": {"new": 2, "failed": 2}}
    assert len(json.loads(said.out)) == 4
    missing = json.loads(scrape("list", "--archive", "none.db", "--log", "json").err)
    assert missing["event"] == "error"
    assert missing["what"] == "There is no archive at none.db"


def test_extract_from_standard_input(scrape: Scrape) -> None:
    said = scrape("extract", "-", "--url", "https://kherson-monitor.example/x", stdin=SEED)
    assert said.code == 0
    [article] = said.rows
    assert article["site"] == "kherson-monitor.example"
    assert "id" not in article
    assert "capture" not in article
    assert article["provenance"]["authors"]["source"] == "site_file"
    assert list(scrape.folder.iterdir()) == []


def test_letters_a_terminal_lacks(reader: Scrape) -> None:
    said = reader("list", "-f", "csv", env={"PYTHONIOENCODING": "ascii"})
    assert said.code == 0
    assert "\\u0423 \\u0411\\u0430\\u043b\\u0446\\u0456" in said.out  # У Балці


def test_the_archive_by_environment(reader: Scrape) -> None:
    (reader.folder / "archive.db").rename(reader.folder / "war.db")
    assert len(reader("list", env={"SCRAPE_ARCHIVE": "war.db"}).rows) == 8
    assert reader("list").code == 2


def test_settings_from_the_file_beside_the_archive(scrape: Scrape, server: HttpServer) -> None:
    server.page("/seed", SEED, type=HTML)
    (scrape.folder / "scrape.toml").write_text(
        '[fetch]\ncontact = "https://me.example/bot"\nuser_agent = "from-file"\n'
    )
    assert scrape("url", "http://settings.example/seed", "--user-agent", "from-option/1").code == 0
    [request] = [r for r in server.seen("/seed") if r.header("Host") == "settings.example"]
    assert request.header("User-Agent") == "from-option/1 (+https://me.example/bot)"
