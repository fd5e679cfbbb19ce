"""The exceptions of the libraries below, as the FetchErrors of `scraper.errors`; the one place that knows both."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import h2.exceptions
import h11
import hpack
import httpcore
import httpx
import hyperframe.exceptions

from scraper.errors import (
    CertificateExpired,
    CertificateOfOther,
    ConnectionFailed,
    ConnectionRefused,
    FetchError,
    FetchTimeout,
    OutdatedTls,
    ProtocolError,
    ProxyFailed,
    SelfSigned,
    TlsError,
    Untrusted,
)
from scraper.fetch.stopwatch import Phase, Stopwatch

_BROKEN = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
)
_MALFORMED = (
    h11.ProtocolError,
    h2.exceptions.H2Error,
    hpack.HPACKError,
    hyperframe.exceptions.HyperframeError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.ConnectionNotAvailable,
    httpx.HTTPError,
    httpx.InvalidURL,
)
# An answer that breaks the protocol also brings built-in errors out of these libraries: of decoding a header, of making
# it a number, of looking up a stream that does not exist. Before anything was sent, they are somebody's mistake.
_STRAY = (ValueError, LookupError)

# How h11 and httpcore say that the peer hung up; they have no exception of its own for it.
_CLOSED = ("Server disconnected", "peer closed connection", "peer unexpectedly closed connection")

STALE = (httpcore.NetworkError, httpcore.RemoteProtocolError, httpcore.ConnectionNotAvailable)
"""What a request on a kept connection meets when the peer has meanwhile closed it."""


@contextmanager
def translated(host: str, watch: Stopwatch) -> Iterator[None]:
    """Raises a FetchError for whatever the network, TLS or HTTP libraries raise inside; FetchErrors pass unchanged."""
    try:
        yield
    except FetchError:
        raise
    except (*_BROKEN, *_MALFORMED) as error:
        raise _translate(error, host, watch.phase) from error
    except _STRAY as error:
        if not watch.sent:
            raise
        raise _translate(error, host, watch.phase) from error


def timed_out(host: str, watch: Stopwatch, timeout: float) -> FetchTimeout:
    return FetchTimeout(
        f"{host} did not deliver the page within {timeout:g} seconds",
        why=f"it was still {watch.phase}" if watch.phase is not Phase.BODY else "it was still being received",
        next_step="try again later, or allow more time with --timeout",
    )


def _translate(error: Exception, host: str, phase: Phase) -> FetchError:
    if isinstance(error, httpx.InvalidURL):
        return ProtocolError(f"This address of {host} cannot be asked for", why=_plain(error))
    if isinstance(error, httpcore.ProxyError):
        return ProxyFailed(
            f"The proxy did not let the request to {host} through",
            why=_plain(error),
            next_step="check its address, user and password",
        )
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return _tls_error(cause, host)
    if phase is Phase.TLS:
        why = "the connection was closed before both sides had agreed on encryption"
        return TlsError(f"No secure connection to {host}", why=why)
    if phase in (Phase.RESOLVING, Phase.CONNECTING):
        return _not_connected(causes, host)
    if isinstance(error, _BROKEN) or any(sign in str(error) for sign in _CLOSED):
        return _connection_lost(error, host, phase)
    return ProtocolError(f"{host} did not answer in proper HTTP", why=_plain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what caused it, the outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _not_connected(causes: list[BaseException], host: str) -> FetchError:
    cause = next((cause for cause in causes if isinstance(cause, OSError) and cause.errno), None)
    if cause is not None and cause.errno == errno.ECONNREFUSED:
        why = "nothing listens on that port, or a firewall turned the connection away"
        return ConnectionRefused(f"{host} refused the connection", why=why)
    reason = os.strerror(cause.errno).lower() if cause is not None and cause.errno else _plain(causes[0])
    return ConnectionFailed(
        f"Could not connect to {host}",
        why=reason,
        next_step="check this machine's network connection, or try again later",
    )


def _connection_lost(error: Exception, host: str, phase: Phase) -> ConnectionFailed:
    if phase is Phase.BODY:
        return ConnectionFailed(f"{host} closed the connection before the page was complete", why=_plain(error))
    return ConnectionFailed(f"{host} closed the connection without an answer", next_step="try again later")


def _tls_error(error: ssl.SSLError, host: str) -> TlsError:
    if isinstance(error, ssl.SSLCertVerificationError):
        known = _CERTIFICATE.get(error.verify_code)
        kind, why, next_step = known or (TlsError, error.verify_message.lower(), "")
        return kind(f"The certificate of {host} is not valid", why=why, next_step=next_step)
    reason = error.reason or ""
    why = _TLS_REASONS.get(reason, "") or (reason or _plain(error)).replace("_", " ").lower()
    kind = OutdatedTls if reason in _OUTDATED else TlsError
    return kind(f"No secure connection to {host}", why=why)


_ISSUER = "if you trust its issuer, name the issuer's certificate in the environment variable SSL_CERT_FILE"
# OpenSSL's X509_V_ERR_… codes: what that is, why, and what to do next.
_CERTIFICATE: dict[int, tuple[type[TlsError], str, str]] = {
    9: (TlsError, "it is not valid yet", "check this machine's clock"),
    10: (CertificateExpired, "it has expired", ""),
    18: (SelfSigned, "it is self-signed", _ISSUER),
    19: (Untrusted, "it was issued by an authority that is not trusted here (a self-signed one)", _ISSUER),
    20: (Untrusted, "it was issued by an authority that is not trusted here", _ISSUER),
    21: (Untrusted, "it was issued by an authority that is not trusted here", _ISSUER),
    62: (CertificateOfOther, "it belongs to another host", "check the spelling of the address"),
    64: (CertificateOfOther, "it does not name this IP address", "use the host's name instead of its address"),
}
_OUTDATED = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "VERSION_TOO_LOW"})
_TLS_REASONS = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port; an address with http:// may be meant",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the server and this machine have no encryption method in common",
    "TLSV1_UNRECOGNIZED_NAME": "the server does not know this host name",
    **dict.fromkeys(_OUTDATED, "the server only speaks an outdated version of TLS"),
}


def _plain(error: BaseException) -> str:
    """What a library says, fit for one line of a terminal: it may quote bytes that the peer chose."""
    text = "".join(char if char.isprintable() else " " for char in str(error))
    if not any(char.isalpha() for char in text):  # some errors are just a number
        text = f"{type(error).__name__} {text}".strip()
    return text if len(text) <= 200 else f"{text[:200]}…"
