"""Notices, to a real web server and a real mail server on this machine."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
import trustme

from scraper.crawl.health import HealthSettings, health_settings, send_notices
from scraper.crawl.health.mail import MailServer
from scraper.errors import ConfigError
from scraper.settings import FetchSettings, load_config
from scraper.store import Alarm, Archive, Trouble
from tests.crawl.health.smtp_server import SmtpServer
from tests.http_server import HttpServer

AUTHORITY = trustme.CA()


@pytest.fixture
def trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def mail_server(tls: ssl.SSLContext) -> Iterator[SmtpServer]:
    with SmtpServer(tls=tls) as running:
        yield running


def raise_alarm(archive: Archive, site: str = "outlet.example") -> Alarm:
    trouble = Trouble(
        site=site,
        kind="wall",
        subject="wall",
        severity="error",
        since=datetime(2024, 5, 1, tzinfo=UTC),
        since_run_id=None,
        message="pages without a consent wall or a check for robots: 0 of 3 since 2024-05-01 00:00; before …",
        detail={"examples": [{"capture": 1, "url": f"https://{site}/news/ferry"}]},
    )
    alarm = archive.health().raise_alarm(trouble, None)
    assert alarm is not None
    return alarm


def to_webhook(server: HttpServer, path: str = "/hook") -> HealthSettings:
    return HealthSettings(webhook=server.url(path))


def by_mail(server: SmtpServer, **more: object) -> HealthSettings:
    values = {"host": "127.0.0.1", "port": server.port, "user": "ops", "password": "right", **more}
    return HealthSettings(recipients=("ops@example.org",), sender="scrape@example.org", server=MailServer(**values))  # type: ignore[arg-type]


def send(archive: Archive, settings: HealthSettings, trust: ssl.SSLContext | None = None, **fetch: bool) -> list[str]:
    fetch_settings = FetchSettings(timeout=5.0, **{"allow_private": True, **fetch})  # type: ignore[arg-type]
    return asyncio.run(send_notices(archive, settings, fetch_settings, trust=trust))


def test_a_webhook_is_told_once_when_raised_and_once_when_over(archive: Archive, server: HttpServer) -> None:
    server.page("/hook", "thanks")
    settings = to_webhook(server)
    assert send(archive, settings) == []
    assert server.requests == []  # nothing to tell
    alarm = raise_alarm(archive)
    assert send(archive, settings) == send(archive, settings) == []
    [request] = server.requests
    assert (request.method, request.header("Content-Type")) == ("POST", "application/json")
    [said] = json.loads(request.body)["alarms"]
    assert (said["event"], said["id"], said["kind"], said["site"]) == ("raised", alarm.id, "wall", "outlet.example")
    assert said["detail"]["examples"][0]["capture"] == 1
    archive.health().clear(alarm, None)
    assert send(archive, settings) == send(archive, settings) == []
    assert [one["event"] for one in json.loads(server.requests[1].body)["alarms"]] == ["cleared"]
    assert len(server.requests) == 2


def test_what_could_not_be_told_is_told_next_time(archive: Archive, server: HttpServer) -> None:
    raise_alarm(archive)
    server.page("/secret-token", "oops", status=500)
    [problem] = send(archive, to_webhook(server, "/secret-token"))
    assert problem == "the webhook at 127.0.0.1 was not told of 1 alarms: it answered 500"
    raise_alarm(archive, "other.example")
    server.page("/secret-token", "thanks")
    assert send(archive, to_webhook(server, "/secret-token")) == []
    told = json.loads(server.requests[-1].body)["alarms"]
    assert {one["site"] for one in told} == {"outlet.example", "other.example"}


def test_what_was_over_before_anybody_was_told_is_not_told(archive: Archive, server: HttpServer) -> None:
    server.page("/hook", "thanks")
    archive.health().clear(raise_alarm(archive), None)
    archive.health().acknowledge(raise_alarm(archive, "other.example").id)
    assert send(archive, to_webhook(server)) == []
    assert server.requests == []


def test_private_addresses_only_where_they_are_admitted(archive: Archive, server: HttpServer) -> None:
    raise_alarm(archive)
    [problem] = send(archive, to_webhook(server), allow_private=False)
    assert problem.endswith("forbidden_address")
    assert server.requests == []


def test_a_mail_over_starttls(archive: Archive, mail_server: SmtpServer, trust: ssl.SSLContext) -> None:
    alarm = raise_alarm(archive, "köln.example")
    assert send(archive, by_mail(mail_server), trust) == []
    [session] = mail_server.sessions
    assert session.login == ("ops", "right")
    assert session.commands.index("STARTTLS") < session.commands.index(next(c for c in session.commands if "AUTH" in c))
    mail = message_from_string(session.mails[0], policy=default)
    assert (mail["To"], mail["From"]) == ("ops@example.org", "scrape@example.org")
    assert mail["Subject"] == "scrape: köln.example: wall"
    text = mail.get_content()
    assert "0 of 3 since 2024-05-01" in text
    assert "https://köln.example/news/ferry" in text
    archive.health().clear(alarm, None)
    assert send(archive, by_mail(mail_server), trust) == []
    assert "OVER" in message_from_string(mail_server.sessions[1].mails[0], policy=default).get_content()


def test_tls_from_the_first_byte(archive: Archive, tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    raise_alarm(archive)
    with SmtpServer(tls=tls, implicit=True) as server:
        assert send(archive, by_mail(server, is_tls=True), trust) == []
        assert len(server.sessions[0].mails) == 1


def test_a_server_that_nobody_vouches_for_gets_no_password(archive: Archive, mail_server: SmtpServer) -> None:
    raise_alarm(archive)
    [problem] = send(archive, by_mail(mail_server))
    assert "CERTIFICATE_VERIFY_FAILED" in problem
    assert mail_server.sessions[0].login is None


def test_a_password_that_is_wrong_is_not_repeated(
    archive: Archive, mail_server: SmtpServer, trust: ssl.SSLContext
) -> None:
    raise_alarm(archive)
    problems = send(archive, by_mail(mail_server, password="hunter2"), trust)
    assert problems == ["no mail could be sent of 1 alarms: the server answered 535"]
    assert send(archive, by_mail(mail_server), trust) == []


def test_a_server_that_refuses_or_is_not_there(archive: Archive, trust: ssl.SSLContext) -> None:
    raise_alarm(archive)
    with SmtpServer(refuses="554 no") as server:
        [problem] = send(archive, by_mail(server, user=""), trust)
        assert problem.endswith("the server answered 554")
    [problem] = send(archive, by_mail(server, user=""), trust)
    assert "Connection refused" in problem


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    path = tmp_path / "scrape.toml"
    path.write_text(
        '[health]\nwebhook = "https://hooks.example/T0"\nmail = ["ops@example.org", "desk@example.org"]\n'
        'smtp = "smtp://ops%40example.org:$MAIL_PASSWORD@mail.example"\n'
    )
    settings = health_settings(load_config(path), path)
    assert settings.server == MailServer(host="mail.example", port=587, user="ops@example.org", password="s3cret")
    assert (settings.sender, len(settings.recipients)) == ("ops@example.org", 2)
    assert "s3cret" not in repr(settings)
    assert "T0" not in repr(settings)
    assert health_settings({}, path) == HealthSettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('webhook = "ftp://x.example"', "health.webhook is no web address"),
        ('mail = "ops"', "'ops' is no mail address"),
        ('mail = "a@example.org\\r\\nBcc: b@example.org"', "is no mail address"),
        ('mail = "ops@example.org"', "health.mail needs a server"),
        ('mail = "ops@example.org"\nsmtp = "https://mail.example"', "health.smtp is no mail server"),
        ('smtp = "smtp://ops:$NO_SUCH@mail.example"', "NO_SUCH, which is not set"),
        ("smtp = 1", "health.smtp must be str"),
        ('web = "x"', "unknown key health.web"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "scrape.toml"
    path.write_text(f"[health]\n{text}\n")
    with pytest.raises(ConfigError, match=words):
        health_settings(load_config(path), path)


def test_old_news_is_no_news(tmp_path: Path, server: HttpServer) -> None:
    server.page("/hook", "thanks")
    now = datetime(2024, 5, 1, tzinfo=UTC)
    times = [now]
    with Archive.open(tmp_path / "other.db", write=True, clock=lambda: times[-1]) as archive:
        raise_alarm(archive)
        times.append(now + timedelta(days=8))
        assert send(archive, to_webhook(server)) == []
    assert server.requests == []
