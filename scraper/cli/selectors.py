"""`scrape selectors`: write, test and watch over the site files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli import sitefile_trials
from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.fetch_options import AskOptions, ReachOptions
from scraper.cli.messages import harmless, say, say_error
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.extract.sitefiles.ftr import Imported
    from scraper.extract.sitefiles.proposing import PageGiven
    from scraper.settings import FetchSettings
    from scraper.store import Archive

_LIST_COLUMNS = ("name", "hosts", "language", "layouts", "fields")
_IMPORT_COLUMNS = ("file", "hosts", "taken", "left_out", "what")


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        name="selectors",
        help="Write, test and watch over the site files.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list", epilog=examples("scrape selectors list", "scrape selectors list -f json"))(
        conventional(list_files)
    )
    group.command(
        "new",
        epilog=examples(
            "scrape selectors new story.html --url https://example.com/story > example.com.toml",
            "scrape selectors new http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/",
        ),
    )(conventional(new))
    sitefile_trials.register(group)
    group.command(
        "import-ftr",
        epilog=examples(
            "scrape selectors import-ftr site-config -f md",
            "scrape selectors import-ftr site-config -o imported",
        ),
    )(conventional(import_ftr))
    app.add_typer(group)


def list_files(conventions: Conventions) -> int:
    """List the site files in force: their hosts, layouts, fields and language."""
    from scraper.cli.rows import print_rows
    from scraper.extract import load_site_files

    rows: list[dict[str, Any]] = [
        {
            "name": file.name,
            "hosts": list(file.hosts),
            "language": file.language,
            "layouts": len(file.layouts),
            "until": [layout.until.isoformat() for layout in file.layouts if layout.until],
            "fields": list(dict.fromkeys(name for layout in file.layouts for name in layout.fields)),
            "file": str(file.path),
        }
        for file in load_site_files(conventions.site_files).files
    ]
    columns = (*_LIST_COLUMNS, "file") if conventions.rows_as is Format.csv else _LIST_COLUMNS
    print_rows(rows, columns, conventions.rows_as)
    return 0


def new(
    conventions: Conventions,
    pages: Annotated[list[str], typer.Argument(metavar="URL|FILE", help="Two or three articles of one site.")],
    url: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="Where saved files came from: one for all, or one for each."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a new file.")] = None,
    *,
    asking: AskOptions,
    reach: ReachOptions,
) -> int:
    """Propose a site file from a few pages: selectors of what was extracted from them without one.

    Look at it before using it: it knows no more than the pages given, and what is better without a rule needs none.
    What no selector leads to is said on standard error.
    """
    from scraper.extract.sitefiles.proposing import propose
    from scraper.urls import site_of

    if output is not None and output.exists():
        raise UsageError(f"{output} exists already", next_step="give another name, or remove it first")
    settings = conventions.fetch_settings(asking, reach)
    given, failed = _gather(pages, url or [], settings, conventions.archive)
    if not given:
        return 4
    sites = {site_of(page.url) for page in given}
    if len(sites) > 1:
        raise UsageError(
            f"The pages are of {len(sites)} sites: {', '.join(sorted(sites))}", next_step="give one site's"
        )
    proposal = propose(given)
    for sentence in proposal.missing:
        say(sentence, quiet=conventions.quiet)
    if not proposal.draft.fields:
        say_error("no selector was found for anything", "the pages show no article, or differ too much", "give others")
        return 4
    text = proposal.draft.as_toml()
    if output is None:
        print(harmless(text), end="")
    else:
        output.write_text(text, encoding="utf-8")
        say(f"wrote {output}; next: scrape selectors test {output}", quiet=conventions.quiet)
    return 3 if failed else 0


def _gather(pages: list[str], urls: list[str], settings: FetchSettings, archive: Path) -> tuple[list[PageGiven], int]:
    """The pages that could be had, files and fetched ones, and how many could not."""
    from scraper.extract.sitefiles.proposing import PageGiven

    files = [page for page in pages if "://" not in page]
    if files and not urls:
        raise UsageError("Saved pages need --url", why="a site file is one site's", next_step="add --url https://…")
    if len(urls) > 1 and len(urls) != len(files):
        raise UsageError(
            f"{len(urls)} times --url for {len(files)} files", next_step="give one for all, or one for each"
        )
    origins = dict(zip(files, urls if len(urls) == len(files) else urls * len(files), strict=True))
    fetched = _fetch([page for page in pages if "://" in page], settings, archive)
    out: list[PageGiven] = []
    for page in pages:
        if page in origins:
            out.append(PageGiven(_read(Path(page)), origins[page]))
        elif page in fetched:
            out.append(fetched[page])
    return out, len(pages) - len(out)


def _fetch(urls: list[str], settings: FetchSettings, path: Path) -> dict[str, PageGiven]:
    """The pages that came, by the address that was given. Failures are said."""
    from scraper.crawl.looking import look_at
    from scraper.extract.sitefiles.proposing import PageGiven
    from scraper.urls import check_url

    out: dict[str, PageGiven] = {}
    if not urls:
        return out
    if settings.ignore_robots:
        say("warning: robots.txt is ignored: what sites ask not to be fetched is fetched")
    with _minding_hosts(path) as archive:
        captures = run_until_ended(look_at([check_url(url) for url in urls], archive=archive, settings=settings))
    for url, capture in zip(urls, captures, strict=True):
        if capture.failure is not None or capture.body is None:
            why = capture.failure.message if capture.failure else "nothing came"
            say_error(f"{url} could not be fetched", why, "give another page, or a saved one with --url")
        else:
            out[url] = PageGiven(capture.body, capture.final_url, capture.content_type)
    return out


@contextmanager
def _minding_hosts(path: Path) -> Iterator[Archive]:
    """The archive at `path`, by which processes take turns at hosts; where there is none, one that is thrown away."""
    from scraper.store import Archive

    if os.access(path, os.W_OK):
        with Archive.open(path, write=True) as archive:
            yield archive
    else:
        with TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive.db", write=True) as archive:
            yield archive


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"Cannot read {path}", why=why, next_step="give a saved page, or a URL") from error


def import_ftr(
    conventions: Conventions,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Files named host.txt.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Write the site files here.")
    ] = None,
) -> int:
    """Read a folder in FiveFilters' site-config format, and report per file what could not be taken.

    Nothing is written without -o. A site file that exists already is left as it is.
    """
    from scraper.cli.rows import print_rows
    from scraper.extract.sitefiles.ftr import read_ftr

    if not folder.is_dir():
        raise UsageError(f"No such folder: {folder}", next_step="give the folder that holds the files host.txt")
    imported = [read_ftr(path) for path in sorted(folder.glob("*.txt"))]
    if not imported:
        raise UsageError(f"{folder} holds no *.txt", next_step="give the folder that holds the files host.txt")
    kept = 0 if output is None else _write_all(imported, output)
    print_rows([_import_row(one) for one in imported], _IMPORT_COLUMNS, conventions.rows_as)
    usable = sum(one.draft is not None for one in imported)
    taken, left = sum(one.taken for one in imported), sum(len(one.left_out) for one in imported)
    done = f"written to {output}" if output else "nothing written; -o DIR does"
    say(
        f"{len(imported)} files, {usable} of use: {taken} lines taken, {left} left out; {done}",
        quiet=conventions.quiet,
    )
    failed = len(imported) - usable + kept
    return 0 if not failed else 4 if failed == len(imported) else 3


def _write_all(imported: list[Imported], output: Path) -> int:
    """Write the drafts; how many were not, because there is such a file already."""
    output.mkdir(parents=True, exist_ok=True)
    kept = 0
    for one in imported:
        if one.draft is None:
            continue
        path = output / f"{one.draft.hosts[0]}.toml"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(one.draft.as_toml())
        except FileExistsError:
            say_error(f"{path} exists already", "it is left as it is", "remove it, or give another folder")
            kept += 1
    return kept


def _import_row(one: Imported) -> dict[str, Any]:
    counts = Counter(line.directive for line in one.left_out)
    return {
        "file": str(one.path),
        "hosts": one.draft.hosts if one.draft else [],
        "taken": one.taken,
        "left_out": len(one.left_out),
        "what": ", ".join(f"{directive} ({count})" for directive, count in counts.most_common()),
        "lines": [
            {"line": line.line, "directive": line.directive, "value": line.value, "reason": line.reason}
            for line in one.left_out
        ],
    }
