"""WARC and WACZ into an archive: ours come back as they were, others' as far as they say; damage stays where it is."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import brotli
import pytest

from scraper.capture import Capture
from scraper.errors import NotInArchive, UsageError
from scraper.export.found import Damage, Found, Item, Left
from scraper.export.importing import Imported, Wishes, import_file, kind_of
from scraper.export.wacz import write_wacz
from scraper.export.warc import write_warc
from scraper.export.warc.pages import read_pages
from scraper.store import Archive
from tests.export import captures
from tests.export.captures import page
from tests.export.warc_files import (
    DATE,
    PACKINGS,
    chunked,
    http,
    record,
    record_id,
    request,
    response,
    sha1,
    zstd,
)

AT = datetime(2023, 5, 6, 7, 8, 9, tzinfo=UTC)
A, B, C = (f"https://a.example/{name}" for name in "abc")
MAX = 4 << 20


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


@pytest.fixture
def load(archive: Archive, tmp_path: Path) -> Callable[..., Imported]:
    """Import bytes as a file; what was remarked is in `load.said`."""
    said: list[str] = []

    def run(content: bytes, name: str = "file.warc.gz", **wishes: object) -> Imported:
        path = tmp_path / name
        path.write_bytes(content)
        wished = Wishes(**{"max_body": MAX, **wishes})
        return import_file(archive, path, kind_of(path), wished, report=lambda done: None, remark=said.append)

    run.said = said
    return run


def items_of(content: bytes) -> list[Item]:
    return list(read_pages(BytesIO(content), max_body=MAX))


def captures_of(content: bytes) -> list[Capture]:
    items = items_of(content)
    assert not [item for item in items if isinstance(item, Damage)]
    return [item.capture for item in items if isinstance(item, Found)]


def numbers(done: Imported) -> tuple[int, int, int, int]:
    counts = done.counts
    return counts.captures, counts.known, counts.skipped, counts.damaged


# Ours


@pytest.fixture(scope="module", params=["warc", "wacz"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An archive, and what was exported from it."""
    folder = tmp_path_factory.mktemp("exported")
    database = captures.filled(folder / "archive.db")
    path = folder / f"data.{request.param}"
    with Archive.open(database) as archive:
        if request.param == "wacz":
            write_wacz(archive, archive.capture_ids(), path)
        else:
            with path.open("wb") as out:
                write_warc(archive, archive.capture_ids(), out)
    return database, path


def test_ours_comes_back_as_it_was(exported: tuple[Path, Path], archive: Archive) -> None:
    database, path = exported
    done = import_file(archive, path, kind_of(path), Wishes(), report=lambda done: None, remark=pytest.fail)
    with Archive.open(database) as original:
        ids = list(original.capture_ids())
        assert numbers(done) == (len(ids), 0, 0, 0)
        back = list(archive.capture_ids())
        assert [archive.capture(number) for number in back] == [original.capture(number) for number in ids]
        assert [archive.rendering(number) for number in back] == [original.rendering(number) for number in ids]
    for number in back:
        stored = archive.stored_capture(number)
        assert stored.import_id == done.import_id
        assert (stored.import_record or "").startswith("<urn:uuid:")
    # And again: nothing is new, from the same file or from another one.
    again = import_file(archive, path, kind_of(path), Wishes(), report=lambda done: None, remark=pytest.fail)
    assert numbers(again) == (0, len(ids), 0, 0)


def test_ours_comes_back_through_a_second_archive(
    exported: tuple[Path, Path], archive: Archive, tmp_path: Path
) -> None:
    database, path = exported
    import_file(archive, path, kind_of(path), Wishes(), report=lambda done: None, remark=pytest.fail)
    with (tmp_path / "second.warc.gz").open("wb") as out:
        write_warc(archive, archive.capture_ids(), out)
    with Archive.open(tmp_path / "third.db", write=True) as third, Archive.open(database) as original:
        import_file(third, tmp_path / "second.warc.gz", "warc", Wishes(), report=lambda done: None, remark=pytest.fail)
        ours = [original.capture(number) for number in original.capture_ids()]
        assert [third.capture(number) for number in third.capture_ids()] == ours
        # What the second archive knew of where it came from is in the file that it wrote.
        text = gzip.decompress((tmp_path / "second.warc.gz").read_bytes()).decode("latin-1")
        assert text.count(f'\r\nimported: {{"source": "{path.name}"') == len(ours)


def test_metadata_of_ours_that_says_what_cannot_be(archive: Archive, load: Callable[..., Imported]) -> None:
    """Anybody can write such a record; what it says is believed only as far as a capture could be so."""
    own = response(A, http(page("Flood")), name="r")
    info = record("warcinfo", b"software: news-archiver 9\r\n")
    for line in (
        'url: "javascript:alert(1)"',
        "url: 7",
        'requests: [{"url": "https://a.example/", "status": "200", "http_version": null, "headers": [], "peer": null}]',
        'requests: [{"url": "https://a.example/", "status": 7, "http_version": null, "headers": [], "peer": null}]',
        'fetched_at: "2024-01-01"',
        "time_total: []",
        "request_headers: {}",
        "nothing",
        "x: [[[[",
    ):
        good = {
            "format": '"news-archiver capture 1"',
            "url": f'"{A}"',
            "fetched_at": '"2024-01-01T00:00:00Z"',
            "requests": "[]",
            "request_headers": "[]",
            "sha256": f'"{hashlib.sha256(page("Flood")).hexdigest()}"',
            "body": '"here"',
        }
        name = line.partition(":")[0]
        lines = [f"{key}: {value}" for key, value in good.items() if key != name] + [line]
        fields = [("Content-Type", "application/warc-fields"), ("WARC-Concurrent-To", record_id("r"))]
        metadata = record("metadata", "\r\n".join(lines).encode(), fields)
        [found] = captures_of(info + own + metadata)
        # Taken for what it is without it: a response as any other.
        assert (found.url, found.fetched_at, found.body) == (A, AT, page("Flood")), line


# Packing and encodings


@pytest.mark.parametrize("packing", PACKINGS)
def test_every_packing(packing: str) -> None:
    records = [response(url, http(page(url))) for url in (A, B, C)]
    records.insert(1, response("https://a.example/p.png", http(b"\x89PNG" * 9_000, type="image/png")))
    found = captures_of(PACKINGS[packing](records))
    assert [(one.url, one.body, one.fetched_at, one.status) for one in found] == [
        (url, page(url), AT, 200) for url in (A, B, C)
    ]


ENCODED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd,
    "identity": bytes,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("in_chunks", [False, True], ids=["whole", "chunked"])
def test_every_encoding_is_undone(encoding: str, in_chunks: bool) -> None:
    body = page("Flood")
    sent = ENCODED[encoding](body)
    fields = [f"Content-Encoding: {encoding}", *(["Transfer-Encoding: chunked"] if in_chunks else [])]
    [found] = captures_of(response(A, http(chunked(sent) if in_chunks else sent, *fields)))
    assert found.body == body
    assert found.wire_size == len(sent)
    assert ("Content-Encoding", encoding) in found.headers


def test_encodings_that_were_undone_before() -> None:
    body = page("Flood")
    for fields in (["Content-Encoding: br"], ["Transfer-Encoding: chunked"], ["Content-Encoding: gzip"]):
        [found] = captures_of(response(A, http(body, *fields)))
        assert found.body == body


def test_a_bomb_is_left_out() -> None:
    bomb = gzip.compress(b"<html>" + bytes(MAX + 1))
    good = response(B, http(page("Flood")))
    left, found = items_of(response(A, http(bomb, "Content-Encoding: gzip")) + good)
    assert isinstance(left, Left)
    assert left.worth_a_word
    assert isinstance(found, Found)
    # A record that is large as it stands, packed small.
    large = gzip.compress(response(A, http(b"<p>" + bytes(MAX + (1 << 20)))))
    left, found = items_of(large + gzip.compress(good))
    assert isinstance(left, Left)
    assert isinstance(found, Found)


# What belongs together


def test_requests_of_either_order_and_secrets() -> None:
    secret = ("User-Agent: x", "Cookie: sid=s3cret", "Authorization: Basic s3cret")
    before = request(A, *secret, to="a") + response(A, http(page("A"), "Set-Cookie: sid=s3cret; Path=/"), name="a")
    after = response(B, http(page("B")), name="b") + request(B, "User-Agent: y", to="b")
    unnamed = response(C, http(page("C")), name="c") + request(C, "User-Agent: z")
    a, b, c = captures_of(before + after + unnamed)
    assert a.request_headers == (("User-Agent", "x"),)
    assert ("Set-Cookie", "sid=***; Path=/") in a.headers
    assert (b.request_headers, c.request_headers) == ((("User-Agent", "y"),), (("User-Agent", "z"),))
    assert b"s3cret" not in repr((a, b, c)).encode()


def test_redirects_that_lead_to_a_page() -> None:
    moved = response(
        "http://a.example/old", http(b"", "Location: /mid", status="301 Moved"), date="2023-05-06T07:08:01Z"
    )
    found = response(
        "http://a.example/mid", http(b"moved", f"Location: {A}#part", status="302 Found"), date="2023-05-06T07:08:05Z"
    )
    other = response(B, http(page("B")))
    late = response(C, http(b"", f"Location: {B}", status="302 Found"), date="2023-05-06T09:08:05Z")
    items = items_of(moved + other + found + response(A, http(page("A"))) + late)
    pages = [item.capture for item in items if isinstance(item, Found)]
    assert [(one.url, one.final_url) for one in pages] == [(B, B), ("http://a.example/old", A)]
    assert [(hop.url, hop.status) for hop in pages[1].hops] == [
        ("http://a.example/old", 301),
        ("http://a.example/mid", 302),
        (A, 200),
    ]
    assert pages[1].fetched_at == AT
    assert [item.why for item in items if isinstance(item, Left)] == ["a redirect that leads to no page of the file"]
    # Nor is one of hours before.
    early = response(C, http(b"", f"Location: {A}", status="302 Found"), date="2023-05-06T01:00:00Z")
    assert captures_of(early + response(A, http(page("A"))))[0].url == A


def revisit(url: str, of: str, body: bytes, *, date: str = "2023-05-07T00:00:00Z", refers: bool = True) -> bytes:
    more = [
        ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
        ("WARC-Payload-Digest", sha1(body)),
    ]
    if refers:
        more += [("WARC-Refers-To-Target-URI", of), ("WARC-Refers-To-Date", DATE)]
    return response(url, http(b""), *more, kind="revisit", date=date)


@pytest.mark.parametrize("refers", [True, False], ids=["by address", "by digest"])
def test_revisits_get_their_bodies(archive: Archive, load: Callable[..., Imported], refers: bool) -> None:
    body = page("Flood")
    packed = gzip.compress(body)
    first = response(A, http(packed, "Content-Encoding: gzip"), ("WARC-Payload-Digest", sha1(packed)))
    done = load(first + revisit(A, A, packed, refers=refers) + revisit(B, A, packed, refers=refers))
    assert numbers(done) == (3, 0, 0, 0)
    assert [archive.capture(number).body for number in (1, 2, 3)] == [body] * 3


def test_a_revisit_of_what_another_file_brought(archive: Archive, load: Callable[..., Imported]) -> None:
    body = page("Flood")
    assert numbers(load(revisit(B, A, body), "alone.warc")) == (0, 0, 1, 0)
    assert "neither in the file nor in the archive" in load.said[0]
    load(response(A, http(body)), "first.warc")
    assert numbers(load(revisit(B, A, body), "alone.warc")) == (1, 0, 0, 0)
    assert archive.capture(2).body == body


def test_unchanged_pages(archive: Archive, load: Callable[..., Imported]) -> None:
    profile = ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified")
    late = "2023-05-07T00:00:00Z"
    same = response(A, http(b"", status="304 Not Modified", type=None), profile, kind="revisit", date=late)
    assert numbers(load(response(A, http(page("A"))) + same)) == (2, 0, 0, 0)
    _, second = archive.captures(A)
    assert (second.status, second.sha256) == (304, None)
    assert numbers(load(same, "other.warc")) == (0, 1, 0, 0)


def test_resources_and_what_is_no_page() -> None:
    fields = [("WARC-Record-ID", record_id("x")), ("WARC-Date", DATE), ("WARC-Target-URI", f"<{A}>")]
    resource = record("resource", page("A"), [*fields, ("Content-Type", "text/html")])
    others = [
        response(B, http(b"%PDF", type="application/pdf")),
        response("dns:a.example", b"20230506 a.example. 60 IN A 192.0.2.1", ("Content-Type", "text/dns")),
        record("resource", page("B"), [*fields[:2], ("WARC-Target-URI", "urn:x:y"), ("Content-Type", "text/html")]),
        record("conversion", b"text", fields),
        response("https://a.example/part", http(page("A")), ("WARC-Segment-Number", "1")),
        response(C, http(b"<!DOCTYPE html><p>No type", type=None)),
        response("https://a.example/empty", http(b"", type=None)),
    ]
    items = items_of(b"".join([resource, *others]))
    first, last = [item.capture for item in items if isinstance(item, Found)]
    assert (first.url, first.status, first.http_version, first.body) == (A, 200, None, page("A"))
    assert last.url == C


def test_dates_of_every_exactness() -> None:
    for text, expected in (
        ("2023-05-06T07:08:09.123456789Z", AT.replace(microsecond=123456)),
        ("2023-05-06T07:08Z", AT.replace(second=0)),
        ("2023-05", datetime(2023, 5, 1, tzinfo=UTC)),
    ):
        assert captures_of(response(A, http(page("A")), date=text))[0].fetched_at == expected
    [damage] = items_of(response(A, http(page("A")), date="yesterday"))
    assert isinstance(damage, Damage)


def test_a_page_that_was_cut_short_when_it_was_recorded(load: Callable[..., Imported]) -> None:
    assert numbers(load(response(A, http(page("A")), ("WARC-Truncated", "length")))) == (1, 0, 0, 0)
    assert load.said == [f"whoever recorded {A} cut it short (length)"]


# Known or new


def test_the_same_capture_from_another_file(load: Callable[..., Imported]) -> None:
    one = response(A, http(page("A")), date="2023-05-06T07:08:09.500Z")
    assert numbers(load(one, "one.warc")) == (1, 0, 0, 0)
    assert numbers(load(response(A, http(page("A"), "X-Other: 1")), "two.warc")) == (0, 1, 0, 0)  # to the second
    assert numbers(load(response(A, http(page("A")), date="2023-05-06T07:08:09.700Z"), "three.warc")) == (1, 0, 0, 0)
    assert numbers(load(response(A, http(page("B"))), "four.warc")) == (1, 0, 0, 0)
    assert numbers(load(response(B, http(page("A"))), "five.warc")) == (1, 0, 0, 0)


def test_filters(load: Callable[..., Imported]) -> None:
    content = b"".join(
        response(f"https://{host}/", http(page(host)), date=f"2023-05-0{day}T00:00:00Z")
        for day, host in enumerate(("www.a.example", "b.example", "news.a.example"), 1)
    )
    assert numbers(load(content, site="a.example", since="2023-05-02")) == (1, 0, 2, 0)
    assert numbers(load(content, until="2023-05-02")) == (2, 0, 1, 0)
    assert numbers(load(content, until="2023")) == (0, 3, 0, 0)


def test_the_import_is_written_down(archive: Archive, load: Callable[..., Imported]) -> None:
    content = response(A, http(page("A")), name="a")
    done = load(content, "crawl-7.warc")
    [row] = archive.imports()
    assert (row.source, row.kind, row.size) == ("crawl-7.warc", "warc", len(content))
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert (row.captures, row.known, row.skipped, row.damaged) == (1, 0, 0, 0)
    assert row.ended_at is not None
    assert (archive.stored_capture(1).import_id, archive.stored_capture(1).import_record) == (row.id, record_id("a"))
    assert done.import_id == row.id


# Damage

URLS = [f"https://a.example/{number}" for number in range(8)]


@pytest.mark.parametrize("packing", ["gzip", "zstd", "plain"])
@pytest.mark.parametrize("how", ["bytes", "cut", "zeroed", "crc", "swallowed"])
def test_damage_costs_what_it_hits(packing: str, how: str) -> None:
    parts = [PACKINGS[packing]([response(url, http(page(url)))]) for url in URLS]
    bad = parts[3]
    middle = len(bad) // 2
    parts[3] = {
        "bytes": bad[:middle] + bytes(255 - byte for byte in bad[middle : middle + 40]) + bad[middle + 40 :],
        "cut": bad[:middle],
        "zeroed": bad[:middle] + bytes(len(bad) - middle),
        "crc": bad[:-6] + bytes(255 - byte for byte in bad[-6:-4]) + bad[-4:],
        "swallowed": b"",
    }[how]
    if how == "swallowed":
        parts[3] = bad[10:]
    items = items_of(b"".join(parts))
    found = [item.capture.url for item in items if isinstance(item, Found)]
    damaged = [item for item in items if isinstance(item, Damage)]
    lost = {URLS[3]}
    if packing == "plain" and how in ("cut", "zeroed"):
        lost |= {URLS[4]}  # its Content-Length reaches into the next one
    assert set(URLS) - set(found) <= lost
    assert len(damaged) >= 1
    assert URLS[3] not in found or packing == "plain"  # which has no checksum; what is wrong there is said
    assert all(item.capture.body == page(item.capture.url) for item in items if isinstance(item, Found))


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_a_checksum_that_does_not_match(pack: Callable[[bytes], bytes]) -> None:
    good = pack(response(B, http(page("B"))))
    noise = hashlib.sha512(b"noise").digest()  # so that the checksum stands at every place of what is read at a time
    for length in range(64):
        bad = bytearray(pack(response(A, http(page("A") + noise[:length]))))
        bad[-5 if pack is gzip.compress else -1] ^= 0xFF
        damage, found = items_of(bytes(bad) + good)
        assert isinstance(damage, Damage)
        assert isinstance(found, Found)
        assert found.capture.url == B


def test_a_file_that_ends_in_the_middle() -> None:
    for packing in ("gzip", "zstd", "plain", "gzip of all"):
        whole = PACKINGS[packing]([response(url, http(page(url))) for url in URLS])
        items = items_of(whole[: len(whole) * 15 // 16])
        assert sum(isinstance(item, Damage) for item in items) == 1, packing
        found = [item.capture.url for item in items if isinstance(item, Found)]
        assert found == URLS[: len(found)]
        assert len(found) >= (6 if packing != "gzip of all" else 4)


def test_wrong_lengths_digests_and_headers() -> None:
    good = response(B, http(page("B")))
    fields = [("WARC-Record-ID", record_id("x")), ("WARC-Date", DATE), ("WARC-Target-URI", A)]
    block = http(page("A"))
    for bad in (
        record("response", block, fields, length=len(block) - 9),
        record("response", block, [*fields, ("WARC-Block-Digest", sha1(b"other"))]),
        record("response", block, [*fields, ("WARC-Payload-Digest", sha1(b"other"))]),
        record("response", b"no HTTP at all", fields),
        record("response", http(b"\x1f\x8b\x08broken", "Content-Encoding: gzip"), fields),
        record("response", http(page("A"), "Content-Encoding: brotli-dictionary").replace(b"<", b"{"), fields),
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\n" + block + b"\r\n\r\n",
        b"WARC/1.0\r\nno header\r\n\r\n",
        b"junk between two records\r\n\r\n",
    ):
        for packed in (good + bad + response(C, http(page("B"))), gzip.compress(good) + gzip.compress(bad)):
            items = items_of(packed)
            assert sum(isinstance(item, Damage) for item in items) == 1, bad[:200]
            urls = [item.capture.url for item in items if isinstance(item, Found)]
            assert urls == ([B] if packed.startswith(b"\x1f") else [B, C]), bad[:200]
            assert all(item.capture.body == page("B") for item in items if isinstance(item, Found))


def test_a_page_that_quotes_a_record_is_one_page() -> None:
    """Neither whole nor damaged may the content of a record pass for another record."""
    fake = response("https://bank.example/", http(page("Forged")))
    quoting = http(b"<html><pre>\r\n\r\n" + fake + b"</pre>" + page("A"))
    assert [one.url for one in captures_of(response(A, quoting) + response(B, http(page("B"))))] == [A, B]
    whole = response(A, quoting)
    cut_packed = gzip.compress(whole)[:-30] + gzip.compress(response(B, http(page("B"))))
    no_header = gzip.compress(whole.replace(b"WARC-Type: response", b"WARC-Tipe: response", 1))
    fields = [("WARC-Record-ID", record_id("x")), ("WARC-Date", DATE), ("WARC-Target-URI", A)]
    too_short = gzip.compress(record("response", quoting, fields, length=50))
    for content in (
        whole[:-100],
        cut_packed,
        no_header,
        too_short,
        gzip.compress(response(B, http(page("B")))) + no_header,
    ):
        urls = [item.capture.url for item in items_of(content) if isinstance(item, Found)]
        assert "https://bank.example/" not in urls


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x5d\x2a\x4d\x18" + bytes(40), "dictionary"),
        (gzip.compress(b"filedesc://x.arc 0.0.0.0 20050101000000 text/plain 76\n"), "ARC file"),
        (gzip.compress(b"<html>a page</html>"), "does not begin with WARC/"),
        (b"MZ" + bytes(40), "begins neither"),
    ],
    ids=["zstd dictionary", "ARC", "gzip of something", "something"],
)
def test_what_is_no_warc(content: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        items_of(content)


# WACZ


def wacz_of(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return out.getvalue()


def test_no_path_of_a_wacz_is_followed(load: Callable[..., Imported], tmp_path: Path, archive: Archive) -> None:
    warc = gzip.compress(response(A, http(page("A"))))
    members = {
        "archive/../../../evil.warc.gz": gzip.compress(response(B, http(page("B")))),
        "../evil.warc.gz": warc,
        "/tmp/evil.warc.gz": warc,
        "archive/data.warc.gz": warc,
        "archive/readme.txt": b"x",
    }
    before = sorted(p.name for p in tmp_path.parent.iterdir())
    done = load(wacz_of(members), "data.wacz")
    assert numbers(done) == (2, 0, 0, 0)  # a name in the folder archive is as good as another, and is only a name
    assert sorted(p.name for p in tmp_path.parent.iterdir()) == before
    assert not list(tmp_path.rglob("evil*"))
    assert not Path("/tmp/evil.warc.gz").exists()


def test_damage_in_one_member_of_a_wacz(load: Callable[..., Imported]) -> None:
    good, bad = (gzip.compress(response(url, http(page(url)))) for url in (A, B))
    content = wacz_of({"archive/a.warc.gz": bad, "archive/b.warc.gz": good, "archive/c.warc.gz": b"nothing"})
    at = content.index(bad) + len(bad) // 2
    assert numbers(load(content[:at] + b"\0\0\0\0" + content[at + 4 :], "data.wacz")) == (1, 0, 0, 2)


def test_what_is_no_wacz(load: Callable[..., Imported], archive: Archive) -> None:
    for content in (b"PK\x03\x04 no ZIP", wacz_of({"pages/pages.jsonl": b"{}"})):
        with pytest.raises(UsageError, match="no WACZ"):
            load(content, "data.wacz")
    assert list(archive.imports()) == []
    with pytest.raises(NotInArchive):
        archive.imported_file(1)
