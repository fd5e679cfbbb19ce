"""WACZ files: what must be in them is, and every number in their indexes leads to the record it speaks of."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator

from scraper.export.search_keys import search_key
from scraper.export.wacz import write_wacz
from scraper.store import Archive
from tests.export import captures

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its source has escapes that Python warns of when it compiles it
    from surt import surt

MEMBERS = ["archive/data.warc.gz", "indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl"]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wacz")
    path = folder / "data.wacz"
    with Archive.open(captures.filled(folder / "archive.db")) as archive:
        assert write_wacz(archive, archive.capture_ids(), path) == len(list(archive.capture_ids()))
    return path


def test_the_validator_accepts_it(package: Path) -> None:
    command = [Path(sys.executable).with_name("wacz"), "validate", "-f", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is valid" in done.stdout
    assert "Version detected as 1.1.1" in done.stdout


def test_what_it_holds_is_listed_with_hashes(package: Path) -> None:
    with zipfile.ZipFile(package) as zipped:
        assert zipped.namelist() == [*MEMBERS, "datapackage.json", "datapackage-digest.json"]
        described = json.loads(zipped.read("datapackage.json"))
        assert [resource["path"] for resource in described["resources"]] == MEMBERS
        for resource in described["resources"]:
            content = zipped.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
        digest = json.loads(zipped.read("datapackage-digest.json"))
        assert digest["hash"] == f"sha256:{hashlib.sha256(zipped.read('datapackage.json')).hexdigest()}"
        # Readers seek in these.
        assert {zipped.getinfo(path).compress_type for path in MEMBERS[:2]} == {zipfile.ZIP_STORED}


def lines_of(package: Path) -> list[tuple[str, str, dict[str, str]]]:
    with zipfile.ZipFile(package) as zipped:
        text = gzip.decompress(zipped.read("indexes/index.cdx.gz")).decode()
    return [(key, stamp, json.loads(rest)) for key, stamp, rest in (line.split(" ", 2) for line in text.splitlines())]


def test_the_index_leads_to_each_record(package: Path) -> None:
    lines = lines_of(package)
    assert len(lines) > 30
    assert [line[:2] for line in lines] == sorted(line[:2] for line in lines)
    with zipfile.ZipFile(package) as zipped:
        data = zipped.read(MEMBERS[0])
    for _, stamp, entry in lines:
        start = int(entry["offset"])
        [record] = ArchiveIterator(BytesIO(data[start : start + int(entry["length"])]))
        assert record.headers["WARC-Target-URI"] == entry["url"]
        assert record.headers["WARC-Date"].translate(str.maketrans("", "", "-:T"))[:14] == stamp
        assert record.headers.get("WARC-Payload-Digest") == entry.get("digest")
        assert (record.headers["WARC-Type"] == "revisit") == (entry.get("mime") == "warc/revisit")


def test_it_is_the_index_that_others_would_make(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as zipped:
        (tmp_path / "data.warc.gz").write_bytes(zipped.read(MEMBERS[0]))
    command = [Path(sys.executable).with_name("cdxj-indexer"), "-s", tmp_path / "data.warc.gz"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = [line.split(" ", 2) for line in done.stdout.splitlines()]
    assert [(key, stamp) for key, stamp, _ in lines_of(package)] == [(key, stamp) for key, stamp, _ in theirs]


def test_blocks_are_where_the_second_index_says(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "small.wacz"
    with Archive.open(package.with_name("archive.db")) as archive:
        write_wacz(archive, archive.capture_ids(), path, lines_a_block=7, lines_in_memory=5)
    assert [line[:2] for line in lines_of(path)] == [line[:2] for line in lines_of(package)]
    with zipfile.ZipFile(path) as zipped:
        index = zipped.read(MEMBERS[1])
        meta, *places = zipped.read(MEMBERS[2]).decode().splitlines()
    assert meta.startswith("!meta 0 ")
    assert len(places) == -(-len(lines_of(path)) // 7)
    for line in places:
        key, stamp, rest = line.split(" ", 2)
        place = json.loads(rest)
        member = index[place["offset"] : place["offset"] + place["length"]]
        assert gzip.decompress(member).decode().startswith(f"{key} {stamp} ")
        assert place["digest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["small.wacz"]


def test_pages_are_those_that_came(package: Path) -> None:
    with zipfile.ZipFile(package) as zipped:
        head, *pages = [json.loads(line) for line in zipped.read(MEMBERS[3]).decode().splitlines()]
    assert head["format"] == "json-pages-1.0"
    urls = [page["url"] for page in pages]
    assert "https://a.example/plain" in urls
    assert urls.count("https://a.example/plain") == 2  # the 304 is none
    assert not {"https://a.example/missing", "https://a.example/big", "http://a.example/old"} & set(urls)
    assert {(page["url"], page["ts"][:19]) for page in pages} <= {
        (entry["url"], f"{s[:4]}-{s[4:6]}-{s[6:8]}T{s[8:10]}:{s[10:12]}:{s[12:]}") for _, s, entry in lines_of(package)
    }


def test_a_page_is_called_by_its_headline(tmp_path: Path, make) -> None:
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        make.store(archive, make.article(headline="Flood «in» Kherson"))
        write_wacz(archive, archive.capture_ids(), tmp_path / "data.wacz")
    with zipfile.ZipFile(tmp_path / "data.wacz") as zipped:
        page = json.loads(zipped.read(MEMBERS[3]).decode().splitlines()[1])
    assert page["title"] == "Flood «in» Kherson"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://www.Example.com/A/b/",
        "https://www3.example.co.uk:8443/a//b",
        "http://example.com:80/x?b=2&a=1&B=0",
        "https://example.com/x?",
        "https://192.0.2.7/x",
        "https://example.com/%7Euser/%41%2f%25?q=%D0%BA%20+",
        "https://example.com/a|b%7C?x=%22",
        "https://xn--e1afmkfd.example/",
        "https://example.com/a%253Fb?",
        "https://example.com/a/?x=1&&y",
        "https://example.com/x?a=2&a=10&a",
        "https://example.com//",
    ],
)
def test_search_keys_are_those_of_other_programs(url: str) -> None:
    assert search_key(url) == surt(url)
