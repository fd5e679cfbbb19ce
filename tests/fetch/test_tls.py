"""Certificates and encryption, with an authority of the test's own; HTTP/2, which is only spoken over TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from scraper.capture import Capture
from scraper.fetch.transport import default_ssl_context
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, Reply, drip, head, raw, stall

HOST = "news.example"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts `authority`."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def server_context(authority: trustme.CA, host: str = HOST, *, expires: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    begins = None if expires is None else expires - timedelta(days=30)
    authority.issue_cert(host, not_before=begins, not_after=expires).configure_cert(context)
    return context


@contextmanager
def serving(context: ssl.SSLContext, trusting: ssl.SSLContext) -> Iterator[Visitor]:
    with HttpServer(tls=context) as server:
        server.page("/", "over TLS")
        yield Visitor(server, trusting)


def tls_failure(capture: Capture, code: str = "tls") -> str:
    assert capture.failure is not None
    assert capture.failure.code == code
    assert HOST in capture.failure.message
    assert capture.hops == ()
    assert capture.timings.connected is not None
    return capture.failure.message


def test_http_2(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    with serving(server_context(authority), trusting) as visit:
        visit.server.redirect("/old", "/")
        capture, again = visit.all([f"https://{HOST}/old", f"https://{HOST}/"])
    assert [hop.http_version for hop in capture.hops] == ["HTTP/2", "HTTP/2"]
    assert [request.http_version for request in visit.server.requests] == ["HTTP/2"] * 3
    assert capture.body == again.body == b"over TLS"
    assert capture.peer == f"127.0.0.1:{visit.server.port}"
    assert [request.connection for request in visit.server.requests] == [1, 1, 1]
    assert visit.server.requests[0].header(":authority") == HOST


def test_tls_is_timed(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    with serving(server_context(authority), trusting) as visit:
        timings = visit(f"https://{HOST}/").timings
    assert timings.connected is not None
    assert timings.tls is not None
    assert timings.first_byte is not None
    assert timings.connected <= timings.tls <= timings.first_byte


def test_http_2_after_answers_that_were_given_up(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    """What is left of them, on the connection they share, must not hold up the next page."""
    with serving(server_context(authority), trusting) as visit:
        visit.server.page("/big", b"x" * 16_000)
        visit.server.redirect("/moved", "/", body=b"x" * 16_000)
        visit.server.script("/silent", stall())
        urls = [f"https://{HOST}/{name}" for name in ("big", "", "silent", "", "moved")]
        big, page, silent, again, moved = visit.all(urls, settings={"timeout": 0.4, "max_body": 10_000})
    assert big.failure is not None
    assert big.failure.code == "too_large"
    assert silent.failure is not None
    assert silent.failure.code == "timeout"
    assert page.body == again.body == moved.body == b"over TLS"
    assert silent.hops[0].peer == page.peer


@pytest.mark.parametrize(
    "nonsense", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\x00\x04\x09\x00\x00\x00\x00\x01zzzz", b"\xff" * 5000, b""]
)
def test_nonsense_instead_of_http_2(authority: trustme.CA, trusting: ssl.SSLContext, nonsense: bytes) -> None:
    with serving(server_context(authority), trusting) as visit:
        visit.server.script("/bad", raw(nonsense))
        bad, good = visit.all([f"https://{HOST}/bad", f"https://{HOST}/"])
    assert bad.failure is not None
    assert bad.failure.code in ("protocol", "connect")
    assert good.body == b"over TLS"


def test_an_endless_http_1_page_over_tls(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    context = server_context(authority)
    with HttpServer(tls=context, http2=False) as server:
        server.script("/", drip(head(), b"x" * 1000, pause=0.02))
        capture = Visitor(server, trusting)(f"https://{HOST}/", settings={"timeout": 0.4})
    assert capture.http_version == "HTTP/1.1"
    assert capture.failure is not None
    assert capture.failure.code == "timeout"
    assert capture.timings.total < 1.4


def test_the_default_trusts_the_public_authorities_only() -> None:
    context = default_ssl_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) > 50


def test_expired(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with serving(server_context(authority, expires=yesterday), trusting) as visit:
        assert "expired" in tls_failure(visit(f"https://{HOST}/"), "tls_expired")
    assert visit.server.requests == []


def test_wrong_host(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    with serving(server_context(authority, "other.example"), trusting) as visit:
        assert "another host" in tls_failure(visit(f"https://{HOST}/"), "tls_wrong_host")


def test_untrusted(authority: trustme.CA) -> None:
    with serving(server_context(authority), ssl.create_default_context()) as visit:
        message = tls_failure(visit(f"https://{HOST}/"), "tls_untrusted")
    assert "not trusted" in message
    assert "SSL_CERT_FILE" in message


def test_self_signed(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    with serving(context, ssl.create_default_context()) as visit:
        assert "self-signed" in tls_failure(visit(f"https://{HOST}/"), "tls_self_signed")


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", "outdated version of TLS", id="alert: protocol version"),
        pytest.param(b"\x15\x03\x03\x00\x02\x02\x28", "no encryption method in common", id="alert: handshake failure"),
        pytest.param(b"\x15\x03\x03\x00\x02\x02\x70", "does not know this host name", id="alert: unrecognized name"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", "http://", id="no TLS at all"),
        pytest.param(b"", "closed before both sides had agreed", id="hanging up"),
    ],
)
def test_no_handshake(trusting: ssl.SSLContext, greeting: bytes, said: str) -> None:
    with HttpServer(greeting=greeting) as server:
        code = "tls_outdated" if "outdated" in said else "tls"
        assert said in tls_failure(Visitor(server, trusting)(f"https://{HOST}/"), code)


@contextmanager
def outdated(authority: trustme.CA, version: ssl.TLSVersion, trusting: ssl.SSLContext) -> Iterator[Visitor]:
    """A server for one connection that speaks `version` and nothing newer.

    It does without asyncio, which hangs up on a failed handshake without sending OpenSSL's alert.
    """
    context = server_context(authority)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL only speaks these versions with its old ciphers and hashes

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            connection.settimeout(5)
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(65536)
                tls.sendall(Reply(b"over TLS").to_bytes())
                tls.recv(1)  # until the client has hung up

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Visitor(HttpServer(port=listener.getsockname()[1]), trusting)
        thread.join(10)


OUTDATED = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=lambda one: one.name)


@OUTDATED
@pytest.mark.parametrize("says", ["alert", "hello"])
def test_a_server_with_an_outdated_version(
    authority: trustme.CA, trusting: ssl.SSLContext, version: ssl.TLSVersion, says: str
) -> None:
    """It sees that no version is shared; or, not having been told of versions, it goes ahead with its own."""
    if says == "hello":
        trusting.maximum_version = ssl.TLSVersion.TLSv1_2
        trusting.set_ciphers("ALL:@SECLEVEL=0")
    with outdated(authority, version, trusting) as visit:
        assert "outdated version of TLS" in tls_failure(visit(f"https://{HOST}/"), "tls_outdated")


@OUTDATED
def test_that_server_serves_whoever_is_outdated_too(
    authority: trustme.CA, trusting: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    """So that the test above would fail if old versions were spoken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        trusting.minimum_version = version
    trusting.set_ciphers("ALL:@SECLEVEL=0")
    with outdated(authority, version, trusting) as visit:
        assert visit(f"https://{HOST}/").body == b"over TLS"


def test_a_stalled_handshake(trusting: ssl.SSLContext) -> None:
    with HttpServer(mute=True) as server:
        capture = Visitor(server, trusting)(f"https://{HOST}/", settings={"timeout": 0.3})
    assert capture.failure is not None
    assert capture.failure.code == "timeout"
    assert "TLS" in capture.failure.message
    assert capture.timings.total < 1.3
