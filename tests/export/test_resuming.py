"""A file read in batches, stopped at any of them and gone on with: nothing twice, nothing lost, the same items."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from scraper.errors import AlreadyRunning, UsageError
from scraper.export.batches import Batch, FileKind, HashedFile, identity_of, read_batches
from scraper.export.found import Found, Item
from scraper.export.importing import Imported, Wishes, as_known, import_file, store_batch, take_file
from scraper.export.wacz import write_wacz
from scraper.export.warc import write_warc
from scraper.export.warc.position import Position
from scraper.store import Archive, ImportKind
from tests.export import captures
from tests.export.captures import page
from tests.export.warc_files import PACKINGS, http, request, response, sha1

WISHES = Wishes(max_body=4 << 20)


def busy_file() -> list[bytes]:
    """Records of 200 pages: requests before and behind, redirects near and far, revisits, pictures, damage."""
    records: list[bytes] = []
    for number in range(200):
        url = f"https://a.example/{number}"
        body = page(str(number), filler=3)
        one = response(url, http(body), ("WARC-Payload-Digest", sha1(body)), name=url)
        asked = request(url, f"X-Number: {number}", to=url)
        records += [asked, one] if number % 2 else [one, asked]
        if number % 10 == 0:
            # Of these, one in two leads to a page that comes much later, the others nowhere.
            target = f"https://a.example/{number + 95}" if number % 20 else "https://a.example/nowhere"
            moved = http(b"", f"Location: {target}", status="301 Moved")
            records.append(response(f"https://a.example/old/{number}", moved))
        if number % 7 == 0:
            records.append(response(f"{url}.png", http(b"\x89PNG", type="image/png")))
        if number % 30 == 29:
            # Only the digest says what it is: that of a page long before.
            early = page(str(number - 25), filler=3)
            fields = [("WARC-Profile", "x/identical-payload-digest"), ("WARC-Payload-Digest", sha1(early))]
            records.append(response(f"{url}/again", http(b""), *fields, kind="revisit"))
        if number % 40 == 20:
            records.append(response(f"{url}/broken", http(b"\x1f\x8b\x08broken", "Content-Encoding: gzip")))
    return records


def described(item: Item) -> object:
    return (item.capture, item.record, item.body) if isinstance(item, Found) else item


def all_of(batches: list[Batch]) -> tuple[list[object], Counter[str], int]:
    """What is in batches: items, what was left out, and how many records it took."""
    items = [described(entry.item) for batch in batches for entry in batch.entries]
    left: Counter[str] = Counter()
    records = 0
    for batch in batches:
        for entry in (*batch.entries, batch):
            left.update(entry.left)
            records += entry.records
    return items, left, records


def read(path: Path, kind: FileKind = "warc", start: Position | None = None, wishes: Wishes = WISHES) -> list[Batch]:
    with HashedFile(path) as file:
        return list(read_batches(path, kind, wishes, start or Position(), file.as_file(), most=12))


def through_json(position: Position | None) -> Position:
    assert position is not None
    return Position.of(json.loads(json.dumps(position.as_dict())))


@pytest.mark.parametrize("packing", [*PACKINGS, "a member for three"])
def test_going_on_anywhere_gives_the_rest(packing: str, tmp_path: Path) -> None:
    records = busy_file()
    if packing == "a member for three":
        content = b"".join(gzip.compress(b"".join(records[at : at + 3])) for at in range(0, len(records), 3))
    else:
        content = PACKINGS[packing](records)
    path = tmp_path / "file.warc"
    path.write_bytes(content)
    whole = read(path)
    assert len(whole) >= 12
    assert whole[-1].after is None
    for number, batch in enumerate(whole[:-1], 1):
        rest = read(path, start=through_json(batch.after))
        assert all_of(rest)[:2] == all_of(whole[number:])[:2]
        if packing in ("plain", "gzip", "zstd"):
            assert batch.after is not None
            assert (batch.after.passed, batch.after.offset > 0) == (0, True)  # nothing is read twice
    # And in the middle of a batch.
    batch = whole[1]
    for dealt in (0, 1, len(batch.entries) // 2):
        items, left, _ = all_of(read(path, start=through_json(batch.up_to(dealt))))
        before = all_of([Batch(batch.before, batch.entries[:dealt])])
        assert items == all_of(whole[1:])[0][dealt:]
        assert left == all_of(whole[1:])[1] - before[1]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[FileKind, Path]:
    """An archive with captures of every kind, as we export it."""
    folder = tmp_path_factory.mktemp("ours")
    found: dict[FileKind, Path] = {"warc": folder / "data.warc.gz", "wacz": folder / "data.wacz"}
    with Archive.open(captures.filled(folder / "archive.db")) as archive:
        write_wacz(archive, archive.capture_ids(), found["wacz"])
        with found["warc"].open("wb") as out:
            write_warc(archive, archive.capture_ids(), out)
    return found


@pytest.mark.parametrize("kind", ["warc", "wacz"])
def test_ours_goes_on_anywhere(ours: dict[FileKind, Path], kind: FileKind) -> None:
    with HashedFile(ours[kind]) as file:
        whole = list(read_batches(ours[kind], kind, WISHES, Position(), file.as_file(), most=3))
    assert len(whole) >= 4
    for number, batch in enumerate(whole[:-1], 1):
        assert all_of(read(ours[kind], kind, through_json(batch.after)))[:2] == all_of(whole[number:])[:2]


def test_batches_are_small_whatever_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "pictures.warc"
    path.write_bytes(b"".join(response(f"https://a.example/{n}", http(b"GIF", type="image/gif")) for n in range(9_000)))
    first, second, last = read(path)
    assert (first.records, first.entries, first.left) == (4_000, [], {"not_html": 4_000})
    assert (second.records, last.records) == (4_000, 1_000)
    # A body of a few megabytes makes a batch by itself.
    large = http(b"<html>" + b"x" * 3_000_000)
    path.write_bytes(b"".join(response(f"https://a.example/{n}", large) for n in range(70)))
    assert all(len(batch.entries) <= 2 for batch in read(path)[:-1])


def test_a_request_before_and_its_answer_after(tmp_path: Path) -> None:
    path = tmp_path / "pictures.warc"
    picture = response("https://a.example/p.gif", http(b"GIF", type="image/gif"))
    url = "https://a.example/"
    path.write_bytes(picture * 3_999 + request(url, "X-Asked: yes", to=url) + response(url, http(page("A")), name=url))
    [_, last] = read(path)
    [found] = [entry.item for batch in read(path, start=through_json(last.before)) for entry in batch.entries]
    assert isinstance(found, Found)
    assert found.capture.request_headers == (("X-Asked", "yes"),)


# In an archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


def load(archive: Archive, path: Path, kind: ImportKind = "warc", wishes: Wishes = WISHES) -> Imported:
    return import_file(archive, path, kind, wishes, report=lambda done: None, remark=str)


def stop_after(archive: Archive, path: Path, kind: FileKind, batches: int, *, room: int | None) -> None:
    """Import only so many batches, or captures, as a process does that is killed then."""
    taken = take_file(archive, path, kind, WISHES)
    assert taken.ended_at is None
    done = Imported(taken.id, taken.counts)
    with HashedFile(path) as file:
        found = read_batches(path, kind, WISHES, Position.of(taken.position), file.as_file(), most=3)
        for batch in islice(found, batches):
            kept, _ = store_batch(archive, batch, done, str, room=room)
            if room is not None and len(kept) >= room:
                break
            room = None if room is None else room - len(kept)
    archive.release_import(taken.id)


def everything(archive: Archive) -> list[tuple[object, ...]]:
    found = []
    for number in archive.capture_ids():
        stored = archive.stored_capture(number)
        found.append((archive.capture(number), archive.rendering(number), stored.import_record))
    return found


@pytest.mark.parametrize("kind", ["busy", "warc", "wacz"])
def test_an_import_in_pieces_is_the_whole(kind: str, ours: dict[FileKind, Path], tmp_path: Path) -> None:
    path = tmp_path / "busy.warc.gz"
    path.write_bytes(PACKINGS["gzip"](busy_file()))
    what: FileKind = "wacz" if kind == "wacz" else "warc"
    path = path if kind == "busy" else ours[what]
    with (
        Archive.open(tmp_path / "one.db", write=True) as one,
        Archive.open(tmp_path / "other.db", write=True) as other,
    ):
        load(one, path, what)
        for batches, room in ((1, None), (0, None), (2, None), (3, 7), (1, 0)):
            stop_after(other, path, what, batches, room=room)
        before = next(iter(other.imports()))
        assert (before.ended_at, before.sha256) == (None, "")
        assert before.position is not None
        done = load(other, path, what)
        assert everything(one) == everything(other)
        [first], [second] = one.imports(), other.imports()
        assert first.counts == second.counts == done.counts
        assert first.sha256 == second.sha256
        assert first.counts.skipped == sum(first.counts.reasons.values())
        assert (second.position, second.ended_at is not None) == (None, True)
        # And again: it is known without being read.
        again = load(other, path, what)
        counts = first.counts
        assert (again.counts.captures, again.counts.known) == (0, counts.captures + counts.known)
        assert again.read == 0
        assert len(list(other.imports())) == 1


def test_what_is_another_import(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(response(f"https://{host}.example/", http(page(host))) for host in "ab"))
    assert load(archive, path, wishes=Wishes(hosts=("a.example",))).counts.captures == 1
    assert load(archive, path, wishes=Wishes()).counts.captures == 1  # other wishes
    assert load(archive, path, wishes=Wishes()).read == 0
    path.write_bytes(path.read_bytes() + response("https://c.example/", http(page("c"))))
    assert (load(archive, path, wishes=Wishes()).counts.captures, len(list(archive.imports()))) == (1, 3)


def test_a_file_is_known_again_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(5 << 20))
    identity, size = identity_of(path)
    assert (identity_of(path), size) == ((identity, 5 << 20), 5 << 20)
    moved = path.rename(tmp_path / "moved")
    assert identity_of(moved) == (identity, size)
    with moved.open("r+b") as file:
        file.seek(5 << 20)
        file.write(b"more")
    assert identity_of(moved)[0] != identity


def test_a_file_that_another_process_reads(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(response("https://a.example/", http(page("a"))))
    taken = take_file(archive, path, "warc", WISHES)
    with pytest.raises(AlreadyRunning, match=r"Another command is importing a\.warc"):
        load(archive, path)
    # Its process died without a word.
    with archive.batch():
        archive._db.execute("UPDATE imports SET taken_by = replace(taken_by, ?, ' 999999999 ')", (f" {os.getpid()} ",))
        archive._db.execute("UPDATE imports SET taken_by = taken_by || '0'")
    assert load(archive, path).import_id == taken.id


def test_what_came_to_nothing_is_forgotten(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"<html>no WARC</html>"))
    with pytest.raises(UsageError):
        load(archive, path)
    assert list(archive.imports()) == []
    path.write_bytes(b"WARC/1.0\r\n")
    assert load(archive, path).counts.damaged == 1
    assert as_known(next(iter(archive.imports()))).counts.damaged == 1
