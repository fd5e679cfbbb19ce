"""`scrape export`: articles and captures in the formats that other programs read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from scraper.article import READABLE, VERDICTS, Verdict
from scraper.cli.conventions import Conventions, conventional, examples
from scraper.cli.filter_options import ArticleFilters
from scraper.cli.messages import harmless, say
from scraper.cli.reading import known_verdict, open_archive, query_of
from scraper.errors import ExportFailed, UsageError

if TYPE_CHECKING:
    from scraper.export.formats import ExportFormat


class Form(StrEnum):
    """The formats of `scraper.export.formats`, by name."""

    ndjson = "ndjson"
    csv = "csv"
    parquet = "parquet"
    md = "md"
    tei = "tei"
    bibtex = "bibtex"
    csl = "csl"
    jsonld = "jsonld"
    warc = "warc"
    wacz = "wacz"


_EXAMPLES = examples(
    "scrape export > articles.ndjson",
    "scrape export ferry --since 2024 -o ferry.csv",
    "scrape export --site harbour-courier.example --format bibtex",
    "scrape export --format csv --bundle -o articles",
    "scrape export --format csv --dictionary",
)


def register(app: typer.Typer) -> None:
    app.command("export", epilog=_EXAMPLES)(conventional(export))


def export(
    conventions: Conventions,
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="Only what matches, as in scrape search.", show_default=False),
    ] = None,
    format: Annotated[
        Form | None,
        typer.Option(
            "-f",
            "--format",
            metavar="|".join(Form),
            help="What to write.  [default: by the ending of --output; ndjson on stdout]",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PATH", help="A file, or a folder for md and --bundle; - for stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there already.")] = False,
    *,
    filters: ArticleFilters,
    verdict: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only pages with this verdict: {', '.join(VERDICTS)}, or all; may be repeated."
            "  [default: readable articles; for warc and wacz all]",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option("-n", "--limit", min=1, help="At most so many.")] = None,
    all_revisions: Annotated[
        bool, typer.Option("--all-revisions", help="Every revision of each article, not the newest alone.")
    ] = False,
    bom: Annotated[bool, typer.Option("--bom", help="Begin a csv as Excel wants it to know that it is UTF-8.")] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Make a folder: the file, a README and a datapackage.json.")
    ] = False,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Say what the fields of the format mean, and export nothing.")
    ] = False,
) -> int:
    """Write articles in a format that other programs read; warc and wacz hold the captures themselves.

    Filters do what they do in scrape search and scrape list. A file appears when it is whole: an export that fails
    leaves none. All is read as of one moment, also while a crawl goes on.
    """
    from scraper.export.about import About, Selection
    from scraper.export.formats import export_to_path, export_to_stream, with_bom

    to_stdout = output is None or str(output) == "-"
    form = _form(format, None if to_stdout else output)
    if dictionary:
        return _print_dictionary(conventions, form)
    _check(form, to_stdout=to_stdout, all_revisions=all_revisions, bom=bom, bundle=bundle)
    selection = Selection(
        text=query_of(query) if query else None,
        **filters.given(),
        verdicts=_verdicts(form, verdict),
        limit=limit,
        all_revisions=all_revisions,
    )
    form = with_bom(form) if bom else form
    with open_archive(conventions) as archive:
        about = About(archive=conventions.archive.name, made_at=archive.now(), selection=selection)
        if to_stdout:
            with _whole_stdout() as out:
                count = export_to_stream(form, archive, about, out)
        else:
            assert output is not None  # noqa: S101 - that is what to_stdout says
            _keep_the_archive(output, conventions.archive)
            count = export_to_path(form, archive, about, output, replace=force, bundle=bundle)
    _say_done(conventions, form, count, None if to_stdout else output)
    return 0


def _form(asked: Form | None, output: Path | None) -> ExportFormat:
    from scraper.export.formats import FORMATS, format_of_name

    if asked is not None:
        return FORMATS[asked]
    if output is None:
        return FORMATS[Form.ndjson]
    found = format_of_name(output.name)
    if found is None:
        raise UsageError(f"The name {output.name} does not tell the format", next_step=f"say --format {'|'.join(Form)}")
    return found


def _check(form: ExportFormat, *, to_stdout: bool, all_revisions: bool, bom: bool, bundle: bool) -> None:
    if bom and form.name != Form.csv:
        raise UsageError(f"--bom is for csv, not for {form.name}")
    if all_revisions and form.things == "captures":
        raise UsageError(f"--all-revisions is not for {form.name}", why="it holds every capture of each page already")
    if bundle and form.folder:
        raise UsageError(f"--bundle is not for {form.name}", why="it is a folder with a README already")
    if to_stdout and (bundle or form.folder):
        what = "A bundle" if bundle else form.title[:1].upper() + form.title[1:]
        raise UsageError(f"{what} does not fit on stdout", next_step="say where to make the folder: --output FOLDER")
    if to_stdout and form.binary and sys.stdout.isatty():
        raise UsageError(
            f"{form.title} is no text to show on a terminal", next_step=f"add --output FILE{form.suffix}, or > FILE"
        )


def _verdicts(form: ExportFormat, asked: list[str] | None) -> tuple[Verdict, ...] | None:
    if asked:
        return None if "all" in asked else tuple(known_verdict(name) for name in asked)
    return READABLE if form.things == "articles" else None


def _keep_the_archive(output: Path, archive: Path) -> None:
    target, kept = (Path(os.path.realpath(path)) for path in (output, archive))
    beside = [kept, *(kept.with_name(kept.name + end) for end in ("-wal", "-shm", "-journal"))]
    if target in beside or target in kept.parents:
        raise UsageError(f"{output} is, or holds, the archive itself", next_step="give --output another path")


class _Terminal:
    """Stdout for text that a terminal would obey: without its control characters."""

    def write(self, text: bytes) -> int:
        sys.stdout.write(harmless(text.decode("utf-8", "replace")))
        return len(text)


@contextmanager
def _whole_stdout() -> Iterator[BinaryIO]:
    """Stdout as a file of bytes, written out when the block ends. Raises ExportFailed, for one, when a disk is full."""
    try:
        yield cast(BinaryIO, _Terminal()) if sys.stdout.isatty() else sys.stdout.buffer
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads it had enough
        raise
    except OSError as error:
        # What could not be written is still in Python's buffer: it must not be tried, and complained of, once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ExportFailed(
            "Cannot write to stdout",
            why=error.strerror or str(error),
            next_step="what was written is not whole; with --output FILE there would be a whole one or none",
        ) from error


def _print_dictionary(conventions: Conventions, form: ExportFormat) -> int:
    from scraper.cli.rows import print_rows

    fields = form.fields()
    if not fields:
        raise UsageError(
            f"{form.name} has no fields of ours to explain",
            why="its standard says what is in it",
            next_step="docs/exports.md tells what we write",
        )
    print_rows([field.as_dict() for field in fields], ("name", "type", "unit", "description"), conventions.rows_as)
    return 0


def _say_done(conventions: Conventions, form: ExportFormat, count: int, output: Path | None) -> None:
    where = "to stdout" if output is None else f"to {output}"
    if count:
        things = form.things if count != 1 else form.things.removesuffix("s")
        say(f"{count} {things} written {where}", quiet=conventions.quiet)
        return
    nothing = "no article matches" if form.things == "articles" else "no capture matches"
    say(f"{nothing}; what was written {where} is valid and empty", quiet=conventions.quiet)
