"""`scrape list`, `show`, `search`, `stats`: reading the archive."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.article import VERDICTS, Verdict
from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.filter_options import ArticleFilters
from scraper.cli.messages import harmless, say
from scraper.cli.outcomes import archive_option
from scraper.errors import NotInArchive, QueryError, UsageError

if TYPE_CHECKING:
    from scraper.article import Article
    from scraper.store import Archive

_NARROW_COLUMNS = ("id", "published_at", "headline", "verdict")
_LIST_COLUMNS = ("id", "published_at", "site", "headline", "verdict")
_WIDE_COLUMNS = (*_LIST_COLUMNS, "revision", "word_count")
_LIST_CSV = (
    "id",
    "url",
    "site",
    "headline",
    "authors",
    "published_at",
    "language",
    "verdict",
    "revision",
    "word_count",
)
_HIT_COLUMNS = ("id", "published_at", "site", "headline", "snippet")
_HIT_CSV = ("id", "url", "site", "headline", "authors", "published_at", "score", "snippet")


def register(app: typer.Typer) -> None:
    app.command(
        "list",
        epilog=examples(
            "scrape list",
            "scrape list --site harbour-courier.example --since 2024-11 -f csv",
            "scrape list --verdict consent -f json",
        ),
    )(conventional(list_articles))
    app.command(
        "show",
        epilog=examples("scrape show 1", "scrape show 1 -f md > story.md", "scrape show 1 --html > story.html"),
    )(conventional(show))
    app.command(
        "search",
        epilog=examples(
            "scrape search ferry",
            "scrape search '\"island ferry\" OR timetable' --limit 5",
            "scrape search council --since 2024 -f ndjson",
            "scrape search 'headline:ferry -tram site:harbour-courier.example'",
        ),
    )(conventional(search))
    app.command("stats", epilog=examples("scrape stats", "scrape stats -f json"))(conventional(stats))


def open_archive(conventions: Conventions) -> Archive:
    """The archive, read-only."""
    from scraper.store import Archive

    return Archive.open(conventions.archive)


def list_articles(
    conventions: Conventions,
    *,
    filters: ArticleFilters,
    verdict: Annotated[str | None, typer.Option(help=f"Only pages with this verdict: {', '.join(VERDICTS)}.")] = None,
    limit: Annotated[int | None, typer.Option("-n", "--limit", min=1, help="At most so many.")] = None,
) -> int:
    """List the pages of the archive, newest first.

    Pages that are no article are listed too, with the verdict that says what they are.
    """
    from scraper.cli.rows import print_rows

    verdicts = VERDICTS if verdict is None else (known_verdict(verdict),)
    with open_archive(conventions) as archive:
        found = archive.articles(**filters.given(), verdicts=verdicts, limit=limit)
        form = conventions.rows_as
        columns = _list_columns() if form is Format.table else _LIST_CSV
        count = print_rows((article.as_dict() for article in found), columns, form)
    if not count:
        say("no page matches", quiet=conventions.quiet)
    return 0


def known_verdict(name: str) -> Verdict:
    """The verdict of this name. Raises UsageError."""
    for verdict in VERDICTS:
        if verdict == name:
            return verdict
    raise UsageError(f"There is no verdict {name!r}", next_step=f"known: {', '.join(VERDICTS)}")


def query_of(words: list[str]) -> str:
    """The query that was typed, with or without quotes around it all. Raises QueryError for none."""
    text = " ".join(words)
    if not text.strip():
        raise QueryError("The query is empty", next_step="scrape search ferry")
    return text


def _list_columns() -> tuple[str, ...]:
    from scraper.cli import terminal

    width = terminal.width()
    return _WIDE_COLUMNS if width >= 110 else _LIST_COLUMNS if width >= 72 else _NARROW_COLUMNS


def show(
    conventions: Conventions,
    page: Annotated[str, typer.Argument(metavar="ID|URL", help="The number scrape list shows, or a URL.")],
    revision: Annotated[
        int | None, typer.Option("-r", "--revision", min=1, help="This revision, not the newest.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="The page's bytes as they were captured, on stdout.")] = False,
    rendered: Annotated[
        bool, typer.Option("--rendered", help="The page as a browser drew it, as HTML, on stdout.")
    ] = False,
    screenshot: Annotated[
        bool, typer.Option("--screenshot", help="The picture that was taken of it, a PNG, on stdout.")
    ] = False,
) -> int:
    """Show one article of the archive, whole.

    On a terminal to read, as Markdown with -f md, as JSON in a pipe, as captured with --html, and as a
    browser drew it with --rendered.
    """
    from scraper.cli.card import print_card
    from scraper.cli.rows import print_rows

    with open_archive(conventions) as archive:
        article = _revision(archive, page, revision)
        about = archive.page(article.id or page)
        if html or rendered or screenshot:
            _print_bytes(_body(archive, article) if html else _drawn(archive, article, picture=screenshot))
            return 0
    form = conventions.rows_as
    if form is Format.table:
        command = f"scrape explain {article.id}{archive_option(conventions)}"
        print_card(article, archive=conventions.archive, whole=True, next_command=command, page=about)
    elif form is Format.md:
        print(as_markdown(article))
    else:
        print_rows([article.as_dict()], _LIST_CSV, form)
    return 0


def _revision(archive: Archive, page: str, number: int | None) -> Article:
    if number is None:
        return archive.article(page)
    revisions = list(archive.revisions(page, superseded=True))
    for article in revisions:
        if article.revision == number:
            return article
    raise NotInArchive(f"{page} has no revision {number}", why=f"it has {len(revisions)}")


def _body(archive: Archive, article: Article) -> bytes:
    if article.capture is None or article.capture.sha256 is None:
        raise NotInArchive("The capture has no body")
    return archive.body(article.capture.sha256)


def _drawn(archive: Archive, article: Article, *, picture: bool) -> bytes:
    """The document, or the picture, that a browser made of the newest capture that shows this revision."""
    for capture in reversed(list(archive.captures(article.id or 0))):
        rendering = archive.rendering(capture.id) if capture.revision == article.revision else None
        found = rendering and (rendering.screenshot if picture else rendering.dom)
        if found:
            return found
    option = "--screenshot" if picture else "--render always"
    raise NotInArchive(
        f"There is no {'picture' if picture else 'rendering'} of this article",
        why="no browser drew it" if not picture else "none was taken",
        next_step=f"scrape url {article.url} {option} makes one of the page as it is today",
    )


def _print_bytes(content: bytes) -> None:
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    elif content.startswith(b"\x89PNG"):
        raise UsageError("A picture cannot be shown on a terminal", next_step="append > page.png")
    else:  # to look at; the bytes themselves go to files and pipes
        print(harmless(content.decode("utf-8", errors="replace")))


def as_markdown(article: Article) -> str:
    """The article as Markdown: headline, byline, text, and where and when it was captured."""
    lines = [f"# {article.headline or '(no headline)'}", ""]
    byline = ", ".join([*article.authors, *([article.published_at] if article.published_at else [])])
    if byline:
        lines += [f"*{byline}*", ""]
    lines += [article.body or f"({article.verdict}: {article.verdict_reason})", "", "---", ""]
    lines.append(f"Source: <{article.url}>  ")
    if article.capture is not None:
        when = article.capture.fetched_at.isoformat(timespec="seconds")
        lines.append(f"Captured {when}, capture {article.capture.id}, SHA-256 `{article.capture.sha256}`")
        if article.capture.rendered_sha256 is not None:
            lines[-1] += f", read as a browser drew it, SHA-256 `{article.capture.rendered_sha256}`"
    return harmless("\n".join(lines))


def search(
    conventions: Conventions,
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Words; all must occur.")],
    *,
    filters: ArticleFilters,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="At most so many.")] = 20,
) -> int:
    """Search headlines, leads, texts and authors; the best matches first.

    "A phrase", begin*, OR, NOT, -word and parentheses do what they do elsewhere; headline:, lead:, body: and
    author: look in one field only; site:, since:, until:, lang: and verdict: may stand in the query, too, and
    list the newest when they are all there is. Case and accents do not matter.
    """
    from scraper.cli.rows import BOLD, print_rows
    from scraper.cli.terminal import color_wanted

    text = query_of(query)
    form = conventions.rows_as
    as_table = form is Format.table
    marks = BOLD if as_table and color_wanted() else ("**", "**")
    with open_archive(conventions) as archive:
        hits = archive.search(text, **filters.given(), limit=limit, marks=marks)
        rows = ({**asdict(hit), "authors": list(hit.authors)} for hit in hits)
        if as_table:
            rows = ({**row, "headline": row["headline_marked"]} for row in rows)
        count = print_rows(rows, _HIT_COLUMNS if as_table else _HIT_CSV, form)
    if not count:
        say("nothing matches; fewer words, or begin* for a beginning, may", quiet=conventions.quiet)
    return 0


def stats(conventions: Conventions) -> int:
    """What the archive holds, in numbers."""
    from scraper.cli.rows import print_rows

    with open_archive(conventions) as archive:
        numbers: dict[str, Any] = archive.stats().as_dict()
    form = conventions.rows_as
    if form in (Format.json, Format.ndjson):
        print_rows([numbers], (), Format.ndjson if form is Format.ndjson else Format.json)
        return 0
    rows = []
    for name, value in numbers.items():
        if isinstance(value, dict):
            rows += [{"what": f"{name}: {key or '(unknown)'}", "number": count} for key, count in value.items()]
        else:
            rows.append({"what": name, "number": "" if value is None else value})
    print_rows(rows, ("what", "number"), form)
    return 0
