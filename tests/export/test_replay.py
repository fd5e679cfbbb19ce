"""What we export, replayed by pywb, which runs in a virtual environment of its own: see `make replay`."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.export.warc import write_warc
from scraper.export.warc.record import uri
from scraper.store import Archive, StoredCapture
from tests.export import captures

PYWB = Path(__file__).parents[2] / ".venv-pywb" / "bin"
LIMIT = 60.0

pytestmark = [
    pytest.mark.replay,
    pytest.mark.skipif(
        not (PYWB / "wayback").exists() and os.environ.get("SCRAPE_TEST_REPLAY") != "required",
        reason="pywb is not there: `make replay` installs it",
    ),
]


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("replay")
    demo = folder / "demo.db"
    subprocess.run([sys.executable, "-m", "scraper", "demo", "--keep", demo, "--quiet"], check=True, stdout=-3)
    return {"demo": demo, "nasty": captures.filled(folder / "nasty.db")}


@pytest.fixture(scope="module")
def port(databases: dict[str, Path]) -> Iterator[int]:
    """A pywb that replays a collection of each archive."""
    folder = databases["demo"].parent
    for name, database in databases.items():
        warc = folder / f"{name}.warc.gz"
        with Archive.open(database) as archive, warc.open("wb") as out:
            write_warc(archive, archive.capture_ids(), out)
        for command in (["init", name], ["add", name, str(warc)]):
            subprocess.run([PYWB / "wb-manager", *command], cwd=folder, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen = int(free.getsockname()[1])
    with (folder / "log").open("wb") as log:
        command = [PYWB / "wayback", "-b", "127.0.0.1", "-p", str(chosen)]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            wait_for(chosen, server)
            yield chosen
        finally:
            server.terminate()
            server.wait()
            shutil.rmtree(folder / "collections")


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        assert server.poll() is None, "pywb ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("pywb does not answer")


def replayed(port: int, collection: str, capture: StoredCapture) -> tuple[int, bytes, str | None]:
    """Status and body as pywb gives them for the time of a capture, and the time that it says they are of."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    stamp = capture.fetched_at.strftime("%Y%m%d%H%M%S")
    connection.request("GET", f"/{collection}/{stamp}id_/{uri(capture.final_url)}")
    answer = connection.getresponse()
    try:
        return answer.status, answer.read(), answer.headers["Memento-Datetime"]
    finally:
        connection.close()


@pytest.mark.parametrize("collection", ["demo", "nasty"])
def test_every_body_comes_back_as_it_was(databases: dict[str, Path], port: int, collection: str) -> None:
    wrong, count, revisits = [], 0, 0
    seen: set[str] = set()
    with Archive.open(databases[collection]) as archive:
        for capture_id in archive.capture_ids():
            capture = archive.stored_capture(capture_id)
            if (
                capture.sha256 is None or "\r\n" in capture.final_url
            ):  # pywb refuses an address with an escaped line end
                continue
            status, body, shown = replayed(port, collection, capture)
            if (status, body) != (capture.status, archive.body(capture.sha256)):
                wrong.append((capture.final_url, capture.status, status, len(body)))
            assert shown == capture.fetched_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
            count += 1
            revisits += capture.sha256 in seen and capture.size != 0
            seen.add(capture.sha256)
    assert wrong == []
    assert count >= 18
    assert revisits >= 3


def test_redirects_and_304s_are_replayed_as_such(databases: dict[str, Path], port: int) -> None:
    with Archive.open(databases["nasty"]) as archive:
        stored = [archive.stored_capture(number) for number in archive.capture_ids()]
    [unchanged] = [capture for capture in stored if capture.final_url.endswith("/plain") and capture.status == 304]
    assert replayed(port, "nasty", unchanged)[:2] == (304, b"")
    moved = next(capture for capture in stored if capture.url == "http://a.example/old")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    connection.request("GET", f"/nasty/{moved.fetched_at:%Y%m%d%H%M%S}id_/{moved.url}")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (301, b"")
    assert (answer.headers["Location"] or "").endswith("/mid")
    connection.close()
