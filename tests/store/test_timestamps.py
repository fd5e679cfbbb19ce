"""Time-stamps by an authority of our own: openssl's, over a real connection."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from scraper.errors import ArchiveError, ConfigError
from scraper.store import Archive
from scraper.store.timestamping import Question, read_certificates
from tests.store.authority import Authority

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the authority is openssl's")


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"))


def roots_of(authority: Authority):
    return read_certificates(authority.root.read_bytes(), "root.pem")


def stamped(archive: Archive, authority: Authority) -> bytes:
    question = Question(archive.head())
    token = authority.answer(question.content)
    stamped_at = question.check(token, roots_of(authority))
    archive.add_timestamp(question.head, authority="http://tsa.example/", stamped_at=stamped_at, token=token)
    return token


def results(archive: Archive, roots) -> list[tuple[str, str]]:
    return [(c.result, c.reason) for c in archive.check(roots=roots) if c.part == "timestamp"]


def test_a_head_is_stamped_and_verified(archive: Archive, make, authority: Authority, stranger: Authority) -> None:
    archive.add_capture(make.capture())
    stamped(archive, authority)
    archive.add_capture(make.capture("https://example.com/later"))
    (kept,) = archive.timestamps()
    assert (kept.position, kept.authority) == (1, "http://tsa.example/")
    assert kept.stamped_at.tzinfo is not None
    assert results(archive, roots_of(authority)) == [("ok", "")]
    ((result, reason),) = results(archive, ())
    assert result == "unverifiable"
    assert "--ca" in reason
    ((result, reason),) = results(archive, roots_of(stranger))
    assert result == "failed"
    assert "signature" in reason


def test_openssl_alone_can_check_a_token(archive: Archive, make, authority: Authority, tmp_path: Path) -> None:
    """As docs/custody.md says."""
    archive.add_capture(make.capture())
    (tmp_path / "token.tsr").write_bytes(stamped(archive, authority))
    (tmp_path / "head.txt").write_text(archive.head().head)
    checked = subprocess.run(
        ["openssl", "ts", "-verify", "-in", "token.tsr", "-data", "head.txt", "-CAfile", str(authority.root)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in checked.stdout + checked.stderr


def test_a_chain_that_was_changed_no_longer_has_its_stamp(archive: Archive, make, path: Path, authority) -> None:
    archive.add_capture(make.capture())
    stamped(archive, authority)
    archive.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE custody SET head = ?", ("0" * 64,))
    connection.commit()
    connection.close()
    with Archive.open(path) as reader:
        assert results(reader, roots_of(authority))[0][0] == "failed"


def test_a_token_of_another_head_put_in_its_place(archive: Archive, make, path: Path, authority: Authority) -> None:
    archive.add_capture(make.capture())
    other = stamped(archive, authority)
    archive.add_capture(make.capture("https://example.com/later"))
    stamped(archive, authority)
    archive.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE timestamps SET token = ? WHERE id = 2", (other,))
    connection.commit()
    connection.close()
    with Archive.open(path) as reader:
        assert [result for result, _ in results(reader, roots_of(authority))] == ["ok", "failed"]


def test_answers_that_are_none(archive: Archive, make, authority: Authority, stranger: Authority) -> None:
    archive.add_capture(make.capture())
    question = Question(archive.head())
    other = Question(archive.head())
    good = authority.answer(question.content)
    for answer in (b"", b"<html>busy</html>", good[:-20], good[:200], authority.answer(b"no question at all")):
        with pytest.raises(ArchiveError, match="no time-stamp"):
            question.check(answer, ())
    with pytest.raises(ArchiveError, match="something else"):  # a replayed answer to another question
        other.check(good, roots_of(authority))
    with pytest.raises(ArchiveError, match="signature"):
        question.check(good, roots_of(stranger))


def test_nothing_to_stamp(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="nothing to stamp"):
        Question(archive.head())


def test_certificates_that_are_none() -> None:
    with pytest.raises(ConfigError, match="no certificate"):
        read_certificates(b"hello", "file.pem")
