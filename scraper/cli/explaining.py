"""`scrape extract` and `scrape explain`: what the extractor finds on a page, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.messages import harmless, say, say_error
from scraper.errors import NotInArchive, ScrapeError, UsageError

if TYPE_CHECKING:
    from scraper.crawl.workers import PageToRead
    from scraper.extract import Extraction

_COLUMNS = ("file", "verdict", "published_at", "headline", "word_count")


def register(app: typer.Typer) -> None:
    app.command(
        "extract",
        epilog=examples(
            "scrape extract story.html --url https://example.com/story",
            "scrape extract *.html -f ndjson > articles.ndjson",
            "cat story.html | scrape extract - -f md",
        ),
    )(conventional(extract))
    app.command(
        "explain",
        epilog=examples(
            "scrape explain 1",
            "scrape explain story.html --url https://example.com/story",
            "scrape explain 1 -f json",
            "scrape explain 1 --html - > explained.html",
        ),
    )(conventional(explain))


Url = Annotated[str | None, typer.Option("--url", help="Where the page came from: for its links and its site file.")]


def extract(
    conventions: Conventions,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Saved HTML or copied text; - for stdin.")],
    url: Url = None,
) -> int:
    """Extract saved pages. No network; nothing is stored."""
    from scraper.cli.card import print_card
    from scraper.cli.reading import as_markdown
    from scraper.cli.rows import print_rows

    address = _checked(url)
    extractions, unreadable = _extracted(conventions, files, address)
    form = conventions.rows_as
    rows = []
    for name, extraction in extractions:
        article = extraction.article
        for note in extraction.notes:
            say(f"{name}: {note}", quiet=conventions.quiet)
        if article.verdict != "ok":
            say_error(f"{name}: {article.verdict}", article.verdict_reason or "")
        if form is Format.table:
            print_card(article, next_command=f"scrape explain {name}")
        elif form is Format.md:
            print(as_markdown(article))
        else:
            rows.append({"file": name, **article.as_dict()} if len(files) > 1 else article.as_dict())
    if form not in (Format.table, Format.md):
        print_rows(rows, _COLUMNS if len(files) > 1 else _COLUMNS[1:], form)
    empty = sum(e.article.body is None and e.article.page_type != "listing" for _, e in extractions)
    failed = unreadable + empty
    if unreadable == len(files):
        return 2
    return 0 if not failed else 4 if failed == len(files) else 3


def _checked(url: str | None) -> str | None:
    from scraper.urls import check_url

    return check_url(url) if url else None


def _extracted(conventions: Conventions, files: list[str], url: str | None) -> tuple[list[tuple[str, Extraction]], int]:
    """(file, what was found) for each file that could be read, and how many could not."""
    from scraper.crawl.workers import PageToRead

    pages: list[tuple[str, PageToRead]] = []
    unreadable = 0
    for name in files:
        try:
            body = sys.stdin.buffer.read() if name == "-" else _read(Path(name))
        except UsageError as error:
            say_error(error.what, error.why, error.next_step)
            unreadable += 1
            continue
        kind = "text/plain" if name.lower().endswith((".txt", ".text")) else None
        pages.append((name, PageToRead(body, url, kind)))
    return _read_pages(conventions, pages), unreadable


def _read_pages(conventions: Conventions, pages: list[tuple[str, PageToRead]]) -> list[tuple[str, Extraction]]:
    from scraper.crawl import ExtractionPool
    from scraper.extract import load_site_files

    load_site_files(conventions.site_files)
    out: list[tuple[str, Extraction]] = []
    if not pages:
        return out
    with ExtractionPool(workers=min(len(pages), 2), selectors=conventions.site_files) as pool:
        for (name, _), result in zip(pages, pool.read_all(page for _, page in pages), strict=True):
            if isinstance(result, ScrapeError):
                say_error(f"{name}: {result.what}", result.why)
                out.append((name, _unread(str(result))))
            else:
                out.append((name, result))
    return out


def _unread(reason: str) -> Extraction:
    from scraper.article import Article
    from scraper.extract import Extraction

    return Extraction(Article(verdict="empty", verdict_reason=reason))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"No such file: {path}", next_step="for a page on the web use: scrape url URL") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", next_step=f"give its files: {path}/*.html") from None
    except OSError as error:
        raise UsageError(f"Cannot read {path}", why=error.strerror or str(error)) from error


def explain(
    conventions: Conventions,
    page: Annotated[str, typer.Argument(metavar="ID|URL|FILE", help="An archived page, or a saved one.")],
    url: Url = None,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write the page with its blocks coloured instead; - for stdout."),
    ] = None,
) -> int:
    """Explain an article: each field's value, where it came from, what else was found, and why that lost.

    An archived page is read again, as captured, by today's extractor. With --html, the page's own text is
    written with what was kept in green and what was left out by its probability, each with its reason as a
    tooltip; the file is safe to open: no scripts, and nothing is fetched.
    """
    name, to_read = _page_to_explain(conventions, page, _checked(url))
    if html is not None:
        _write_page(conventions, name, to_read, html)
        return 0
    [(_, extraction)] = _read_pages(conventions, [(name, to_read)])
    form = conventions.rows_as
    if form is Format.table:
        _print_explanation(name, extraction)
    else:
        from scraper.cli.rows import print_rows
        from scraper.extract.explanation import explanation_rows

        rows = list(explanation_rows(extraction))
        print_rows(rows, ("field", "outcome", "source", "selector", "score", "value", "reason"), form)
    return 0


def _write_page(conventions: Conventions, name: str, to_read: PageToRead, target: str) -> None:
    from scraper.cli.explained_page import explained_page
    from scraper.crawl import ExtractionPool
    from scraper.extract.explanation import explanation_rows

    with ExtractionPool(workers=1, selectors=conventions.site_files) as pool:
        result = pool.read_highlighted(to_read)
    if isinstance(result, ScrapeError):
        say_error(f"{name}: {result.what}", result.why)
        result = _unread(str(result)), ""
    extraction, highlighted = result
    document = explained_page(name, extraction, explanation_rows(extraction), highlighted)
    if target == "-":
        sys.stdout.write(document)
        return
    try:
        Path(target).write_text(document, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Cannot write {target}", why=error.strerror or str(error)) from error
    say(f"{target} written", quiet=conventions.quiet)


def _page_to_explain(conventions: Conventions, page: str, url: str | None) -> tuple[str, PageToRead]:
    from scraper.crawl.workers import PageToRead
    from scraper.store import Archive
    from scraper.urls import fit_to_show

    if page == "-" or Path(page).is_file():
        body = sys.stdin.buffer.read() if page == "-" else _read(Path(page))
        return page, PageToRead(body, url, "text/plain" if page.lower().endswith(".txt") else None)
    if not page.isdigit() and "://" not in page:
        raise UsageError(
            f"{fit_to_show(page)} is neither a file, a number nor a URL",
            next_step="scrape list shows the numbers of archived pages",
        )
    with Archive.open(conventions.archive) as archive:
        with_body = [c for c in archive.captures(page) if c.sha256 is not None]
        if not with_body:
            raise NotInArchive(f"No capture of {page} has a body to explain", next_step=f"scrape show {page}")
        number = with_body[-1].id
        return page, PageToRead.of(archive.capture(number), archive.rendering(number))


def _print_explanation(name: str, extraction: Extraction) -> None:
    from rich.text import Text

    from scraper.cli import terminal
    from scraper.extract.explanation import explanation_rows

    console = terminal.console()
    article = extraction.article
    console.print(Text(harmless(name), style="bold"))
    verdict = f"{article.page_type}, {article.verdict}" + (
        f": {article.verdict_reason}" if article.verdict_reason else ""
    )
    console.print(Text(harmless(f"read as {extraction.encoding}; {verdict}")))
    if extraction.site_file is not None:
        missed = f"; matched nothing for: {', '.join(extraction.missed)}" if extraction.missed else ""
        console.print(Text(f"site file: {extraction.site_file.name}{missed}"))
    field = None
    styles = {"won": "green", "kept": "green", "lost": "dim", "dropped": "dim", "absent": "yellow"}
    for row in explanation_rows(extraction):
        if row["field"] != field:
            field = row["field"]
            console.print(Text(f"\n{field}", style="bold"))
        where = " ".join(str(part) for part in (row.get("source"), row.get("selector")) if part)
        score = f" {row['score']:.2f}" if "score" in row else ""
        value = row.get("value")
        shown = "; ".join(value) if isinstance(value, list) else str(value or "")
        shown = shown if len(shown) <= 90 else shown[:89] + "…"
        line = f"  {row['outcome']:<7}{score} {where}: {shown}" if where else f"  {row['outcome']}"
        console.print(Text(harmless(line), style=styles[row["outcome"]]))
        if row.get("reason"):
            console.print(Text(harmless(f"          {row['reason']}"), style="dim"))
