"""`scrape verify`, `stamp`, `prune` and `backup`, as users run them."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.running import Scrape
from tests.store.authority import Authority


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert Scrape(folder)("demo", "--keep", "archive.db", "-q").code == 0
    return folder / "archive.db"


@pytest.fixture
def scrape(kept: Path, tmp_path: Path) -> Scrape:
    shutil.copy(kept, tmp_path / "archive.db")
    return Scrape(tmp_path)


def change(scrape: Scrape, sql: str) -> list[tuple[int]]:
    connection = sqlite3.connect(scrape.folder / "archive.db")
    found = connection.execute(sql).fetchall()
    connection.commit()
    connection.close()
    return found


def test_verify_tells_ok_failed_and_unverifiable_apart(scrape: Scrape) -> None:
    said = scrape("verify")
    assert said.code == 0
    assert {row["part"] for row in said.rows} == {"database", "chain", "timestamp", "body"}
    assert {(row["failed"], row["unverifiable"]) for row in said.rows} == {(0, 0)}
    scrape("prune", "--keep", "1", "-q")
    # Which capture is which differs from one demonstration to the next: its hosts are fetched from side by side.
    (altered,), (damaged,) = change(
        scrape, "SELECT min(id) FROM captures WHERE url LIKE '%/tram-line%' OR url LIKE '%/pond.htm' GROUP BY url"
    )
    change(scrape, f"UPDATE captures SET status = 418 WHERE id = {altered}")
    change(
        scrape, f"UPDATE blobs SET content = x'00' WHERE sha256 = (SELECT sha256 FROM captures WHERE id = {damaged})"
    )
    said = scrape("verify")
    assert said.code == 3
    rows = {row["part"]: row for row in said.rows}
    assert rows["body"]["unverifiable"] == 1
    assert rows["body"]["failed"] >= 1
    assert rows["chain"]["failed"] == 1
    assert f"capture {altered}" in said.err
    assert f"captures {damaged}" in said.err
    quick = scrape("verify", "--quick")
    assert "body" not in {row["part"] for row in quick.rows}


def test_a_published_head_is_found_again(scrape: Scrape) -> None:
    head, position = scrape("verify", "--head").out.split()
    assert len(head) == 64
    said = scrape("verify", "--expect", head)
    assert (said.code, f"entry {position} of {position}" in said.err) == (0, True)
    said = scrape("verify", "--expect", "0" * 64, "--quick")
    assert said.code == 3
    assert "altered or cut off" in said.err
    (row,) = scrape("verify", "--head", "-f", "ndjson").rows
    assert (row["head"], str(row["position"])) == (head, position)


def test_prune_says_before_it_does(scrape: Scrape) -> None:
    dry = scrape("prune", "--keep", "0", "--dry-run")
    assert dry.code == 0
    assert len(dry.rows) == 10
    assert "would be removed" in dry.err
    assert {row["unverifiable"] for row in scrape("verify").rows} == {0}
    assert len(scrape("prune", "--keep", "0", "--compact").rows) == 10
    said = scrape("verify")
    assert said.code == 0
    assert {row["part"]: row["unverifiable"] for row in said.rows}["body"] == 10
    assert scrape("show", "1").code == 0  # the article stays
    gone = scrape("show", "1", "--html")
    assert gone.code == 4
    assert "was removed" in gone.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["prune"], 2, "--older-than DAYS"),
        (["prune", "--site", "a.example"], 2, "--older-than DAYS"),
        (["prune", "--keep", "-1"], 2, "less than nothing"),
        (["prune", "--max-bytes", "much"], 2, "10GiB"),
        (["backup", "archive.db"], 1, "file of that name"),
        (["backup", "missing/copy.db"], 1, "no folder"),
        (["backup"], 2, "FILE"),
        (["stamp"], 2, "custody"),
        (["stamp", "--authority", "http://tsa.example/", "--ca", "missing.pem"], 2, "missing.pem"),
    ],
)
def test_wrong_use(scrape: Scrape, arguments: list[str], code: int, words: str) -> None:
    said = scrape(*arguments)
    assert said.code == code
    assert words in said.err
    assert "Traceback" not in said.err


def test_sizes_are_understood() -> None:
    from scraper.settings import bytes_in

    assert [bytes_in(text) for text in ("7", "1kB", "1.5 MB", "2GiB", "1t")] == [7, 1000, 1_500_000, 2 * 2**30, 10**12]


def test_a_backup_is_an_archive(scrape: Scrape) -> None:
    assert scrape("backup", "copy.db").code == 0
    assert scrape("verify", "--archive", "copy.db").code == 0
    assert scrape("list", "--archive", "copy.db").rows == scrape("list").rows


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the authority is openssl's")
def test_a_head_is_stamped_over_http(scrape: Scrape, tmp_path: Path) -> None:
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    asked: list[tuple[str | None, str]] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.headers["content-type"], self.path))
            answer = b"busy" if self.path == "/busy" else authority.answer(question)
            self.send_response(503 if self.path == "/busy" else 200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        (tmp_path / "scrape.toml").write_text(
            f'[custody]\nauthority = "{base}/tsr"\ncertificates = "authority/root.pem"\n'
            f"[fetch]\nports = [{server.server_port}]\n"
        )
        said = scrape("stamp", "--allow-private")
        assert (said.code, "existed by" in said.err) == (0, True), said.err
        said = scrape("stamp", "--allow-private", "--authority", f"{base}/busy")
        assert (said.code, "503" in said.err) == (1, True)
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
    assert asked == [("application/timestamp-query", "/tsr"), ("application/timestamp-query", "/busy")]
    rows = {row["part"]: row for row in scrape("verify").rows}
    assert rows["timestamp"] == {"part": "timestamp", "ok": 1, "failed": 0, "unverifiable": 0}
    (tmp_path / "scrape.toml").unlink()
    rows = {row["part"]: row for row in scrape("verify").rows}
    assert rows["timestamp"] == {"part": "timestamp", "ok": 0, "failed": 0, "unverifiable": 1}
