from __future__ import annotations

import io
from typing import Any

import pytest

from scraper.web.sql.sandbox.wire import HEADER, Garbled, packed, received


def sent(message: dict[str, Any]) -> dict[str, Any]:
    return received(io.BytesIO(packed(message)).read, most=1000)


def test_values_of_sqlite_arrive_as_they_were() -> None:
    values = [None, 0, -(2**63), 1.5, float("inf"), "", "ї\0\n\u2028", b"", b"\0\xff", "last", b"{}"]
    assert sent({"rows": [values, values]}) == {"rows": [values, values]}


def test_other_values_do_not() -> None:
    with pytest.raises(TypeError, match="of type set"):
        packed({"rows": [[{1}]]})


@pytest.mark.parametrize(
    "frame",
    [
        HEADER.pack(2, 0) + b"[]",
        HEADER.pack(5, 0) + b"{nope",
        HEADER.pack(13, 0) + b'{"a":{"bytes"',
        HEADER.pack(17, 0) + b'{"a":{"bytes":9}}',
        HEADER.pack(18, 3) + b'{"a":{"bytes":-1}}abc',
        HEADER.pack(900, 0) + b'{"a":' + b"[" * 895,
        HEADER.pack(0, 4_000_000_000),
        HEADER.pack(2, 0) + b"\xff\xfe",
    ],
)
def test_nonsense_is_told_from_messages(frame: bytes) -> None:
    with pytest.raises(Garbled):
        received(io.BytesIO(frame).read, most=1000)
