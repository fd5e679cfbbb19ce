"""Hostile contents: does any string become more than text, on any page of the web interface?

    python -m benchmarks.hostile_pages [--strings N]

The strings of `benchmarks.injections` are put into an archive, as headlines, outlets, authors, links, captured pages
and whatever else is text, and every page that shows them is opened in Chromium: in frames without the headers that hold
pages back, and in windows as it is sent. Counted is what is executed, what is asked of anybody else, what is read of
ours, and what became markup. First of all the same is counted where nothing is escaped, to see that it can be.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx

from benchmarks.hostile_archive import Kept, Shelf, captured_page, hostile_archive
from benchmarks.hostile_window import Canary, Port, Seen, Visit, Watch, chromium, numbers_in, on_a_port
from benchmarks.injections import Injection, a_few, injections
from scraper.store import Archive
from scraper.web.rendering import harmless
from scraper.web.server import web
from scraper.web.visits import Answer, Route
from scraper.web.visits import Visit as Request

_FORMULA = "=+-@\t\r"
_STATUSES = frozenset((200, 400, 404))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was seen of some pages."""

    name: str
    seen: Seen
    seconds: float


class Planted:
    """Pages that escape nothing: what would be seen if ours did not."""

    def __init__(self, strings: Sequence[Injection]) -> None:
        self._strings = strings

    @property
    def routes(self) -> list[Route]:
        return [Route(r"/planted/(?P<number>\d+)", self._show), Route(r"/planted/(?P<number>\d+)/page", self._page)]

    def _show(self, _: Archive, visit: Request) -> Answer:
        text = self._strings[int(visit.parts["number"])].text
        page = (
            f'<!doctype html><title>{text}</title><h1>x</h1><p title="{text}">{text}</p><input value={text}>'
            f"<a href='{text}'>x</a><script>var data = \"{text}\"</script><textarea>{text}</textarea>"
        )
        return Answer(body=page.encode("utf-8", "replace"))

    def _page(self, _: Archive, visit: Request) -> Answer:
        return Answer(body=captured_page([self._strings[int(visit.parts["number"])]]))

    def visits(self, *, every: int, page: bool = False) -> list[Visit]:
        end, kind = ("/page", "replay") if page else ("", "ours")
        return [Visit(path=f"/planted/{number}{end}", kind=kind) for number in range(0, len(self._strings), every)]


class Room:
    """The web interface over a hostile archive, on two ports, and a browser that looks at it."""

    def __init__(self, number: int | None = None) -> None:
        """`number` is how many strings are tried; None for all."""
        self._stack = ExitStack()
        try:
            self._open(number)
        except BaseException:
            self._stack.close()
            raise

    def _open(self, number: int | None) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-pages-")))
        self.folder = folder
        self.canary = Canary()
        self._stack.callback(self.canary.close)
        every = injections(self.canary.url)
        self.strings = every if number is None else a_few(every, number)
        begun = time.perf_counter()
        self.shelf: Shelf = hostile_archive(folder / "archive.db", self.strings)
        self.storing = time.perf_counter() - begun
        self.planted = Planted(self.strings)
        self.bare, self.real = (self._served(bare=bare) for bare in (True, False))
        browser = self._stack.enter_context(chromium())
        self.watch = Watch(browser, self.canary, [self.bare, self.real])
        self._stack.callback(self.watch.close)

    def _served(self, *, bare: bool) -> Port:
        pages = web(self.shelf.path, more_routes=self.planted.routes)
        self._stack.callback(pages.close)
        return self._stack.enter_context(on_a_port(pages.app, bare=bare))

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # What is looked at

    def planted_is_seen(self, *, every: int) -> tuple[Seen, Seen, Seen]:
        """Pages that escape nothing: alone, as captured pages, and behind the headers of ours."""
        return (
            self.watch.frames(self.bare, self.planted.visits(every=every), at_once=4),
            self.watch.frames(self.bare, self.planted.visits(every=every, page=True), at_once=4),
            self.watch.windows(self.real, self.planted.visits(every=every)),
        )

    def in_frames(self, visits: Sequence[Visit]) -> Seen:
        return self.watch.frames(self.bare, visits)

    def in_windows(self, visits: Sequence[Visit]) -> Seen:
        return self.watch.windows(self.real, visits)

    def saved(self) -> Seen:
        """The packs' pages, each saved as one file and opened as such."""
        files = []
        with httpx.Client(base_url=self.real.url) as client:
            for number, kept in enumerate(self.shelf.packs):
                answer = client.get(_replay(kept, "sf_"))
                assert "attachment" in answer.headers["content-disposition"]  # noqa: S101 - else there is nothing to see
                path = self.folder / f"saved{number}.html"
                path.write_bytes(answer.content)
                files.append(path)
        return self.watch.files(files)

    def cells(self) -> tuple[int, list[str]]:
        """Of `/search.csv`: how many cells there are, and those that a spreadsheet would compute."""
        with httpx.Client(base_url=self.real.url, timeout=60) as client:
            rows = list(csv.reader(io.StringIO(client.get("/search.csv").text, newline="")))
        cells = [cell for row in rows for cell in row]
        return len(cells), [cell[:80] for cell in cells if cell[:1] in set(_FORMULA) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


# --- Pages -----------------------------------------------------------------------------------------------------------


def pages_of(shelf: Shelf, strings: Sequence[Injection], *, few: int = 40) -> dict[str, list[Visit]]:
    """All pages that show a string, by what they are; `few` strings where they are parts of an address."""
    texts = [one.text for one in strings]
    asked = _some(texts, few)
    return {
        "home, jobs, runs, dictionary": list(_general(shelf)),
        "articles": list(_articles(shelf, shelf.singles[::6])),
        "articles with many, history, diff": list(_packs(shelf)),
        "search results": [_ours("/search", q=word) for word in shelf.words],
        "strings as queries": [_ours("/search", q=query) for query in _queries(texts)],
        "strings as filters, and addresses": list(_asked(asked)),
        "captures": [Visit(path=f"/capture/{kept.capture}") for kept in (*shelf.packs, *shelf.singles[3::12])],
        "outlets": list(_outlets(shelf, few)),
        "feed": list(_feeds(shelf, few // 2)),
        "tables and SQL": list(_tables(shelf, asked)),
        "replayed pages": [Visit(path=_replay(kept, kind), kind="replay") for kept, kind in _replayed(shelf, strings)],
        "explained pages": [Visit(path=f"/capture/{kept.capture}/explain", kind="frames") for kept in shelf.packs[::2]],
    }


def windows_of(shelf: Shelf, pages: dict[str, list[Visit]], *, each: int) -> dict[str, list[Visit]]:
    """Some of every kind, and all packs replayed and explained: to be looked at as they are sent."""
    chance = random.Random(7)
    some = [
        visit
        for name, visits in pages.items()
        if name not in ("replayed pages", "explained pages")
        for visit in chance.sample(visits, min(each, len(visits)))
    ]
    replayed = [Visit(path=_replay(kept, ""), kind="frames") for kept in shelf.packs]
    printed = [Visit(path=_replay(kept, "pr_"), kind="replay") for kept in shelf.packs[::2]]
    return {
        "some of all, in windows": some,
        "replayed, in windows": replayed + printed,
        "explained, in windows": pages["explained pages"][::2],
    }


def _replayed(shelf: Shelf, strings: Sequence[Injection]) -> Iterator[tuple[Kept, str]]:
    """All packs, and by themselves the strings that swallow what stands behind them, and some that do not."""
    for kept in shelf.packs:
        yield from ((kept, kind) for kind in ("mp_", "pr_", "sf_"))
    for number, (one, kept) in enumerate(zip(strings, shelf.singles, strict=True)):
        if number % 4 == 0 or not one.is_self_contained:
            yield kept, "mp_"


def _queries(texts: Sequence[str]) -> Iterator[str]:
    """All texts, some to a query where they are short."""
    some: list[str] = []
    for text in texts:
        if some and sum(map(len, some)) + len(text) > 400:
            yield " ".join(some)
            some = []
        some.append(text)
    yield " ".join(some)


def _some(texts: Sequence[str], number: int) -> list[str]:
    """About so many of them, at even distances."""
    return list(texts[:: max(1, len(texts) // max(1, number))])


def _ours(path: str, **query: str) -> Visit:
    return Visit(path=f"{path}?{_query(query)}" if query else path)


def _query(given: dict[str, str]) -> str:
    return urlencode(given, errors="replace")


def _replay(kept: Kept, kind: str) -> str:
    return f"/web/{kept.at:%Y%m%d%H%M%S}{kind}/{kept.url}"


def _general(shelf: Shelf) -> Iterator[Visit]:
    for path in ("/", "/search", "/jobs", "/runs", "/dictionary", "/changes.atom"):
        yield Visit(path=path, kind="data" if path.endswith("atom") else "ours")
        yield Visit(path=f"{path}?lang_ui=uk", kind="data" if path.endswith("atom") else "ours")
    for run in shelf.runs:
        yield Visit(path=f"/runs/{run}")


def _articles(shelf: Shelf, some: Sequence[Kept]) -> Iterator[Visit]:
    with Archive.open(shelf.path) as archive:
        for kept in some:
            headline = harmless(archive.article(kept.page).headline or "")
            yield Visit(path=f"/article/{kept.page}", heading=" ".join(headline.split()) or None)


def _packs(shelf: Shelf) -> Iterator[Visit]:
    with Archive.open(shelf.path) as archive:
        for kept in shelf.packs:
            page = f"/article/{kept.page}"
            last = archive.article(kept.page).revision or 1
            yield from (Visit(path=f"{page}{end}") for end in ("", "/history"))
            if last > 1:
                yield from (_ours(f"{page}/diff", **{"from": "1", "to": str(last)}, **view) for view in _VIEWS)
            yield Visit(path=f"{page}/cite.txt", kind="data")
            yield Visit(path=f"/web/*/{kept.url}")


_VIEWS: tuple[dict[str, str], ...] = ({}, {"view": "side", "whole": "1"})


def _asked(texts: Sequence[str]) -> Iterator[Visit]:
    for number, text in enumerate(texts):
        others = {name: texts[(number + step) % len(texts)] for step, name in enumerate(("site", "author", "lang"), 1)}
        yield _ours("/search", **others)
        yield _ours("/search", q="x", since=text, verdict=text)
        yield Visit(path=f"/nothing/{_part(text)}")
        yield Visit(path=f"/outlets/{_part(text)}")
        yield Visit(path=f"/web/2024/{_part(text)}")
        yield _ours("/runs", job=text)
        yield _ours("/article/1", revision=text, lang_ui=text)


def _part(text: str) -> str:
    """A text as the last part of an address."""
    return quote(text.encode("utf-8", "replace"), safe="")[:8_000].removesuffix("%").rstrip("%")


def _outlets(shelf: Shelf, few: int) -> Iterator[Visit]:
    pages = -(-(len(shelf.outlets) + 50) // 50)
    for number in range(1, pages):
        yield _ours("/outlets", page=str(number))
    for name in _some(shelf.outlets, few):
        yield Visit(path=f"/outlets/{_part(name)}")


def _feeds(shelf: Shelf, few: int) -> Iterator[Visit]:
    sites = [name for name in shelf.outlets if name.startswith("pack")]
    for name in [*sites, *_some(shelf.outlets, few)]:
        yield Visit(path=f"/changes.atom?{_query({'site': name})}", kind="data")


_COLUMNS = "id, headline, site, section, language, image, verdict_reason, extractor"


def _tables(shelf: Shelf, texts: Sequence[str]) -> Iterator[Visit]:
    def tables(path: str, **query: str) -> Visit:
        return Visit(path=f"/archive{path}?{_query(query)}" if query else f"/archive{path}", kind="tables")

    total = 2 * len(shelf.singles)
    for start in range(0, total, 500):
        yield tables("", sql=f"select {_COLUMNS} from revisions order by id limit 500 offset {start}")  # noqa: S608
    yield tables("")
    for table in ("revisions", "articles", "pages", "captures", "links", "jobs", "runs", "alarms", "changes"):
        yield tables(f"/{table}", _size="50")
        if table not in ("links", "changes"):
            yield tables(f"/{table}", _size="20", _sort_desc="id")
    for column in ("site", "section", "language", "tags"):
        yield tables("/revisions", _facet=column, _size="5")
    for number, text in enumerate(texts):
        yield tables("", sql="select :p as p, :p || '!' as q", p=text)
        yield tables("", sql=text)
        yield tables(f"/revisions/{number * total // len(texts) + 1}")
        yield tables("/revisions", headline__contains=text, _size="3")
        if number % 4 == 0:
            yield tables("/revisions", **{f"{text[:60]}__exact": "x"})
            yield tables(f"/{_part(text[:200])}")


# --- Report ----------------------------------------------------------------------------------------------------------

_COUNTS = [one.name for one in fields(Seen) if one.name != "loads"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strings", type=int, metavar="N", help="try so many of them, of every family")
    given = parser.parse_args(arguments)
    begun = time.perf_counter()
    with Room(given.strings) as room:
        families = len({one.family for one in room.strings})
        print(f"{len(room.strings)} strings of {families} families, stored in {room.storing:.0f} s")
        if not _can_fail(room):
            print("What escapes nothing was not noticed: nothing below would mean anything")
            return 1
        pages = pages_of(room.shelf, room.strings)
        print(f"\n{'pages':>6} {'ran':>5} {'asked':>5} {'read':>5} {'markup':>6} {'other':>5} {'s':>5}")
        accounts = [_told(name, room.in_frames, visits) for name, visits in pages.items()]
        for name, visits in windows_of(room.shelf, pages, each=15).items():
            accounts.append(_told(name, room.in_windows, visits))
        accounts.append(_told("saved files", lambda _: room.saved(), []))
        cells, formulas = room.cells()
    print(f"\n{cells:,} cells of /search.csv; formulas: {len(formulas)}")
    failed = [account for account in accounts if not account.seen.held]
    for account in failed:
        for name in _COUNTS:
            for line in getattr(account.seen, name)[:8]:
                print(f"  {account.name}, {name}: {line}")
    loads = sum(account.seen.loads for account in accounts)
    ran, asked, read = (sum(len(getattr(one.seen, name)) for one in accounts) for name in ("ran", "asked", "read"))
    print(
        f"{loads:,} pages in {time.perf_counter() - begun:.0f} s: executed {ran}, asked of others {asked}, read {read}"
    )
    return 1 if failed or formulas else 0


def _told(name: str, look: object, visits: Sequence[Visit]) -> Account:
    assert callable(look)  # noqa: S101
    begun = time.perf_counter()
    account = Account(name=name, seen=look(visits), seconds=time.perf_counter() - begun)
    print(line_of(account), flush=True)
    return account


def line_of(account: Account) -> str:
    seen = account.seen
    other = sum(map(len, (seen.said_otherwise, seen.headers, seen.kept, seen.broke)))
    counts = f"{len(seen.ran):5} {len(seen.asked):5} {len(seen.read):5} {len(seen.markup):6} {other:5}"
    return f"{seen.loads:6} {counts} {account.seconds:5.0f}  {account.name}{'' if seen.held else '   <<<'}"


def _can_fail(room: Room) -> bool:
    every = max(1, len(room.strings) // 100)
    alone, captured, held = room.planted_is_seen(every=every)
    tried = len(range(0, len(room.strings), every))
    for name, seen in (("escapes nothing", alone), ("is a captured page as it was", captured)):
        told = len(numbers_in([*seen.ran, *seen.asked]))
        print(
            f"a page that {name}: of {tried} strings {told} told that they ran or asked; {len(seen.read)} reads of"
            f" ours, {len(seen.markup)} elements and attributes"
        )
    print(f"the first in a window of ours: {len(held.ran)} ran, {len(held.asked)} asked, {len(held.markup)} seen")
    noticed = all(seen.ran and seen.asked and seen.read and seen.markup for seen in (alone, captured))
    return noticed and bool(held.markup)


if __name__ == "__main__":
    sys.exit(main())
