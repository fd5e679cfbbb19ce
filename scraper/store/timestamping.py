"""Time-stamps of the chain of custody: an authority's signed word that a head existed at a time (RFC 3161).

What is stamped is the head as 64 letters of ASCII, so that anybody can check a token with openssl alone. The one user
of rfc3161_client, cryptography and asn1crypto. Nothing here talks to a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scraper.errors import ArchiveError, ConfigError, UsageError
from scraper.store.connection import Connection
from scraper.store.custody import Head
from scraper.store.fixity import Checked

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

    Roots = Sequence[Certificate]
    """Certificates of authorities that are trusted."""

QUESTION_TYPE = "application/timestamp-query"
ANSWER_SIZE = 1024 * 1024
"""Bytes; a token with its certificates takes some six thousand."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A row of `timestamps`."""

    id: int
    position: int
    head: str
    stamped_at: datetime
    authority: str
    token: bytes


class Question:
    """What to ask an authority about a head. Raises UsageError where the extra `timestamps` is not installed."""

    def __init__(self, head: Head) -> None:
        if not head.head:
            raise ArchiveError("There is nothing to stamp yet", next_step="archive a page first: scrape url URL")
        _need_client()
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        self.head = head
        self._request: TimeStampRequest = (
            TimestampRequestBuilder()
            .data(head.head.encode())
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )

    @property
    def content(self) -> bytes:
        """The request to send, DER."""
        return self._request.as_bytes()

    def check(self, answer: bytes, roots: Roots) -> datetime:
        """The time that the answer states. Raises ArchiveError when it is none to this question, or not to be believed.

        Without `roots` only its form is checked: that it is about this head and this question.
        """
        from rfc3161_client import PKIStatus

        try:
            response = _decoded(answer)
        except ValueError as error:
            raise _refused(f"its answer is no time-stamp ({error})") from error
        if response.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            said = "; ".join(response.status_string) or f"status {response.status}"
            raise _refused(f"it says: {said}")
        info = response.tst_info
        if info.nonce != self._request.nonce or info.message_imprint.message != self._request.message_imprint.message:
            raise _refused("its answer is about something else")
        if roots:
            problem = _problem(answer, self.head.head, roots)
            if problem is not None:
                raise _refused(problem)
        return info.gen_time


def add_timestamp(db: Connection, head: Head, *, authority: str, stamped_at: datetime, token: bytes) -> None:
    """Keep an answer that was checked; call inside a transaction."""
    db.insert(
        "timestamps",
        {
            "position": head.position,
            "head": head.head,
            "stamped_at": stamped_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "authority": authority,
            "token": token,
        },
    )


def list_timestamps(db: Connection) -> Iterator[Timestamp]:
    """Every time-stamp, oldest first."""
    for row in db.rows("SELECT id, position, head, stamped_at, authority, token FROM timestamps ORDER BY id"):
        values = {**dict(row), "stamped_at": datetime.fromisoformat(row["stamped_at"])}
        yield Timestamp(**values)


def check_timestamps(db: Connection, roots: Roots) -> Iterator[Checked]:
    """Is each time-stamp still one of the head that stands in the chain, and signed by somebody who is trusted?

    Without `roots` (or without the extra `timestamps`) their signatures are unverifiable.
    """
    for stamp in list_timestamps(db):
        subject = f"{stamp.position} at {stamp.stamped_at.isoformat(timespec='seconds')}"
        row = db.row("SELECT head FROM custody WHERE position = ?", (stamp.position,))
        if row is None or row["head"] != stamp.head:
            yield Checked("timestamp", subject, "failed", "the chain no longer holds the head that was stamped")
        elif not roots:
            reason = "no certificate was given to check its signature with: --ca FILE"
            yield Checked("timestamp", subject, "unverifiable", reason)
        else:
            problem = _problem(stamp.token, stamp.head, roots)
            yield Checked("timestamp", subject, "failed" if problem else "ok", problem or "")


def read_certificates(pem: bytes, name: str) -> list[Certificate]:
    """The certificates of a PEM file; `name` is for the message. Raises ConfigError or UsageError."""
    _need_client()
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(pem)
    except ValueError as error:
        raise ConfigError(
            f"{name} holds no certificate", why=str(error), next_step="give the authority's certificates as PEM"
        ) from error


def _problem(token: bytes, head: str, roots: Roots) -> str | None:
    """Why a token is no word of one of `roots` about `head`; None when it is."""
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        response = _decoded(token)
    except ValueError as error:
        return f"it is no time-stamp ({error})"
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, head.encode())
    except (VerificationError, ValueError) as error:
        return f"its signature does not hold: {error}"
    return None


def _decoded(answer: bytes) -> TimeStampResponse:
    """Raises ValueError for what is no response."""
    from asn1crypto.tsp import TimeStampResp
    from rfc3161_client import decode_timestamp_response

    # openssl's authorities, and so many real ones, send their certificates in another order than DER asks for, which
    # the client does not forgive. Their order is not part of what is signed.
    response = TimeStampResp.load(answer)
    token = response["time_stamp_token"]
    if token.native is not None and token["content"]["certificates"].native is not None:
        certificates = token["content"]["certificates"]
        ordered = sorted(certificates, key=lambda certificate: bytes(certificate.dump()))
        token["content"]["certificates"] = type(certificates)(ordered)
        answer = response.dump(force=True)
    return decode_timestamp_response(answer)


def _need_client() -> None:
    try:
        import asn1crypto  # noqa: F401
        import rfc3161_client  # noqa: F401
    except ImportError:
        raise UsageError(
            "Time-stamps need the extra `timestamps`",
            next_step="pip install 'news-archiver[timestamps]'",
        ) from None


def _refused(why: str) -> ArchiveError:
    return ArchiveError("The authority gave no time-stamp", why=why, next_step="try another with --authority URL")
