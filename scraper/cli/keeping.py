"""`scrape verify`, `stamp`, `prune`, `backup`: keeping the archive for a long time."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.fetch_options import ReachOptions
from scraper.cli.filter_options import Site
from scraper.cli.messages import say
from scraper.cli.reading import open_archive
from scraper.errors import ArchiveError, ConfigError, UsageError
from scraper.settings import bytes_in, load_config

if TYPE_CHECKING:
    from scraper.store import Checked, Head
    from scraper.store.timestamping import Roots

_PARTS = ("database", "chain", "timestamp", "body")
_FAULTS_SHOWN = 50

Certificates = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", help="PEM certificates of the time-stamping authorities you trust."),
]


def register(app: typer.Typer) -> None:
    app.command("verify", epilog=examples("scrape verify", "scrape verify --head", "scrape verify --quick -f json"))(
        conventional(verify)
    )
    app.command("stamp", epilog=examples("scrape stamp --help"))(conventional(stamp))
    app.command(
        "prune",
        epilog=examples(
            "scrape prune --older-than 365 --dry-run",
            "scrape prune --keep 3 --site harbour-courier.example",
            "scrape prune --max-bytes 10GB --compact",
        ),
    )(conventional(prune))
    app.command("backup", epilog=examples("scrape backup copy-of-archive.db"))(conventional(backup))


def verify(
    conventions: Conventions,
    head: Annotated[
        bool, typer.Option("--head", help="Only print the head of the chain of custody, for you to publish.")
    ] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head written down earlier, which the chain must still hold.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the bodies, which take longest.")] = False,
    ca: Certificates = None,
) -> int:
    """Check that everything is as it was stored: the database, the chain of custody, time-stamps, every body.

    Each is ok, failed, or unverifiable: nothing is wrong, but there is nothing to check it by, as with a body that
    was pruned. The chain shows that what it holds existed when its head was published or stamped, and was not altered
    since; not that it is true. Exit code 0: nothing failed; 3: something did.
    """
    from scraper.cli.rows import print_rows

    with open_archive(conventions) as archive:
        end = archive.head()
        if head:
            _print_head(end, conventions)
            return 0
        faults = _expected_missing(archive.position_of(expect), end, expect) if expect else 0
        counts: Counter[tuple[str, str]] = Counter()
        for checked in archive.check(bodies=not quick, roots=_roots(conventions, ca)):
            counts[checked.part, checked.result] += 1
            if checked.result == "failed":
                faults += 1
                if faults <= _FAULTS_SHOWN:
                    _say_fault(checked)
    if faults > _FAULTS_SHOWN:
        say(f"and {faults - _FAULTS_SHOWN} more")
    rows = [
        {"part": part, **{result: counts[part, result] for result in ("ok", "failed", "unverifiable")}}
        for part in _PARTS
        if not (quick and part == "body")
    ]
    print_rows(rows, ("part", "ok", "failed", "unverifiable"), conventions.rows_as)
    say(f"the chain's head is {end.head or 'empty'}, entry {end.position}", quiet=conventions.quiet)
    return 3 if faults else 0


def _print_head(end: Head, conventions: Conventions) -> None:
    from scraper.cli.rows import print_rows

    if conventions.format is None or conventions.format is Format.table:
        print(f"{end.head} {end.position}" if end.head else "")
        return
    print_rows([asdict(end)], ("head", "position", "recorded_at"), conventions.format)


def _expected_missing(position: int | None, end: Head, expected: str) -> int:
    if position is None:
        say(f"failed: the chain does not hold {expected}: what it stood for was altered or cut off, or is elsewhere")
        return 1
    say(f"the chain holds {expected} as entry {position} of {end.position}")
    return 0


def _say_fault(checked: Checked) -> None:
    shown = ", ".join(map(str, checked.captures[:20])) + (" …" if len(checked.captures) > 20 else "")
    of = f" (captures {shown})" if checked.captures else ""
    say(f"failed: {checked.part} {checked.subject}: {checked.reason}{of}")


def stamp(
    conventions: Conventions,
    authority: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Time-stamping service.  [default: custody.authority in scrape.toml]"),
    ] = None,
    ca: Certificates = None,
    *,
    reach: ReachOptions,
) -> int:
    """Have an authority sign the head of the chain of custody (RFC 3161), and keep its answer in the archive.

    It then vouches that everything up to that head existed by that time. Only a hash is sent to it.
    """

    from scraper.store import Archive
    from scraper.store.timestamping import ANSWER_SIZE, QUESTION_TYPE, Question

    url = authority or _custody_settings(conventions).get("authority")
    if not url:
        raise UsageError(
            "No time-stamping service is known",
            next_step='give --authority URL, or write authority = "https://…" under [custody] in scrape.toml',
        )
    settings = conventions.fetch_settings(reach)
    roots = _roots(conventions, ca)
    with Archive.open(conventions.archive, write=True, create=False) as archive:
        question = Question(archive.head())

        async def ask() -> bytes:
            from scraper.fetch import Fetcher

            async with Fetcher(settings) as web:
                answer = await web.post(url, question.content, content_type=QUESTION_TYPE, max_body=ANSWER_SIZE)
            if answer.failure is not None:
                raise ArchiveError(f"No answer from {url}", why=answer.failure.message)
            if answer.status != 200 or answer.body is None:
                raise ArchiveError(f"No time-stamp from {url}", why=f"it answered {answer.status}")
            return answer.body

        token = run_until_ended(ask())
        stamped_at = question.check(token, roots)
        archive.add_timestamp(question.head, authority=url, stamped_at=stamped_at, token=token)
    when = stamped_at.isoformat(timespec="seconds")
    say(f"entry {question.head.position} of the chain existed by {when}, says {url}", quiet=conventions.quiet)
    if not roots:
        say("its signature was not checked: give --ca FILE with the authority's certificates", quiet=conventions.quiet)
    return 0


def prune(
    conventions: Conventions,
    older_than: Annotated[
        float | None, typer.Option(metavar="DAYS", help="Bodies last seen longer ago than this.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(metavar="N", help="All but the newest N different bodies of each page.  [default: 1]")
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option(metavar="SIZE", help="The oldest, until the rest takes no more: 500MB, 10GiB.")
    ] = None,
    site: Site = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Give the room back to the disk; nobody else can write meanwhile.")
    ] = False,
) -> int:
    """Remove bodies that need not be kept. Captures, hashes, headers, articles and revisions all stay.

    A body goes when every rule given lets it go, of every capture that shows it; the newest body of a page stays,
    unless --keep 0. What was removed is listed in the table removals and in the chain of custody.
    """
    from scraper.cli.rows import print_rows
    from scraper.store import Archive, Retention

    rules = Retention(
        older_than=None if older_than is None else timedelta(days=older_than),
        keep=keep,
        max_bytes=None if max_bytes is None else bytes_in(max_bytes),
        site=site,
    )
    removed = freed = 0

    def remove(archive: Archive) -> Any:
        nonlocal removed, freed
        # Named all at once: to remove one changes what the others are made from, not whether they may go.
        for body in list(archive.removable(rules)):
            if not dry_run:
                archive.remove(body)
            removed += 1
            freed += body.stored_size
            yield asdict(body)

    with Archive.open(conventions.archive, write=not dry_run, create=False) as archive:
        columns = ("sha256", "size", "stored_size", "captures", "newest_capture_at")
        print_rows(remove(archive), columns, conventions.rows_as)
        if compact and not dry_run:
            archive.compact()
    verb = "would be removed" if dry_run else "removed"
    say(f"{removed} bodies {verb}, {freed:,} bytes as stored", quiet=conventions.quiet)
    if removed and not dry_run and not compact:
        say("the file keeps its size and uses the room again; --compact gives it back", quiet=conventions.quiet)
    return 0


def backup(
    conventions: Conventions,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy: a new file.")],
) -> int:
    """Copy the archive to a new file while others read and write it; the copy is of one moment, and checked."""
    shows = sys.stderr.isatty() and not conventions.quiet

    def progress(part: float) -> None:
        print(f"\r{part:4.0%}", end="", file=sys.stderr, flush=True)

    with open_archive(conventions) as archive:
        size = archive.backup(target, progress=progress if shows else None)
    if shows:
        print("\r", end="", file=sys.stderr)
    say(f"copied to {target}: {size:,} bytes", quiet=conventions.quiet)
    return 0


def _custody_settings(conventions: Conventions) -> dict[str, Any]:
    config = load_config(conventions.settings_file, required=conventions.config is not None)
    return config.get("custody", {})


def _roots(conventions: Conventions, given: Path | None) -> Roots:
    """The certificates that are trusted to sign time-stamps: as given, or as scrape.toml names them."""
    named = _custody_settings(conventions).get("certificates")
    path = given or (conventions.settings_file.parent / named if named else None)
    if path is None:
        return []
    from scraper.store.timestamping import read_certificates

    try:
        return read_certificates(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(f"Cannot read {path}", why=error.strerror or str(error)) from error
