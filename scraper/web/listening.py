"""Where the server listens: an address of this machine, which others reach only when somebody wants them to."""

from __future__ import annotations

import ipaddress
import socket

from scraper.errors import UsageError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`, an address or a name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on an address of this machine; port 0 means any that is free. Raises UsageError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"Cannot listen on {host}", why=_reason(error)) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Cannot listen on port {port} of {host}",
            why=_reason(error),
            next_step="choose another one with --port PORT; 0 means any that is free",
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """What to open in a browser of this machine."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1" if listener.family == socket.AF_INET else "::1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
