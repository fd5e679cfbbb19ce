"""One mail to one server, within a time limit, over TLS wherever the server can."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from ssl import SSLContext, create_default_context

DEADLINE = 60.0
"""Seconds for all of it."""
_STEP = 15.0
"""Seconds for one step."""


class MailFailed(Exception):
    """Why a mail was not sent, without any secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail from us."""

    host: str
    port: int
    is_tls: bool = False
    """TLS from the first byte; else STARTTLS, where the server offers it."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is sent, to all recipients at once."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str


async def send_mail(server: MailServer, mail: Mail, *, trust: SSLContext | None = None) -> None:
    """Send `mail` through `server`; `trust` says whose certificates to believe. Raises MailFailed."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def send() -> None:
        error: Exception | None = None
        try:
            _send(server, mail, trust or create_default_context())
        except MailFailed as failed:
            error = failed
        except (OSError, smtplib.SMTPException, ValueError) as failed:
            error = MailFailed(_reason(failed))
        try:
            loop.call_soon_threadsafe(settle, error)
        except RuntimeError:
            return  # nobody waits for it any more

    # A thread of its own that nobody waits for: a server that never answers must not keep the program from ending.
    threading.Thread(target=send, name="mail", daemon=True).start()
    try:
        await asyncio.wait_for(done, DEADLINE)
    except TimeoutError:
        raise MailFailed(f"{server.host} took longer than {DEADLINE:.0f} seconds") from None


def _send(server: MailServer, mail: Mail, trust: SSLContext) -> None:
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, ", ".join(mail.recipients)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="scrape.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    connected = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=_STEP, context=trust)
        if server.is_tls
        else smtplib.SMTP(server.host, server.port, timeout=_STEP)
    )
    with connected as smtp:
        smtp.ehlo()
        is_private = server.is_tls
        if not is_private and smtp.has_extn("starttls"):
            smtp.starttls(context=trust)
            smtp.ehlo()
            is_private = True
        if server.user:
            if not is_private and not _is_this_machine(server.host):
                raise MailFailed(f"{server.host} offers no TLS, and a password is not sent unencrypted")
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(error: Exception) -> str:
    """What went wrong. What a server says may hold what it was told, so of its words only the code is kept."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the server refuses the recipients"
    return f"{type(error).__name__}: {error}" if isinstance(error, OSError) else type(error).__name__
