"""Telling somebody: alarms as JSON to a webhook and as a mail, once when raised and once when over.

What could not be told is told at the end of the next run. Secrets come from the environment and are in no message.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext
from typing import Any
from urllib.parse import unquote, urlsplit

from scraper.crawl.health.mail import Mail, MailFailed, MailServer, send_mail
from scraper.errors import ConfigError, UsageError
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings, from_environment
from scraper.store import Archive, Channel, Notice
from scraper.urls import check_url, host_of

NOT_OLDER = timedelta(days=7)
"""What happened longer ago is no news: a webhook that is set up today is not told of last year."""
_MOST = 100
"""Alarms in one message."""
_ANSWER_SIZE = 64 * 1024
_PORTS = {"smtp": 587, "smtps": 465}
_SMTP_FORM = 'write smtp = "smtp://user:$VARIABLE@mail.example:587", or smtps://… for TLS from the first byte'


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """The table [health] of a scrape.toml."""

    webhook: str = field(default="", repr=False)
    """Where alarms are posted; its address may be a secret."""
    recipients: tuple[str, ...] = ()
    server: MailServer | None = None
    sender: str = ""


def health_settings(config: Mapping[str, Mapping[str, Any]], path: Path) -> HealthSettings:
    """What the checked `config` of the file `path` says. Raises ConfigError for what cannot be used."""
    table = config.get("health", {})
    webhook = from_environment(path, "health.webhook", table.get("webhook", ""))
    if webhook:
        try:
            check_url(webhook)
        except UsageError:
            raise ConfigError(f"{path}: health.webhook is no web address", next_step="write https://…") from None
    mail = table.get("mail", [])
    recipients = tuple([mail] if isinstance(mail, str) else mail)
    for one in (*recipients, *filter(None, [table.get("sender")])):
        if not isinstance(one, str) or not _is_mail_address(one):
            raise ConfigError(f"{path}: {one!r} is no mail address", next_step='write mail = "ops@example.org"')
    server = _server(path, table["smtp"]) if table.get("smtp") else None
    if recipients and server is None:
        raise ConfigError(f"{path}: health.mail needs a server that sends it", next_step=_SMTP_FORM)
    sender = table.get("sender") or (server.user if server and _is_mail_address(server.user) else "")
    if server is not None and not sender:
        sender = f"scrape@{server.host}"
    return HealthSettings(webhook=webhook, recipients=recipients, server=server, sender=sender)


def _is_mail_address(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(name and at and host) and text.isascii() and text.isprintable() and not set(" ,;<>\"'\\") & set(text)


def _server(path: Path, written: str) -> MailServer:
    text = from_environment(path, "health.smtp", written)
    wrong = ConfigError(f"{path}: health.smtp is no mail server", next_step=_SMTP_FORM)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise wrong
    return MailServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        user=from_environment(path, "health.smtp", unquote(parts.username or "")),
        password=from_environment(path, "health.smtp", unquote(parts.password or "")),
    )


async def send_notices(
    archive: Archive,
    settings: HealthSettings,
    fetch_settings: FetchSettings,
    *,
    trust: SSLContext | None = None,
    fetcher: Fetcher | None = None,
) -> list[str]:
    """Tell what was raised and cleared and was not told yet; why it could not be told, a sentence a channel.

    `trust` says which mail server to believe, else the system does. Raises ArchiveError only.
    """
    problems = []
    if settings.webhook:
        problems += await _tell(
            archive, "webhook", lambda notices: _post(archive, settings, fetch_settings, notices, fetcher)
        )
    if settings.recipients and settings.server is not None:
        problems += await _tell(archive, "mail", lambda notices: _mail(archive, settings, notices, trust))
    return problems


async def _tell(
    archive: Archive, channel: Channel, send: Callable[[Sequence[Notice]], Awaitable[str | None]]
) -> list[str]:
    records = archive.health()
    notices = records.notices(channel, not_older_than=NOT_OLDER, limit=_MOST)
    if not notices:
        return []
    error = await send(notices)
    records.note_told(notices, error)
    return [] if error is None else [error]


async def _post(
    archive: Archive,
    settings: HealthSettings,
    fetch_settings: FetchSettings,
    notices: Sequence[Notice],
    fetcher: Fetcher | None,
) -> str | None:
    said = {
        "archive": archive.path.name,
        "alarms": [{"event": notice.event, **notice.alarm.as_dict()} for notice in notices],
    }
    content = json.dumps(said, ensure_ascii=False).encode()
    async with fetcher or Fetcher(fetch_settings) as web:
        answer = await web.post(settings.webhook, content, content_type="application/json", max_body=_ANSWER_SIZE)
    # The address may be the secret: only its host is named.
    to = f"the webhook at {host_of(settings.webhook)} was not told of {len(notices)} alarms"
    if answer.failure is not None:
        return f"{to}: {answer.failure.code}"
    if not 200 <= (answer.status or 0) < 300:
        return f"{to}: it answered {answer.status}"
    return None


async def _mail(
    archive: Archive, settings: HealthSettings, notices: Sequence[Notice], trust: SSLContext | None
) -> str | None:
    assert settings.server is not None  # noqa: S101 - the caller looked
    mail = Mail(
        sender=settings.sender,
        recipients=settings.recipients,
        subject=_subject(notices),
        text=_text(archive, notices),
    )
    try:
        await send_mail(settings.server, mail, trust=trust)
    except MailFailed as error:
        return f"no mail could be sent of {len(notices)} alarms: {error}"
    return None


def _subject(notices: Sequence[Notice]) -> str:
    raised = [notice for notice in notices if notice.event == "raised"]
    if len(notices) == 1:
        alarm = notices[0].alarm
        over = "" if raised else "over: "
        return f"scrape: {over}{alarm.site or alarm.subject}: {alarm.kind}"
    return f"scrape: {len(raised)} alarms raised, {len(notices) - len(raised)} over"


def _text(archive: Archive, notices: Sequence[Notice]) -> str:
    parts = []
    for notice in notices:
        alarm = notice.alarm
        state = "OVER" if notice.event == "cleared" else alarm.severity.upper()
        lines = [f"{state}  {alarm.site or alarm.subject}  {alarm.kind}  (alarm {alarm.id})", alarm.message]
        lines += [f"  {page['url']}" for page in alarm.detail.get("examples", [])]
        parts.append("\n".join(lines))
    footer = f"Archive: {archive.path}\nscrape health lists what is open; scrape health --acknowledge ID silences one."
    return "\n\n".join([*parts, f"-- \n{footer}"]) + "\n"
