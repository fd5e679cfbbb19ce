"""WARC files, read by programs that did not write them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
import zlib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator

from scraper.errors import BlobCorrupt
from scraper.export.warc import write_warc
from scraper.store import Archive
from tests.export import captures

BIN = Path(sys.executable).parent
MANDATORY = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length", "Content-Type", "WARC-Block-Digest")
TYPES = {
    "warcinfo": "application/warc-fields",
    "metadata": "application/warc-fields",
    "request": "application/http; msgtype=request",
    "response": "application/http; msgtype=response",
    "revisit": "application/http; msgtype=response",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return captures.filled(tmp_path_factory.mktemp("warc") / "archive.db")


@pytest.fixture(scope="module")
def warc(database: Path) -> Path:
    path = database.with_name("data.warc.gz")
    with Archive.open(database) as archive, path.open("wb") as out:
        assert write_warc(archive, archive.capture_ids(), out) == len(list(archive.capture_ids()))
    return path


@pytest.fixture(scope="module")
def records(warc: Path) -> list[dict[str, Any]]:
    """Every record: its fields, its `block`, and of HTTP its `status`, `http` fields and `body`."""
    return read_records(warc)


def read_records(path: Path) -> list[dict[str, Any]]:
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            fields: dict[str, Any] = dict(record.headers.items())
            fields["all"] = list(record.headers.items())
            fields["block"] = record.reader.read()
            found.append(fields)
    with path.open("rb") as file:
        for fields, record in zip(found, ArchiveIterator(file, parse_http=True), strict=True):
            if record.is_http and fields["WARC-Type"] != "request":
                fields["status"] = record.http_headers.status_code
                fields["http"] = list(record.http_headers.items())
                fields["body"] = record.reader.read()
    return found


def of_page(records: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    return [r for r in records if r.get("WARC-Target-URI") == url and r["WARC-Type"] in ("response", "revisit")]


def header(record: dict[str, Any], name: str) -> list[str]:
    return [value for key, value in record["http"] if key.lower() == name.lower()]


def metadata_of(records: list[dict[str, Any]], url: str) -> dict[str, Any]:
    [record] = [r for r in records if r.get("WARC-Target-URI") == f"urn:capture:{url}"]
    lines = record["block"].decode().splitlines()
    return {name: json.loads(value) for name, _, value in (line.partition(": ") for line in lines)}


@pytest.mark.parametrize(
    "command",
    [
        ["warcio", "check"],
        ["fastwarc", "check", "-q"],
        ["cdxj-indexer", "-s"],
        ["cdxj-indexer", "-s", "--records", "all"],
    ],
    ids=" ".join,
)
def test_others_read_it(warc: Path, command: list[str]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:], warc], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if command[0] == "cdxj-indexer":
        assert len(done.stdout.splitlines()) > 30
    else:
        assert "fail" not in done.stdout.lower()


def test_every_record_has_what_it_must(records: list[dict[str, Any]]) -> None:
    ids = [record["WARC-Record-ID"] for record in records]
    assert len(ids) == len(set(ids))
    assert [record["WARC-Type"] for record in records].count("warcinfo") == 1
    assert records[0]["WARC-Type"] == "warcinfo"
    for record in records:
        assert not [name for name in MANDATORY if not record.get(name)], record["WARC-Record-ID"]
        assert re.fullmatch(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>", record["WARC-Record-ID"])
        assert datetime.fromisoformat(record["WARC-Date"]).tzinfo is not None
        assert record["WARC-Date"].endswith("Z")
        assert int(record["Content-Length"]) == len(record["block"])
        assert record["WARC-Block-Digest"] == f"sha256:{hashlib.sha256(record['block']).hexdigest()}"
        kind = record["WARC-Type"]
        assert kind in TYPES or kind == "resource"
        assert record["Content-Type"] == TYPES.get(kind, record["Content-Type"])
        if kind != "warcinfo":
            assert record["WARC-Warcinfo-ID"] == ids[0]
            # A URI: nothing that would have to be escaped.
            assert re.fullmatch(r"[a-z]+:[!$&'()*+,/:;=?@\[\]~%\w.-]+", record["WARC-Target-URI"], re.ASCII)
        if kind == "request":
            assert record["WARC-Concurrent-To"] in ids
        assert record.get("WARC-IP-Address", "192.0.2.1") in ("192.0.2.1", "2001:db8::1")


def test_each_record_is_a_gzip_member_of_its_own(warc: Path, records: list[dict[str, Any]]) -> None:
    data = warc.read_bytes()
    count = 0
    while data:
        member = zlib.decompressobj(31)
        content = member.decompress(data)
        assert content.startswith(b"WARC/1.1\r\n")
        assert content.endswith(b"\r\n\r\n")
        data = member.unused_data
        count += 1
    assert count == len(records)
    assert gzip.decompress(warc.read_bytes()).count(b"\r\nWARC-Record-ID: ") >= count


def test_each_body_is_there_once_and_as_it_was(database: Path, records: list[dict[str, Any]]) -> None:
    with Archive.open(database) as archive:
        stored = [archive.stored_capture(number) for number in archive.capture_ids()]
        bodies = {one.sha256: archive.body(one.sha256) for one in stored if one.sha256}
    written: list[str] = []
    for record in records:
        if record["WARC-Type"] == "response":
            sha256 = record.get("WARC-Payload-Digest", "").removeprefix("sha256:")
            assert record["body"] == (bodies[sha256] if sha256 else b"")
            assert header(record, "content-length") == [str(len(record["body"]))]
            written += [sha256] if record["body"] else []
    assert sorted(written) == sorted(sha256 for sha256, body in bodies.items() if body)


def test_encodings_are_kept_under_another_name(records: list[dict[str, Any]]) -> None:
    [gzipped] = of_page(records, "https://a.example/gzip")
    assert header(gzipped, "content-encoding") == []
    assert header(gzipped, "x-archive-orig-content-encoding") == ["gzip"]
    assert header(gzipped, "x-archive-orig-content-length") == ["17"]
    assert header(gzipped, "vary") == ["Accept-Encoding"]
    [chunked] = of_page(records, "https://a.example/chunked")
    assert header(chunked, "transfer-encoding") == []
    assert header(chunked, "x-archive-orig-transfer-encoding") == ["chunked"]


def test_the_same_body_again_is_a_revisit_of_the_first(records: list[dict[str, Any]]) -> None:
    first, again, unchanged = of_page(records, "https://a.example/plain")
    [copy] = of_page(records, "https://b.example/copy")
    assert first["WARC-Type"] == "response"
    for revisit in (again, copy, unchanged):
        assert revisit["WARC-Type"] == "revisit"
        assert revisit["WARC-Refers-To"] == first["WARC-Record-ID"]
        assert revisit["WARC-Refers-To-Target-URI"] == first["WARC-Target-URI"]
        assert revisit["WARC-Refers-To-Date"] == first["WARC-Date"]
        assert revisit["WARC-Payload-Digest"] == first["WARC-Payload-Digest"]
        assert revisit["body"] == b""
    profiles = [revisit["WARC-Profile"].rpartition("/")[2] for revisit in (again, copy, unchanged)]
    assert profiles == ["identical-payload-digest", "identical-payload-digest", "server-not-modified"]
    assert header(again, "age") == ["7"]
    assert unchanged["status"] == 304


def test_a_304_of_a_page_never_seen_is_a_response(records: list[dict[str, Any]]) -> None:
    [never] = of_page(records, "https://a.example/never")
    assert (never["WARC-Type"], never["status"]) == ("response", 304)


def test_redirects_are_a_pair_each_in_their_order(records: list[dict[str, Any]]) -> None:
    start = next(n for n, r in enumerate(records) if r.get("WARC-Target-URI") == "http://a.example/old")
    part = records[start : start + 7]
    assert [(r["WARC-Type"], r["WARC-Target-URI"]) for r in part] == [
        ("response", "http://a.example/old"),
        ("request", "http://a.example/old"),
        ("response", "http://a.example/mid"),
        ("request", "http://a.example/mid"),
        ("response", "https://a.example/new"),
        ("request", "https://a.example/new"),
        ("metadata", "urn:capture:https://a.example/new"),
    ]
    assert part[0]["block"].startswith(b"HTTP/1.0 301 Moved Permanently\r\n")
    assert (part[0]["WARC-Protocol"], part[4]["WARC-Protocol"]) == ("http/1.0", "h2")
    assert part[4]["block"].startswith(b"HTTP/1.1 200 OK\r\n")
    assert part[0]["WARC-IP-Address"] == "2001:db8::1"
    # Its body was not kept, unless it had none.
    assert [r.get("WARC-Truncated") for r in part[::2]] == [None, "unspecified", None, None]
    # Of all but the last request we know the address and no more.
    assert part[1]["block"] == b"GET /old HTTP/1.0\r\nHost: a.example\r\n\r\n"
    assert part[5]["block"].startswith(
        b"GET /new HTTP/1.1\r\nHost: a.example\r\nUser-Agent: news-archiver/0 (+\xe9)\r\n"
    )
    concurrent = [value for name, value in part[6]["all"] if name == "WARC-Concurrent-To"]
    assert concurrent == [r["WARC-Record-ID"] for r in part[:6:2]]


def test_failures_are_not_silently_missing(records: list[dict[str, Any]]) -> None:
    assert of_page(records, "https://gone.example/") == []
    gone = metadata_of(records, "https://gone.example/")
    assert (gone["error"], gone["error_message"], gone["requests"]) == ("dns", "no such host\r\nX: y", [])
    assert metadata_of(records, "https://mute.example/")["error"] == "timeout"
    [big] = of_page(records, "https://a.example/big")
    assert (big["WARC-Truncated"], big["body"]) == ("length", b"")
    assert "WARC-Payload-Digest" not in big
    assert metadata_of(records, "https://a.example/big")["error"] == "too_large"


def test_metadata_says_what_is_known(database: Path, records: list[dict[str, Any]]) -> None:
    known = metadata_of(records, "https://a.example/gzip")
    with Archive.open(database) as archive:
        capture = archive.capture(known["capture_id"])
    assert known["sha256"] == capture.sha256
    assert (known["robots"], known["time_first_byte"], known["wire_size"]) == ("obeyed", 0.3, capture.wire_size)
    assert known["requests"][0]["headers"] == [list(pair) for pair in capture.headers]


def test_nothing_a_server_sent_breaks_a_record(records: list[dict[str, Any]]) -> None:
    [odd] = of_page(records, "https://a.example/odd")
    assert header(odd, "x-line") == ["one  Content-Length: 1    WARC/1.1"]
    assert b"\r\nX-Nul: a b c\x85d\r\n" in odd["block"]
    assert header(odd, "x-empty") == [""]
    assert header(odd, "x-a") == ["1", "2"]
    assert odd["block"].count(b"\r\n\r\n") == 1
    assert b"Bad" not in odd["block"].partition(b"\r\n\r\n")[0]
    assert "Київ 東京 😀".encode() in odd["block"]
    targets = {r.get("WARC-Target-URI") for r in records}
    assert "https://a.example/line%0D%0AWARC-Type:%20fake" in targets
    assert "https://a.example/space%20d?q=a%20b&u=%D0%BA" in targets


def test_what_a_browser_drew_has_addresses_of_its_own(records: list[dict[str, Any]]) -> None:
    drawn = {r["WARC-Target-URI"]: r for r in records if r["WARC-Type"] == "resource"}
    assert list(drawn) == ["urn:drawn:https://a.example/app", "urn:fullPage:https://a.example/app"]
    dom, picture = drawn.values()
    assert dom["block"] == captures.page("Drawn")
    assert (picture["block"], picture["Content-Type"]) == (captures.PICTURE, "image/png")


def test_the_same_records_have_the_same_ids_every_time(database: Path, records: list[dict[str, Any]]) -> None:
    path = database.with_name("again.warc.gz")
    with Archive.open(database) as archive, path.open("wb") as out:
        write_warc(archive, list(archive.capture_ids())[:5], out)
    again = [record["WARC-Record-ID"] for record in read_records(path)][1:]
    assert again == [record["WARC-Record-ID"] for record in records][1 : 1 + len(again)]


def test_a_damaged_body_is_said_and_not_passed_over(tmp_path: Path) -> None:
    path = captures.filled(tmp_path / "archive.db")
    with Archive.open(path, write=True) as archive:
        archive._db.sql.execute("UPDATE blobs SET content = x'00' WHERE size = 10")
        archive._db.sql.commit()
        with pytest.raises(BlobCorrupt):
            write_warc(archive, archive.capture_ids(), BytesIO())


def test_a_body_that_was_let_go_leaves_its_facts(tmp_path: Path) -> None:
    path = captures.filled(tmp_path / "archive.db")
    with Archive.open(path, write=True) as archive:
        sha256 = hashlib.sha256(b"odd status").hexdigest()
        archive._db.sql.execute("UPDATE blobs SET content = NULL WHERE sha256 = ?", (sha256,))
        archive._db.sql.commit()
        with (tmp_path / "data.warc.gz").open("wb") as out:
            write_warc(archive, archive.capture_ids(), out)
    records = read_records(tmp_path / "data.warc.gz")
    [response] = of_page(records, "https://a.example/teapot")
    assert (response["WARC-Truncated"], response["body"]) == ("unspecified", b"")
    known = metadata_of(records, "https://a.example/teapot")
    assert (known["body"], known["sha256"], known["size"]) == ("removed", sha256, 10)


def test_no_capture_at_all(database: Path, tmp_path: Path) -> None:
    with Archive.open(database) as archive, (tmp_path / "empty.warc.gz").open("wb") as out:
        assert write_warc(archive, [], out) == 0
    assert [record["WARC-Type"] for record in read_records(tmp_path / "empty.warc.gz")] == ["warcinfo"]
